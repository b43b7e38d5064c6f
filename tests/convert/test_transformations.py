"""The transformations of a contract."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
from attrs import evolve

from dalkit import kinds
from dalkit.convert.refusal import Refusal
from dalkit.convert.transformations import transformation
from dalkit.schema.definition import (
    DateFormatted,
    Formatted,
    JsonParsed,
    NumberFormatted,
    Slot,
    Transformed,
)

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
TOKENS = DateFormatted(
    (
        ("token", "DD"),
        ("text", "/"),
        ("token", "MM"),
        ("text", "/"),
        ("token", "YYYY"),
        ("text", " "),
        ("token", "HH"),
        ("token", "mm"),
        ("token", "ss"),
        ("text", "."),
        ("token", "SSS"),
    )
)


def text_as(source: Literal["date", "datetime", "seconds"]) -> DateFormatted:
    """The tokens, of a value read in another way than by its own type."""
    return evolve(TOKENS, source=source)


@pytest.mark.parametrize(
    ("how", "kind", "value", "expected"),
    [
        (TOKENS, kinds.DateTime(4), MOMENT, "02/01/2026 030405.678"),
        (TOKENS, kinds.Date(), date(26, 1, 2), "02/01/0026 000000.000"),
        (DateFormatted(epoch="seconds"), kinds.DateTime(4), MOMENT, 1767323045),
        (DateFormatted(epoch="milliseconds"), kinds.DateTime(4), MOMENT, 1767323045678),
        (DateFormatted(epoch="seconds"), kinds.Date(), date(1969, 12, 31), -86_400),
        (text_as("datetime"), kinds.Text(), "2026-01-02 03:04:05", "02/01/2026 030405.000"),
        (text_as("datetime"), kinds.Text(), "2026-01-02T03:04:05.6789", "02/01/2026 030405.678"),
        (text_as("date"), kinds.Text(), "0026-01-02", "02/01/0026 000000.000"),
        (text_as("seconds"), kinds.Integer(), -1, "31/12/1969 235959.000"),
        (DateFormatted(epoch="milliseconds", source="seconds"), kinds.Integer(), 7, 7_000),
        (
            DateFormatted((("token", "SSSSSS"),), source="datetime"),
            kinds.Text(),
            "2026-01-02 03:04:05.07",
            "070000",
        ),
        (NumberFormatted(1, 2), kinds.Fixed(9, 4), Decimal("2.3450"), "2.35"),
        (NumberFormatted(1, 2), kinds.Fixed(9, 4), Decimal("-2.3450"), "-2.35"),
        (NumberFormatted(6), kinds.Integer(), 42, "000042"),
        (NumberFormatted(6), kinds.Integer(), -42, "-000042"),
        (NumberFormatted(2), kinds.Integer(), 12345, "12345"),
        (NumberFormatted(1), kinds.Fixed(9, 1), Decimal("0.5"), "1"),
        (NumberFormatted(1, 1), kinds.Fixed(9, 2), Decimal("-0.04"), "0.0"),
        (NumberFormatted(1, 1), kinds.Float(64), 0.25, "0.3"),
        (JsonParsed(), kinds.Text(), '{"a":[1.50]}', {"a": (Decimal("1.5"),)}),
        (Formatted(("<", Slot("c"), ">")), kinds.Boolean(), True, "<1>"),
        (Formatted((Slot("c", 6),)), kinds.Fixed(5, 2), Decimal("-1.50"), "-01.50"),
        (Formatted((Slot("c"),)), kinds.Members(("b", "a")), frozenset("ab"), "b,a"),
        (
            Formatted((Slot("c", 4, NumberFormatted(1, 1)),)),
            kinds.Fixed(5, 2),
            Decimal("1.25"),
            "01.3",
        ),
        (
            Formatted((Slot("c", transformed=TOKENS),)),
            kinds.Date(),
            date(26, 1, 2),
            "02/01/0026 000000.000",
        ),
        (Formatted(("constant",)), kinds.Text(), "x", "constant"),
    ],
)
def test_a_value_is_transformed(
    how: Transformed, kind: kinds.Kind, value: Any, expected: Any
) -> None:
    """Dates by tokens, numbers half away from zero, JSON exactly, slots as under S."""
    compute = transformation(how, ["c"], {"c": kind})

    assert compute({"c": value}) == expected


@pytest.mark.parametrize(
    "how", [TOKENS, NumberFormatted(1), JsonParsed(), Formatted(("a", Slot("c")))]
)
def test_null_stays_null(how: Transformed) -> None:
    """Any NULL makes the value NULL."""
    assert transformation(how, ["c"], {"c": kinds.Text()})({"c": None}) is None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("datetime", "2026-01-02"),
        ("datetime", "2026-01-02 03:04"),
        ("datetime", "2026-01-02 03:04:05Z"),
        ("datetime", "2026-01-02 24:00:00"),
        ("datetime", "2026-01-02 03:04:05\n"),
        ("datetime", "2026-01-02 03:04:05.1234567"),
        ("datetime", "0000-00-00 00:00:00"),
        ("datetime", ""),
        ("date", "2026-02-30"),
        ("date", "2026-01-02 00:00:00"),
        ("date", "20260102"),
        ("date", "\uff12026-01-02"),
        ("seconds", 253_402_300_800),
        ("seconds", -62_135_596_801),
        ("seconds", 10**30),
        ("seconds", "1"),
    ],
)
def test_a_value_that_cannot_be_read_as_said_is_refused(
    source: Literal["date", "datetime", "seconds"], value: Any
) -> None:
    """By its text, whatever Python would make of it."""
    compute = transformation(text_as(source), ["c"], {"c": kinds.Text()})

    with pytest.raises(Refusal) as refused:
        compute({"c": value})
    assert refused.value.value == value


def test_a_width_is_for_numbers() -> None:
    """A width on text would make two texts one: it is misuse."""
    with pytest.raises(ValueError, match="width 5 is for numbers, not for Text"):
        transformation(Formatted((Slot("c", 5),)), ["c"], {"c": kinds.Text()})
