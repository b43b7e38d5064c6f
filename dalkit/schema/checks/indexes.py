"""Indexes that hold less, or say no more, than they seem to."""

from __future__ import annotations

from collections.abc import Sequence

from dalkit.contract.problems import shown
from dalkit.schema.checks.survey import Survey, key_pieces, listed
from dalkit.schema.definition import IndexDefinition, KeyAttribute
from dalkit.schema.pieces import Piece
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tree import Case, Cast, Column, IsNull, Literal, Scalar

__all__ = ["check"]


def check(survey: Survey, report: Report) -> None:
    """Every index of every table against its entities; sort keys that repeat the partition key."""
    for together in survey.by_table:
        for i, index in enumerate(together[0].definition.table.indexes):
            _check_same(together, index, i, report)
        for subject in together:
            _check_sparse(subject, report)
            _check_repeated(subject, report)


def _check_sparse(subject: Subject, report: Report) -> None:
    for index, pk, sk in subject.layouts():
        absent = [
            key.name for key in (pk, sk) if index and key is not None and _may_lack(subject, key)
        ]
        if absent:
            report.add(
                "DK380",
                subject.place(absent[0]),
                f"items of {shown(subject.definition.name)} without {listed(absent)} are not in "
                f"the index {shown(index)}",
            )


def _may_lack(subject: Subject, key: KeyAttribute) -> bool:
    pieces = key_pieces(subject, key.name) or ()
    fields = subject.definition.by_field
    return any(
        isinstance(piece, Piece) and fields[piece.field].nullable and not _given(piece, subject)
        for piece in pieces
    )


def _given(piece: Piece, subject: Subject) -> bool:
    """Whether a CASE never gives NULL: literals, and columns behind a branch for their NULLs."""
    if not isinstance(piece.value, Case):
        return False
    caught = {when.term for when, _ in piece.value.branches if isinstance(when, IsNull)}
    ends = [then for _, then in piece.value.branches] + [piece.value.otherwise]
    return all(_sure(end, caught, subject) for end in ends)


def _sure(value: Scalar, caught: set[Scalar], subject: Subject) -> bool:
    match value:
        case Literal(given):
            return given is not None
        case Cast(term, "CHAR"):
            return _sure(term, caught, subject)
        case Column(row, name):
            column = subject.own.column(name) if row == subject.own.name else None
            return value in caught or (column is not None and not column.nullable)
        case _:
            return False


def _check_same(
    together: Sequence[Subject], index: IndexDefinition, position: int, report: Report
) -> None:
    table = together[0].definition.table
    pairs = [(index.pk, table.pk), (index.sk, table.sk)]
    if all(_equal(subject, one, other) for subject in together for one, other in pairs):
        report.add(
            "DK381",
            f"{together[0].table_pointer}/gsis/{position}",
            f"the index {shown(index.name)} has the keys of the table itself",
        )


def _equal(subject: Subject, one: KeyAttribute | None, other: KeyAttribute | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.name == other.name:
        return True
    pieces = key_pieces(subject, one.name)
    return pieces is not None and pieces == key_pieces(subject, other.name)


def _check_repeated(subject: Subject, report: Report) -> None:
    for index, pk, sk in subject.layouts():
        if sk is not None and key_pieces(subject, sk.name) and _equal(subject, sk, pk):
            where = f"of the index {shown(index)}" if index else "of the table"
            report.add(
                "DK382",
                subject.place(sk.name),
                f"the sort key {where} always equals the partition key for "
                f"{shown(subject.definition.name)}",
            )
