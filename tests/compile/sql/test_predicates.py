"""Every predicate selects on the server the records that it is true for by the definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any
from unicodedata import combining, normalize

import pytest

from dalkit.compile import sql_filtered
from dalkit.compile.sql import to_sql
from dalkit.fields import predicates as p
from dalkit.fields.places import Folded, Operand, Place, Size
from dalkit.query import count, find
from dalkit.result import Success

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def at(record: Any, operand: Operand) -> Any:
    """What stands at a place of a record."""
    place = p.place_of(operand)
    value = getattr(record, place.name)
    for step in place.steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, tuple) and step < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            value = getattr(value, step, None)
    if value is None or isinstance(operand, Place):
        return value
    return len(value) if isinstance(operand, Size) else fold(value)


def fold(text: str) -> str:
    """A text without case and accents."""
    bare = "".join(one for one in normalize("NFD", text) if not combining(one))
    return bare.casefold()


def comparable(value: Any, other: Any) -> bool:
    """Whether values inside JSON are of one type."""
    numbers = (int, float, Decimal)
    if isinstance(value, bool) or isinstance(other, bool):
        return isinstance(value, bool) and isinstance(other, bool)
    if isinstance(value, numbers) or isinstance(other, numbers):
        return isinstance(value, numbers) and isinstance(other, numbers)
    return type(value) is type(other)


def truth(predicate: Any, record: Any) -> bool | None:
    """True, false, or None for unknown."""
    match predicate:
        case p.Not(inner):
            held = truth(inner, record)
            return None if held is None else not held
        case p.And(terms):
            every = [truth(one, record) for one in terms]
            return False if False in every else None if None in every else True
        case p.Or(terms):
            every = [truth(one, record) for one in terms]
            return True if True in every else None if None in every else False
        case p.Exists(operand):
            return at(record, operand) is not None
        case p.IsNone(operand):
            return at(record, operand) is None
        case p.Between(operand, low, high):
            both: p.Predicate[Any] = p.And(
                (p.Compare(operand, ">=", low), p.Compare(operand, "<=", high))
            )
            return truth(both, record)
        case p.IsIn(operand, values):
            value = at(record, operand)
            return None if value is None else any(value == wanted(operand, one) for one in values)
        case p.Compare(operand, operator, other):
            value, other = at(record, operand), wanted(operand, other)
            if value is None or not comparable(value, other):
                return None
            return OPERATORS[operator](value, other)
        case p.BeginsWith(operand, start):
            value = at(record, operand)
            return None if value is None else value.startswith(wanted(operand, start))
        case p.Contains(operand, part):
            value = at(record, operand)
            return None if value is None else wanted(operand, part) in value
        case _:
            raise TypeError(predicate)


def wanted(operand: Operand, value: Any) -> Any:
    """A query's value as it is compared."""
    return fold(value) if isinstance(operand, Folded) else value


