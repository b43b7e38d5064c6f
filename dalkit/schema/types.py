"""The type, kind and nullability of a value, and the attribute type that a type takes by nature."""

from __future__ import annotations

from dalkit.kinds import Boolean, Fixed, Float, Integer, Kind, Opaque, kind_of
from dalkit.schema.scope import Scope
from dalkit.source.infer import Scope as Rows
from dalkit.source.infer import infer
from dalkit.source.refusal import Refusal
from dalkit.source.tables import ColumnType, SourceTable
from dalkit.source.tree import (
    Aggregate,
    And,
    Between,
    Call,
    Case,
    Compare,
    Hop,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Or,
    Scalar,
)

__all__ = ["kind_under", "natural_type", "typed"]

_NATURAL = {
    "decimal": "N",
    "float": "N",
    "double": "N",
    "bit": "B",
    "year": "N",
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
    if isinstance(answer, Refusal):
        raise scope.report.stop("DK203", pointer, f"the value cannot be computed alike: {answer}")
    return answer


def kind_under(
    value: Scalar, type: str, scope: Scope, pointer: str, *, hop: Hop | None = None
) -> tuple[Kind, bool, str]:
    """A value's kind under an attribute type, whether it can be NULL, and the type.

    For the type "" it is the one that the value takes by nature.
    """
    _check_aggregate(value, scope, f"{pointer}/calculation/select_column")
    found, nullable = typed(value, scope, pointer, hop=hop)
    wanted = type or natural_type(found)
    kind = kind_of(found, wanted)
    if wanted == "BOOL" and not isinstance(kind, Boolean) and _truth(value, scope, pointer):
        kind = Boolean()
    if isinstance(kind, Opaque):
        text = f"a value of type {kind.text} is not carried"
        raise scope.report.stop("DK212", pointer, text)
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


def _check_aggregate(value: Scalar, scope: Scope, pointer: str) -> None:
    if not isinstance(value, Aggregate) or value.value is None:
        return
    if value.operation in ("SUM", "AVG"):
        inner, _ = typed(value.value, scope, pointer, hop=value.hop)
        if not isinstance(kind_of(inner, "N"), Integer | Fixed | Float):
            text = f"{value.operation} needs a number, not {inner.text or inner.base}"
            raise scope.report.stop("DK214", pointer, text)
