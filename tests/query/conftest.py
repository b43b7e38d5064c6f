"""The online store's records, and an entity with a field of every kind."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any, Final, final

import pytest
from attrs import frozen

from dalkit import Entity, Field, kinds, read_contract, read_ddl, resolve
from dalkit.kinds import Kind, Member
from dalkit.records.made import records_module
from dalkit.schema.definition import (
    EntityDefinition,
    FieldDefinition,
    IndexDefinition,
    KeyAttribute,
    SourceDefinition,
    TableDefinition,
)

STORE = Path(__file__).parents[2] / "contracts" / "online_store"


@pytest.fixture(scope="session")
def store() -> ModuleType:
    """The records module of the online store."""
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


@final
@frozen(kw_only=True)
class Part:
    """A record inside a record."""

    size: int
    note: str | None


@final
@frozen
class ThingKey:
    """The key of a thing."""

    whole: int
    at: Any


@final
@frozen(kw_only=True)
class Thing:
    """A record; the tests of queries look at its type only."""

    whole: int
    at: Any


class Things(Entity[Thing, ThingKey]):
    """Fields of every kind; `n_…` may be None."""

    whole: Final = Field[Thing, Any]("whole")
    at: Final = Field[Thing, Any]("at")
    price: Final = Field[Thing, Any]("price")
    ratio: Final = Field[Thing, Any]("ratio")
    yes: Final = Field[Thing, Any]("yes")
    text: Final = Field[Thing, Any]("text")
    color: Final = Field[Thing, Any]("color")
    tags: Final = Field[Thing, Any]("tags")
    raw: Final = Field[Thing, Any]("raw")
    bits: Final = Field[Thing, Any]("bits")
    day: Final = Field[Thing, Any]("day")
    span: Final = Field[Thing, Any]("span")
    year: Final = Field[Thing, Any]("year")
    json: Final = Field[Thing, Any]("json")
    part: Final = Field[Thing, Any]("part")
    parts: Final = Field[Thing, Any]("parts")
    pair: Final = Field[Thing, Any]("pair")
    n_text: Final = Field[Thing, Any]("n_text")
    n_price: Final = Field[Thing, Any]("n_price")
    secret: Final = Field[Thing, Any]("secret")
    lost: Final = Field[Thing, Any]("lost")


MEMBERS = (
    Member("size", "size", kinds.Integer(), nullable=False),
    Member("note", "note", kinds.Text()),
)
KINDS: dict[str, Kind] = {
    "whole": kinds.Integer(0, 255),
    "at": kinds.DateTime(),
    "price": kinds.Fixed(10, 2),
    "ratio": kinds.Float(),
    "yes": kinds.Boolean(),
    "text": kinds.Text(5),
    "color": kinds.Enum(("red", "green")),
    "tags": kinds.Members(("a", "b", "c")),
    "raw": kinds.Bytes(5),
    "bits": kinds.Bits(3),
    "day": kinds.Date(),
    "span": kinds.Time(),
    "year": kinds.Year(),
    "json": kinds.Json(),
    "part": kinds.Nested("Part", MEMBERS),
    "parts": kinds.Nested("Part", MEMBERS, array=True),
    "pair": kinds.Listed(MEMBERS),
    "n_text": kinds.Text(),
    "n_price": kinds.Fixed(10, 2),
    "secret": kinds.Text(),
}


@pytest.fixture(scope="session")
def things() -> Any:
    """The handle of an entity with a field of every kind."""
    table = TableDefinition(
        name="Things",
        pk=KeyAttribute("PK"),
        indexes=(IndexDefinition(name="ByText", pk=KeyAttribute("TPK")),),
    )
    fields = tuple(
        FieldDefinition(
            name=name,
            kind=kind,
            nullable=name.startswith("n_"),
            cells=(name,),
            secret=name == "secret",
        )
        for name, kind in KINDS.items()
    )
    definition = EntityDefinition(
        name="THING",
        record="Thing",
        handle="things",
        table=table,
        source=SourceDefinition(table="things", identity=("whole",), cells=()),
        fields=fields,
        attributes=(),
        key=("whole", "at"),
    )
    return Things(Thing, ThingKey, definition, nested=(Part,))


@pytest.fixture(scope="session")
def part() -> type[Part]:
    """The class of records inside a thing."""
    return Part


@pytest.fixture(scope="session")
def thing() -> type[Thing]:
    """The class of things."""
    return Thing


@pytest.fixture(scope="session")
def thing_key() -> type[ThingKey]:
    """The class of things' keys."""
    return ThingKey
