"""Cells and texts of every kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dalkit import kinds
from dalkit.convert.cells import cell_of, from_cell
from dalkit.convert.refusal import Refusal
from dalkit.convert.text import text_of, value_of

UTC = UTC
SET = kinds.Members(("c", "b", "a"))

# kind, what MySQL may give, the value, the canonical cell, the text under S
CROSSINGS: list[tuple[kinds.Kind, list[Any], Any, Any, str]] = [
    (kinds.Integer(), ["-7", -7, Decimal(-7), "-07"], -7, -7, "-7"),
    (
        kinds.Fixed(10, 2),
        ["20.90", Decimal("20.9"), "20.900"],
        Decimal("20.90"),
        Decimal("20.90"),
        "20.90",
    ),
    (kinds.Fixed(10, 2), ["-0.00", 0, Decimal("-0")], Decimal("0.00"), Decimal("0.00"), "0.00"),
    (kinds.Fixed(9, 8), ["0.00000001"], Decimal("1E-8"), Decimal("1E-8"), "0.00000001"),
    (kinds.Float(32), ["0.10000000149011612", 0.1, "0.1"], 0.1, 0.1, "0.1"),
    (kinds.Float(32), ["16777216"], 16777216.0, 16777216.0, "16777216.0"),
    (kinds.Float(64), ["1e22", 1e22], 1e22, 1e22, "1e+22"),
    (kinds.Boolean(), ["1", 1, b"\x01", True], True, 1, "1"),
    (kinds.Boolean(), ["0", 0, b"\x00", False], False, 0, "0"),
    (kinds.Text(), ["ü", "ü".encode()], "ü", "ü", "ü"),
    (kinds.Enum(("a", "b")), ["a", b"a"], "a", "a", "a"),
    (SET, ["c,a", "a,c"], frozenset("ac"), "c,a", "c,a"),
    (SET, [""], frozenset(), "", ""),
    (kinds.Bytes(4), [b"a\x00"], b"a\x00", b"a\x00", "YQA="),
    (kinds.Bits(9), [b"\x01\x02", 258], 258, 258, "258"),
    (
        kinds.Date(),
        ["2026-01-02", date(2026, 1, 2)],
        date(2026, 1, 2),
        date(2026, 1, 2),
        "2026-01-02",
    ),
    (
        kinds.DateTime(),
        ["0001-01-02 03:04:05", datetime(1, 1, 2, 3, 4, 5)],
        datetime(1, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(1, 1, 2, 3, 4, 5),
        "0001-01-02T03:04:05Z",
    ),
    (
        kinds.DateTime(3),
        ["2026-01-02 03:04:05.060", datetime(2026, 1, 2, 3, 4, 5, 60_000)],
        datetime(2026, 1, 2, 3, 4, 5, 60_000, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, 60_000),
        "2026-01-02T03:04:05.060Z",
    ),
    (
        kinds.Time(),
        ["-838:59:59", timedelta(hours=-838, minutes=-59, seconds=-59)],
        timedelta(hours=-838, minutes=-59, seconds=-59),
        "-838:59:59",
        "-838:59:59",
    ),
    (kinds.Time(1), ["-00:30:00.5"], -timedelta(seconds=1800.5), "-00:30:00.5", "-00:30:00.5"),
    (kinds.Year(), ["2026", 2026], 2026, 2026, "2026"),
    (kinds.Year(), ["0000", 0], 0, 0, "0000"),
]

REFUSED: list[tuple[kinds.Kind, Any]] = [
    (kinds.Integer(0, 255), "256"),
    (kinds.Integer(), "1.0"),
    (kinds.Integer(), 1.0),
    (kinds.Integer(), True),
    (kinds.Integer(), "１"),
    (kinds.Integer(), b"1"),
    (kinds.Integer(), "9" * 5_000),
    (kinds.Fixed(4, 2), "100.00"),
    (kinds.Fixed(4, 2), "1.005"),
    (kinds.Fixed(4, 2), Decimal("NaN")),
    (kinds.Fixed(4, 2), 1.5),
    (kinds.Float(32), "1e39"),
    (kinds.Float(64), float("inf")),
    (kinds.Float(64), "1e999"),
    (kinds.Boolean(), "2"),
    (kinds.Boolean(), 2),
    (kinds.Boolean(), 1.5),
    (kinds.Text(2), "abc"),
    (kinds.Text(), b"\xff"),
    (kinds.Text(), "\ud800"),
    (kinds.Text(), 5),
    (kinds.Enum(("a",)), ""),
    (SET, "a,x"),
    (kinds.Bytes(4), "text"),
    (kinds.Bytes(4, fixed=True), b"abc"),
    (kinds.Bits(1), 2),
    (kinds.Date(), "0000-00-00"),
    (kinds.Date(), "2026-02-30"),
    (kinds.Date(), datetime(2026, 1, 1)),
    (kinds.DateTime(), "0000-00-00 00:00:00"),
    (kinds.DateTime(), "2026-01-00 00:00:00"),
    (kinds.DateTime(), "2026-01-02 03:04:05.5"),
    (kinds.Time(), "839:00:00"),
    (kinds.Year(), "1900"),
    (kinds.Json(), '{"a":1,"a":2}'),
    (kinds.Json(), "NaN"),
    (kinds.Json(), "[" * 5_000),
    (kinds.Json(), "1" * 39),
    (kinds.Json(), '"\\ud800"'),
    (kinds.Opaque("point"), b"x"),
]


@pytest.mark.parametrize(("kind", "cells", "value", "cell", "text"), CROSSINGS)
def test_a_cell_crosses(
    kind: kinds.Kind, cells: list[Any], value: Any, cell: Any, text: str
) -> None:
    """Whatever spelling MySQL gives, the value, its cell and its text are one."""
    for given in cells:
        found = from_cell(kind, given)

        assert found == value
        assert isinstance(found, frozenset) or repr(found) == repr(value)
        assert repr(cell_of(kind, found)) == repr(cell)
        assert text_of(kind, found) == text
        assert value_of(kind, text) == value


@pytest.mark.parametrize(("kind", "cell"), REFUSED)
def test_a_cell_outside_the_kind_is_refused(kind: kinds.Kind, cell: Any) -> None:
    """What Python or the column could not hold exactly is refused, never rounded."""
    with pytest.raises(Refusal):
        from_cell(kind, cell)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (kinds.Integer(), "07"),
        (kinds.Fixed(10, 2), "20.9"),
        (kinds.Float(64), "1.50"),
        (kinds.Boolean(), "true"),
        (SET, "a,c"),
        (kinds.DateTime(), "2026-01-02T03:04:05+00:00"),
        (kinds.DateTime(), "2026-01-02 03:04:05Z"),
        (kinds.Time(), "1:00:00"),
        (kinds.Year(), "0"),
    ],
)
def test_another_spelling_under_s_is_refused(kind: kinds.Kind, text: str) -> None:
    """A text under S has one spelling, so that keys made of it can be compared."""
    with pytest.raises(Refusal):
        value_of(kind, text)


def test_json_numbers_are_exact() -> None:
    """No float stands between the text and the value."""
    found = from_cell(kinds.Json(), '{"a":[0.1,1.0,123456789012345678901234567890,1e2,null]}')

    assert found == {"a": (Decimal("0.1"), 1, 123456789012345678901234567890, 100, None)}
    assert cell_of(kinds.Json(), found) == '{"a":[0.1,1,123456789012345678901234567890,100,null]}'
