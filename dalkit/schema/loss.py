"""What becomes of every column: the loss report, as values, text and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import final

from attrs import asdict, frozen

from dalkit.contract import document as doc
from dalkit.contract.problems import display
from dalkit.schema.carrying import Carrier, carriers
from dalkit.schema.crossing import Verdict, weaker
from dalkit.schema.definition import Schema
from dalkit.schema.subjects import subjects_of
from dalkit.source.tables import Source, SourceTable

__all__ = ["ColumnLoss", "as_json_value", "as_text", "loss_report"]


@final
@frozen(kw_only=True)
class ColumnLoss:
    """One column of MySQL: how well it is carried at best, and by what."""

    table: str
    column: str
    type: str
    """As the server or the DDL writes it."""
    verdict: Verdict
    carriers: tuple[Carrier, ...] = ()


def loss_report(contract: doc.Contract, source: Source, schema: Schema) -> tuple[ColumnLoss, ...]:
    """Every column of every table of the source, in the source's order."""
    found = carriers(subjects_of(contract, source, schema))
    return tuple(
        _column(table, column.name, column.type.text or column.type.base, held)
        for table in source.tables
        for column in table.columns
        for held in (found.get((table.name, column.name.lower()), ()),)
    )


def _column(table: SourceTable, name: str, type: str, held: Sequence[Carrier]) -> ColumnLoss:
    best: Verdict = "not carried"
    for carrier in held:
        if weaker(carrier.verdict, best) == best:
            best = carrier.verdict
    return ColumnLoss(table=table.name, column=name, type=type, verdict=best, carriers=tuple(held))


def as_text(report: Iterable[ColumnLoss]) -> str:
    """A line for each column with its best carrier, table by table, and a line that counts."""
    report = tuple(report)
    lines: list[str] = []
    for table, group in groupby(report, key=lambda one: one.table):
        columns = list(group)
        if all(one.verdict == "not carried" for one in columns):
            lines.append(f"{table}: no column is carried")
            continue
        lines.append(table)
        width = max(len(one.column) for one in columns)
        lines += [f"  {one.column:<{width}}  {one.verdict:<11}  {_best(one)}" for one in columns]
    lines.append(_counted(report))
    return display("\n".join(line.rstrip() for line in lines) + "\n")


def _best(one: ColumnLoss) -> str:
    best = [carrier for carrier in one.carriers if carrier.verdict == one.verdict]
    if not best:
        return ""
    carrier = min(best, key=lambda each: len(each.how))
    how = f": {carrier.how}" if carrier.how else ""
    return f"{carrier.entity}.{carrier.attribute} ({carrier.type}){how}"


def _counted(report: Sequence[ColumnLoss]) -> str:
    counts: dict[str, int] = {}
    for one in report:
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{len(report)} columns: {said}" if report else "0 columns"


def as_json_value(report: Iterable[ColumnLoss]) -> list[dict[str, object]]:
    """The report as values that `json.dumps` takes."""
    return [asdict(one) for one in report]