CASES: Mapping[str, Callable[[Any], Any]] = {
    "text equal": lambda t: t.label == "abc",
    "text with a space at its end": lambda t: t.label == "abc ",
    "text unequal": lambda t: t.label != "abc",
    "text less": lambda t: t.label < "abc",
    "text between": lambda t: t.label.between("A", "abc"),
    "text greater than an emoji's neighbor": lambda t: t.label > "\uffff",
    "text in": lambda t: t.label.is_in(["abc", "äbc", "😀"]),
    "text not in": lambda t: ~t.label.is_in(["abc", "äbc"]),
    "text in nothing": lambda t: t.old.is_in([]),
    "text not in nothing": lambda t: ~t.old.is_in([]),
    "text begins": lambda t: t.label.begins_with("ab"),
    "text begins with wild cards": lambda t: t.label.begins_with("100%_|\\"),
    "text begins with nothing": lambda t: t.label.begins_with(""),
    "text does not begin": lambda t: ~t.old.begins_with("s"),
    "text contains": lambda t: t.label.contains("b"),
    "text contains quotes": lambda t: t.label.contains("\\'\""),
    "text size": lambda t: t.label.size() == 1,
    "text size at least": lambda t: t.label.size() >= 3,
    "text folded": lambda t: t.label.folded() == "ABC",
    "text not folded": lambda t: t.label.folded() != "ABC",
    "text folded in": lambda t: t.label.folded().is_in(["Äbc", "x"]),
    "text folded begins": lambda t: t.label.folded().begins_with("Ä"),
    "text folded contains": lambda t: t.label.folded().contains("%_"),
    "latin1 equal": lambda t: t.old == "é",
    "latin1 and an emoji": lambda t: t.old == "😀",
    "latin1 less": lambda t: t.old < "é",
    "latin1 in": lambda t: t.old.is_in(["ß", "E"]),
    "latin1 contains": lambda t: t.old.contains("ß"),
    "enum equal": lambda t: t.color == "Green",
    "enum by its text": lambda t: t.color >= "blue",
    "enum unequal": lambda t: t.color != "red",
    "enum in": lambda t: t.color.is_in(["red", "blue"]),
    "set equal": lambda t: t.tags == frozenset(("c", "a")),
    "set empty": lambda t: t.tags == frozenset(),
    "set unequal": lambda t: t.tags != frozenset(("b",)),
    "set contains": lambda t: t.tags.contains("c"),
    "set does not contain": lambda t: ~t.tags.contains("c"),
    "set size": lambda t: t.tags.size() < 2,
    "decimal equal": lambda t: t.price == Decimal("1.50"),
    "decimal with more digits": lambda t: t.price > Decimal("1.499999999999999999999999999"),
    "decimal out of range": lambda t: t.price < 10**30,
    "decimal in": lambda t: t.price.is_in([Decimal("1.5"), -1]),
    "not decimal less": lambda t: ~(t.price < 10),
    "float equal": lambda t: t.single == 0.1,
    "float unequal": lambda t: t.single != 0.1,
    "float as MySQL widens it": lambda t: t.single == 0.10000000149011612,
    "not float as MySQL widens it": lambda t: t.single != 0.10000000149011612,
    "float above": lambda t: t.single > 0.1,
    "float at least": lambda t: t.single >= 0.1,
    "float between neighbors": lambda t: t.single >= 0.10000000001,
    "float at most": lambda t: t.single <= -0.3,
    "float below what none can be": lambda t: t.single < 1e300,
    "float above zero": lambda t: t.single > 0.0,
    "float in": lambda t: t.single.is_in([0.1, 16777217.0, 3.4e38]),
    "double equal": lambda t: t.twice == 0.1,
    "double great": lambda t: t.twice >= 1e100,
    "double small": lambda t: t.twice.between(0.0, 1e-299),
    "bool true": lambda t: t.yes == True,  # noqa: E712  # a predicate, not a test
    "bool not true": lambda t: t.yes != True,  # noqa: E712  # as above
    "bytes equal": lambda t: t.raw == b"\x00\xff",
    "bytes empty": lambda t: t.raw == b"",
    "bytes less": lambda t: t.raw < b"\x10",
    "bytes begin": lambda t: t.raw.begins_with(b"a"),
    "bytes contain": lambda t: t.raw.contains(b"\xff"),
    "bytes size": lambda t: t.raw.size() == 1,
    "bits equal": lambda t: t.mask == 5,
    "bits above": lambda t: t.mask > 5,
    "date equal": lambda t: t.day == date(2026, 1, 2),
    "date before": lambda t: t.day < date(2026, 1, 1),
    "moment equal": lambda t: t.moment == MOMENT,
    "moment between its digits": lambda t: t.moment > MOMENT - timedelta(microseconds=1),
    "moment not before": lambda t: ~(t.moment < MOMENT),
    "span equal": lambda t: t.span == timedelta(hours=1, minutes=2, seconds=3, milliseconds=450),
    "span negative": lambda t: t.span < timedelta(0),
    "year equal": lambda t: t.year == 2026,
    "year of two digits": lambda t: t.year == 26,
    "year above": lambda t: t.year > 99,
    "none": lambda t: t.price.is_none(),
    "there": lambda t: t.price.exists(),
    "not there": lambda t: ~t.tree.exists(),
    "JSON number": lambda t: t.tree.at("n") == Decimal("1.5"),
    "JSON number above": lambda t: t.tree.at("n") > 1,
    "JSON number not above": lambda t: ~(t.tree.at("n") > 1),
    "JSON text": lambda t: t.tree.at("s") == "x",
    "JSON text in": lambda t: t.tree.at("s").is_in(["x", ""]),
    "JSON text not in": lambda t: ~t.tree.at("s").is_in(["x", ""]),
    "JSON text begins": lambda t: t.tree.at("s").begins_with("x"),
    "JSON bool": lambda t: t.tree.at("b") == True,  # noqa: E712  # as above
    "JSON null": lambda t: t.tree.at("s").is_none(),
    "JSON in an array": lambda t: t.tree.at("l").at(1).at("k") == "v",
    "JSON array's first": lambda t: t.tree.at("l").at(0).exists(),
    "record in a record": lambda t: t.person.at("first") == "Ada",
    "element of a list": lambda t: t.pair.at(1).is_none(),
    "list contains": lambda t: t.pair.contains("Ada"),
    "joined equal": lambda t: t.owner_name == "ada",
    "joined unknown": lambda t: ~(t.owner_name == "ada"),
    "joined contains": lambda t: t.owner_name.contains("%"),
    "counted": lambda t: t.parts_count >= 2,
    "array size": lambda t: t.parts.size() == 3,
    "array size within its limit": lambda t: t.two.size() == 2,
    "element's member": lambda t: t.parts.at(1).at("size") == Decimal("2.5"),
    "element's member, None": lambda t: t.parts.at(1).at("name").is_none(),
    "element beyond the limit": lambda t: t.two.at(2).at("name") == "X",
    "and, or, not": lambda t: ~((t.price > 1) & ((t.color == "red") | t.old.exists())),
    "or with the unknown": lambda t: (t.price > 1) | (t.color != "red"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_predicate_selects_what_it_is_true_for(world: Any, name: str) -> None:
    """Records by the server are the records by the definition, and as many are counted."""
    predicate = CASES[name](world.things)
    every = world.run(find(world.things)).unwrap().items
    assert len(every) == 7

    found = world.run(find(world.things).where(predicate)).unwrap().items

    assert found == tuple(one for one in every if truth(predicate, one) is True)
    assert world.run(count(world.things).where(predicate)).unwrap() == len(found)


@pytest.mark.parametrize("name", CASES)
def test_no_value_stands_in_the_text(made: ModuleType, name: str) -> None:
    """The text has one place for each parameter, and no quote of a value."""
    things: Any = made.things
    call = to_sql(find(things).where(CASES[name](things))).unwrap()

    assert (call.text.replace("%%", "").count("%s")) == len(call.parameters)
    assert not any(text in call.text for text in ("Ada", "abc", "😀", "1.5", "2026", "0.1"))


LOOKED_AT: list[tuple[Callable[[Any], Any], set[int]]] = [
    (lambda t: t.title == "<abc>", {1}),
    (lambda t: t.tree.at('a"b') == 1, set()),
    (lambda t: t.tree.at("l") == (), {3}),
    (lambda t: t.tree.at("l").size() == 2, {1}),
    (lambda t: t.tree.at("l").contains(1), {1}),
    (lambda t: (t.price < 10**40) & (t.thing_id > 2), {3, 11, 12}),
    (lambda t: ~(t.span > timedelta(days=99)), {-5, 1, 2, 11, 12}),
    (lambda t: t.tree.at("s").folded() == "X", {1, 3}),
]


@pytest.mark.parametrize(("build", "ids"), LOOKED_AT)
@pytest.mark.parametrize("rows", [1, 3, 500])
def test_what_sql_cannot_ask_is_looked_at_in_the_records(
    world: Any,
    monkeypatch: pytest.MonkeyPatch,
    rows: int,
    build: Callable[[Any], Any],
    ids: set[int],
) -> None:
    """However many statements it takes; pages joined are the whole, and as many are counted."""
    monkeypatch.setattr(sql_filtered, "_ROWS", rows)
    t = world.things
    query = find(t).where(build(t)).select(t.thing_id)
    whole = world.run(query).unwrap()
    paged: list[Any] = []
    page = world.run(query.limit(1)).unwrap()
    while True:
        paged += page.items
        if page.next is None:
            break
        page = world.run(query.limit(1).after(page.next)).unwrap()

    assert {one for (one,) in whole.items} == ids
    assert tuple(paged) == whole.items
    assert world.run(count(t).where(build(t))) == Success(len(ids))


def test_only_what_sql_cannot_ask_is_left_out_of_it(made: ModuleType) -> None:
    """The other conditions are the server's."""
    things: Any = made.things
    call = to_sql(find(things).where(things.title == "<abc>", things.price > 1)).unwrap()

    assert "`price` > %s" in call.text
    assert "<abc>" not in call.parameters
