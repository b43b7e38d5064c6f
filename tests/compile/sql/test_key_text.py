"""The key's text made in SQL is, byte by byte, the one that items bear."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from dalkit.compile.sql_order import ranks
from dalkit.compile.sql_places import Places
from dalkit.convert.templates import render
from dalkit.query import find
from dalkit.schema.definition import AttributeDefinition, Part, Template
from dalkit.schema.entity import definition_of

PARTS = (
    *(("label", 0), ("old", 0), ("color", 0), ("tags", 0), ("price", 0), ("price", 9)),
    *(("yes", 0), ("raw", 0), ("mask", 0), ("mask", 5), ("day", 0), ("moment", 0), ("span", 0)),
    *(("year", 0), ("thing_id", 0), ("thing_id", 4), ("thing_id", 10), ("parts_count", 2)),
    ("owner_name", 0),
)


@pytest.mark.parametrize("escape", [False, True])
@pytest.mark.parametrize(("name", "width"), PARTS)
def test_a_part_is_written_as_items_write_it(
    world: Any, database: Any, name: str, width: int, escape: bool
) -> None:
    """Of every kind, padded or not, `%` and `#` escaped where the template asks for it."""
    definition = definition_of(world.things)
    template = Template(("A%#'", Part("thing_id"), "#", Part(name, width), "\\"), escape)
    keys = (AttributeDefinition(name="PK", type="S", content=template),)
    places = Places(evolve(definition, attributes=keys))
    (rank,) = ranks(places, (), ())
    statement = f"SELECT things.id, {rank.sql.text} FROM things"
    with database.cursor() as cursor:
        cursor.execute(statement, rank.sql.parameters)
        made = {int(number): text for number, text in cursor.fetchall()}

    kinds = {one.name: one.kind for one in definition.fields}
    for record in world.run(find(world.things)).unwrap().items:
        values = {one: getattr(record, one) for one in ("thing_id", name)}
        tail = Template(template.parts[1:], escape)
        wanted = render(tail, kinds, values)
        assert made[record.thing_id] == (None if wanted is None else wanted.encode())
