"""Each function of the closed grammar over values that are not None."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any

from dalkit.source.casts import Change, as_date, as_decimal, as_double, as_text, into
from dalkit.source.collator import simple_case
from dalkit.source.comparing import Rules, comparison
from dalkit.source.dates import format_date
from dalkit.source.tree import Literal, Scalar
from dalkit.source.typed import CAST_TEXT, Typed
from dalkit.source.values import Refused, round_double, rounded, whole

__all__ = ["Function", "function_of", "null_skipping"]

Function = Callable[..., Any]
"""Values, none of them None, to a value."""

_LONGEST = 1_000_000
_DOTTED = re.compile("turkish|azerbaijani|_(tr|az)_")
"""Languages whose i has a dot in both cases."""


def function_of(
    name: str,
    arguments: tuple[Scalar, ...],
    parts: Sequence[Typed],
    made: Typed,
    rules: Rules,
) -> Function:
    """The function for arguments of these types; one NULL argument makes NULL beforehand."""
    if name in ("LPAD", "RPAD"):
        return _padding(name, parts, rules)
    if name in _ON_TEXT:
        return _ON_TEXT[name](parts)
    if name in ("GREATEST", "LEAST"):
        return _extreme(name, parts, made, rules)
    if name in ("DATE", "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"):
        return _date_part(name, parts[0])
    if name == "ROUND":
        return _round(arguments, parts[0], made)
    if name == "ABS":
        return _absolute(parts[0], made)
    return _to_whole(name, parts[0], made)


def null_skipping(
    name: str, parts: Sequence[Typed], made: Typed, rules: Rules
) -> Callable[..., Any] | None:
    """COALESCE and CONCAT_WS, over the values as they come; None for any other function."""
    if name == "COALESCE":
        changes = [_coalesced(into(part, made), made, rules) for part in parts]
        return lambda *values: next(
            (change(v) for change, v in zip(changes, values, strict=True) if v is not None), None
        )
    if name == "CONCAT_WS":
        return _concat_ws([as_text(part) for part in parts])
    return None


def _coalesced(change: Change, made: Typed, rules: Rules) -> Change:
    """MySQL gives the value the scale of the result; MariaDB keeps what it holds."""
    if made.family != "decimal" or rules.server != "mysql":
        return change
    return lambda value: rounded(change(value), made.scale)


def _concat_ws(texts: Sequence[Callable[[Any], str]]) -> Callable[..., Any]:
    def join(*values: Any) -> str | None:
        if values[0] is None:
            return None
        told = zip(texts[1:], values[1:], strict=True)
        return texts[0](values[0]).join(text(v) for text, v in told if v is not None)

    return join


def _on_texts(function: Callable[..., Any]) -> Callable[[Sequence[Typed]], Function]:
    """A function of texts: each argument as the server prints it."""

    def make(parts: Sequence[Typed]) -> Function:
        texts = [as_text(part) for part in parts]
        return lambda *values: function(
            *(text(value) for text, value in zip(texts, values, strict=True))
        )

    return make


def _on_text_and_numbers(
    function: Callable[..., Any], *numbers: int
) -> Callable[[Sequence[Typed]], Function]:
    """A function of texts but for the arguments at `numbers`, which are whole numbers."""

    def make(parts: Sequence[Typed]) -> Function:
        changes = [int if at in numbers else as_text(part) for at, part in enumerate(parts)]
        return lambda *values: function(
            *(change(value) for change, value in zip(changes, values, strict=True))
        )

    return make


def _strip(text: str, removed: str, *, start: bool, end: bool) -> str:
    if not removed:
        return text
    while start and text.startswith(removed):
        text = text[len(removed) :]
    while end and text.endswith(removed):
        text = text[: -len(removed)]
    return text


def _padding(name: str, parts: Sequence[Typed], rules: Rules) -> Function:
    left, maria = name == "LPAD", rules.server == "mariadb"
    plain = parts[0].strength >= CAST_TEXT and not parts[0].constant

    def pad(text: str, length: int, filler: str) -> str | None:
        if plain and not filler.isascii():
            raise Refused("padding of no text with one that is not ASCII, which MariaDB garbles")
        return _pad(text, length, filler, left=left, maria=maria)

    return _on_text_and_numbers(pad, 1)(parts)


def _pad(text: str, length: int, filler: str, *, left: bool, maria: bool) -> str | None:
    if length < 0:
        return None
    if length <= len(text):
        return text[:length]
    if not filler:
        return None if maria else text
    if length > _LONGEST:
        raise Refused(f"padding to {length:,} characters")
    missing = length - len(text)
    added = (filler * (missing // len(filler) + 1))[:missing]
    return added + text if left else text + added


def _substring(text: str, start: int, length: int | None = None) -> str:
    first = start - 1 if start > 0 else len(text) + start
    if start == 0 or first < 0 or (length is not None and length <= 0):
        return ""
    return text[first:] if length is None else text[first : first + length]


def _cased(part: Typed, upper: bool) -> Function:
    collation, text = part.collation or "utf8mb4", as_text(part)
    if _DOTTED.search(collation):
        raise Refused(f"upper and lower case under {collation}")
    wide = collation.startswith(("utf8", "ucs2", "utf16", "utf32"))

    def change(value: Any) -> str:
        told = text(value)
        if not wide and not told.isascii():
            raise Refused(f"upper and lower case beyond ASCII under {collation}")
        return simple_case(told, upper)

    return change


def _replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


def _date_format(parts: Sequence[Typed]) -> Function:
    moment, pattern = as_date(parts[0]), as_text(parts[1])
    return lambda value, form: format_date(moment(value), pattern(form)) if pattern(form) else None


_ON_TEXT: dict[str, Callable[[Sequence[Typed]], Function]] = {
    "CONCAT": _on_texts(lambda *texts: "".join(texts)),
    "UPPER": lambda parts: _cased(parts[0], True),
    "LOWER": lambda parts: _cased(parts[0], False),
    "TRIM": _on_texts(lambda text, gone=" ": _strip(text, gone, start=True, end=True)),
    "LTRIM": _on_texts(lambda text, gone=" ": _strip(text, gone, start=True, end=False)),
    "RTRIM": _on_texts(lambda text, gone=" ": _strip(text, gone, start=False, end=True)),
    "REPLACE": _on_texts(_replace),
    "CHAR_LENGTH": _on_texts(len),
    "SUBSTRING": _on_text_and_numbers(_substring, 1, 2),
    "LEFT": _on_text_and_numbers(lambda text, length: text[: max(0, length)], 1),
    "RIGHT": _on_text_and_numbers(lambda text, length: text[-length:] if length > 0 else "", 1),
    "DATE_FORMAT": _date_format,
}


def _extreme(name: str, parts: Sequence[Typed], made: Typed, rules: Rules) -> Function:
    changes = [into(part, made) for part in parts]
    compare = comparison(made, made, rules)
    wanted, texts = 1 if name == "GREATEST" else -1, made.family == "text"

    def choose(*values: Any) -> Any:
        chosen: Any = None
        for change, value in zip(changes, values, strict=True):
            changed = change(value)
            sign = wanted if chosen is None else compare(changed, chosen)
            if sign == 0 and texts and changed != chosen:
                raise Refused(f"{name} of texts that are equal but not the same")
            chosen = changed if sign == wanted else chosen
        return chosen

    return choose


_SECONDS = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}


def _date_part(name: str, part: Typed) -> Function:
    if part.family == "time":
        return lambda value: _clock_part(value, _SECONDS[name])
    moment = as_date(part)
    if name == "DATE":
        return lambda value: moment(value).date()
    attribute = name.lower()
    return lambda value: _part_of(moment(value), attribute)


def _clock_part(value: timedelta, seconds: int) -> int:
    whole_units = abs(value) // timedelta(seconds=seconds)
    return whole_units if seconds == 3600 else whole_units % 60


def _part_of(moment: date, attribute: str) -> int:
    number: int = getattr(moment, attribute)
    return number


def _round(arguments: tuple[Scalar, ...], part: Typed, made: Typed) -> Function:
    given = arguments[1] if len(arguments) > 1 else Literal(0)
    places = given.value if isinstance(given, Literal) and isinstance(given.value, int) else 0
    if made.family == "real":
        number = as_double(part)
        return lambda value, *_: round_double(number(value), places)
    exact = as_decimal(part)
    if made.family == "decimal":
        return lambda value, *_: rounded(exact(value), places)
    unsigned = made.type.unsigned
    return lambda value, *_: whole(int(rounded(exact(value), min(0, places))), unsigned)


def _absolute(part: Typed, made: Typed) -> Function:
    if made.family == "real":
        number = as_double(part)
        return lambda value: abs(number(value))
    if made.family == "decimal":
        return Decimal.copy_abs
    return lambda value: whole(abs(int(value)), made.type.unsigned)


def _to_whole(name: str, part: Typed, made: Typed) -> Function:
    step: Callable[[Any], int] = floor if name == "FLOOR" else ceil
    if made.family == "real":
        number = as_double(part)
        return lambda value: float(step(number(value)))
    if made.family == "decimal":
        return lambda value: Decimal(step(value))
    return lambda value: int(step(value))
