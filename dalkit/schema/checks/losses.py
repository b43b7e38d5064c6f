"""What of MySQL's data no item would hold, or not whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dalkit.contract.problems import shown
from dalkit.kinds import Listed, Nested
from dalkit.schema.carrying import Carrier, Carriers, carriers, computed
from dalkit.schema.checks.survey import Survey, hops_of, listed, values_of
from dalkit.schema.crossing import narrowed
from dalkit.schema.definition import Carried
from dalkit.schema.report import Report
from dalkit.schema.subjects import Subject
from dalkit.source.tree import Children, Column, Lookup
from dalkit.source.walk import columns

__all__ = ["check"]


def check(survey: Survey, report: Report) -> None:
    """Columns, child columns, child rows and tables that are left; values that are narrowed."""
    held = carriers(survey.subjects)
    for subjects in survey.by_source.values():
        _check_columns(subjects, held, report)
    for subject in survey.subjects:
        _check_children(subject, survey.by_source, report)
        _check_types(subject, report)
        _check_times(subject, report)
    _check_tables(survey, report)


def _check_columns(subjects: Sequence[Subject], held: Carriers, report: Report) -> None:
    """Columns of an entity's table: carried whole by one of its entities, in part, or not."""
    first, own = subjects[0], subjects[0].own
    used = {name for subject in subjects for name in computed(subject)}
    names = {subject.definition.name for subject in subjects}
    lost: list[str] = []
    for column in own.columns:
        found = [
            one
            for one in held.get((own.name, column.name.lower()), ())
            if (one.row == "own" and one.entity in names)
            or (one.row == "child" and one.entity not in names and one.verdict != "partly")
        ]
        if not found:
            lost.append(column.name)
        elif all(carrier.verdict == "partly" for carrier in found):
            _tell_part(subjects, column.name, found[0], report)
    if lost:
        only = [name for name in lost if name.lower() in used]
        more = f"; of {listed(only)} only something computed is left" if only else ""
        report.add(
            "DK301",
            first.pointer,
            f"no attribute carries {listed(lost)} of {shown(own.name)}{more}",
        )


def _tell_part(subjects: Sequence[Subject], column: str, carrier: Carrier, report: Report) -> None:
    subject = next(one for one in subjects if one.definition.name == carrier.entity)
    report.add(
        "DK305",
        subject.place(carrier.attribute),
        f"{shown(carrier.attribute)} is all that carries {shown(column)}, and holds {carrier.how}",
    )


def _check_children(
    subject: Subject, by_source: Mapping[str, tuple[Subject, ...]], report: Report
) -> None:
    """Child rows and their columns, where the child table is no entity's own."""
    seen: dict[str, tuple[str, set[str], bool]] = {}
    for name in subject.definition.by_attribute:
        for value in values_of(subject, name):
            for node, _ in hops_of(value):
                if isinstance(node, Children) and node.hop.table not in by_source:
                    first, held, whole = seen.get(node.hop.table, (name, set(), False))
                    held |= _held(name, subject, node)
                    whole = whole or (node.array and node.limit is None)
                    seen[node.hop.table] = (first, held, whole)
    for table, (name, held, whole) in seen.items():
        _tell_children(subject, name, table, held, whole, report)


def _held(name: str, subject: Subject, node: Children) -> set[str]:
    found = carriers((subject,))
    return {
        column
        for (table, column), them in found.items()
        if table == node.hop.table and any(one.attribute == name for one in them)
    }


def _tell_children(
    subject: Subject, name: str, table: str, held: set[str], whole: bool, report: Report
) -> None:
    child = subject.source.table(table)
    assert child is not None
    dropped = [column.name for column in child.columns if column.name.lower() not in held]
    place = subject.place(name)
    if dropped:
        report.add("DK302", place, f"{shown(name)} leaves out {listed(dropped)} of {shown(table)}")
    if not whole:
        text = f"{shown(name)} holds some rows of {shown(table)}, and no entity has the others"
        report.add("DK303", place, text)


def _check_types(subject: Subject, report: Report) -> None:
    for name, (attribute, place) in subject.attributes.items():
        found = subject.definition.by_attribute.get(name)
        if found is None or not isinstance(found.content, Carried):
            continue
        kind = subject.definition.by_field[found.content.field].kind
        if isinstance(kind, Nested | Listed):
            members = kind.members if isinstance(kind, Nested) else kind.items
            said = {one.name: narrowed(one.kind, one.type) for one in members}
            for member, text in said.items():
                if text is not None:
                    report.add("DK306", place, f"{shown(member)} in {shown(name)}: {text}")
            continue
        text = narrowed(kind, attribute.type)
        if text is not None and _is_column(values_of(subject, name)):
            report.add("DK306", f"{place}/type", f"{shown(name)} as {attribute.type}: {text}")


def _is_column(values: Sequence[object]) -> bool:
    """Whether they are stored values: a sum may have a type far wider than any sum."""
    return all(isinstance(value, Column | Lookup) for value in values)


def _check_times(subject: Subject, report: Report) -> None:
    read: dict[str, dict[str, None]] = {}
    for cell in subject.definition.source.cells:
        rows = {subject.own.name: subject.own.name}
        rows.update((hop.row, hop.table) for _, hops in hops_of(cell.value) for hop in hops)
        for column in columns(cell.value):
            table = subject.source.table(rows.get(column.row, ""))
            found = table.column(column.name) if table is not None else None
            if table is not None and found is not None and found.type.base == "datetime":
                read.setdefault(table.name, {})[found.name] = None
    for name, held in read.items():
        report.add("DK307", subject.pointer, f"{listed(held)} of {shown(name)} is read as UTC")


def _check_tables(survey: Survey, report: Report) -> None:
    read = set(survey.by_source)
    for subject in survey.subjects:
        for cell in subject.definition.source.cells:
            for _, hops in hops_of(cell.value):
                read.update(hop.table for hop in hops)
    left = [table.name for table in survey.source.tables if table.name not in read]
    if left:
        report.add("DK304", "", f"nothing reads {listed(left)}")
