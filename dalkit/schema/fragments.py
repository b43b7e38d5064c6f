"""Fragments of a contract read in a scope: conditions, values, orders and words."""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import evolve

from dalkit.contract.document import JsonScalar
from dalkit.contract.problems import nearest, shown
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Scope
from dalkit.source.fragments import parse_orders, parse_scalar
from dalkit.source.refusal import Refusal
from dalkit.source.tree import Call, Case, Cast, Column, DateAdd, DateDiff, Literal, Order, Scalar
from dalkit.source.walk import columns

__all__ = ["named", "orders", "parsed", "tree_of", "value", "word"]

_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d{1,30})?", re.ASCII)
_MOST_DIGITS = 65


def tree_of(text: str) -> Scalar | Refusal:
    """The fragment as a tree with unresolved names."""
    found = parse_scalar(text)
    return found if isinstance(found, Refusal) else found.tree


def parsed(text: str, pointer: str, report: Report) -> Scalar:
    """The fragment as a tree with unresolved names; an error when the closed grammar lacks it."""
    tree = tree_of(text)
    if isinstance(tree, Refusal):
        raise report.stop("DK203", pointer, f"{shown(text)} is refused: {tree}")
    return tree


def value(text: str, scope: Scope, pointer: str) -> Scalar:
    """The fragment with its columns resolved."""
    return scope.value(parsed(text, pointer, scope.report), pointer)


def named(name: str, scope: Scope, pointer: str) -> Scalar:
    """The column of this name, which is no fragment and may hold any character."""
    qualifier, _, bare = name.rpartition(".")
    whole = scope.own.table.column(name) is not None
    return scope.value(Column("", name) if whole else Column(qualifier, bare), pointer)


def orders(texts: tuple[str, ...], scope: Scope, pointer: str) -> tuple[Order, ...]:
    """The terms of an ORDER BY, each fragment holding one or several."""
    found: list[Order] = []
    for text in texts:
        terms = parse_orders(text)
        if isinstance(terms, Refusal):
            raise scope.report.stop("DK203", pointer, f"{shown(text)} is refused: {terms}")
        found += (Order(scope.value(one.term, pointer), one.descending) for one in terms)
    return tuple(found)


def word(given: JsonScalar, scope: Scope, pointer: str, *, told: bool = False) -> Scalar:
    """A value of `null_value`, `else_value`, `then` or `else` (`contract-format` 3.4).

    Quoted text is text, numbers are numbers, names of columns are columns, expressions of them
    are expressions; anything else is text as it stands, which a warning says where `told`.
    """
    if not isinstance(given, str):
        return _number(given, pointer, scope.report)
    if _PLAIN_NUMBER.fullmatch(given) and len(given) <= _MOST_DIGITS:
        return Literal(Decimal(given) if "." in given else int(given))
    tree = tree_of(given)
    if isinstance(tree, Refusal):
        return _text(given, pointer, scope.report, told=told)
    if isinstance(tree, Literal) and not isinstance(tree.value, int | Decimal):
        return tree
    if isinstance(tree, Literal) and isinstance(tree.value, bool):
        return tree
    if not any(columns(tree)):
        computed = isinstance(tree, Call | Case | Cast | DateAdd | DateDiff)
        return tree if computed else _text(given, pointer, scope.report, told=told)
    return _names(given, tree, scope, pointer, told=told)


def _number(given: JsonScalar, pointer: str, report: Report) -> Literal:
    if isinstance(given, Decimal | int):
        digits = Decimal(given).as_tuple()
        whole = len(digits.digits) + max(0, int(digits.exponent))
        if whole > _MOST_DIGITS or -int(digits.exponent) > 30:
            raise report.stop("DK203", pointer, f"{shown(str(given))} is no number MySQL can hold")
    assert not isinstance(given, str)
    return Literal(given)


def _text(given: str, pointer: str, report: Report, *, told: bool) -> Literal:
    if told:
        report.add("DK209", pointer, f"{shown(given)} is no expression and no column: read as text")
    return Literal(given)


def _names(given: str, tree: Scalar, scope: Scope, pointer: str, *, told: bool) -> Scalar:
    trial = evolve(scope, report=Report())
    try:
        resolved = trial.row_value(tree, pointer)
    except Unresolved:
        if not _meant_as_name(tree, scope):
            qualified = any(column.row for column in columns(tree))
            return _text(given, pointer, scope.report, told=told or qualified)
        return scope.row_value(tree, pointer)
    scope.report.problems += trial.report.problems
    if isinstance(tree, Column) and not tree.row:
        scope.report.add("DK209", pointer, f"{shown(given)} names a column: read as the column")
    return resolved


def _meant_as_name(tree: Scalar, scope: Scope) -> bool:
    """Whether a qualifier is a row's or table's or nearly so: then no text is meant."""
    names = [name for row in scope.rows for name in row.names]
    return any(
        column.row
        and (
            any(row.called(column.row) for row in scope.rows)
            or scope.source.table(column.row) is not None
            or nearest(column.row, names)
        )
        for column in columns(tree)
    )
