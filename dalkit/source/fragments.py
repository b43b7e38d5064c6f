"""A SQL fragment, written by a person, as a tree of the closed grammar.

The text is parsed by sqlglot (MySQL's dialect) and converted at once; whatever has no place in
the grammar is a `Refusal`. Until `resolve` gives each column its meaning, a column's `row` is the
qualifier that was written, or empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, final

from attrs import frozen

from dalkit.source.refusal import Refusal
from dalkit.source.tokens import read_tokens
from dalkit.source.tree import Column, Order, Scalar
from dalkit.source.walk import replace_columns

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

__all__ = ["Fragment", "Resolver", "parse_orders", "parse_scalar", "resolve"]

Resolver = Callable[[str | None, str], Scalar | Refusal]
"""Qualifier (None for a bare name) and column name -> what is meant, or why nothing is."""


@final
@frozen
class Fragment:
    """What was written, and the tree of it with unresolved columns."""

    text: str
    tree: Scalar


def parse_scalar(text: str) -> Fragment | Refusal:
    """The expression that `text` is, in MySQL's reading."""
    tokens = read_tokens(text)
    if isinstance(tokens, Refusal):
        return tokens
    tree = _parse(text, tokens)
    return tree if isinstance(tree, Refusal) else Fragment(text, tree)


def parse_orders(text: str) -> tuple[Order, ...] | Refusal:
    """The terms of an ORDER BY list (`a DESC, b`), with unresolved columns."""
    tokens = read_tokens(text)
    if isinstance(tokens, Refusal):
        return tokens
    orders = []
    for term in _split(tokens):
        direction = term[-1].text.upper() if len(term) > 1 and _is_word(term[-1]) else ""
        held = term[:-1] if direction in ("ASC", "DESC") else term
        if not held:
            return Refusal("an empty term")
        tree = _parse(text, held)
        if isinstance(tree, Refusal):
            return tree
        orders.append(Order(tree, direction == "DESC"))
    return tuple(orders)


def resolve(tree: Scalar, resolver: Resolver) -> Scalar | Refusal:
    """The tree with every written name replaced by what `resolver` says it is."""

    def replace(column: Column) -> Scalar | Refusal:
        return resolver(column.row or None, column.name)

    return replace_columns(tree, replace)


def _is_word(token: Token) -> bool:
    return token.token_type.name not in ("STRING", "IDENTIFIER")


def _split(tokens: list[Token]) -> list[list[Token]]:
    terms: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        sign = token.text if _is_word(token) else ""
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            terms.append([])
        else:
            terms[-1].append(token)
    return terms


def _parse(text: str, tokens: list[Token]) -> Scalar | Refusal:
    """Parsed inside parentheses, so that no word at the start is taken for a statement."""
    from sqlglot.dialects.mysql import MySQL
    from sqlglot.errors import SqlglotError
    from sqlglot.tokenizer_core import Token as Made
    from sqlglot.tokenizer_core import TokenType

    from dalkit.source.parsed import convert

    closed = [Made(TokenType.L_PAREN, "("), *tokens, Made(TokenType.R_PAREN, ")")]
    try:
        found = MySQL().parser().parse(closed, text)
    except SqlglotError:
        return Refusal("it is no expression that MySQL could read")
    except RecursionError:
        return Refusal("it nests too deeply")
    if len(found) != 1 or found[0] is None:
        return Refusal("it is no single expression")
    return convert(found[0])
