"""The reading of every construct, one case each, as text that a reviewer can hold to the format.

`tests/golden/schema/*.txt` hold the cases: a sentence, the entity's source table and attributes
(or a whole contract), the values that they must have by hand, row by row; then, below `---`, what
the resolver makes of them. `DALKIT_GOLDEN=write` rewrites the part below, never the values.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import pytest
from attrs import frozen

from dalkit.compile.select import ChildStatement, plan
from dalkit.contract.problems import Problem
from dalkit.contract.reader import read_contract
from dalkit.convert.cells import from_cell
from dalkit.convert.transformations import transformation
from dalkit.schema.definition import (
    Carried,
    Constant,
    Content,
    EntityDefinition,
    FieldDefinition,
    Formatted,
    Part,
    Schema,
    Slot,
    Template,
)
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl
from dalkit.source.tables import Source

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "schema"
KEY = {"name": "PK", "type": "S", "transformation": {"type": "static", "value": "K"}}


@final
@frozen(kw_only=True)
class Case:
    """One case of a golden file: `given` is its text above `---`, `told` the text below."""

    title: str
    given: str
    told: str

    def contract(self) -> str:
        """The contract; a table name and attributes stand for a whole single-entity one."""
        lines = [line for line in self.given.splitlines() if not is_expected(line)]
        head, *rest = lines
        if head.startswith(("{", "[")):
            return "\n".join(lines)
        attributes = json.loads("[" + ",".join(rest) + "]")
        table = {
            "table": "Items", "type": "single-entity", "source_table": head, "pk": "PK",
            "attributes": [KEY, *attributes], "satisfies": ["AP1"],
        }  # fmt: skip
        return json.dumps({"tables": [table]})

    def expected(self) -> Mapping[str, Any]:
        """The values of each field (of the first entity, or of `ENTITY.field`), row by row."""
        found = {}
        for line in filter(is_expected, self.given.splitlines()):
            name, _, values = line.partition(" = ")
            found[name] = json.loads(values)
        return found


def is_expected(line: str) -> bool:
    """Whether the line says what values a field has."""
    return not line.startswith(("{", "[", " ", "}", "]")) and " = " in line


def cases() -> Iterator[tuple[Path, Case]]:
    """Every case of every golden file."""
    for path in sorted(GOLDEN.glob("*.txt")):
        for block in path.read_text().split("=== ")[1:]:
            title, _, body = block.partition("\n")
            given, _, told = body.partition("\n---\n")
            yield path, Case(title=title, given=given.strip("\n"), told=told.strip("\n"))


CASES = [pytest.param(case, id=f"{path.stem}: {case.title}") for path, case in cases()]
VALUED = [
    pytest.param(case, id=f"{path.stem}: {case.title}") for path, case in cases() if case.expected()
]


def source_of_shop() -> Source:
    """The tables that all cases are about."""
    source, problems = read_ddl((HERE / "shop.sql").read_text())
    assert source is not None, problems
    return source


SHOP = source_of_shop()


def resolved(case: Case) -> tuple[Schema | None, tuple[Problem, ...]]:
    """The case's schema; its contract must be well formed."""
    contract, problems = read_contract(case.contract())
    assert contract is not None, problems
    return resolve(contract, SHOP)


def described(case: Case) -> str:
    """What the resolver makes of a case, as text."""
    schema, problems = resolved(case)
    lines = [str(one).replace(" /tables/0", " ", 1) for one in problems]
    for entity in schema.entities if schema else ():
        lines += described_entity(entity, several=len(schema.entities) > 1 if schema else False)
    return "\n".join(lines)


