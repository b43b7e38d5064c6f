"""What enters a query, and what is refused at its door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from dalkit import Field, find

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def predicate_of(things: Any, predicate: Any) -> Any:
    """The one predicate as a query keeps it."""
    return find(things).where(predicate).predicates[0]


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("whole", 10**30, 10**30),
        ("bits", 3, 3),
        ("year", 1999, 1999),
        ("price", 3, Decimal(3)),
        ("price", Decimal("1.005"), Decimal("1.005")),
        ("ratio", 1, 1.0),
        ("yes", True, True),
        ("text", "longer than the column", "longer than the column"),
        ("color", "red", "red"),
        ("tags", {"a", "b"}, frozenset({"a", "b"})),
        ("raw", b"\x00", b"\x00"),
        ("day", date(2026, 1, 2), date(2026, 1, 2)),
        ("at", NOON.astimezone(timezone(timedelta(hours=5))), NOON),
        ("span", timedelta(seconds=-1), timedelta(seconds=-1)),
        ("json", {"a": [1, None, {"b": True}]}, {"a": (1, None, {"b": True})}),
    ],
)
def test_a_value_of_the_fields_kind_is_kept_in_one_form(
    things: Any, name: str, given: Any, kept: Any
) -> None:
    """The value is of the kind's Python type, whatever else was taken for it."""
    value = predicate_of(things, getattr(things, name) == given).value

    assert (type(kept), kept) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "given", "error", "said"),
    [
        ("whole", True, TypeError, "whole does not take true (bool): give an int"),
        ("whole", "1", TypeError, "whole does not take '1' (str): give an int"),
        ("whole", 1.0, TypeError, "whole does not take 1.0 (float): give an int"),
        ("price", 1.5, TypeError, 'give a Decimal, written from text as in Decimal("1.50")'),
        ("price", True, TypeError, "give a Decimal or an int"),
        ("price", Decimal("NaN"), ValueError, "give a finite number"),
        ("ratio", float("nan"), ValueError, "give a finite number"),
        ("ratio", 10**400, ValueError, "no float is that great"),
        ("ratio", Decimal(1), TypeError, "give a float or an int"),
        ("yes", 1, TypeError, "give True or False"),
        ("text", 1, TypeError, "give a str"),
        ("text", "\ud800", ValueError, "half of a surrogate pair"),
        ("color", "blue", ValueError, "the values are 'red', 'green'"),
        ("tags", ["a"], TypeError, "give a frozenset"),
        ("tags", {"d"}, ValueError, "the values are 'a', 'b', 'c'"),
        ("raw", "x", TypeError, "give bytes"),
        ("day", NOON, TypeError, "give a date, without a time"),
        ("at", datetime(2026, 1, 2), ValueError, ".replace(tzinfo=UTC)"),
        ("at", date(2026, 1, 2), TypeError, "give a datetime with a time zone"),
        ("at", datetime.min.replace(tzinfo=timezone(timedelta(1) / 2)), ValueError, "1 to 9999"),
        ("span", 5, TypeError, "give a timedelta"),
        ("json", 1.5, TypeError, "JSON is str, int, Decimal"),
        ("part", {"size": 1}, TypeError, "give a Part"),
        ("parts", ({"size": 1},), TypeError, "give a tuple of Part"),
        ("pair", (1,), ValueError, "give 2 values"),
        ("pair", (1, 2), TypeError, "give a str"),
    ],
)
def test_a_value_of_another_kind_raises_with_what_to_give(
    things: Any, name: str, given: Any, error: type[Exception], said: str
) -> None:
    """The exception shows the field, the value and the remedy."""
    with pytest.raises(error) as raised:
        find(things).where(getattr(things, name) == given)

    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{name} does not take ")


def test_json_that_never_ends_is_refused(things: Any) -> None:
    """A list inside itself raises instead of filling the stack."""
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(ValueError, match="more than 100 deep"):
        find(things).where(things.json == endless)


def test_a_secret_value_is_in_no_exception(things: Any) -> None:
    """What is wrong with a secret is said without showing it."""
    with pytest.raises(TypeError) as raised:
        find(things).where(things.secret == 4711)

    assert "4711" not in str(raised.value)


@pytest.mark.parametrize("name", ["yes", "tags", "part", "parts", "pair"])
def test_what_has_no_order_is_neither_less_nor_greater(things: Any, name: str) -> None:
    """Ranges over kinds without an order raise; equality is for all kinds."""
    field = getattr(things, name)
    for predicate in (field < 1, field >= 1, field.between(1, 2)):
        with pytest.raises(TypeError, match="has no order"):
            find(things).where(predicate)


