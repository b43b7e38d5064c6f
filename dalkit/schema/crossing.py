"""How exactly a column crosses to an attribute of a type, and for which values it does not."""

from __future__ import annotations

from typing import Literal, TypeAlias

from dalkit.kinds import (
    Bits,
    Boolean,
    Date,
    DateTime,
    Fixed,
    Float,
    Json,
    Kind,
    Members,
    Text,
)
from dalkit.schema.definition import DateFormatted, JsonParsed, Transformed
from dalkit.schema.pieces import undone
from dalkit.source.tables import Column

__all__ = ["Verdict", "crossing", "narrowed", "weaker"]

Verdict: TypeAlias = Literal["exact", "normalized", "narrowed", "partly", "not carried"]
"""Every value comes back as it is; as an equal value of one form; all but the values that `how`
names, which are refused; something of it; nothing."""

_RANK: tuple[Verdict, ...] = ("exact", "normalized", "narrowed", "partly", "not carried")
SIGNIFICANT = 38
"""Decimal digits of a DynamoDB number."""


def weaker(one: Verdict, other: Verdict) -> Verdict:
    """The verdict that promises less."""
    return one if _RANK.index(one) > _RANK.index(other) else other


def narrowed(kind: Kind, type: str) -> str | None:
    """The values that the column may have and an attribute of the type cannot hold, if any."""
    if type != "N":
        return None
    match kind:
        case Fixed(precision) if precision > SIGNIFICANT:
            return f"values of more than {SIGNIFICANT} significant digits are refused"
        case Float(64):
            return "magnitudes outside 1E-130 to 9.99E+125 are refused"
        case _:
            return None


def crossing(
    column: Column, kind: Kind, type: str, *, step: Transformed | None = None
) -> tuple[Verdict, str]:
    """How well the attribute type carries the column, and in which form."""
    if step is not None:
        return _transformed(kind, step)
    verdict, how = _plain(column, kind, type)
    if column.nullable and not (isinstance(kind, Members) and type == "SS"):
        how = "; ".join(filter(None, (how, "NULL as absent")))
    return verdict, how


def _transformed(kind: Kind, step: Transformed) -> tuple[Verdict, str]:
    if isinstance(step, JsonParsed):
        return "narrowed", "as a value: spaces and the order of members go, other text is refused"
    if not undone(step, kind):
        return "partly", "as much as the format keeps"
    if isinstance(step, DateFormatted) and step.source:
        return "narrowed", "in the format's form; values that are no such time are refused"
    return "normalized", "in the format's form"


def _plain(column: Column, kind: Kind, type: str) -> tuple[Verdict, str]:
    refused = narrowed(kind, type)
    if refused is not None:
        return "narrowed", refused
    match kind:
        case Boolean():
            if column.type.base == "bit":
                return "exact", ""
            return "narrowed", "values other than 0 and 1 are refused"
        case Text() if type == "N":
            return "narrowed", "texts that are no numbers are refused"
        case Members() if type == "SS":
            return ("narrowed" if column.nullable else "normalized"), _set(column)
        case Json():
            other = "arrays" if type == "M" else "objects"
            return "narrowed", f"as a value: the order of members goes; scalars and {other} refused"
        case _:
            return _form(column, kind, type)


def _set(column: Column) -> str:
    if column.nullable:
        return "the empty set is absent, and read back as NULL"
    return "without order; the empty set as absent"


def _form(column: Column, kind: Kind, type: str) -> tuple[Verdict, str]:
    match kind:
        case Fixed(_, scale) if type == "N" and scale:
            return "normalized", f"by value; the column's {scale} decimals are written back"
        case Float(bits):
            return "exact", f"as the shortest number that reads back as the same float{bits}"
        case DateTime() if type == "N":
            return "normalized", "as seconds of the epoch; zero dates are refused"
        case DateTime():
            read = "read as UTC, " if column.type.base == "datetime" else ""
            return "normalized", f"{read}as ISO 8601 in UTC; zero dates are refused"
        case Date():
            return "exact", "zero dates are refused"
        case Bits() if type == "B":
            return "exact", "as bytes, the highest first"
        case Text():
            charset = column.type.charset or "utf8mb4"
            plain = charset.startswith(("utf8", "ascii")) or column.type.base == "json"
            return ("exact", "") if plain else ("normalized", f"from {charset} to UTF-8")
        case _:
            return "exact", ""
