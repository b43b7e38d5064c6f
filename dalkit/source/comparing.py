"""Which of two values is greater: the comparison that MySQL picks for two types."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any, TypeAlias, final
from typing import Literal as Either

from attrs import evolve, frozen

from dalkit.source.casts import Change, as_date, as_decimal, as_double, as_text
from dalkit.source.collator import Collator, Weights
from dalkit.source.dates import read_time
from dalkit.source.typed import CONFLICT, NUMBERS, TEXTS, Family, Typed, collated
from dalkit.source.values import Refused, rounded

__all__ = [
    "Comparison",
    "Keys",
    "Rules",
    "Server",
    "comparison",
    "equality_keys",
    "held_exactly",
    "ordering",
]

Comparison: TypeAlias = Callable[[Any, Any], int]
"""-1, 0 or 1 of two values, neither of them None."""

Keys: TypeAlias = tuple[Change, Change]
"""For equality: left and right values to a key, or to None where only a comparison can tell."""

Server: TypeAlias = Either["mariadb", "mysql"]

_EXACT_DOUBLE = 2**53
_WHOLE = frozenset(("int", "year", "bit"))
_DATES = frozenset(("date", "datetime"))


@final
@frozen
class Rules:
    """Whose answers are wanted, and what is known of texts."""

    server: Server
    weights: Weights
    missing: set[tuple[str, str]]

    def collator(self, *parts: Typed) -> Collator:
        """How the texts of these parts compare with one another."""
        collation, strength = collated(parts)
        if strength == CONFLICT:
            raise Refused("a comparison of texts of different collations")
        return Collator(collation, self.weights, self.missing)


def comparison(left: Typed, right: Typed, rules: Rules) -> Comparison:
    """How MySQL compares these two types; a pair that is not exact here is refused."""
    families = {left.family, right.family}
    if "null" in families:
        return _sign
    _refuse_short_year(left, right)
    if families <= _WHOLE:
        return _sign
    if families <= TEXTS:
        return rules.collator(left, right).compare
    if families <= NUMBERS | {"bit"}:
        return _numbers(left, right, families, rules.server)
    if families <= _DATES:
        return _changed(as_date(left), as_date(right))
    if "text" in families and families & _DATES:
        return _dates_and_text(left, right)
    if families <= {"time", "text"}:
        return _changed(_time_of(left), _time_of(right))
    if "text" in families and families & NUMBERS:
        return _changed(_safe_double(left), _safe_double(right))
    if "bytes" in families and families <= {"bytes", "text"}:
        return _changed(_bytes_of(left), _bytes_of(right))
    raise Refused(f"a comparison of {left.family.upper()} with {right.family.upper()}")


def ordering(held: Typed, rules: Rules) -> Comparison:
    """ORDER BY, ascending: as a comparison, but an ENUM or SET by its number."""
    if held.family in ("enum", "set"):
        number = _member_number(held)
        return _changed(number, number)
    return comparison(held, evolve(held, constant=False), rules)


def equality_keys(left: Typed, right: Typed, rules: Rules) -> Keys | None:
    """Keys under which equal values meet, or None where there are none."""
    families = {left.family, right.family}
    if families <= _WHOLE and "year" not in families:
        return int, int
    if families <= {"int", "decimal"} and left.scale + right.scale <= 30:
        return _decimal_key(left), _decimal_key(right)
    if families <= _DATES:
        return as_date(left), as_date(right)
    if families == {"bytes"}:
        return bytes, bytes
    if families <= TEXTS:
        collator = rules.collator(left, right)
        return _text_key(collator), _text_key(collator)
    return None


def _text_key(collator: Collator) -> Change:
    return lambda value: collator.key(value)


def _decimal_key(held: Typed) -> Change:
    number, scale = as_decimal(held), held.scale

    def key(value: Any) -> Hashable:
        made: Decimal = number(value)
        return made if made == rounded(made, scale) else None

    return key


def _sign(left: Any, right: Any) -> int:
    return bool(left > right) - bool(left < right)


def _changed(left: Change, right: Change) -> Comparison:
    return lambda low, high: _sign(left(low), right(high))


def _refuse_short_year(left: Typed, right: Typed) -> None:
    for year, other in ((left, right), (right, left)):
        short = other.digits < 3 or other.family == "decimal"
        if year.family == "year" and other.constant and short:
            raise Refused("a YEAR compared with a number that is not of four digits")


def _numbers(left: Typed, right: Typed, families: set[Family], server: Server) -> Comparison:
    """MariaDB compares what it would print, MySQL what it holds."""
    if families & {"real", "float"}:
        return _changed(as_double(left), as_double(right))
    low, high = as_decimal(left), as_decimal(right)
    if server == "mysql":
        return _changed(low, high)
    first, second = left.scale, right.scale
    return lambda one, other: _sign(rounded(low(one), first), rounded(high(other), second))


def held_exactly(left: Typed, right: Typed) -> Comparison | None:
    """The comparison of decimals as both servers hold them, for BETWEEN; None for other types."""
    if {left.family, right.family} <= {"int", "decimal"}:
        return _changed(as_decimal(left), as_decimal(right))
    return None


def _safe_double(held: Typed) -> Change:
    """A whole number against a text is compared as a double by one server, exactly by another."""
    number = as_double(held)
    if held.family not in ("int", "decimal"):
        return number

    def change(value: Any) -> float:
        if abs(value) > _EXACT_DOUBLE:
            raise Refused("a number over 2^53 compared with a text")
        made: float = number(value)
        return made

    return change


def _dates_and_text(left: Typed, right: Typed) -> Comparison:
    text = left if left.family == "text" else right
    if not text.constant:
        raise Refused("a date compared with a text that is no literal; CAST it to DATE or DATETIME")
    return _changed(as_date(left), as_date(right))


def _time_of(held: Typed) -> Change:
    if held.family == "text" and not held.constant:
        raise Refused("a TIME compared with a text that is no literal")
    return read_time if held.family == "text" else lambda value: value


def _bytes_of(held: Typed) -> Change:
    if held.family == "bytes":
        return bytes
    charset = held.type.charset or "utf8mb4"
    if not charset.startswith(("utf8", "ascii")):
        raise Refused(f"a text of {charset} compared with bytes")
    text = as_text(held)
    return lambda value: text(value).encode()


def _member_number(held: Typed) -> Change:
    places = {member: place for place, member in enumerate(held.type.values)}
    if held.family == "enum":
        return lambda value: places.get(value, -1)
    return lambda value: sum(1 << places[part] for part in value.split(",") if part)
