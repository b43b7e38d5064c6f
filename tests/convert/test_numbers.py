"""DynamoDB's numbers."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from dalkit.convert.numbers import normal_number, number_text, parsed_number
from dalkit.convert.refusal import Refusal

NORMAL = {
    "1.50": "1.5",
    "1E3": "1000",
    "-0": "0",
    "0001": "1",
    "0.000": "0",
    ".5": "0.5",
    "5.": "5",
    "-12.340": "-12.34",
    "1e-3": "0.001",
    "9" * 38: "9" * 38,
    "1E125": "1" + "0" * 125,
    "1E-130": "0." + "0" * 129 + "1",
    "-9." + "9" * 37 + "E125": "-" + "9" * 38 + "0" * 88,
}


@pytest.mark.parametrize(("text", "expected"), NORMAL.items())
def test_a_number_has_one_text(text: str, expected: str) -> None:
    """Every spelling becomes the text that DynamoDB answers."""
    assert normal_number(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "+1",
        " 1",
        "1 ",
        "1_0",
        "１２",
        "NaN",
        "Infinity",
        "0x1",
        "1e",
        "1e9999999",
        None,
        1.5,
        b"1",
        True,
    ],
)
def test_what_is_no_number_is_refused(text: object) -> None:
    """Only ASCII digits make a number."""
    with pytest.raises(Refusal):
        parsed_number(text)


@pytest.mark.parametrize("text", ["1" * 39, "1E126", "1E-131", "-1E126"])
def test_a_number_outside_the_domain_is_refused(text: str) -> None:
    """38 digits, and magnitudes of 1E-130 to 9.99E+125."""
    with pytest.raises(Refusal, match="DynamoDB"):
        normal_number(text)


def test_the_callers_context_does_not_round() -> None:
    """A Decimal context of the caller touches no data."""
    with localcontext() as context:
        context.prec = 3

        assert number_text(Decimal("1234567.5")) == "1234567.5"
