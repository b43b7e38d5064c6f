"""A small shop: people, each with pets, as tables, statements and items written by hand.

The statements and the transcoder stand for what contracts compile to, so that these tests are
about the way of the data and nothing else; the servers are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, final

import pytest
from attrs import evolve, frozen
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.compile.tables import create_table_request
from dalkit.convert import Refused
from dalkit.kinds import Integer, Member, Nested, Text
from dalkit.migrate.route import Route
from dalkit.result import InvalidValue, KeyTooLarge, Success
from dalkit.run.config import Connect, MysqlAddress, dynamodb_client, mysql_connect
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.tables import create_table
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Cell,
    EntityDefinition,
    FieldDefinition,
    KeyAttribute,
    Part,
    SourceDefinition,
    TableDefinition,
    Template,
)
from dalkit.source.tree import Column
from dalkit.testing.services import DynamoDBLocal, MySQLServer

Row = tuple[Any, ...]

PETS = Nested(
    "Pet", (Member("name", "name", Text(20)), Member("age", "age", Integer(), type="N")), array=True
)
PEOPLE = TableDefinition(name="People", pk=KeyAttribute("PK"), sk=KeyAttribute("SK"))


def _cell(name: str, kind: Any, nullable: bool = True) -> Cell:
    return Cell(name=name, value=Column("people", name), kind=kind, nullable=nullable)


def _field(name: str, kind: Any, *, secret: bool = False) -> FieldDefinition:
    return FieldDefinition(
        name=name, kind=kind, nullable=True, cells=(name,), column=name, secret=secret
    )


PERSON = EntityDefinition(
    name="PERSON",
    record="Person",
    handle="people",
    table=PEOPLE,
    source=SourceDefinition(
        table="people",
        identity=("id",),
        cells=(
            _cell("id", Integer(), nullable=False),
            _cell("pets", PETS),
            _cell("name", Text(50)),
            _cell("pin", Text(10)),
        ),
    ),
    fields=(
        _field("id", Integer()),
        _field("pets", PETS),
        _field("name", Text(50)),
        _field("pin", Text(10), secret=True),
    ),
    attributes=(
        AttributeDefinition(name="PK", type="S", content=Template(("PERSON#", Part("id")))),
        AttributeDefinition(name="SK", type="S", content=Template(("#META",))),
        AttributeDefinition(name="pets", type="L", content=Carried("pets")),
        AttributeDefinition(name="name", type="S", content=Carried("name")),
        AttributeDefinition(name="pin", type="S", content=Carried("pin")),
    ),
    key=("id",),
)


@final
@frozen
class Child:
    """One SELECT of an array's rows."""

    cell: str
    sql: str
    limit: int | None = None


@final
@frozen
class Statements:
    """The SELECTs of people with their pets."""

    main: str = "SELECT id, id, name, pin FROM people ORDER BY id"
    children: tuple[Child, ...] = (
        Child(
            "pets",
            "SELECT p.id, c.name, c.age FROM people p JOIN pets c ON c.person = p.id "
            "ORDER BY p.id, c.id",
        ),
    )


@final
@frozen
class Transcoder:
    """People as items; `key` is the number of the cell that the key is made of."""

    key: int = 0

    def item(self, row: Row) -> Mapping[str, Any] | Refused:
        """Names may not be empty nor be 'bad', pets must be rows."""
        if row[2] == "":
            return Refused(KeyTooLarge("PERSON", "name", 0, 2048))
        if not isinstance(row[1], tuple):
            return Refused(InvalidValue("PERSON", "pets", "are no rows"))
        if row[2] == "bad":
            return Refused(InvalidValue("PERSON", "name", "is bad"))
        return self._item(row)

    def line(self, row: Row) -> bytes | Refused:
        """DynamoDB JSON."""
        item = self.item(row)
        if isinstance(item, Refused):
            return item
        return json.dumps({"Item": item}, separators=(",", ":")).encode()

    def _item(self, row: Row) -> dict[str, Any]:
        pets = [{"M": {"name": {"S": name}, "age": {"N": age}}} for name, age in row[1]]
        item: dict[str, Any] = {
            "PK": {"S": f"PERSON#{row[self.key]}"},
            "SK": {"S": "#META"},
            "pets": {"L": pets},
        }
        item |= {name: {"S": row[i]} for i, name in ((2, "name"), (3, "pin")) if row[i] is not None}
        return item


ROUTE = Route(PERSON, Statements(), Transcoder(), True)
COLLIDING = evolve(ROUTE, transcoder=Transcoder(key=2), proven=False)


@pytest.fixture
def route() -> Route:
    """People by id."""
    return ROUTE


@pytest.fixture
def route_of(route: Route) -> Callable[[str], Route]:
    """A function that gives people by id, read by another main statement."""
    return lambda main: evolve(route, statements=Statements(main=main))


@pytest.fixture
def colliding_route() -> Route:
    """People by name, which nothing makes unique."""
    return COLLIDING


@pytest.fixture
def client(dynamodb_local: DynamoDBLocal) -> Iterator[DynamoClient]:
    """A client of the local DynamoDB."""
    made = dynamodb_client(endpoint_url=dynamodb_local.endpoint_url, bulk=True)
    assert isinstance(made, Success)
    client: Any = made.unwrap()
    yield client
    client.close()


@pytest.fixture
def prefix(client: DynamoClient, dalkit_dynamodb_prefix: str) -> str:
    """The prefix of an empty table of people."""
    create_table(client, create_table_request(PEOPLE, prefix=dalkit_dynamodb_prefix))
    return dalkit_dynamodb_prefix


@pytest.fixture
def connect(mysql_server: MySQLServer, dalkit_database: str) -> Connect:
    """A source of connections to the test's database, as dalkit opens them."""
    made = mysql_connect(
        MysqlAddress(
            user=mysql_server.user,
            password=mysql_server.password,
            host=mysql_server.host,
            port=mysql_server.port,
            database=dalkit_database,
        )
    )
    assert isinstance(made, Success)
    return made.unwrap()


@pytest.fixture
def run_sql(mysql_connection: Connection[Cursor]) -> Callable[[str], None]:
    """A function that runs a statement in the test's database."""

    def run(sql: str) -> None:
        with mysql_connection.cursor() as cursor:
            cursor.execute(sql)

    return run


@pytest.fixture
def people(run_sql: Callable[[str], None]) -> int:
    """1,000 people of whom every third has one pet and every fifth two more; how many they are."""
    run_sql("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(50), pin VARCHAR(10))")
    run_sql("CREATE TABLE pets (id INT PRIMARY KEY AUTO_INCREMENT, person INT, name TEXT, age INT)")
    run_sql(
        "INSERT INTO people WITH RECURSIVE numbers AS "
        "(SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000) "
        "SELECT n, CONCAT('n', n), 1000 + n FROM numbers"
    )
    run_sql(
        "INSERT INTO pets (person, name, age) "
        "SELECT id, 'Ä\\0\"', 3 FROM people WHERE id % 3 = 0 ORDER BY id"
    )
    for age in (2, 1):
        run_sql(
            "INSERT INTO pets (person, name, age) "
            f"SELECT id, 'Rex', {age} FROM people WHERE id % 5 = 0 ORDER BY id"
        )
    return 1000
