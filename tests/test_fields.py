"""Fields, and what can be said of them: predicates and orders as values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import pytest

from dalkit import Field, Predicate
from dalkit.fields.changes import OrderBy
from dalkit.fields.places import Folded, Place, Size
from dalkit.fields.predicates import And, Compare, Contains, IsIn, IsNone, Not, Or


class Orders:
    """What a handle is to its fields: the class that holds them."""

    number: Final = Field[Any, Any]("number")
    text: Final = Field[Any, Any]("text")
    items: Final = Field[Any, Any]("items")


class Users:
    """Another handle with a field of the same name."""

    number: Final = Field[Any, Any]("number")


number, text, items = Orders.number, Orders.text, Orders.items
loose: Any = number  # for what does not type-check


@pytest.mark.parametrize(
    ("predicate", "said"),
    [
        (number == 1, "number = 1"),
        (number != 1, "number <> 1"),
        (number < Decimal("1.50"), "number < 1.50"),
        (number <= 1, "number <= 1"),
        (number > 1, "number > 1"),
        (number >= 1, "number >= 1"),
        (number < 5, "number < 5"),
        (number.between(1, 5), "number between 1 and 5"),
        (number.is_in([1, 2]), "number in (1, 2)"),
        (number.is_in(range(9)), "number in (0, 1, 2, 3, 4, and 4 more)"),
        (number.is_in([]), "number in ()"),
        (text.begins_with("a'b"), "text begins with 'a''b'"),
        (text.contains("line\nbreak"), r"text contains 'line\nbreak'"),
        (text == "x" * 90, "text = '" + "x" * 59 + "…'"),
        (text == b"\x00\xff", "text = 0x00ff"),
        (number == 10**5000, "number = a number of 16610 bits"),
        (number.exists(), "number exists"),
        (number.is_none(), "number is none"),
        (items.size() >= 2, "size of items >= 2"),
        (items.size().between(1, 2), "size of items between 1 and 2"),
        (text.folded() == "ada", "text folded = 'ada'"),
        (text.folded() != "ada", "text folded <> 'ada'"),
        (text.folded().begins_with("a"), "text folded begins with 'a'"),
        (items[0].at("price") == 1, "items[0].price = 1"),
        (~(number == 1), "not (number = 1)"),
        ((number == 1) & (text == "a") & (items == 2), "number = 1 and text = 'a' and items = 2"),
        ((number == 1) | (text == "a") & (items == 2), "number = 1 or (text = 'a' and items = 2)"),
        (
            ((number == 1) | (text == "a")) & (items == 2),
            "(number = 1 or text = 'a') and items = 2",
        ),
        (~((number == 1) | (text == "a")), "not (number = 1 or text = 'a')"),
    ],
)
def test_a_predicate_prints_as_one_would_say_it(predicate: Predicate[Any], said: str) -> None:
    """`str` names the field, the operator and the value, with parentheses where they matter."""
    assert str(predicate) == said


def test_predicates_are_values() -> None:
    """Equal ones are equal and hash alike; True is not 1."""
    assert (number == 1) == (number == 1)
    assert hash(number.is_in([1, 2])) == hash(number.is_in([1, 2]))
    assert (number == 1) != (number == True)  # noqa: E712  # True as a value is the point
    assert number.is_in([1]) != number.is_in([True])
    assert (number == 1) != (Users.number == 1)
    assert (items == {"a": (1, True)}) != (items == {"a": (1, 1)})
    assert len({items == [1], items == (1,), items == {1}, items == {"a": [1]}}) == 3
    assert len({number == 1, number == 1, number == 2, number != 1}) == 3


def test_and_and_or_are_flat_and_a_double_negation_is_none() -> None:
    """However many terms a loop joins, the depth stays one."""
    one, two, three = number == 1, number == 2, number == 3

    assert (one & two & three) == And((one, two, three)) == (one & (two & three))
    assert (one | two | three) == Or((one, two, three))
    assert str(reduce(lambda made, turn: made | (number == turn), range(999), one)).count("(") == 0
    assert ~~one == one
    assert Not(one) == ~one


def test_predicates_nested_too_deep_raise() -> None:
    """The limit is far above what is written by hand, and far below Python's stack."""
    one = number == 1
    deepest = reduce(lambda made, turn: (made & one) if turn % 2 else (made | one), range(100), one)

    assert str(deepest).count("(") == 99
    with pytest.raises(ValueError, match="more than 100 deep"):
        _ = deepest | one


