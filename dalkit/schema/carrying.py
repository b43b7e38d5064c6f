"""Which attributes carry each column of MySQL, and how well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, final

from attrs import evolve, frozen

from dalkit.kinds import Listed, Nested
from dalkit.schema.crossing import Verdict, crossing, weaker
from dalkit.schema.definition import AttributeDefinition, Carried, Template
from dalkit.schema.joins import equalities
from dalkit.schema.pieces import Piece, determined, pieces_of
from dalkit.schema.subjects import Subject
from dalkit.schema.texts import ambiguous
from dalkit.source.tables import SourceTable
from dalkit.source.tree import Children, Column, Lookup
from dalkit.source.walk import columns

__all__ = ["Carrier", "Carriers", "carriers", "computed"]


@final
@frozen(kw_only=True)
class Carrier:
    """One attribute that holds a column, whole or in part."""

    entity: str
    attribute: str
    type: str
    verdict: Verdict
    how: str = ""
    row: Literal["own", "joined", "child"] = "own"
    """Whose column it is: the entity's own row's, a joined row's, or a child row's."""


Carriers: TypeAlias = Mapping[tuple[str, str], tuple[Carrier, ...]]
"""By table and column in lower case."""


@final
@frozen
class _Held:
    """A column that an attribute holds."""

    table: SourceTable
    column: str
    verdict: Verdict
    how: str
    row: Literal["own", "joined", "child"] = "own"


def carriers(subjects: Iterable[Subject]) -> Carriers:
    """Every column that some attribute carries, with all that carry it."""
    found: dict[tuple[str, str], list[Carrier]] = {}
    for subject in subjects:
        for attribute in subject.definition.attributes:
            for held in _of_attribute(attribute, subject):
                carrier = Carrier(
                    entity=subject.definition.name,
                    attribute=attribute.name,
                    type=attribute.type,
                    verdict=held.verdict,
                    how=held.how,
                    row=held.row,
                )
                found.setdefault((held.table.name, held.column.lower()), []).append(carrier)
    return {key: tuple(dict.fromkeys(them)) for key, them in found.items()}


def computed(subject: Subject) -> frozenset[str]:
    """Columns of the entity's table that something is computed from, in lower case."""
    return frozenset(
        column.name.lower()
        for cell in subject.definition.source.cells
        for column in columns(cell.value)
        if column.row == subject.own.name
    )


def _of_attribute(attribute: AttributeDefinition, subject: Subject) -> Iterator[_Held]:
    match attribute.content:
        case Carried(field):
            kind = subject.definition.by_field[field].kind
            if isinstance(kind, Nested | Listed):
                yield from _of_several(field, kind, subject)
            else:
                yield from _of_pieces(attribute, subject)
        case Template():
            yield from _of_pieces(attribute, subject)
        case _:
            return


def _of_pieces(attribute: AttributeDefinition, subject: Subject) -> Iterator[_Held]:
    content = attribute.content
    pieces = pieces_of(content, subject)
    escaped = isinstance(content, Template) and content.escape
    mixed = ambiguous(pieces, frozenset("#" if escaped else ""))
    for piece in pieces:
        if not isinstance(piece, Piece):
            continue
        if len(pieces) == 1:
            yield from _of_value(piece, attribute.type, "", subject)
        elif piece in mixed:
            for held in _of_value(piece, "S", "", subject):
                yield evolve(held, verdict="partly", how="it mixed with others in one text")
        else:
            yield from _of_value(piece, "S", "inside a text", subject)


def _of_value(piece: Piece, type: str, place: str, subject: Subject) -> Iterator[_Held]:
    match piece.value:
        case Column(row, name) if row == subject.own.name:
            column = subject.own.column(name)
            if column is not None:
                verdict, how = crossing(column, piece.kind, type, step=piece.step)
                yield _Held(subject.own, column.name, verdict, _said(place, how))
        case Lookup(hops, Column(row, name)):
            target = {hop.row: subject.source.table(hop.table) for hop in hops}.get(row)
            if target is None or target.column(name) is None:
                return
            yield _Held(target, name, "partly", "copied, where a row refers to it", "joined")
            through = _said(place, f"through {target.name}.{name}")
            for known in sorted(determined([piece], subject)):
                yield _Held(subject.own, known, "normalized", through)
        case _:
            return


def _said(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _of_several(field: str, kind: Nested | Listed, subject: Subject) -> Iterator[_Held]:
    """A map or list of own columns, or child rows."""
    cells = subject.definition.by_field[field].cells
    values = [subject.definition.by_cell[cell].value for cell in cells]
    if isinstance(values[0], Children):
        if isinstance(kind, Nested):
            yield from _of_children(values[0], kind, subject)
        return
    members = kind.members if isinstance(kind, Nested) else kind.items
    for value, member in zip(values, members, strict=False):
        if isinstance(value, Column) and (column := subject.own.column(value.name)) is not None:
            verdict, how = crossing(column, member.kind, member.type)
            yield _Held(subject.own, column.name, verdict, _inside(how))


def _inside(how: str) -> str:
    """Inside a map or list a NULL stays."""
    return how.replace("NULL as absent", "NULL inside")


def _of_children(children: Children, kind: Nested, subject: Subject) -> Iterator[_Held]:
    table = subject.source.table(children.hop.table)
    if table is None:
        return
    worst, why = _rows_kept(children)
    for (_, value), member in zip(children.members, kind.members, strict=True):
        if isinstance(value, Column) and value.row == children.hop.row:
            column = table.column(value.name)
            if column is not None:
                verdict, how = crossing(column, member.kind, member.type)
                said = _said(_inside(how), why)
                yield _Held(table, column.name, weaker(verdict, worst), said, "child")
    for name, other in equalities(children.hop.on, children.hop.row):
        if isinstance(other, Column) and other.row == subject.own.name:
            said = _said(f"as {subject.own.name}.{other.name} of the item", why)
            yield _Held(table, name, weaker("normalized", worst), said, "child")


def _rows_kept(children: Children) -> tuple[Verdict, str]:
    if not children.array:
        return "partly", "of one row"
    if children.limit is not None:
        return "partly", f"of the first {children.limit} rows"
    return "exact", ""
