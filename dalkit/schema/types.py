"""The type, kind and nullability of a value, and the attribute type that a type takes by nature."""

from __future__ import annotations

from collections.abc import Mapping

from dalkit.kinds import Boolean, Fixed, Float, Integer, Kind, Opaque, kind_of
from dalkit.schema.scope import Scope
from dalkit.source.infer import Scope as Rows
from dalkit.source.infer import infer
from dalkit.source.refusal import Refusal
from dalkit.source.tables import ColumnType, SourceTable
from dalkit.source.tree import (
    And,
    Between,
    Call,
    Case,
    Column,
    Compare,
    Hop,
    In,
    IsNull,
    Like,
    Literal,
    Lookup,
    Not,
    Or,
    Scalar,
)

__all__ = ["beside", "check_number", "kind_under", "natural_type", "typed"]

_NATURAL = {
    "decimal": "N",
    "float": "N",
    "double": "N",
    "bit": "B",
    "set": "SS",
    "json": "M",
    "binary": "B",
    "varbinary": "B",
    "tinyblob": "B",
    "blob": "B",
    "mediumblob": "B",
    "longblob": "B",
}


def natural_type(type: ColumnType) -> str:
    """The first attribute type that the contract format names for a column type."""
    if type.base == "tinyint" and type.length == 1:
        return "BOOL"
    if type.base.endswith("int"):
        return "N"
    return _NATURAL.get(type.base, "S")


def typed(
    value: Scalar, scope: Scope, pointer: str, *, hop: Hop | None = None
) -> tuple[ColumnType, bool]:
    """The type of a value of the entity's row (and of `hop`'s), and whether it can be NULL."""
    rows: dict[str, SourceTable] = {scope.own.row: scope.own.table}
    found = None if hop is None else scope.source.table(hop.table)
    if hop is not None and found is not None:
        rows[hop.row] = found
    answer = infer(value, Rows(scope.source, rows))
    opaque = _opaque(value, rows, scope)
    if isinstance(answer, Refusal) and opaque:
        raise scope.report.stop("DK212", pointer, f"a value of type {opaque} is not carried")
    if isinstance(answer, Refusal):
        raise scope.report.stop("DK203", pointer, f"the value cannot be computed alike: {answer}")
    return answer


def kind_under(
    value: Scalar, type: str, scope: Scope, pointer: str, *, hop: Hop | None = None
) -> tuple[Kind, bool, str]:
    """A value's kind under an attribute type, whether it can be NULL, and the type.

    For the type "" it is the one that the value takes by nature.
    """
    found, nullable = typed(value, scope, pointer, hop=hop)
    wanted = type or natural_type(found)
    kind = kind_of(found, wanted)
    if wanted == "BOOL" and not isinstance(kind, Boolean) and _truth(value, scope, pointer):
        kind = Boolean()
    assert not isinstance(kind, Opaque)
    return kind, nullable, wanted


def _truth(value: Scalar, scope: Scope, pointer: str) -> bool:
    """Whether an expression gives nothing but 0, 1 and NULL."""
    match value:
        case Literal(held):
            return held is None or held in (0, 1)
        case Case(branches, otherwise):
            values = (*(one for _, one in branches), otherwise)
            return all(_truth(one, scope, pointer) for one in values)
        case Call("COALESCE", terms):
            return all(_truth(one, scope, pointer) for one in terms)
        case Compare() | And() | Or() | Not() | IsNull() | In() | Between() | Like():
            return True
        case _:
            found, _ = typed(value, scope, pointer)
            return isinstance(kind_of(found, "BOOL"), Boolean)


def _opaque(value: Scalar, rows: Mapping[str, SourceTable], scope: Scope) -> str:
    """The column type that nothing can be made of, if the value is such a column."""
    if isinstance(value, Lookup):
        seen = {hop.row: scope.source.table(hop.table) for hop in value.hops}
        return _opaque(value.value, {**rows, **{r: t for r, t in seen.items() if t}}, scope)
    table = rows.get(value.row) if isinstance(value, Column) else None
    column = table.column(value.name) if table and isinstance(value, Column) else None
    return column.type.text or "unknown" if column and column.type.base == "opaque" else ""


def check_number(value: Scalar, operation: str, scope: Scope, pointer: str, *, hop: Hop) -> None:
    """An error where SUM or AVG would turn something else into a number."""
    type, _ = typed(value, scope, pointer, hop=hop)
    if not isinstance(kind_of(type, "N"), Integer | Fixed | Float):
        text = f"{operation} needs a number, not {type.text or type.base}"
        raise scope.report.stop("DK214", pointer, text)


def beside(value: Scalar, other: Scalar, scope: Scope, pointer: str) -> Scalar:
    """A date or year that shares its attribute with a text, as the text that attributes have of it.

    The servers would print a date with a space and without its zone, and some years as one digit.
    """
    if not (isinstance(other, Literal) and isinstance(other.value, str)):
        return value
    found, _ = typed(value, scope, pointer)
    if found.base == "year":
        return Call("LPAD", (value, Literal(4), Literal("0")))
    if found.base not in ("datetime", "timestamp"):
        return value
    digits = found.scale or 0
    whole = Call("DATE_FORMAT", (value, Literal("%Y-%m-%dT%H:%i:%s.%f")))
    length = 20 + digits if digits else 19
    return Call("CONCAT", (Call("LEFT", (whole, Literal(length))), Literal("Z")))
