"""Joins that may find several rows, and joins that no foreign key vouches for."""

from __future__ import annotations

from collections.abc import Iterator

from dalkit.contract.problems import shown
from dalkit.schema.checks.survey import Survey, hops_of, listed, values_of
from dalkit.schema.joins import equalities
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tables import SourceTable
from dalkit.source.tree import Children, Column, Hop, Lookup

__all__ = ["check"]


def check(survey: Survey, report: Report) -> None:
    """Every hop of every attribute, each told once for an entity."""
    told: set[tuple[object, ...]] = set()
    for subject in survey.subjects:
        for name in subject.definition.by_attribute:
            for node, hop, rows in _hops(subject, name):
                one = isinstance(node, Lookup) or (isinstance(node, Children) and not node.array)
                if one:
                    _check_single(hop, rows, subject, name, report, told)
                _check_foreign_key(hop, rows, subject, name, report, told)


def _hops(subject: Subject, name: str) -> Iterator[tuple[object, Hop, dict[str, SourceTable]]]:
    for value in values_of(subject, name):
        for node, hops in hops_of(value):
            rows = {subject.own.name: subject.own}
            for hop in hops:
                table = subject.source.table(hop.table)
                if table is None:
                    break
                rows = {**rows, hop.row: table}
                yield node, hop, rows


def _check_single(
    hop: Hop,
    rows: dict[str, SourceTable],
    subject: Subject,
    name: str,
    report: Report,
    told: set[tuple[object, ...]],
) -> None:
    columns = [column for column, _ in equalities(hop.on, hop.row)]
    mark = (subject.pointer, "several", hop.table, tuple(columns))
    if rows[hop.row].identifies(columns) or mark in told:
        return
    told.add(mark)
    held = f"no unique key is within {listed(columns)}" if columns else "it equates no column"
    report.add(
        "DK370",
        subject.place(name),
        f"the join of {shown(name)} may find several rows of {shown(hop.table)}: {held}; the one "
        "with the least primary key is taken",
    )


def _check_foreign_key(
    hop: Hop,
    rows: dict[str, SourceTable],
    subject: Subject,
    name: str,
    report: Report,
    told: set[tuple[object, ...]],
) -> None:
    pairs = [
        (column, other)
        for column, other in equalities(hop.on, hop.row)
        if isinstance(other, Column) and other.row in rows
    ]
    if not pairs or any(_declared(hop, column, other, rows) for column, other in pairs):
        return
    said = " and ".join(
        f"{rows[hop.row].name}.{column} = {rows[other.row].name}.{other.name}"
        for column, other in pairs
    )
    if ("key", said) in told:
        return
    told.add(("key", said))
    report.add("DK371", subject.place(name), f"no foreign key declares {said}")


def _declared(hop: Hop, column: str, other: Column, rows: dict[str, SourceTable]) -> bool:
    target, near = rows[hop.row], rows[other.row]
    return _links(near, other.name, target, column) or _links(target, column, near, other.name)


def _links(child: SourceTable, column: str, parent: SourceTable, target: str) -> bool:
    pair = (column.lower(), target.lower())
    return any(
        pair in {(c.lower(), t.lower()) for c, t in zip(k.columns, k.target_columns, strict=False)}
        for k in child.foreign_keys
        if k.target_table.lower() == parent.name.lower()
    )
