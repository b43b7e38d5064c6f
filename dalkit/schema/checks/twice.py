"""Two attributes of one entity that say the same."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from dalkit.contract.problems import shown
from dalkit.schema.checks.survey import Survey, values_of
from dalkit.schema.definition import Carried
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tables import Source
from dalkit.source.tree import Aggregate, Children, Column, Compare, Scalar

__all__ = ["check"]


def check(survey: Survey, report: Report) -> None:
    """Attributes other than keys with one type and one meaning."""
    for subject in survey.subjects:
        seen: dict[object, str] = {}
        for name, (_, place) in subject.attributes.items():
            if name in subject.key_names:
                continue
            meaning = _meaning(subject, name, survey.source)
            if meaning is None:
                continue
            first = seen.setdefault(meaning, name)
            if first != name:
                report.add("DK360", place, f"{shown(name)} is defined exactly as {shown(first)} is")


def _meaning(subject: Subject, name: str, source: Source) -> object | None:
    found = subject.definition.by_attribute.get(name)
    if found is None or not isinstance(found.content, Carried):
        return None
    step = subject.definition.by_field[found.content.field].transformed
    values = tuple(_normal(value, source) for value in values_of(subject, name))
    # Cells of two formats are told apart by name alone, so a format stands for its own field.
    return found.type, type(step).__name__, found.content.field if step else "", values


def _normal(value: Scalar | Children, source: Source) -> Scalar | Children:
    """Counting a column that is never NULL is counting rows; `a = b` is `b = a`."""
    if not isinstance(value, Aggregate):
        return value
    on: Any = value.hop.on
    if isinstance(on, Compare) and on.operator == "=":
        on = Compare("=", *sorted((on.left, on.right), key=repr))
    counted = value.value
    if value.operation == "COUNT" and isinstance(counted, Column) and counted.row == value.hop.row:
        table = source.table(value.hop.table)
        column = table.column(counted.name) if table is not None else None
        if column is not None and not column.nullable:
            counted = None
    return Aggregate(value.operation, evolve(value.hop, on=on), counted)
