"""Replies of MySQL that never come: nothing is done twice, and a doubt is told or resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import pytest

from dalkit import find, get, put, read_contract, read_ddl, resolve, update
from dalkit.compile.own_sql import sql
from dalkit.records.made import records_module
from dalkit.result import Ambiguous, ConditionFailed, Success, Unavailable
from dalkit.run.config import Connect, MysqlAddress, mysql_connect
from dalkit.run.marker import MARKER_TABLE
from dalkit.run.on_mysql import MySQL, mysql
from dalkit.run.retry import Backoff, Effects
from dalkit.testing.faults.mysql_proxy import MySQLProxy
from dalkit.testing.faults.plan import CALM, Plan
from dalkit.testing.services import MySQLServer

DDL = """
CREATE TABLE counts (
  id INT NOT NULL PRIMARY KEY,
  number INT NOT NULL
) ENGINE=InnoDB
"""
CONTRACT = """
[{"table": "Counts", "type": "single-entity", "source_table": "counts", "pk": "PK",
  "dalkit": {"class": "Count", "handle": "counts"},
  "attributes": [
    {"name": "PK", "type": "S", "source_table": "counts", "source_column": "id"},
    {"name": "id", "type": "N", "source_table": "counts", "source_column": "id"},
    {"name": "number", "type": "N", "source_table": "counts", "source_column": "number"}]}]
"""


@final
class World:
    """A database behind a proxy, and a backend whose second attempts meet no fault."""

    def __init__(self, server: MySQLServer, database: str, proxy: MySQLProxy, records: Any) -> None:
        self.proxy = proxy
        self.records = records
        self.direct: Connect = _connect(server, database, server.host, server.port)
        self.through: Connect = _connect(server, database, proxy.host, proxy.port)

    def backend(self, *, marker: bool = False, **more: Any) -> MySQL:
        """The backend; with a marker table if it is asked for."""

        def calm(_: float) -> None:
            self.proxy.plan = CALM

        table = "dalkit_marker" if marker else None
        given = {"effects": Effects(sleep=calm), **more}
        return mysql(self.through, marker_table=table, **given)

    def add(self) -> Any:
        """What must not be done twice."""
        c = self.records.counts
        return update(c, self.records.CountKey(1)).add(c.number, 1)

    def number(self) -> int:
        """What the server holds."""
        with self.direct() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT number FROM counts WHERE id = 1")
            ((number,),) = cursor.fetchall()
            return int(number)


def _connect(server: MySQLServer, database: str, host: str, port: int) -> Connect:
    address = MysqlAddress(
        user=server.user,
        password=server.password,
        host=host,
        port=port,
        database=database,
        ssl_disabled=True,
    )
    made: Connect = mysql_connect(address).unwrap()
    return made


@pytest.fixture(scope="module")
def records() -> Any:
    """The records module of the counts."""
    contract, _ = read_contract(CONTRACT)
    source, _ = read_ddl(DDL)
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture
def world(mysql_server: MySQLServer, dalkit_database: str, records: Any) -> Iterator[World]:
    """One count, at 0, and the marker table."""
    with MySQLProxy(mysql_server.host, mysql_server.port) as proxy:
        made = World(mysql_server, dalkit_database, proxy, records)
        with made.direct() as connection, connection.cursor() as cursor:
            for one in (DDL, MARKER_TABLE, "INSERT INTO counts VALUES (1, 0)"):
                cursor.execute(one)
        yield made


def test_a_lost_commit_is_told(world: World) -> None:
    """It is done, and nobody knows; it is not done again."""
    with world.backend() as db:
        world.proxy.plan = Plan(rate=1.0, faults=("commit-lost",))
        error = db.run(world.add()).failure()

    assert isinstance(error, Ambiguous)
    assert world.number() == 1


def test_a_commit_that_was_not_sent_is_told_as_well(world: World) -> None:
    """As it looks the same."""
    with world.backend() as db:
        world.proxy.plan = Plan(rate=1.0, faults=("commit-unsent",))
        error = db.run(world.add()).failure()

    assert isinstance(error, Ambiguous)
    assert world.number() == 0


@pytest.mark.parametrize("fault", ["commit-lost", "commit-unsent"])
def test_a_marker_resolves_a_lost_commit(world: World, fault: str) -> None:
    """Done exactly once, whatever became of the COMMIT; and the answer is the record."""
    with world.backend(marker=True) as db:
        world.proxy.plan = Plan(rate=1.0, faults=(fault,))
        answer = db.run(world.add())

    assert world.proxy.injected[fault] == 1
    assert answer.unwrap().number == 1
    assert world.number() == 1


def test_a_marker_is_looked_for_until_the_server_is_back(world: World) -> None:
    """With a wait before each time; in the end it is known."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            world.proxy.plan = CALM

    with world.backend(marker=True, effects=Effects(sleep=sleep)) as db:
        db.run(get(world.records.counts, world.records.CountKey(1))).unwrap()
        world.proxy.plan = Plan(rate=1.0, faults=("commit-lost", "refuse"))
        answer = db.run(world.add())

    assert len(waits) == 3
    assert answer.unwrap().number == 1
    assert world.number() == 1


