"""Partition keys with few values."""

from __future__ import annotations

from dalkit.contract.problems import shown
from dalkit.kinds import Boolean, Enum, Members
from dalkit.schema.checks.survey import Survey, key_pieces
from dalkit.schema.definition import DateFormatted
from dalkit.schema.pieces import Piece, Pieces
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tree import Call, Case, Children, Column, Literal, Scalar

__all__ = ["FEW", "check", "values_at_most"]

FEW = 50
"""Partition keys with at most so many values are told."""


def check(survey: Survey, report: Report) -> None:
    """Partition keys of tables and indexes, by the values that their kinds allow."""
    for subject in survey.subjects:
        for index, pk, _ in subject.layouts():
            pieces = key_pieces(subject, pk.name)
            count = None if pieces is None else values_at_most(pieces, subject)
            if count is not None and count <= FEW:
                where = f"index {shown(index)}" if index else "the table"
                many = "one value" if count == 1 else f"at most {count} values"
                report.add(
                    "DK340",
                    subject.place(pk.name),
                    f"the partition key {shown(pk.name)} of {where} has {many} for "
                    f"{shown(subject.definition.name)}: each holds its items in one partition, "
                    "which takes 1,000 writes and 3,000 reads a second",
                )


def values_at_most(pieces: Pieces, subject: Subject) -> int | None:
    """How many different texts the pieces can make; None where that is many, or not known."""
    count = 1
    for piece in pieces:
        if isinstance(piece, str):
            continue
        one = None if isinstance(piece.step, DateFormatted) else _values(piece, subject)
        if one is None:
            return None
        count *= max(one, 1)
    return count


def _values(piece: Piece, subject: Subject) -> int | None:
    chosen = _chosen(piece.value)
    if chosen is not None:
        return len(chosen - {None})
    if _is_flag(piece.value, subject):
        return 2
    match piece.kind:
        case Boolean():
            return 2
        case Enum(values):
            return len(values)
        case Members(values):
            return 1 << min(len(values), 20)
        case _:
            return None


def _is_flag(value: Scalar | Children, subject: Subject) -> bool:
    """BOOL is TINYINT(1), whatever the attribute's type."""
    column = subject.own.column(value.name) if isinstance(value, Column) else None
    return column is not None and (column.type.base, column.type.length) == ("tinyint", 1)


def _chosen(value: Scalar | Children) -> set[object] | None:
    """The literals that a CASE or COALESCE of literals chooses from."""
    match value:
        case Literal(given):
            return {given}
        case Case(branches, otherwise):
            parts = [_chosen(then) for _, then in branches] + [_chosen(otherwise)]
        case Call("COALESCE", terms):
            parts = [_chosen(term) for term in terms]
        case _:
            return None
    found: set[object] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found
