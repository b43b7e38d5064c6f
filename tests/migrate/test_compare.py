"""Items are equal when DynamoDB would call them so."""

from __future__ import annotations

from typing import Any

import pytest

from dalkit.migrate.compare import different, same, shown


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"N": "1.50"}, {"N": "1.5"}, True),
        ({"N": "1E+2"}, {"N": "100"}, True),
        ({"N": "1"}, {"N": "2"}, False),
        ({"N": "1" * 38}, {"N": "1" * 37 + "2"}, False),
        ({"N": "1"}, {"S": "1"}, False),
        ({"S": "a"}, {"S": "a "}, False),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
        ({"SS": ["a", "b"]}, {"SS": ["a"]}, False),
        ({"NS": ["1", "2.0"]}, {"NS": ["2", "1.00"]}, True),
        ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}, True),
        ({"L": [{"N": "1.0"}]}, {"L": [{"N": "1"}]}, True),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}, False),
        ({"L": [{"N": "1"}]}, {"L": []}, False),
        ({"M": {"a": {"N": "1.0"}}}, {"M": {"a": {"N": "1"}}}, True),
        ({"M": {"a": {"N": "1"}}}, {"M": {"b": {"N": "1"}}}, False),
        ({"NULL": True}, {"NULL": True}, True),
        ({"BOOL": True}, {"BOOL": False}, False),
        ({"B": b"a"}, {"B": b"b"}, False),
    ],
)
def test_attribute_values(one: Any, other: Any, equal: bool) -> None:
    """Numbers by value, sets without order, everything else exactly; the same from both sides."""
    assert same(one, other) is equal
    assert same(other, one) is equal


def test_each_attribute_that_differs_is_named() -> None:
    """One that is absent on either side too."""
    expected = {"a": {"S": "1"}, "b": {"N": "1.0"}, "c": {"S": "x"}}
    found = {"a": {"S": "2"}, "b": {"N": "1"}, "d": {"S": "y"}}

    assert list(different(expected, found)) == [
        ("a", {"S": "1"}, {"S": "2"}),
        ("c", {"S": "x"}, None),
        ("d", None, {"S": "y"}),
    ]


def test_values_are_shown_short_and_never_when_secret() -> None:
    """A long value is cut; bytes are base64."""
    assert shown(None, secret=True) == "absent"
    assert shown({"S": "geheim"}, secret=True) == "(secret)"
    assert shown({"B": b"\x00"}) == '{"B":"AA=="}'
    assert shown({"S": "é" * 1000}).endswith("… (1,008 characters)")