def test_a_marker_that_cannot_be_looked_for_leaves_the_doubt(world: World) -> None:
    """The server does not come back in time."""
    with world.backend(marker=True, effects=Effects(sleep=lambda _: None)) as db:
        db.run(get(world.records.counts, world.records.CountKey(1))).unwrap()
        world.proxy.plan = Plan(rate=1.0, faults=("commit-lost", "refuse"))
        error = db.run(world.add()).failure()

    assert isinstance(error, Ambiguous)
    assert world.number() == 1


def test_without_its_table_a_marker_refuses_every_write(world: World) -> None:
    """Nothing is written that could not be resolved."""
    with world.direct() as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE dalkit_marker")
    with world.backend(marker=True) as db:
        error = db.run(world.add()).failure()

    assert "dalkit_marker" in str(error)
    assert world.number() == 0


@pytest.mark.parametrize(
    "fault", ["reset-before", "reset-after", "truncated", "deadlock", "lock-wait", "read-only"]
)
@pytest.mark.parametrize("at", range(1, 6))
def test_what_breaks_before_the_commit_was_never_there(world: World, fault: str, at: int) -> None:
    """The whole transaction is done again, once; at the COMMIT the marker resolves it."""
    with world.backend(marker=True) as db:
        db.run(get(world.records.counts, world.records.CountKey(1))).unwrap()
        begun = world.proxy.seen["commands"]
        world.proxy.plan = Plan(at={begun + at: fault})
        answer = db.run(world.add())

    assert isinstance(answer, Success), answer
    assert world.number() == 1


@pytest.mark.parametrize("fault", ["refuse", "too-many", "reset-before", "truncated", "shutdown"])
def test_reads_are_asked_again(world: World, fault: str) -> None:
    """On a new connection, also where a reply broke off in the middle."""
    c = world.records.counts
    with world.backend() as db:
        world.proxy.plan = Plan(rate=1.0, faults=(fault,))
        answer = db.run(find(c).where(c.number == 0).allow_scan())

    assert [one.number for one in answer.unwrap().items] == [0]


def test_a_server_that_says_nothing_is_left_in_time(world: World) -> None:
    """The connection is closed, and no other one waits in the pool."""
    c = world.records.counts
    with world.backend(backoff=Backoff(deadline=0.5), effects=Effects()) as db:
        world.proxy.plan = Plan(rate=1.0, faults=("hold-before",))
        error = db.run(find(c).allow_scan()).failure()

    assert type(error).__name__ in ("DeadlineExceeded", "Unavailable")


def test_an_outage_ends_in_unavailable(world: World) -> None:
    """After as many attempts as there may be; no write is in doubt that was never sent."""
    with world.backend(effects=Effects(sleep=lambda _: None)) as db:
        world.proxy.plan = Plan(rate=1.0, faults=("refuse",))
        error = db.run(world.add()).failure()

    assert isinstance(error, Unavailable)
    assert world.number() == 0


def test_a_put_is_in_doubt_too(world: World) -> None:
    """Though it could be repeated, another writer may have come between."""
    c = world.records.counts
    with world.backend() as db:
        world.proxy.plan = Plan(rate=1.0, faults=("commit-lost",))
        error = db.run(put(c, world.records.Count(id=1, number=7))).failure()

    assert isinstance(error, Ambiguous)
    assert world.number() == 7


@pytest.mark.parametrize("idempotent", [False, True])
def test_a_statement_of_ones_own_is_sent_again_only_if_it_may_be(
    world: World, idempotent: bool
) -> None:
    """It was done, and its reply is lost."""
    text = "UPDATE counts SET number = number + %s WHERE id = 1"
    add = sql(text, (1,), lambda reply: Success(reply.count), idempotent=idempotent)
    with world.backend() as db:
        db.run(get(world.records.counts, world.records.CountKey(1))).unwrap()
        begun = world.proxy.seen["commands"]
        world.proxy.plan = Plan(at={begun: "reset-after"})
        answer = db.run(add)

    assert isinstance(answer, Success) is idempotent
    assert idempotent or isinstance(answer.failure(), Ambiguous)
    assert world.number() == (2 if idempotent else 1)


def test_what_the_server_refuses_is_known(world: World) -> None:
    """Also of a statement of one's own: it was not done."""
    with world.backend() as db:
        error = db.run(sql("INSERT INTO counts VALUES (%s, 0)", (1,), Success)).failure()

    assert isinstance(error, ConditionFailed)
    assert error.unique == "PRIMARY"
