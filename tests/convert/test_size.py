"""The size of items, to the byte."""

from __future__ import annotations

from typing import Any

import pytest

from dalkit.convert import Refused, item_size, items, rows, transcoder
from dalkit.convert.refusal import Refusal
from dalkit.convert.size import checked_attribute, number_size
from dalkit.result import Failure, ItemTooLarge, Success
from dalkit.testing.zoo import zoo

# measured by filling items to the limit of DynamoDB Local 3.3.1
NUMBERS = {
    "0": 1, "1": 2, "123": 3, "100": 2, "1.5": 3, "0.01": 2, "12.34": 3, "-1": 3,
    "9" * 38: 20, "1" + "9" * 36 + ".9": 21,
}  # fmt: skip


@pytest.mark.parametrize(("text", "size"), NUMBERS.items())
def test_a_number_takes_a_byte_for_two_digits(text: str, size: int) -> None:
    """One byte, and one for each pair of digits aligned at the point, and one for the sign."""
    assert number_size(text) == size


@pytest.mark.parametrize(
    ("wire", "size"),
    [
        ({"S": "é"}, 2),
        ({"S": ""}, 0),
        ({"B": b"abc"}, 3),
        ({"NULL": True}, 1),
        ({"BOOL": False}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "100"]}, 4),
        ({"BS": [b"ab"]}, 2),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + 3 + 3),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "c"}}}, 3 + 1 + 2 + 1),
    ],
)
def test_a_value_takes_its_bytes(wire: dict[str, Any], size: int) -> None:
    """The name's bytes and the value's."""
    assert item_size({"näme": wire}) == 5 + size


def _row(length: int) -> tuple[Any, ...]:
    return ("left", "right", 1, "1.000", "x" * length)


def test_an_item_of_the_limit_is_fine_and_one_byte_more_is_not() -> None:
    """409,600 bytes are an item, 409,601 are not, whichever way it is made."""
    entity = zoo()["escape"]
    room = 409_600 - item_size(items(entity).encode(rows(entity).decode(_row(0)).unwrap()).unwrap())

    for change in (transcoder(entity).item, transcoder(entity).line):
        assert not isinstance(change(_row(room)), Refused)
        assert isinstance(change(_row(room + 1)), Refused)
    record = rows(entity).decode(_row(room + 1)).unwrap()
    for encode in (items(entity).encode, items(entity).encode_json):
        match encode(record):
            case Failure(ItemTooLarge(size=size)):
                assert size == 409_601
            case found:
                raise AssertionError(found)
    assert isinstance(items(entity).encode(rows(entity).decode(_row(room)).unwrap()), Success)


@pytest.mark.parametrize(
    "wire",
    [
        None,
        {},
        {"S": 1},
        {"S": "\ud800"},
        {"N": "１"},
        {"N": "1" * 39},
        {"B": "text"},
        {"BOOL": 1},
        {"NULL": False},
        {"SS": []},
        {"SS": ["a", "a"]},
        {"NS": ["1", "1.0"]},
        {"L": {}},
        {"M": {1: {"S": "a"}}},
        {"S": "a", "N": "1"},
        {"X": "a"},
    ],
)
def test_what_is_no_attribute_value_is_refused(wire: Any) -> None:
    """An unknown attribute is kept only where DynamoDB would take it."""
    with pytest.raises(Refusal):
        checked_attribute(wire)


def test_nesting_ends_at_32_levels() -> None:
    """A leaf inside 31 maps is fine, inside 32 it is refused."""

    def nested(maps: int) -> dict[str, Any]:
        wire: dict[str, Any] = {"S": "leaf"}
        for _ in range(maps):
            wire = {"M": {"a": wire}}
        return wire

    assert checked_attribute(nested(31)) == nested(31)
    with pytest.raises(Refusal, match="32"):
        checked_attribute(nested(32))
