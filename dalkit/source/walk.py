"""Looking through a scalar tree, and building it again with its columns replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from attrs import evolve, fields

from dalkit.source.refusal import Refusal
from dalkit.source.tree import Aggregate, Children, Column, Lookup, Scalar

__all__ = ["columns", "free_rows", "nodes", "replace_columns"]


def nodes(tree: Scalar | Children) -> Iterator[Any]:
    """Every node of the tree, hops and orders included, parents before their parts."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(_parts(node)))


def columns(tree: Scalar | Children) -> Iterator[Column]:
    """Every column of the tree, in the order of its text."""
    return (node for node in nodes(tree) if isinstance(node, Column))


def free_rows(tree: Scalar | Children) -> set[str]:
    """The rows that the tree reads and does not bring itself."""
    rows: set[str] = set()
    waiting: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        node, bound = waiting.pop()
        if isinstance(node, Column) and node.row not in bound:
            rows.add(node.row)
        if isinstance(node, (Lookup, Aggregate, Children)):
            hops = node.hops if isinstance(node, Lookup) else (node.hop,)
            bound = bound | {hop.row for hop in hops}
        waiting += [(part, bound) for part in _parts(node)]
    return rows


def replace_columns(
    tree: Scalar, replace: Callable[[Column], Scalar | Refusal]
) -> Scalar | Refusal:
    """The tree with each column replaced, or the first refusal."""
    refusals: list[Refusal] = []

    def exchange(column: Column) -> Scalar:
        answer = replace(column)
        if isinstance(answer, Refusal):
            refusals.append(answer)
            return column
        return answer

    rebuilt = _rebuild(tree, exchange)
    return refusals[0] if refusals else cast("Scalar", rebuilt)


def _is_node(value: object) -> bool:
    return type(value).__module__ == Column.__module__


def _parts(value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return [part for item in value for part in ([item] if _is_node(item) else _parts(item))]
    if not _is_node(value):
        return []
    held = (getattr(value, field.name) for field in fields(type(value)))
    return [part for item in held for part in ([item] if _is_node(item) else _parts(item))]


def _rebuild(value: Any, exchange: Callable[[Column], Scalar]) -> Any:
    if isinstance(value, Column):
        return exchange(value)
    if isinstance(value, tuple):
        return tuple(_rebuild(item, exchange) for item in value)
    if not _is_node(value):
        return value
    names = (field.name for field in fields(type(value)))
    return evolve(value, **{name: _rebuild(getattr(value, name), exchange) for name in names})
