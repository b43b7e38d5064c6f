"""Keys that can be longer than DynamoDB takes, or empty."""

from __future__ import annotations

from dalkit.contract.problems import shown
from dalkit.kinds import Bytes, Text
from dalkit.schema.checks.survey import Survey, key_pieces
from dalkit.schema.definition import KeyAttribute
from dalkit.schema.pieces import Piece
from dalkit.schema.report import Report
from dalkit.schema.sizes import text_bounds
from dalkit.schema.subjects import Subject
from dalkit.source.tree import Column

__all__ = ["check"]

PARTITION, SORT = 2048, 1024
"""Bytes of a partition key and of a sort key, of tables and indexes alike."""


def check(survey: Survey, report: Report) -> None:
    """Each key attribute of each entity, once."""
    for subject in survey.subjects:
        told: set[str] = set()
        for _, pk, sk in subject.layouts():
            for key, most in ((pk, PARTITION), (sk, SORT)):
                if key is not None and key.name not in told:
                    told.add(key.name)
                    _check(key, most, subject, report)


def _check(key: KeyAttribute, most: int, subject: Subject, report: Report) -> None:
    found = subject.definition.by_attribute.get(key.name)
    if found is None or key.type == "N":
        return
    high = text_bounds(found, subject).high
    if high is not None and high > most:
        report.add(
            "DK314",
            subject.place(key.name),
            f"{shown(key.name)} can have {high:,} bytes, and DynamoDB takes {most:,}",
        )
    pieces = key_pieces(subject, key.name) or ()
    if pieces and all(not isinstance(piece, str) and _may_be_empty(piece) for piece in pieces):
        report.add(
            "DK315", subject.place(key.name), f"{shown(key.name)} is empty where its column is ''"
        )


def _may_be_empty(piece: Piece) -> bool:
    if piece.step is not None or not isinstance(piece.value, Column):
        return False
    return isinstance(piece.kind, Text) or (isinstance(piece.kind, Bytes) and not piece.kind.fixed)