@pytest.mark.parametrize("value", [True, (1,), {"a": 1}])
def test_json_is_ordered_by_scalars_only(things: Any, value: Any) -> None:
    """A list, a mapping or a bool is no bound."""
    with pytest.raises(TypeError, match="give a str or a number"):
        find(things).where(things.json.at("x") < value)


def test_each_operator_wants_its_kinds(things: Any) -> None:
    """Text operators are for text, sizes for what has several parts."""
    refused = {
        "whole begins with nothing": things.whole.begins_with("1"),
        "color begins with nothing": things.color.begins_with("r"),
        "whole contains nothing": things.whole.contains(1),
        "whole cannot be folded": things.whole.folded() == "x",
        "whole has no size": things.whole.size() > 1,
        "raw does not take 'x'": things.raw.begins_with("x"),
        "tags does not take 'd'": things.tags.contains("d"),
        "parts does not take 1": things.parts.contains(1),
        "text does not take 1": things.text.contains(1),
        "text does not take 2": things.text.folded() == 2,
        "text does not take 'x'": things.text.size() == "x",
        "pair does not take 1.5": things.pair.contains(1.5),
    }
    for said, predicate in refused.items():
        with pytest.raises(TypeError if "'d'" not in said else ValueError) as raised:
            find(things).where(predicate)

        assert str(raised.value).startswith(said)


def test_each_operator_takes_its_kinds(things: Any, part: Any) -> None:
    """What an operator is for enters as it was written."""
    taken = [
        things.raw.begins_with(b"x"),
        things.json.at("a").begins_with("x"),
        things.text.contains("x"),
        things.raw.contains(b"x"),
        things.tags.contains("a"),
        things.parts.contains(part(size=1, note=None)),
        things.pair.contains("x"),
        things.pair.contains(1),
        things.json.contains({"a": 1}),
        things.color.folded() == "RED",
        things.n_text.folded().is_in(["a", "b"]),
        things.parts.size().between(1, 2),
        things.tags.size().is_in([1, 2]),
        things.part == part(size=1, note=None),
        things.parts == (part(size=1, note=None),),
        things.parts[3].at("size") > 1,
        things.pair.at(1).begins_with("x"),
        things.part.at("note").is_none(),
        ~things.json.at(0).at("x").exists(),
    ]

    assert find(things).where(*taken).predicates == tuple(taken)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (lambda t: t.part.at("sise"), "part has no member 'sise': its members are size, note"),
        (lambda t: t.part.at(0), "it is a record, so name a member: size, note"),
        (lambda t: t.parts.at("size"), "say which element first, as in [0]"),
        (lambda t: t.pair.at(2), "pair has no element 2: it has 2"),
        (lambda t: t.whole.at("x"), "whole has no member 'x' inside: it is one value"),
        (lambda t: t.parts[0].at("size").at(0), "parts[0].size has no element 0 inside"),
        (lambda t: t.lost, "things has no field lost: its fields are whole, at, price"),
        (lambda t: Field("whole"), "take it from a handle, as in things.whole"),
    ],
)
def test_a_place_that_is_not_there_raises(things: Any, path: Any, said: str) -> None:
    """A wrong step or name is named, with those that there are."""
    with pytest.raises(ValueError) as raised:
        find(things).where(path(things).is_none())

    assert said in str(raised.value)


def test_a_field_of_another_entity_raises(store: ModuleType, things: Any) -> None:
    """Even where both entities have a field of this name."""
    for build in (
        lambda: find(store.orders).where(store.products.created_at.exists()),
        lambda: find(store.orders).where((store.orders.user_id == 1) | ~(things.whole == 1)),
        lambda: find(store.orders).order_by(store.products.created_at),
        lambda: find(store.orders).select(store.orders.order_id, store.users.user_id),
    ):
        with pytest.raises(ValueError, match="is no field of orders: a query looks at one entity"):
            build()


def test_the_values_of_in_are_each_kept_once(things: Any) -> None:
    """In the order given; of a set, in an order that every run gives again."""
    given = predicate_of(things, things.price.is_in([3, Decimal(1), Decimal("3.0"), 1])).values
    of_set = predicate_of(things, things.text.is_in({"b", "c", "a"})).values

    assert given == (Decimal(3), Decimal(1))
    assert of_set == ("a", "b", "c")


@pytest.mark.parametrize("given", [True, 1, "text = 'x'", None])
def test_what_is_no_predicate_raises(things: Any, given: Any) -> None:
    """A query is told nothing that it could take for a condition."""
    with pytest.raises(TypeError, match="not a predicate: compare a field with a value"):
        find(things).where(given)


def test_a_field_alone_is_no_predicate(things: Any) -> None:
    """The remedy shows the comparison."""
    with pytest.raises(TypeError, match="yes is a field, not a predicate.*yes == True"):
        find(things).where(things.yes)
