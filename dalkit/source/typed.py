"""The static type of a value inside an expression, and how MySQL makes one type of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal as Either
from typing import TypeAlias, final

from attrs import evolve, frozen

from dalkit.source.refusal import Refusal
from dalkit.source.tables import ColumnType
from dalkit.source.values import Refused

__all__ = [
    "BOOLEAN",
    "CAST_TEXT",
    "CONFLICT",
    "NUMBERS",
    "TEXTS",
    "Family",
    "Typed",
    "collated",
    "decimal_type",
    "merged",
    "of_column",
    "sure",
    "text_type",
    "unpadded",
    "whole_type",
]

Family: TypeAlias = Either[
    "null", "int", "decimal", "real", "float", "text", "bytes", "date", "datetime", "time",
    "year", "enum", "set", "bit", "json",
]  # fmt: skip

CONFLICT, _COLUMN, CAST_TEXT, _LITERAL, _NUMBER = 1, 2, 3, 4, 5

NUMBERS = frozenset(("int", "decimal", "real", "float", "year", "null"))
TEXTS = frozenset(("text", "enum", "set"))

_FAMILIES: dict[str, Family] = {
    "tinyint": "int", "smallint": "int", "mediumint": "int", "int": "int", "bigint": "int",
    "decimal": "decimal", "float": "float", "double": "real", "bit": "bit", "year": "year",
    "date": "date", "time": "time", "datetime": "datetime", "timestamp": "datetime",
    "char": "text", "varchar": "text", "tinytext": "text", "text": "text", "mediumtext": "text",
    "longtext": "text", "binary": "bytes", "varbinary": "bytes", "tinyblob": "bytes",
    "blob": "bytes", "mediumblob": "bytes", "longblob": "bytes", "enum": "enum", "set": "set",
    "json": "json",
}  # fmt: skip
_DIGITS = {"tinyint": 3, "smallint": 5, "mediumint": 8, "int": 10, "bigint": 20, "year": 4}


@final
@frozen(kw_only=True)
class Typed:
    """`strength` is the server's coercibility: the lowest decides the collation."""

    family: Family
    type: ColumnType
    nullable: bool
    strength: int = _NUMBER
    constant: bool = False
    loose: bool = False
    """A number whose text the servers make with different numbers of digits."""

    @property
    def scale(self) -> int:
        return self.type.scale or 0

    @property
    def digits(self) -> int:
        """Digits before the point."""
        if self.family == "decimal":
            return (self.type.precision or 10) - self.scale
        return self.type.precision or _DIGITS.get(self.type.base, 20)

    @property
    def collation(self) -> str | None:
        return self.type.collation


def unpadded(held: Typed) -> Typed:
    """Without ZEROFILL, which only a column itself prints."""
    return evolve(held, type=evolve(held.type, zerofill=False)) if held.type.zerofill else held


BOOLEAN = ColumnType(base="tinyint", length=1, text="tinyint(1)")


def sure(answer: Typed | Refusal) -> Typed:
    """The type; a refusal is carried out of the inference."""
    if isinstance(answer, Refusal):
        raise Refused(answer.reason)
    return answer


def of_column(type: ColumnType, nullable: bool, default: str | None) -> Typed | Refusal:
    """The type of a column; `default` is its database's collation."""
    family = _FAMILIES.get(type.base)
    if family is None:
        return Refusal(f"a column of type {type.text or type.base}")
    if family in TEXTS:
        held = type if type.collation else evolve(type, collation=default)
        return Typed(family=family, type=held, nullable=nullable, strength=_COLUMN)
    return Typed(family=family, type=type, nullable=nullable)


def whole_type(*, unsigned: bool = False, nullable: bool, digits: int | None = None) -> Typed:
    text = "bigint unsigned" if unsigned else "bigint"
    held = ColumnType(base="bigint", unsigned=unsigned, precision=digits, text=text)
    return Typed(family="int", type=held, nullable=nullable)


def decimal_type(digits: int, scale: int, nullable: bool) -> Typed | Refusal:
    """`digits` stand before the point."""
    if scale > 30:
        return Refusal(f"a decimal of {scale} digits after the point, where the servers differ")
    precision = max(1, min(65, digits + scale))
    text = f"decimal({precision},{scale})"
    held = ColumnType(base="decimal", precision=precision, scale=scale, text=text)
    return Typed(family="decimal", type=held, nullable=nullable)


