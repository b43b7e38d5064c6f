"""Fragments of a contract read in a scope: conditions, values, literals and words."""

from __future__ import annotations

import re
from decimal import Decimal

from dalkit.contract.document import JsonScalar
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Scope
from dalkit.source.fragments import parse_orders, parse_scalar
from dalkit.source.refusal import Refusal
from dalkit.source.tree import Column, Literal, Order, Scalar
from dalkit.source.walk import columns

__all__ = ["condition", "orders", "parsed", "tree_of", "value", "word"]

_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def tree_of(text: str) -> Scalar | Refusal:
    """The fragment as a tree with unresolved names."""
    found = parse_scalar(text)
    return found if isinstance(found, Refusal) else found.tree


def parsed(text: str, pointer: str, report: Report) -> Scalar:
    """The fragment as a tree with unresolved names; an error when the closed grammar lacks it."""
    tree = tree_of(text)
    if isinstance(tree, Refusal):
        raise report.stop("DK203", pointer, f'"{text[:100]}" is refused: {tree}')
    return tree


def condition(text: str, scope: Scope, pointer: str, report: Report) -> Scalar:
    return scope.condition(parsed(text, pointer, report), pointer, report)


def value(text: str, scope: Scope, pointer: str, report: Report) -> Scalar:
    return scope.value(parsed(text, pointer, report), pointer, report)


def orders(texts: tuple[str, ...], scope: Scope, pointer: str, report: Report) -> tuple[Order, ...]:
    """The terms of an ORDER BY, each fragment holding one or several."""
    found: list[Order] = []
    for text in texts:
        terms = parse_orders(text)
        if isinstance(terms, Refusal):
            raise report.stop("DK203", pointer, f'"{text[:100]}" is refused: {terms}')
        found.extend(
            Order(scope.value(one.term, pointer, report), descending=one.descending)
            for one in terms
        )
    return tuple(found)


def word(given: JsonScalar, scope: Scope, pointer: str, report: Report) -> Scalar:
    """A value of `null_value`, `else_value`, `then` or `else` (`contract-format` 3.4).

    JSON numbers and booleans are themselves; quoted text is text; a column's name is the column;
    an expression whose names all resolve is the expression; anything else is text as it stands.
    """
    if not isinstance(given, str):
        return Literal(given)
    if _PLAIN_NUMBER.fullmatch(given):
        return Literal(Decimal(given) if "." in given else int(given))
    tree = tree_of(given)
    if isinstance(tree, Refusal):
        return Literal(given)
    if isinstance(tree, Literal):
        return tree
    named = list(columns(tree))
    if not named:
        return Literal(given)
    return _named_word(given, tree, scope, pointer, report)


def _named_word(given: str, tree: Scalar, scope: Scope, pointer: str, report: Report) -> Scalar:
    trial = Report()
    try:
        resolved = scope.value(tree, pointer, trial)
    except Unresolved:
        if isinstance(tree, Column) and not tree.row:
            return Literal(given)
        if all(not column.row for column in columns(tree)) or not _reads_as_name(tree, scope):
            return Literal(given)
        report.problems.extend(trial.problems)
        raise
    report.problems.extend(trial.problems)
    if isinstance(tree, Column) and not tree.row:
        report.add("DK209", pointer, f'"{given}" is a word and a column: read as the column')
    return resolved


def _reads_as_name(tree: Scalar, scope: Scope) -> bool:
    """Whether one of its qualifiers is known, so that a misspelt column is not taken for text."""
    rows = [scope.own, *scope.earlier, *((scope.target,) if scope.target else ())]
    known = {name.lower() for row in rows for name in row.names}
    return any(column.row.lower() in known for column in columns(tree))
