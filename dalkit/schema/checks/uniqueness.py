"""UNIQUE keys of MySQL that DynamoDB no longer enforces, and those that fold case."""

from __future__ import annotations

from collections.abc import Iterable

from dalkit.contract.folds import fold_of, takes_accents
from dalkit.contract.problems import shown
from dalkit.kinds import Text
from dalkit.schema.checks.collisions import key_columns
from dalkit.schema.checks.survey import TEXTS, Survey, folds, listed
from dalkit.schema.definition import Carried
from dalkit.schema.pieces import determined, pieces_of
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tables import SourceTable

__all__ = ["check"]


def check(survey: Survey, report: Report) -> None:
    """Each unique key of each entity's table: held by the key, by a guard, or by nothing."""
    for subjects in survey.by_source.values():
        _check_unique(subjects, report)
    for subject in survey.subjects:
        _check_folded_key(subject, report)
        _check_folded_guards(subject, report)


def _check_unique(subjects: tuple[Subject, ...], report: Report) -> None:
    first, own = subjects[0], subjects[0].own
    held = [key_columns(subject) for subject in subjects]
    held += [columns for subject in subjects for columns in _guards(subject)]
    for key in own.unique_keys():
        wanted = {name.lower() for name in key}
        if _counted(own, key) or any(one and one <= wanted for one in held):
            continue
        fields = [_field_of(first, name) for name in key]
        entry = f"[{', '.join(map(shown, fields))}]" if len(fields) > 1 else shown(fields[0])
        report.add(
            "DK320",
            first.pointer,
            f"MySQL keeps {listed(key)} of {shown(own.name)} unique; DynamoDB will not",
            fix=f'declare a guard: "dalkit": {{"unique": [{entry}]}}',
        )
    for index in own.indexes:
        if index.unique and (index.partial or not index.columns):
            report.add(
                "DK320",
                first.pointer,
                f"MySQL keeps the index {shown(index.name)} of {shown(own.name)} unique, which "
                "covers prefixes or expressions; DynamoDB will not",
                fix="hold what it covers in a column, and declare that unique",
            )


def _guards(subject: Subject) -> list[frozenset[str]]:
    return [
        frozenset().union(
            *(determined(pieces_of(Carried(field), subject), subject) for field in fields)
        )
        for fields in subject.definition.unique
    ]


def _counted(own: SourceTable, key: Iterable[str]) -> bool:
    """Whether the values come from a counter, so that nobody gives one twice."""
    columns = [own.column(name) for name in key]
    return any(column is not None and column.auto_increment for column in columns)


def _field_of(subject: Subject, column: str) -> str:
    for field in subject.definition.fields:
        if field.column is not None and field.column.lower() == column.lower():
            return field.name
    return column


def _check_folded_key(subject: Subject, report: Report) -> None:
    """Texts that the key needs in order to be unique, and that MySQL compares by folding."""
    known = key_columns(subject)
    if not subject.own.identifies(known):
        return
    needed = [name for name in sorted(known) if not subject.own.identifies(known - {name})]
    for name in needed:
        column = folds(subject.own, name)
        if column is not None:
            report.add(
                "DK321",
                subject.place(subject.definition.table.pk.name),
                f"{shown(column.name)} is part of the key, and MySQL takes texts that differ in "
                f"case{_accents(column.type.collation)} as one ({_called(column.type.collation)}); "
                "DynamoDB compares bytes",
            )


def _check_folded_guards(subject: Subject, report: Report) -> None:
    for i, (fields, fold) in enumerate(subject.definition.guarded):
        for name in fields:
            field = subject.definition.by_field[name]
            column = None if field.column is None else subject.own.column(field.column)
            if column is None or column.type.base not in TEXTS or not isinstance(field.kind, Text):
                continue
            wanted = fold_of(column.type.collation)
            said = _disagreement(fold, wanted)
            if said:
                given = subject.options.unique[i]
                report.add(
                    "DK322",
                    f"{subject.pointer}/dalkit/unique/{i}",
                    f"{shown(given if isinstance(given, str) else name)} {said}",
                    fix=_fold_fix(fields, wanted),
                )


def _disagreement(fold: str, wanted: str) -> str:
    """What a guard's fold and a collation do not take alike; spaces at the end are left out."""
    if wanted and not fold:
        return (
            "is unique without regard to case in MySQL; its guard, and look-ups by key or index, "
            "tell cases apart"
        )
    if fold and not wanted:
        return "is unique with regard to case in MySQL; its guard takes cases as one"
    if takes_accents(fold) == takes_accents(wanted):
        return ""
    if takes_accents(fold):
        return "is unique with regard to accents in MySQL; its guard takes them as one"
    return "is unique without regard to accents in MySQL; its guard tells them apart"


def _fold_fix(fields: Iterable[str], wanted: str) -> str:
    names = ", ".join(map(shown, fields))
    if not wanted:
        return f"write [{names}] without a fold"
    return f'write {{"fields": [{names}], "fold": {shown(wanted)}}}'


def _accents(collation: str | None) -> str:
    return " or accents" if collation is None or "_as_" not in collation else ""


def _called(collation: str | None) -> str:
    return collation or "the collation is not known"