MISUSES: dict[str, tuple[Callable[[], object], str]] = {
    "bool of a predicate": (lambda: bool(number == 1), "combine predicates with & | ~"),
    "and": (lambda: number == 1 and text == "a", "instead of and, or, not"),
    "or": (lambda: number == 1 or text == "a", "instead of and, or, not"),
    "not": (lambda: not (number == 1), "instead of and, or, not"),  # noqa: SIM201  # the misuse itself
    "a chain": (lambda: 1 <= number <= 5, "x.between(1, 5) instead of 1 <= x <= 5"),
    "in": (lambda: 1 in loose, r".contains(…)"),
    "a field in a list": (lambda: number in [text], "only values can be compared with"),
    "a loop over a field": (lambda: list(number), "nothing to walk through"),
    "bool of a field": (lambda: bool(number), "compare it, as in number == …"),
    "bool of a size": (lambda: bool(items.size()), "compare it with a number"),
    "bool of folded text": (lambda: bool(text.folded()), "compare it with a text"),
    "== None": (lambda: number == None, ".is_none()"),  # noqa: E711  # the misuse itself
    "!= None": (lambda: number != None, ".exists()"),  # noqa: E711  # the misuse itself
    "< None": (lambda: number < None, ".is_none()"),
    "None in values": (lambda: number.is_in([1, None]), ".is_none()"),
    "between None": (lambda: number.between(None, 1), ".is_none()"),
    "a text as values": (lambda: text.is_in("abc"), "give a list of values"),
    "a value as values": (lambda: loose.is_in(1), "give a list of values"),
    "field and field": (lambda: number == text, "only values can be compared with"),
    "predicate & bool": (lambda: (loose == 1) & True, "put each comparison into parentheses"),
    "predicate | field": (lambda: (loose == 1) | text, "put each comparison into parentheses"),
    "a step that is none": (lambda: loose.at(1.5), "a member's name or an index"),
    "a negative index": (lambda: items[-1], "an index is 0 or more"),
    "an index of no list": (lambda: items[2**31], "an index is 2147483647 or less"),
}


@pytest.mark.parametrize("name", MISUSES)
def test_misuse_raises_at_once_with_the_remedy(name: str) -> None:
    """Python's own words cannot be overloaded, so each says what to write instead."""
    misuse, said = MISUSES[name]

    with pytest.raises((TypeError, ValueError)) as raised:
        misuse()

    assert said in str(raised.value)


def test_a_field_knows_its_entity_and_its_place() -> None:
    """From the handle's class that holds it; `same_as` tells fields apart, as `==` cannot."""
    assert number.place == Place(Orders, "number")
    assert items[0].at("price").place == Place(Orders, "items", (0, "price"))
    assert number.same_as(Orders.number)
    assert items[0].same_as(items.at(0))
    assert not number.same_as(Users.number)
    assert not items[0].same_as(items[1])
    assert hash(items[0]) == hash(items.at(0))
    assert (str(items[0]), repr(number)) == ("items[0]", "<field Orders.number>")
    assert repr(Field[Any, int]("lone")) == "<field lone>"


def test_places_meet_where_one_is_inside_the_other() -> None:
    """Siblings and fields of other entities do not."""
    whole, first, price, second = items.place, items[0].place, items[0].at("p").place, items[1]

    assert whole.meets(price)
    assert price.meets(first)
    assert not first.meets(second.place)
    assert not number.place.meets(Users.number.place)


def test_nodes_hold_what_was_written() -> None:
    """What compilers match on."""
    place = Place(Orders, "items")

    assert (items.size() > 1) == Compare(Size(place), ">", 1)
    assert (items.folded().contains("x")) == Contains(Folded(place), "x")
    assert items.is_in((1, 2)) == IsIn(place, (1, 2))
    assert items.is_none() == IsNone(place)
    assert items.desc() == OrderBy(place, descending=True)
    assert items.asc() == OrderBy(place)
