"""The four calculations as trees."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve

from dalkit.contract import document as doc
from dalkit.schema import fragments
from dalkit.schema.joins import hop_to, table_named
from dalkit.schema.report import Report
from dalkit.schema.scope import Scope
from dalkit.source.tables import Source
from dalkit.source.tree import (
    Aggregate,
    Call,
    Case,
    DateAdd,
    DateDiff,
    Literal,
    Negative,
    Scalar,
    Unit,
)

__all__ = ["calculated"]

_UNITS: dict[str, Unit] = {
    "microsecond": "MICROSECOND",
    "second": "SECOND",
    "minute": "MINUTE",
    "hour": "HOUR",
    "day": "DAY",
    "week": "WEEK",
    "month": "MONTH",
    "quarter": "QUARTER",
    "year": "YEAR",
}


def calculated(
    calculation: doc.Calculation,
    columns: tuple[str, ...],
    scope: Scope,
    source: Source,
    pointer: str,
    report: Report,
) -> Scalar:
    """The value of a calculation; `columns` are the attribute's own source columns."""
    match calculation:
        case doc.Aggregate():
            return _aggregate(calculation, scope, source, pointer, report)
        case doc.Case():
            return _case(calculation, scope, pointer, report)
        case doc.Concat():
            return _concat(calculation, columns, scope, pointer, report)
        case doc.DateMath():
            return _date_math(calculation, columns, scope, pointer, report)
        case _:
            assert_never(calculation)


def _aggregate(
    one: doc.Aggregate, scope: Scope, source: Source, pointer: str, report: Report
) -> Scalar:
    table = table_named(one.target_table, source, f"{pointer}/target_table", report)
    hop, inside = hop_to(
        table,
        one.join_condition,
        one.select_column,
        evolve(scope, downward=True),
        source,
        f"{pointer}/join_condition",
        report,
    )
    if one.select_column.strip() == "*":
        if one.operation != "COUNT":
            raise report.stop(
                "DK203", f"{pointer}/select_column", f"{one.operation} needs a column, not *"
            )
        return Aggregate("COUNT", hop, None)
    seen = evolve(inside, target_first=True)
    place = f"{pointer}/select_column"
    return Aggregate(one.operation, hop, fragments.value(one.select_column, seen, place, report))


def _case(one: doc.Case, scope: Scope, pointer: str, report: Report) -> Scalar:
    branches = tuple(
        (
            fragments.value(branch.when, scope, f"{pointer}/cases/{i}/when", report),
            fragments.word(branch.then, scope, f"{pointer}/cases/{i}/then", report),
        )
        for i, branch in enumerate(one.cases)
    )
    return Case(branches, fragments.word(one.otherwise, scope, f"{pointer}/else", report))


def _concat(
    one: doc.Concat, columns: tuple[str, ...], scope: Scope, pointer: str, report: Report
) -> Scalar:
    if one.parts:
        parts = tuple(
            fragments.value(text, scope, f"{pointer}/parts/{i}", report)
            for i, text in enumerate(one.parts)
        )
    else:
        names = one.source_column or columns
        if not names:
            raise report.stop("DK203", pointer, "concat has neither source_column nor parts")
        parts = tuple(
            fragments.value(name, scope, f"{pointer}/source_column/{i}", report)
            for i, name in enumerate(names)
        )
    if one.separator is None:
        return Call("CONCAT", parts)
    return Call("CONCAT_WS", (Literal(one.separator), *parts))


def _date_math(
    one: doc.DateMath, columns: tuple[str, ...], scope: Scope, pointer: str, report: Report
) -> Scalar:
    if one.expression is not None:
        return fragments.value(one.expression, scope, f"{pointer}/expression", report)
    unit = _unit(one.unit or "day", f"{pointer}/unit", report)
    if one.operation == "diff":
        return DateDiff(
            unit,
            _needed(one.start, "start", scope, pointer, report),
            _needed(one.end, "end", scope, pointer, report),
            calendar=unit == "DAY",
        )
    if not columns:
        raise report.stop(
            "DK203", pointer, f"{one.operation} works on source_column; none is given"
        )
    term = fragments.value(columns[0], scope, f"{pointer}/source_column", report)
    amount: Scalar = (
        Literal(one.amount)
        if isinstance(one.amount, int)
        else _needed(one.amount, "amount", scope, pointer, report)
    )
    return DateAdd(term, Negative(amount) if one.operation == "sub" else amount, unit)


def _needed(text: str | None, member: str, scope: Scope, pointer: str, report: Report) -> Scalar:
    if text is None:
        raise report.stop("DK203", pointer, f"date-math needs the member {member}")
    return fragments.value(text, scope, f"{pointer}/{member}", report)


def _unit(text: str, pointer: str, report: Report) -> Unit:
    lowered = text.strip().lower()
    found = _UNITS.get(lowered) or _UNITS.get(lowered.removesuffix("s"))
    if found is None:
        raise report.unknown("DK203", pointer, "unit", text, [f"{one}s" for one in _UNITS])
    return found