def described_entity(entity: EntityDefinition, *, several: bool) -> Iterator[str]:
    """Fields, attributes that are no field of their own name, and statements."""
    if several or entity.key:
        yield f"{entity.name}: class {entity.record}, handle {entity.handle}, key {entity.key}"
    for one in entity.fields:
        yield f"{one.name}: {one.kind}{' | None' if one.nullable else ''}{marks(one)}"
    for attribute in entity.attributes:
        text = shown(attribute.content)
        plain = text == "{" + attribute.name + "}" or attribute.name == KEY["name"]
        if several or not plain:
            yield f"  {attribute.name} {attribute.type} = {text}"
    for member in ("unique", "version", "ttl"):
        if getattr(entity, member):
            yield f"  {member} {getattr(entity, member)}"
    if entity.table.ttl:
        yield f"  items expire by {entity.table.ttl}"
    statements = plan(entity, SHOP)
    yield statements.main
    for child in statements.children:
        yield f"{child.cell}, {child.limit or 'all'} of:"
        yield child.sql


def marks(one: FieldDefinition) -> str:
    """What else there is to say of a field."""
    made = "" if one.cells == (one.name,) else f" of {', '.join(one.cells)}"
    if isinstance(one.transformed, Formatted):
        made = f' = "{"".join(map(placed, one.transformed.parts))}"'
    elif one.transformed is not None:
        made = f" = {one.transformed} of {', '.join(one.cells)}"
    own = f" ({one.column})" if one.column not in (None, one.name) else ""
    return own + made + (" secret" if one.secret else "") + (" generated" if one.generated else "")


def placed(part: str | Slot) -> str:
    """A part of a string-format: a cell as it is, padded, or with a step of its own."""
    if isinstance(part, str):
        return part
    step = f" as {part.transformed}" if part.transformed else ""
    return "{" + part.cell + (f":0{part.width}" if part.width else "") + step + "}"


def shown(content: Content) -> str:
    """A content as a template reads."""
    match content:
        case Carried(field):
            return "{" + field + "}"
        case Template(parts, escape):
            text = "".join(slot(part) if isinstance(part, Part) else part for part in parts)
            return f'"{text}"' + (" escaped" if escape else "")
        case Constant(value):
            return repr(value)


def slot(part: Part) -> str:
    """A part of a template as it is written."""
    return "{" + part.field + (f":0{part.width}" if part.width else "") + "}"


@pytest.mark.skipif("DALKIT_GOLDEN" not in os.environ, reason="rewrites the golden files")
def test_rewrite() -> None:
    """With DALKIT_GOLDEN=write, what the cases say is what the resolver says now."""
    texts: dict[Path, list[str]] = {}
    for path, case in cases():
        text = f"=== {case.title}\n{case.given}\n---\n{described(case)}\n"
        texts.setdefault(path, []).append(text)
    for path, blocks in texts.items():
        path.write_text("\n".join(blocks))


@pytest.mark.parametrize("case", CASES)
def test_a_construct_is_read_as_its_case_says(case: Case) -> None:
    """Problems, fields, attributes and statements, to the letter."""
    if "DALKIT_GOLDEN" in os.environ:
        pytest.skip("the golden files are being rewritten")

    assert described(case) == case.told


@pytest.fixture(scope="session")
def shop(mysql_connect: Callable[[str], Connection[Cursor]]) -> Iterator[str]:
    """The name of a database with the shop's tables and rows, made once for a worker."""
    name = f"dalkit_golden_{os.getpid()}"
    with closing(mysql_connect("mysql")) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        cursor.execute(f"USE `{name}`")
        for file in ("shop.sql", "rows.sql"):
            for statement in (HERE / file).read_text().split(";\n"):
                if statement.strip():
                    cursor.execute(statement)
        yield name
        cursor.execute(f"DROP DATABASE `{name}`")


MYSQL_SAYS: Mapping[str, Mapping[Any, str]] = {
    "json-parse: JSON text as a map or list; a JSON column needs none": {"2.50": "2.5"},
    "json-construction: bare names are the child's, also where the parent has one": {"2.50": "2.5"},
    "maps and lists of columns, NULL types, one column under several types": {"2.50": "2.5"},
    "conditional: sides that are columns of the row and of the target": {"3.00": "3"},
    "case: the first true condition; without else absent": {(1, "0.00"): "0"},
}
"""Cells as MySQL gives them and MariaDB does not: a number in its own JSON, and a whole number in
the place of a decimal, which a codec pads: wherever a text stands, or in one row."""


