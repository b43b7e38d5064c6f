"""MySQL's numbers and the text of its values, exactly; what the two servers differ in is refused.

A decimal carries, as in the server, more digits after the point than its type shows: the exponent
of a `Decimal` here is the server's inner scale, and the type's scale is applied where it prints.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from math import isfinite
from typing import TypeAlias

from dalkit.source.refusal import Refusal

__all__ = [
    "Refused",
    "Value",
    "date_text",
    "datetime_text",
    "divide",
    "double_text",
    "float_text",
    "in_decimal",
    "leading_number",
    "round_double",
    "rounded",
    "shifted",
    "time_text",
    "whole",
]

Value: TypeAlias = (
    int | Decimal | float | str | bytes | datetime | date | timedelta | tuple[object, ...] | None
)

SIGNED = range(-(2**63), 2**63)
UNSIGNED = range(2**64)
_WIDEST_DOUBLE = 22
_EXACT = Context(prec=400, Emax=99_999, Emin=-99_999)
_LEADING = re.compile(r"[ \t\n\v\f\r]*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)


class Refused(Exception):
    """Carries a refusal out of an evaluation; never leaves this package."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.refusal: Refusal = Refusal(reason)


def whole(value: int, unsigned: bool) -> int:
    """A BIGINT, or a refusal where the server says that it is out of range."""
    if value not in (UNSIGNED if unsigned else SIGNED):
        raise Refused(f"{value} is out of range for {'BIGINT UNSIGNED' if unsigned else 'BIGINT'}")
    return value


def in_decimal(value: Decimal) -> Decimal:
    """A decimal of at most 65 digits, or a refusal."""
    if value and value.adjusted() + 1 + max(0, -_exponent(value)) > 65:
        raise Refused("a decimal of more than 65 digits")
    return value if value else value.copy_abs()


def rounded(value: Decimal, scale: int) -> Decimal:
    """Half away from zero, to `scale` digits after the point; never a negative zero."""
    result = value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP, context=_EXACT)
    return result if result else result.copy_abs()


def shifted(digits: int, scale: int) -> Decimal:
    """`digits` with `scale` of them after the point, however many there are."""
    return _EXACT.scaleb(Decimal(digits), -scale)


def divide(left: Decimal, right: Decimal, increment: int = 4) -> Decimal:
    """The quotient with the server's inner scale: whole words of nine digits, cut off."""
    left_scale, right_scale = max(0, -_exponent(left)), max(0, -_exponent(right))
    left_words, right_words = -(-left_scale // 9) * 9, -(-right_scale // 9) * 9
    more = max(0, increment - (left_words - left_scale) - (right_words - right_scale))
    scale = -(-(left_words + right_words + more) // 9) * 9
    quotient = _EXACT.divide(left, right)
    return quotient.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_DOWN, context=_EXACT)


def round_double(value: float, places: int) -> float:
    """ROUND of a double: scaled by a power of ten, to the nearest, ties to even."""
    power = 10.0 ** abs(places)
    scaled = value * power if places >= 0 else value / power
    if not isfinite(scaled):
        return value
    nearest = float(round(scaled))
    return nearest / power if places >= 0 else nearest * power


def leading_number(text: str) -> float:
    """The double that a text starts with, 0 if none: what the server takes in a number's place."""
    found = _LEADING.match(text)
    value = float(found.group(1)) if found else 0.0
    if not isfinite(value):
        raise Refused("a text whose number is too large for a double")
    return value


def double_text(value: float, scale: int | None = None) -> str:
    """A double as the server prints it: the shortest digits, or a fixed number of decimals."""
    if value == 0 and str(value).startswith("-"):
        raise Refused("a negative zero, which MariaDB and MySQL print differently")
    if scale is not None:
        if abs(value) >= 1e15:
            raise Refused("a rounded double over 1e15, which MariaDB and MySQL print differently")
        return f"{value:.{scale}f}"
    return _shortest(value)


def float_text(value: float) -> str:
    """A FLOAT as the server prints it: six digits."""
    return _shortest(float(f"{value:.6g}"))


def _shortest(value: float) -> str:
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(exponent, int):
        raise Refused(f"the double {value}")
    figures = "".join(map(str, digits))
    point = len(figures) + exponent
    minus = "-" if sign else ""
    if value == 0:
        return "0"
    if (point > 15 and point >= len(figures)) or point < -14:
        mantissa = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
        return f"{minus}{mantissa}e{point - 1}"
    if point <= 0:
        small = f"{minus}0.{'0' * -point}{figures}"
        if len(small) > _WIDEST_DOUBLE:
            raise Refused("the text of a small double, which MySQL writes with an exponent")
        return small
    if point >= len(figures):
        return minus + figures + "0" * (point - len(figures))
    return f"{minus}{figures[:point]}.{figures[point:]}"


def date_text(value: date) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def datetime_text(value: datetime, digits: int) -> str:
    clock = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    fraction = f".{value.microsecond:06}"[: digits + 1] if digits else ""
    return f"{date_text(value)} {clock}{fraction}"


def time_text(value: timedelta, digits: int) -> str:
    sign = "-" if value < timedelta(0) else ""
    seconds, micros = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    fraction = f".{micros:06}"[: digits + 1] if digits else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise Refused(f"the decimal {value}")
    return exponent
