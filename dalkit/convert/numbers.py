"""DynamoDB's numbers: which there are, and the one text that the service answers for each."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from dalkit.convert.refusal import refuse

__all__ = ["normal_number", "number_text", "parsed_number"]

_DIGITS = 38
_LOWEST, _HIGHEST = -130, 125
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")


def parsed_number(text: object) -> Decimal:
    """The number that a text says in ASCII digits, exactly; an int stands for its own text."""
    if isinstance(text, int) and not isinstance(text, bool):
        return Decimal(text)
    if not isinstance(text, str):
        refuse("a number's text was expected", text)
    if not _NUMBER.fullmatch(text):
        refuse("not a number", text)
    try:
        return Decimal(text)
    except InvalidOperation:
        refuse("not a number", text)


def number_text(value: Decimal) -> str:
    """A number as DynamoDB normalizes it: plain digits, no zeros that say nothing."""
    if not value.is_finite():
        refuse("DynamoDB holds no such number", value)
    sign, raw, exponent = value.as_tuple()
    digits = "".join(map(str, raw)).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return "0"
    power = int(exponent) + len(digits) - len(significant)
    if len(significant) > _DIGITS:
        refuse(f"a number of {len(significant)} significant digits; DynamoDB holds 38", value)
    if not _LOWEST <= power + len(significant) - 1 <= _HIGHEST:
        refuse("a number outside DynamoDB's range of 1E-130 to 9.99E+125", value)
    return ("-" if sign else "") + _plain(significant, power)


def normal_number(text: object) -> str:
    """The text of a number as DynamoDB normalizes it."""
    return number_text(parsed_number(text))


def _plain(digits: str, power: int) -> str:
    if power >= 0:
        return digits + "0" * power
    if -power < len(digits):
        return f"{digits[:power]}.{digits[power:]}"
    return f"0.{digits.rjust(-power, '0')}"
