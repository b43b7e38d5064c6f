"""Keys that two rows would share: of one entity, of two entities, and by a delimiter in a text."""

from __future__ import annotations

from collections.abc import Sequence

from dalkit.contract.problems import shown
from dalkit.schema.checks.survey import Survey, forbidden_in, key_pieces, listed
from dalkit.schema.pieces import Piece, Pieces, determined
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.schema.texts import ambiguous, delimiters, meet

__all__ = ["check", "key_columns"]


def check(survey: Survey, report: Report) -> None:
    """Every entity's own key, then the entities of each table against one another."""
    for subject in survey.subjects:
        _check_own(subject, report)
        _check_indexes(subject, report)
    for together in survey.by_table:
        _check_entities(together, report)


def key_columns(subject: Subject) -> frozenset[str]:
    """The columns of the entity's table that its key tells, in lower case."""
    found = [key_pieces(subject, name) or () for name in _table_keys(subject)]
    return determined([piece for pieces in found for piece in pieces], subject)


def _table_keys(subject: Subject) -> tuple[str, ...]:
    table = subject.definition.table
    return (table.pk.name,) + ((table.sk.name,) if table.sk is not None else ())


def _check_own(subject: Subject, report: Report) -> None:
    told: list[Piece] = []
    unsure: dict[str, tuple[Piece, ...]] = {}
    for name in _table_keys(subject):
        pieces = key_pieces(subject, name) or ()
        unsure[name] = ambiguous(pieces, forbidden_in(subject, name))
        told += [p for p in pieces if isinstance(p, Piece) and p not in unsure[name]]
    if subject.own.identifies(determined(told, subject)):
        return
    known = key_columns(subject)
    if not subject.own.identifies(known):
        _tell_not_unique(subject, known, report)
        return
    for name, pieces in unsure.items():
        if pieces:
            _tell_ambiguous(subject, name, pieces, report)


def _tell_not_unique(subject: Subject, known: frozenset[str], report: Report) -> None:
    own = subject.own
    held = f"{listed(sorted(known))} alone" if known else "no column of the table"
    keys = own.unique_keys()
    lacking = "the table has no unique key"
    if keys:
        missing = min(
            ([name for name in key if name.lower() not in known] for key in keys), key=len
        )
        lacking = f"to be unique it lacks {listed(missing)}"
    report.add(
        "DK310",
        subject.place(subject.definition.table.pk.name),
        f"two rows of {shown(own.name)} can share a key of {shown(subject.definition.name)}: it "
        f"tells {held}; {lacking}",
    )


def _tell_ambiguous(subject: Subject, name: str, pieces: Sequence[Piece], report: Report) -> None:
    report.add(
        "DK313",
        subject.place(name),
        f"{shown(name)} cannot tell {listed(dict.fromkeys(p.field for p in pieces))} apart: a text "
        "that holds the delimiter between them makes two different rows look alike",
    )


def _check_indexes(subject: Subject, report: Report) -> None:
    """An index's partition key that stands for several different groups of values."""
    for index, pk, _ in subject.layouts():
        if index:
            pieces = ambiguous(key_pieces(subject, pk.name) or (), forbidden_in(subject, pk.name))
            if pieces:
                _tell_ambiguous(subject, pk.name, pieces, report)


def _check_entities(together: Sequence[Subject], report: Report) -> None:
    made = [
        (subject, [key_pieces(subject, name) or () for name in _table_keys(subject)])
        for subject in together
    ]
    most = max(2_000, 10_000_000 // (len(made) ** 2))
    for i, (subject, keys) in enumerate(made):
        for other, others in made[:i]:
            code = _coincide(subject, keys, other, others, most)
            if code is not None:
                _tell_coincide(code, subject, other, report)
                break


def _coincide(
    subject: Subject,
    keys: Sequence[Pieces],
    other: Subject,
    others: Sequence[Pieces],
    most: int,
) -> str | None:
    """DK311 when ordinary values meet, DK312 when only a text with a delimiter in it does."""
    if _parted(subject, other):
        return None
    pairs = list(zip(keys, others, strict=True))
    escaped = forbidden_in(subject, _table_keys(subject)[-1]) & forbidden_in(
        other, _table_keys(other)[-1]
    )
    plain = escaped | delimiters(piece for pair in pairs for one in pair for piece in one)
    if all(meet(one, two, plain, most=most, unsure=False) for one, two in pairs):
        return "DK311"
    return "DK312" if all(meet(one, two, escaped, most=most) for one, two in pairs) else None


def _parted(subject: Subject, other: Subject) -> bool:
    """Rows of one table that a filter parts and a discriminator tells apart."""
    one, two = subject.definition.source, other.definition.source
    told = subject.definition.table.discriminator is not None
    return told and one.table == two.table and one.where is not None and two.where is not None


def _tell_coincide(code: str, subject: Subject, other: Subject, report: Report) -> None:
    names = _table_keys(subject)
    how = "" if code == "DK311" else " when a text holds the delimiter of the keys"
    texts = " and ".join(
        f"{shown(name)} {shown(_text(subject, name))} against {shown(_text(other, name))}"
        for name in names
    )
    report.add(
        code,
        subject.place(names[-1]),
        f"items of {shown(subject.definition.name)} and {shown(other.definition.name)} can have "
        f"one key{how}: {texts}",
    )


def _text(subject: Subject, name: str) -> str:
    return "".join(
        piece if isinstance(piece, str) else "{" + (piece.column or piece.field) + "}"
        for piece in key_pieces(subject, name) or ()
    )