def text_type(
    nullable: bool, collation: str | None = None, strength: int = _LITERAL, constant: bool = False
) -> Typed:
    charset = collation.partition("_")[0] if collation else None
    held = ColumnType(base="varchar", charset=charset, collation=collation, text="varchar")
    return Typed(family="text", type=held, nullable=nullable, strength=strength, constant=constant)


def collated(parts: Sequence[Typed]) -> tuple[str | None, int]:
    """The collation that a comparison or concatenation of the parts has, and its strength."""
    collation, strength = None, _NUMBER
    for part in parts:
        if part.strength < strength:
            collation, strength = part.collation, part.strength
        elif part.strength == strength and strength < _NUMBER and part.collation != collation:
            collation, strength = _mixed(collation, part.collation, strength)
    return collation, min(strength, _LITERAL)


def _mixed(left: str | None, right: str | None, strength: int) -> tuple[str | None, int]:
    if left is None or right is None:
        return left or right, strength
    charsets = left.partition("_")[0], right.partition("_")[0]
    if charsets[0] == charsets[1]:
        if left.endswith("_bin") != right.endswith("_bin"):
            return (left if left.endswith("_bin") else right), strength
    elif "utf8mb4" in charsets:
        return (left if charsets[0] == "utf8mb4" else right), strength
    return None, CONFLICT


def merged(parts: Sequence[Typed], nullable: bool) -> Typed | Refusal:
    """The type of CASE and COALESCE over these values."""
    held = [part for part in parts if part.family != "null"]
    families = {part.family for part in held}
    if not held:
        return Typed(family="null", type=ColumnType(base="varchar"), nullable=True, strength=6)
    if families & {"json", "bit"} or ("time" in families and len(families) > 1):
        named = ", ".join(sorted(families))
        return Refusal(f"one value of several types ({named}), which the servers make differently")
    if "bytes" in families:
        held_type = ColumnType(base="varbinary", text="varbinary")
        return Typed(family="bytes", type=held_type, nullable=nullable)
    if families <= NUMBERS:
        return _merged_numbers(held, families, nullable)
    if families <= {"date", "datetime"}:
        return _merged_dates(held, families, nullable)
    if families == {"time"}:
        widest = max(held, key=lambda part: part.scale)
        return evolve(widest, nullable=nullable)
    return text_type(nullable, *collated(held))


def _merged_numbers(held: list[Typed], families: set[Family], nullable: bool) -> Typed | Refusal:
    if all(part.type == held[0].type for part in held):
        return unpadded(evolve(held[0], nullable=nullable, constant=False))
    if all(part.type.base == "tinyint" and part.type.length == 1 for part in held):
        return Typed(family="int", type=BOOLEAN, nullable=nullable)
    if families <= {"float", "int", "year"} and "float" in families:
        floating = next(part for part in held if part.family == "float")
        return evolve(floating, nullable=nullable, loose=True)
    if families & {"real", "float"}:
        scales = {part.type.scale for part in held if part.family == "real"}
        if scales - {None}:
            return Refusal("rounded doubles and other numbers as one value")
        return Typed(
            family="real", type=ColumnType(base="double", text="double"), nullable=nullable
        )
    digits = max(part.digits for part in held)
    if "decimal" in families:
        return decimal_type(digits, max(part.scale for part in held), nullable)
    flags = {part.type.unsigned or part.family == "year" for part in held if not part.constant}
    if len(flags) > 1 and any(part.type.unsigned and part.digits > 18 for part in held):
        return decimal_type(digits, 0, nullable)
    unsigned = all(part.type.unsigned for part in held)
    return whole_type(unsigned=unsigned, nullable=nullable, digits=digits)


def _merged_dates(held: list[Typed], families: set[Family], nullable: bool) -> Typed:
    if families == {"date"}:
        return evolve(held[0], nullable=nullable)
    scale = max(part.scale for part in held)
    base = "timestamp" if all(part.type.base == "timestamp" for part in held) else "datetime"
    held_type = ColumnType(base=base, scale=scale, text=base)
    return Typed(family="datetime", type=held_type, nullable=nullable)
