"""JSON and sets inside maps and lists: what a member's own type could not say alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dalkit import kinds
from dalkit.convert import items, rows, transcoder
from dalkit.kinds import Member, Nested
from dalkit.records import make_records
from dalkit.schema import definition as d
from dalkit.schema.entity import Entity
from dalkit.testing.zoo import entity_of

LINES = Nested(
    "Line",
    (
        Member("doc", "doc", kinds.Json(), True, "M"),
        Member("tags", "tags", kinds.Members(("x", "y")), False, "SS"),
        Member("marks", "marks", kinds.Members(("x", "y")), True, "SS"),
    ),
    array=True,
)


def _entity(kind: kinds.Kind, type: str) -> Entity[Any, Any]:
    fields = [
        d.FieldDefinition(name="id", kind=kinds.Integer(0, 9), nullable=False, cells=("id",)),
        d.FieldDefinition(name="held", kind=kind, nullable=False, cells=("held",)),
    ]
    attributes = [
        d.AttributeDefinition(name="PK", type="S", content=d.Template(("A#", d.Part("id")))),
        d.AttributeDefinition(name="held", type=type, content=d.Carried("held")),
    ]
    table = d.TableDefinition(name="T", pk=d.KeyAttribute("PK"))
    entity = entity_of("x", fields=fields, attributes=attributes, key=["id"], table=table)
    return make_records(d.Schema(tables=(table,), entities=(entity,)))["x"]


def test_json_of_an_array_s_rows_is_a_map_or_a_list_by_its_value() -> None:
    """The contract names no type for a member, so its value does."""
    entity = _entity(LINES, "L")
    row = ("1", (('{"a": 1}', "x", None), ("[1, 2]", "x", None), (None, "x", None)))
    item = transcoder(entity).item(row)
    assert isinstance(item, dict), item
    back = items(entity).decode(item).unwrap()

    assert [one["M"]["doc"] for one in item["held"]["L"]] == [
        {"M": {"a": {"N": "1"}}},
        {"L": [{"N": "1"}, {"N": "2"}]},
        {"NULL": True},
    ]
    assert back == rows(entity).decode(row).unwrap()
    assert isinstance(transcoder(entity).line(row), bytes)


def test_an_empty_set_inside_a_map_is_absent() -> None:
    """As at the top of an item; where the member may be NULL it reads as None."""
    entity = _entity(LINES, "L")
    item = transcoder(entity).item(("1", ((None, "", ""), (None, "x,y", "y"))))
    assert isinstance(item, dict), item
    first, second = items(entity).decode(item).unwrap().held

    assert item["held"]["L"][0] == {"M": {"doc": {"NULL": True}}}
    assert (first.tags, first.marks) == (frozenset(), None)
    assert (second.tags, second.marks) == (frozenset("xy"), frozenset("y"))


def test_the_last_second_of_a_time_may_have_a_fraction() -> None:
    """MariaDB holds 838:59:59.999; a second more is refused."""
    entity = _entity(kinds.Time(3), "S")
    last = timedelta(hours=838, minutes=59, seconds=59, milliseconds=999)

    assert rows(entity).decode(("1", "838:59:59.999")).unwrap().held == last
    assert transcoder(entity).item(("1", "-838:59:59.999")) == {
        "PK": {"S": "A#1"},
        "held": {"S": "-838:59:59.999"},
    }
    assert not isinstance(transcoder(entity).item(("1", "839:00:00.000")), dict)
