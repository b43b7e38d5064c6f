"""Sort keys whose text order is not the order of the values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from attrs import frozen

from dalkit.contract.problems import shown
from dalkit.kinds import Bits, Enum, Fixed, Float, Integer
from dalkit.schema.checks.survey import Survey, key_pieces
from dalkit.schema.definition import DateFormatted, NumberFormatted
from dalkit.schema.pieces import Piece
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import Aggregate

__all__ = ["check"]

_BY_TIME = ("YYYY", "MM", "DD", "HH", "mm", "ss", "S")


@final
@frozen
class _Digits:
    """How many characters a number needs, and whether it may be negative."""

    most: int | None
    negative: bool


def check(survey: Survey, report: Report) -> None:
    """Every value inside every sort key of type S, of tables and indexes alike."""
    for subject in survey.subjects:
        # An inverted index sorts by the table's partition key, whose order nobody asks for.
        seen = {subject.definition.table.pk.name}
        for _, _, sk in subject.layouts():
            if sk is None or sk.type != "S" or sk.name in seen:
                continue
            seen.add(sk.name)
            for piece in key_pieces(subject, sk.name) or ():
                if isinstance(piece, Piece):
                    for code, text in _faults(piece, subject):
                        report.add(code, subject.place(sk.name), f"{shown(sk.name)}: {text}")


def _faults(piece: Piece, subject: Subject) -> Iterator[tuple[str, str]]:
    name = shown(piece.column or piece.field)
    if isinstance(piece.step, DateFormatted) and not piece.step.epoch:
        tokens = [text for how, text in piece.step.parts if how == "token"]
        ranks = [_BY_TIME.index("S" if set(t) == {"S"} else t) for t in tokens]
        if ranks != list(range(len(ranks))):
            yield (
                "DK333",
                f"{name} as {''.join(t for _, t in piece.step.parts)} does not sort by time",
            )
        return
    if isinstance(piece.kind, Enum):
        if list(piece.kind.values) != sorted(piece.kind.values):
            yield "DK334", f"{name} sorts by its letters here, and by its position in MySQL"
        return
    if isinstance(piece.kind, Integer | Fixed | Float | Bits):
        yield from _number(piece, name, subject)


def _number(piece: Piece, name: str, subject: Subject) -> Iterator[tuple[str, str]]:
    digits, width = _digits(piece, subject), _width(piece)
    if isinstance(piece.kind, Float) and not isinstance(piece.step, NumberFormatted):
        yield "DK330", f"{name} is a floating-point number, whose text has no fixed width"
        return
    if width < 2 and (digits.most is None or digits.most > 1):
        yield "DK330", f"{name} is not padded: as text, 10 sorts before 9"
        return
    if digits.negative:
        yield "DK331", f"{name} may be negative, and padded negative numbers sort backwards"
    if digits.most is not None and width < digits.most and not _is_id(piece, subject):
        yield "DK332", f"{name} is padded to {width}, and may have {digits.most} characters"


def _digits(piece: Piece, subject: Subject) -> _Digits:
    match piece.kind:
        case Integer(low, high):
            counted = isinstance(piece.value, Aggregate) and piece.value.operation == "COUNT"
            negative = low < 0 and not counted and not _is_id(piece, subject)
            return _Digits(len(str(high)), negative)
        case Fixed(precision, scale):
            return _Digits(max(precision, scale + 1) + (1 if scale else 0), True)
        case Bits(width):
            return _Digits(len(str(2**width - 1)), False)
        case _:
            return _Digits(None, True)


def _width(piece: Piece) -> int:
    if isinstance(piece.step, NumberFormatted):
        decimals = piece.step.decimals
        return max(piece.width, piece.step.whole + (decimals + 1 if decimals else 0))
    return piece.width


def _is_id(piece: Piece, subject: Subject) -> bool:
    """Whether the number is an id that a counter gave: positive, and never near its type's end."""
    return piece.column is not None and _counted(subject.own, piece.column, subject.source, 8)


def _counted(table: SourceTable, name: str, source: Source, depth: int) -> bool:
    column = table.column(name)
    if column is None or not depth:
        return False
    if column.auto_increment:
        return True
    for key in table.foreign_keys:
        for own, target in zip(key.columns, key.target_columns, strict=False):
            parent = source.table(key.target_table)
            if own.lower() == name.lower() and parent is not None:
                return _counted(parent, target, source, depth - 1)
    return False
