"""The four calculations as trees."""

from __future__ import annotations

from typing import assert_never

from dalkit.contract import document as doc
from dalkit.contract.formats import unit
from dalkit.schema import fragments
from dalkit.schema.arrays import Rows, rows_of
from dalkit.schema.hops import Step, identity_of
from dalkit.schema.scope import Scope
from dalkit.schema.types import check_number, typed
from dalkit.source.tree import (
    Aggregate,
    Call,
    Case,
    Column,
    DateAdd,
    DateDiff,
    IsNull,
    Literal,
    Negative,
    Not,
    Scalar,
    Unit,
)
from dalkit.source.walk import columns

__all__ = ["calculated"]


def calculated(
    calculation: doc.Calculation,
    given: tuple[Scalar, ...],
    scope: Scope,
    pointer: str,
) -> Scalar:
    """The value of a calculation; `given` is what the attribute has without it."""
    match calculation:
        case doc.Aggregate():
            return _aggregate(calculation, scope, pointer)
        case doc.Case():
            return _case(calculation, scope, pointer)
        case doc.Concat():
            return _concat(calculation, given, scope, pointer)
        case doc.DateMath():
            return _date_math(calculation, given, scope, pointer)
        case _:
            assert_never(calculation)


def _aggregate(one: doc.Aggregate, scope: Scope, pointer: str) -> Scalar:
    conditions = ((one.join_condition, f"{pointer}/join_condition"),)
    step = Step(
        target=one.target_table,
        conditions=conditions,
        mentions=(one.select_column,),
        pointer=pointer,
    )
    rows = rows_of(step, scope, "an aggregate")
    place = f"{pointer}/select_column"
    if one.select_column.strip() != "*":
        value = rows.value(one.select_column, place)
        if one.operation in ("SUM", "AVG"):
            check_number(value, one.operation, scope, place, hop=rows.hop)
        return Aggregate(one.operation, rows.hop, _of_its_rows(value, rows))
    if one.operation != "COUNT":
        raise scope.report.stop("DK203", place, f"{one.operation} needs a column, not *")
    return Aggregate("COUNT", rows.hop, None)


def _of_its_rows(value: Scalar, rows: Rows) -> Scalar:
    """SQL computes an aggregate of outer columns alone in the outer query: name the inner row."""
    named = {column.row for column in columns(value)}
    if not named or rows.hop.row in named:
        return value
    key = Column(rows.hop.row, identity_of(rows.row.table)[0][0])
    there = Not(IsNull(Call("COALESCE", (key, Literal(0)))))
    return Case(((there, value),))


def _case(one: doc.Case, scope: Scope, pointer: str) -> Scalar:
    branches = tuple(
        (
            fragments.value(branch.when, scope, f"{pointer}/cases/{i}/when"),
            fragments.word(branch.then, scope, f"{pointer}/cases/{i}/then", told=True),
        )
        for i, branch in enumerate(one.cases)
    )
    return Case(branches, fragments.word(one.otherwise, scope, f"{pointer}/else", told=True))


def _concat(one: doc.Concat, given: tuple[Scalar, ...], scope: Scope, pointer: str) -> Scalar:
    if one.parts:
        parts = tuple(
            fragments.value(text, scope, f"{pointer}/parts/{i}") for i, text in enumerate(one.parts)
        )
    else:
        place = f"{pointer}/source_column"
        parts = tuple(fragments.named(name, scope, place) for name in one.source_column) or given
    if not parts:
        raise scope.report.stop("DK203", pointer, "concat has neither source_column nor parts")
    if one.separator is None:
        return Call("CONCAT", parts)
    return Call("CONCAT_WS", (Literal(one.separator), *parts))


def _date_math(one: doc.DateMath, given: tuple[Scalar, ...], scope: Scope, pointer: str) -> Scalar:
    if one.expression is not None:
        return fragments.value(one.expression, scope, f"{pointer}/expression")
    moved = _unit(one.unit, scope, pointer)
    if one.operation == "diff":
        start = _dated(one.start, "start", scope, pointer)
        end = _dated(one.end, "end", scope, pointer)
        return DateDiff(moved, start, end, calendar=moved == "DAY")
    if not given:
        text = f"date-math {one.operation} works on a source_column, and none is given"
        raise scope.report.stop("DK203", pointer, text)
    amount = _amount(one.amount, scope, pointer)
    return DateAdd(given[0], _negative(amount) if one.operation == "sub" else amount, moved)


def _amount(amount: str | int | None, scope: Scope, pointer: str) -> Scalar:
    return Literal(amount) if isinstance(amount, int) else _needed(amount, "amount", scope, pointer)


def _negative(amount: Scalar) -> Scalar:
    if isinstance(amount, Literal) and isinstance(amount.value, int):
        return Literal(-amount.value)
    return Negative(amount)


def _needed(text: str | None, member: str, scope: Scope, pointer: str) -> Scalar:
    if text is None:
        raise scope.report.stop("DK203", pointer, f"date-math needs the member {member}")
    return fragments.value(text, scope, f"{pointer}/{member}")


def _dated(text: str | None, member: str, scope: Scope, pointer: str) -> Scalar:
    value = _needed(text, member, scope, pointer)
    place = f"{pointer}/{member}"
    found, _ = typed(value, scope, place)
    if isinstance(value, Column) and found.base not in ("date", "datetime", "timestamp"):
        told = found.text or found.base.upper()
        text = f"date-math needs a date, not {told}"
        raise scope.report.stop("DK214", place, text, fix="name a date or time column")
    return value


def _unit(text: str | None, scope: Scope, pointer: str) -> Unit:
    found = None if text is None else unit(text)
    if found is None:
        raise scope.report.stop("DK203", f"{pointer}/unit", f'"{text}" is no unit of time')
    return found
