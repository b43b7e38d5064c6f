"""Values under an attribute's type: one cell, a map or list of columns, a nested record."""

from __future__ import annotations

from typing import final

from attrs import frozen

from dalkit.contract import document as doc
from dalkit.kinds import Json, Kind, Listed, Member, Nested
from dalkit.schema.meaning import Meaning, Wanted
from dalkit.schema.naming import camel, identifier, singular, snake
from dalkit.schema.scope import Scope
from dalkit.schema.types import kind_under
from dalkit.source.tree import Children, Column, Scalar

__all__ = ["Base", "own_column", "shaped", "wanted"]


@final
@frozen(kw_only=True)
class Base:
    """What an attribute has before its transformation: a scalar, child rows, or columns."""

    values: tuple[Scalar | Children, ...]
    labels: tuple[str, ...] = ()
    """What placeholders may call the value besides `value`."""
    joined: bool = False
    """Whether a join or calculation gave the value."""


def own_column(value: Scalar | Children, scope: Scope) -> str | None:
    """The column of the entity's own table that a value is, if it is one."""
    if isinstance(value, Column) and value.row == scope.own.row:
        return value.name
    return None


def wanted(
    value: Scalar | Children, hint: str, type: str, scope: Scope, pointer: str,
    *, booleans: frozenset[str],
) -> Wanted:  # fmt: skip
    """A cell for the value, with its kind under an attribute type."""
    if isinstance(value, Children):
        return Wanted(value, _nested(value, scope, pointer), not value.array, hint)
    column = own_column(value, scope)
    flag = column is not None and column.lower() in booleans
    kind, nullable, _ = kind_under(value, "BOOL" if flag else type, scope, pointer)
    return Wanted(value, kind, nullable or isinstance(kind, Json), hint, column)


def shaped(
    base: Base, attribute: doc.Attribute, scope: Scope, pointer: str,
    *, booleans: frozenset[str], record: str,
) -> Meaning:  # fmt: skip
    """The values under the attribute's type: one of them, a map of columns, or a list."""
    if attribute.listed and not base.joined and attribute.type in ("M", "L"):
        return _together(base, attribute, scope, pointer, record)
    if len(base.values) > 1:
        text = (
            f'"{attribute.name}" of type {attribute.type} has {len(base.values)} columns '
            "and nothing that makes one value of them"
        )
        raise scope.report.stop("DK154", f"{pointer}/source_column", text)
    place = f"{pointer}/{_maker(attribute)}"
    one = wanted(base.values[0], attribute.name, attribute.type, scope, place, booleans=booleans)
    return Meaning(cells=(one,), kind=one.kind, nullable=one.nullable)


def _maker(attribute: doc.Attribute) -> str:
    """The member that says what the value is."""
    if attribute.calculation is not None:
        return "calculation"
    return "source_column" if attribute.join is None else "join"


def _together(
    base: Base, attribute: doc.Attribute, scope: Scope, pointer: str, record: str
) -> Meaning:
    cells: list[Wanted] = []
    members: list[Member] = []
    for value in base.values:
        assert isinstance(value, Column)
        kind, nullable, type = kind_under(value, "", scope, pointer)
        nullable = nullable or isinstance(kind, Json)
        cells.append(Wanted(value, kind, nullable, value.name, value.name))
        members.append(_member(value.name, kind, nullable, type, members))
    together: Kind = Listed(tuple(members))
    if attribute.type == "M":
        together = Nested(f"{record}{camel(attribute.name)}", tuple(members))
    return Meaning(cells=tuple(cells), kind=together, nullable=False)


def _nested(value: Children, scope: Scope, pointer: str) -> Nested:
    members: list[Member] = []
    for name, scalar in value.members:
        kind, nullable, type = kind_under(scalar, "", scope, pointer, hop=value.hop)
        nullable = nullable or isinstance(kind, Json)
        members.append(_member(name, kind, nullable, type, members))
    return Nested(camel(singular(snake(value.hop.table))), tuple(members), array=value.array)


def _member(name: str, kind: Kind, nullable: bool, type: str, others: list[Member]) -> Member:
    taken = {one.field for one in others}
    base = field = identifier(name)
    number = 2
    while field in taken:
        field, number = f"{base}_{number}", number + 1
    return Member(name, field, kind, nullable, type)
