"""Keys and formats taken apart: literal text and single values, and what each value looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, final

from attrs import frozen

from dalkit.kinds import DateTime, Fixed, Float, Kind, kind_of
from dalkit.schema.definition import (
    Carried,
    Constant,
    Content,
    DateFormatted,
    Formatted,
    NumberFormatted,
    Template,
    Transformed,
)
from dalkit.schema.joins import equalities
from dalkit.schema.subjects import Subject
from dalkit.source.tables import Source
from dalkit.source.tree import Call, Cast, Children, Column, Literal, Lookup, Scalar

__all__ = ["Piece", "Pieces", "determined", "pieces_of", "undone"]


@final
@frozen(kw_only=True)
class Piece:
    """One value inside a text: where it comes from, and how it is written."""

    field: str
    value: Scalar | Children
    kind: Kind
    nullable: bool = False
    width: int = 0
    step: Transformed | None = None

    @property
    def column(self) -> str | None:
        """The column's name, where the value is nothing but a column of the entity's table."""
        return self.value.name if isinstance(self.value, Column) else None


Pieces: TypeAlias = tuple[str | Piece, ...]


def pieces_of(content: Content, subject: Subject) -> Pieces:
    """The content as literal texts and values, string-formats and CONCATs opened up."""
    match content:
        case Constant(value):
            return (str(value),)
        case Carried(field):
            return _joined(_field(field, 0, subject))
        case Template(parts):
            found: list[str | Piece] = []
            for part in parts:
                found += (
                    [part] if isinstance(part, str) else _field(part.field, part.width, subject)
                )
            return _joined(found)


def _joined(found: Sequence[str | Piece]) -> Pieces:
    """Neighboring literals as one, empty ones left out."""
    joined: list[str | Piece] = []
    for piece in found:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def _field(name: str, width: int, subject: Subject) -> list[str | Piece]:
    definition = subject.definition.by_field[name]
    cells = subject.definition.by_cell
    step = definition.transformed
    if isinstance(step, Formatted) and not width:
        found: list[str | Piece] = []
        for part in step.parts:
            if isinstance(part, str):
                found.append(part)
                continue
            cell = cells[part.cell]
            found += _opened(
                Piece(
                    field=name,
                    value=cell.value,
                    kind=cell.kind,
                    nullable=cell.nullable,
                    width=part.width,
                    step=part.transformed,
                ),
                subject,
            )
        return found
    cell = cells[definition.cells[0]]
    piece = Piece(
        field=name, value=cell.value, kind=cell.kind, nullable=cell.nullable, width=width, step=step
    )
    return _opened(piece, subject)


def _opened(piece: Piece, subject: Subject) -> list[str | Piece]:
    """A CONCAT as its parts, a number cast to text as the number; anything else as it is."""
    if piece.step is not None or piece.width:
        return [piece]
    match piece.value:
        case Cast(Column() as column, "CHAR", None, None):
            return list(_terms(piece, (column,), subject) or (piece,))
        case Call("CONCAT", terms):
            return list(_terms(piece, terms, subject) or (piece,))
        case Call("CONCAT_WS", (Literal(str() as separator), *terms)):
            parted = _terms(piece, tuple(terms), subject)
            if parted is None or any(isinstance(p, Piece) and p.nullable for p in parted):
                return [piece]
            return [part for one in parted for part in (separator, one)][1:]
        case _:
            return [piece]


def _terms(
    piece: Piece, terms: tuple[Scalar, ...], subject: Subject
) -> tuple[str | Piece, ...] | None:
    found: list[str | Piece] = []
    for term in terms:
        match term:
            case Literal(str() as text):
                found.append(text)
            case Column(row, name) if row == subject.own.name:
                column = subject.own.column(name)
                if column is None:
                    return None
                kind = kind_of(column.type, "S")
                found.append(
                    Piece(field=piece.field, value=term, kind=kind, nullable=column.nullable)
                )
            case _:
                return None
    return tuple(found)


def undone(step: Transformed | None, kind: Kind) -> bool:
    """Whether different values always give different texts under a transformation."""
    match step:
        case NumberFormatted(_, decimals):
            if isinstance(kind, Fixed):
                return decimals >= kind.scale
            return not isinstance(kind, Float)
        case DateFormatted(source="datetime"):
            return False  # a T or a space, and zeros at the end, are not told apart
        case DateFormatted(parts, epoch, source):
            digits = kind.digits if isinstance(kind, DateTime) else 0
            if epoch:
                return digits <= (3 if epoch == "milliseconds" else 0)
            tokens = {text for how, text in parts if how == "token"}
            needed = {"YYYY", "MM", "DD"}
            if isinstance(kind, DateTime) or source == "seconds":
                needed |= {"HH", "mm", "ss"}
            kept = max((len(token) for token in tokens if set(token) == {"S"}), default=0)
            return needed <= tokens and kept >= digits
        case _:
            return True


def determined(pieces: Sequence[str | Piece], subject: Subject) -> frozenset[str]:
    """The columns of the entity's own table that are known when the values are, in lower case."""
    found: set[str] = set()
    for piece in pieces:
        if isinstance(piece, Piece) and undone(piece.step, piece.kind):
            found.update(name.lower() for name in _known_by(piece.value, subject))
    return frozenset(found)


def _known_by(value: Scalar | Children, subject: Subject) -> Iterator[str]:
    match value:
        case Column(row, name) if row == subject.own.name:
            yield name
        case Lookup(_, Column(row, name)):
            yield from _behind(value, row, {name.lower()}, subject.source)
        case _:
            return


def _behind(lookup: Lookup, row: str, known: set[str], source: Source) -> Iterator[str]:
    """From columns of the last hop's row back to the entity's, as far as unique keys lead."""
    rows = {hop.row: hop for hop in lookup.hops}
    while row in rows:
        hop = rows.pop(row)
        table = source.table(hop.table)
        if table is None or not table.identifies(known):
            return
        pairs = [other for _, other in equalities(hop.on, row) if isinstance(other, Column)]
        if not pairs:
            return
        row, known = (
            pairs[0].row,
            {other.name.lower() for other in pairs if other.row == pairs[0].row},
        )
    yield from known