def on_server(connection: Connection[Cursor], case: Case, values: Any) -> Any:
    """The values of a case as this server gives them."""
    said = MYSQL_SAYS.get(case.title)
    if said is None or "mariadb" in str(vars(connection)["server_version"]).lower():
        return values
    rows = [
        value if isinstance(value, list) else said.get((at, value), value)
        for at, value in enumerate(values)
    ]
    return in_words(rows, said)


def in_words(value: Any, said: Mapping[Any, str]) -> Any:
    """The same with some numbers written in another way."""
    if isinstance(value, list):
        return [in_words(one, said) for one in value]
    if not isinstance(value, str):
        return value
    for one, other in said.items():
        if isinstance(one, str):
            value = other if value == one else value.replace(f" {one}]", f" {other}]")
    return value


@pytest.mark.parametrize("case", VALUED)
def test_a_construct_has_the_values_that_its_case_says(
    case: Case, shop: str, mysql_connect: Callable[[str], Connection[Cursor]]
) -> None:
    """On a real server, computed by hand for every row."""
    schema, problems = resolved(case)
    assert schema is not None, problems
    with closing(mysql_connect(shop)) as connection:
        connection.decoders = {}
        for name, values in case.expected().items():
            entity_name, _, field = name.rpartition(".")
            entity = schema.by_name[entity_name] if entity_name else schema.entities[0]

            one = entity.by_field[field]
            found = [field_value(one, entity, row) for row in rows_of(entity, connection)]

            assert [plain(value) for value in found] == on_server(connection, case, values)


def rows_of(entity: EntityDefinition, connection: Connection[Cursor]) -> list[dict[str, Any]]:
    """The cells of all rows of an entity."""
    statements = plan(entity, SHOP)
    rows = []
    children = {one.cell: child_rows(one, entity, connection) for one in statements.children}
    single = [one.name for one in entity.source.cells if one.name not in children]
    for row in fetched(statements.main, connection):
        identity = row[: len(entity.source.identity)]
        cells = dict(zip(single, row[len(identity) :], strict=True))
        for child in statements.children:
            found = children[child.cell].get(identity, [])[: child.limit]
            cells[child.cell] = found
        rows.append(cells)
    return rows


def child_rows(
    child: ChildStatement, entity: EntityDefinition, connection: Connection[Cursor]
) -> dict[tuple[Any, ...], list[list[Any]]]:
    """The rows of a cell by their parent's identity."""
    found: dict[tuple[Any, ...], list[list[Any]]] = {}
    size = len(entity.source.identity)
    for row in fetched(child.sql, connection):
        found.setdefault(row[:size], []).append(list(row[size:]))
    return found


def fetched(sql: str, connection: Connection[Cursor]) -> tuple[tuple[Any, ...], ...]:
    """The rows of a statement as text."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(cursor.fetchall())


def field_value(one: FieldDefinition, entity: EntityDefinition, cells: Mapping[str, Any]) -> Any:
    """A field's value: its cells' text, or what its transformation makes of them."""
    if one.transformed is None:
        return cells[one.cells[0]] if len(one.cells) == 1 else [cells[name] for name in one.cells]
    kinds = {name: cell.kind for name, cell in entity.by_cell.items()}
    values = {
        name: None if cells[name] is None else from_cell(kinds[name], cells[name])
        for name in one.cells
    }
    return transformation(one.transformed, one.cells, kinds)(values)


def plain(value: Any) -> Any:
    """The value as JSON can say it."""
    match value:
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case list() | tuple():
            return [plain(one) for one in value]
        case Mapping():
            return {name: plain(one) for name, one in value.items()}
        case None | str() | int() | bool():
            return value
        case _:
            return str(value)
