"""Which entities of a table may be taken for one another by how their keys begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from dalkit import read_contract, read_ddl, resolve
from dalkit.kinds import Integer
from dalkit.schema.definition import (
    AttributeDefinition,
    Cell,
    Constant,
    Content,
    EntityDefinition,
    FieldDefinition,
    KeyAttribute,
    Part,
    SourceDefinition,
    TableDefinition,
    Template,
)
from dalkit.schema.neighbors import with_neighbors
from dalkit.source.tree import Column

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
TABLE = TableDefinition(name="T", pk=KeyAttribute("PK"), sk=KeyAttribute("SK"))
OTHER = TableDefinition(name="Other", pk=KeyAttribute("PK"), sk=KeyAttribute("SK"))


def entity(name: str, sort: Content, table: TableDefinition = TABLE) -> EntityDefinition:
    """An entity of a table whose partition key is `USER#` and a number."""
    keys = (("PK", Template(("USER#", Part("id")))), ("SK", sort))
    return EntityDefinition(
        name=name,
        record=name,
        handle=name.lower(),
        table=table,
        source=SourceDefinition(
            table="t",
            identity=("id",),
            cells=(Cell(name="id", value=Column("t", "id"), kind=Integer()),),
        ),
        fields=(FieldDefinition(name="id", kind=Integer(), nullable=False, cells=("id",)),),
        attributes=tuple(AttributeDefinition(name=n, type="S", content=c) for n, c in keys),
        key=("id",),
    )


def order(*parts: str | Part) -> Template:
    """A sort key."""
    return Template(parts)


NUMBER = Part("id", 5)


@pytest.mark.parametrize(
    ("one", "other", "mixed"),
    [
        (order("ORDER#", NUMBER), order("CART#", NUMBER), False),
        (order("ORDER#", NUMBER), order("ORDER#ITEM#", NUMBER), True),
        (order("ORDER#", NUMBER), order("ORDER", "#", NUMBER), True),
        (order("ORDER#", NUMBER), order("ORDERS#", NUMBER), False),
        (order(NUMBER), order("ORDER#", NUMBER), True),
        (Constant("#META"), order("#META#", NUMBER), False),
        (Constant("#META"), order("#", NUMBER), True),
        (Constant("#META"), Constant("#META"), True),
        (Constant("#META"), Constant("#MORE"), False),
    ],
)
def test_beginnings_that_meet_are_marked(one: Content, other: Content, mixed: bool) -> None:
    """Both of two entities, whichever begins with the other; a whole text is nothing longer."""
    found = with_neighbors([entity("One", one), entity("Other", other)])

    assert [x.mixed for x in found] == [mixed, mixed]


def test_another_table_is_no_neighbor() -> None:
    """Entities are looked at within their table."""
    found = with_neighbors([entity("One", order(NUMBER)), entity("Two", order(NUMBER), OTHER)])

    assert [x.mixed for x in found] == [False, False]


def test_the_online_store_tells_its_entities_apart() -> None:
    """By their beginnings alone."""
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None

    assert not any(one.mixed for one in schema.entities)
