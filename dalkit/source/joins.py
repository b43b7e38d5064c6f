"""Looking at other rows: look-ups, aggregates and children over a snapshot, by hashed equality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from math import isfinite
from typing import Any

from dalkit.source.casts import as_decimal, as_double
from dalkit.source.comparing import Comparison, Server, comparison, equality_keys, ordering
from dalkit.source.infer import Scope
from dalkit.source.python import Compiler
from dalkit.source.refusal import Refusal
from dalkit.source.snapshot import (
    Environment,
    Evaluator,
    Row,
    Snapshot,
    Step,
    finished,
    for_servers,
)
from dalkit.source.sql import order_key
from dalkit.source.tree import Aggregate, And, Children, Column, Compare, Hop, Lookup, Scalar
from dalkit.source.typed import Typed
from dalkit.source.values import Refused, divide, in_decimal, rounded, shifted
from dalkit.source.walk import free_rows

__all__ = ["compile_children", "other_rows"]

Matches = Callable[[Environment], Iterator[dict[str, Row]]]
"""The environments of the rows that match, each with the hop's row added."""


def compile_children(
    children: Children, scope: Scope, snapshot: Snapshot, *, server: Server | None = None
) -> Evaluator | Refusal:
    """A function to the matching rows, each a tuple of the members' values, ordered and limited.

    As of `compile_scalar`, the answers are the server's, or those that both servers give.
    """
    return for_servers(
        lambda one: _children(Compiler(snapshot, one), children, scope), children, server
    )


def other_rows(compiler: Compiler, scalar: Lookup | Aggregate, scope: Scope) -> Step:
    """The step of a node that looks at other rows."""
    if isinstance(scalar, Aggregate):
        return _aggregate(compiler, scalar, scope)
    return _lookup(compiler, scalar, scope)


def _lookup(compiler: Compiler, lookup: Lookup, scope: Scope) -> Step:
    hops: list[Matches] = []
    orders: list[tuple[Step, Comparison]] = []
    for hop in lookup.hops:
        hops.append(_matches(compiler, hop, scope))
        scope = scope.with_hop(hop)
        for name in order_key(scope.rows[hop.row]):
            orders.append(_order(compiler, Column(hop.row, name), scope))
    value = compiler.step(lookup.value, scope)[0]

    def look_up(rows: Environment) -> Any:
        found = list(_chain(hops, rows))
        if not found:
            return None
        return value(found[0] if len(found) == 1 else min(found, key=_sorter(orders)))

    return look_up


def _chain(hops: Sequence[Matches], rows: Environment) -> Iterator[Environment]:
    if not hops:
        yield rows
        return
    for matched in hops[0](rows):
        yield from _chain(hops[1:], matched)


def _order(compiler: Compiler, term: Scalar, scope: Scope) -> tuple[Step, Comparison]:
    """A term that cannot be ordered is refused only where two rows have to be."""
    try:
        step, held = compiler.step(term, scope)
        return step, ordering(held, compiler.rules)
    except Refused as refused:
        reason = refused.refusal.reason

    def refuse(*_: Any) -> Any:
        raise Refused(f"the order of rows by {reason}")

    return refuse, refuse


def _sorter(
    orders: Sequence[tuple[Step, Comparison]],
    descending: Sequence[bool] = (),
) -> Callable[[Environment], Any]:
    """A sort key: term by term, NULL before all else."""
    ways = list(descending) or [False] * len(orders)

    def compare(left: Environment, right: Environment) -> int:
        for (step, order), falls in zip(orders, ways, strict=True):
            one, other = step(left), step(right)
            if one is None or other is None:
                sign = (one is not None) - (other is not None)
            else:
                sign = order(one, other)
            if sign:
                return -sign if falls else sign
        return 0

    return cmp_to_key(compare)


def _matches(compiler: Compiler, hop: Hop, scope: Scope) -> Matches:
    inner = scope.with_hop(hop)
    table = inner.rows[hop.row]
    held = compiler.snapshot.tables.get(table.name)
    if held is None:
        raise Refused(f"the table {table.name}, which the snapshot does not have")
    truth = compiler.truth(hop.on, inner)
    candidates = _candidates(compiler, hop, scope, inner, held)
    name = hop.row

    def match(rows: Environment) -> Iterator[dict[str, Row]]:
        for row in candidates(rows):
            matched = {**rows, name: row}
            if truth(matched):
                yield matched

    return match


def _candidates(
    compiler: Compiler, hop: Hop, scope: Scope, inner: Scope, held: Sequence[Row]
) -> Callable[[Environment], Sequence[Row]]:
    """The rows that may match: by an index over the equalities of `on`, else all."""
    owns: list[tuple[Step, Callable[[Any], Any]]] = []
    fars: list[tuple[Step, Callable[[Any], Any]]] = []
    named: list[object] = []
    for own, far in _equalities(hop, scope):
        near, near_type = compiler.step(own, scope)
        there, there_type = compiler.step(far, inner)
        keys = equality_keys(near_type, there_type, compiler.rules)
        if keys is not None:
            owns.append((near, keys[0]))
            fars.append((there, keys[1]))
            named.append((far, near_type.family, near_type.collation))
    if not owns:
        return lambda rows: held
    index, unkeyed = _index(compiler, hop, held, fars, tuple(named))

    def look(rows: Environment) -> Sequence[Row]:
        key = _key(owns, rows)
        if key is None:
            return ()
        if key is _UNKNOWN:
            return held
        found: list[Row] = index.get(key, [])
        return found if not unkeyed else [*found, *unkeyed]

    return look


_UNKNOWN = object()


def _key(terms: Sequence[tuple[Step, Callable[[Any], Any]]], rows: Environment) -> Any:
    """The key of a row; None where a part is NULL, so that nothing is equal to it."""
    parts = []
    for step, change in terms:
        value = step(rows)
        if value is None:
            return None
        try:
            parts.append(change(value))
        except Refused:
            parts.append(None)
    return _UNKNOWN if None in parts else tuple(parts)


def _index(
    compiler: Compiler,
    hop: Hop,
    held: Sequence[Row],
    terms: Sequence[tuple[Step, Callable[[Any], Any]]],
    named: tuple[object, ...],
) -> tuple[dict[Any, list[Row]], list[Row]]:
    known = (hop.table, hop.row, named)
    if known not in compiler.indexes:
        index: dict[Any, list[Row]] = {}
        unkeyed: list[Row] = []
        for row in held:
            key = _key(terms, {hop.row: row})
            if key is _UNKNOWN:
                unkeyed.append(row)
            elif key is not None:
                index.setdefault(key, []).append(row)
        compiler.indexes[known] = index, unkeyed
    found: tuple[dict[Any, list[Row]], list[Row]] = compiler.indexes[known]
    return found


def _equalities(hop: Hop, scope: Scope) -> Iterator[tuple[Scalar, Scalar]]:
    """(expression over the rows outside, column of the hop's row), for each equality of `on`."""
    for term in hop.on.terms if isinstance(hop.on, And) else (hop.on,):
        if not isinstance(term, Compare) or term.operator != "=":
            continue
        for own, far in ((term.left, term.right), (term.right, term.left)):
            needs = free_rows(own)
            inside = isinstance(far, Column) and far.row == hop.row
            if inside and hop.row not in needs and needs <= scope.rows.keys():
                yield own, far
                break


def _aggregate(compiler: Compiler, aggregate: Aggregate, scope: Scope) -> Step:
    matches = _matches(compiler, aggregate.hop, scope)
    if aggregate.value is None:
        return lambda rows: sum(1 for _ in matches(rows))
    value, held = compiler.step(aggregate.value, scope.with_hop(aggregate.hop))
    total = _total(compiler, aggregate.operation, held)

    def compute(rows: Environment) -> Any:
        values = [found for matched in matches(rows) if (found := value(matched)) is not None]
        return total(values)

    return compute


def _total(compiler: Compiler, operation: str, held: Typed) -> Callable[[list[Any]], Any]:
    if operation == "COUNT":
        return len
    if operation in ("MIN", "MAX"):
        return _least(comparison(held, held, compiler.rules), -1 if operation == "MIN" else 1)
    averages = operation == "AVG"
    if held.family in ("int", "year", "decimal", "null"):
        return _exact_total(as_decimal(held), held.scale, averages)
    return _double_total(as_double(held), averages)


def _least(compare: Comparison, wanted: int) -> Callable[[list[Any]], Any]:
    def choose(values: list[Any]) -> Any:
        chosen: Any = None
        for value in values:
            sign = wanted if chosen is None else compare(value, chosen)
            if sign == 0 and value != chosen:
                raise Refused("MIN or MAX of texts that are equal but not the same")
            chosen = value if sign == wanted else chosen
        return chosen

    return choose


def _exact_total(
    number: Callable[[Any], Decimal], scale: int, averages: bool
) -> Callable[[list[Any]], Any]:
    def total(values: list[Any]) -> Decimal | None:
        added = Fraction(0)
        deepest = 0
        for value in values:
            made = number(value)
            if made != rounded(made, scale):
                raise Refused("a sum of quotients, which hangs on how MariaDB runs the statement")
            added += Fraction(made)
            deepest = max(deepest, -int(made.as_tuple().exponent))
        if not values:
            return None
        answer = in_decimal(shifted(int(added * 10**deepest), deepest))
        return in_decimal(divide(answer, Decimal(len(values)))) if averages else answer

    return total


def _double_total(
    number: Callable[[Any], float], averages: bool
) -> Callable[[list[Any]], float | None]:
    def total(values: list[Any]) -> float | None:
        doubles = [number(value) for value in values]
        if not doubles:
            return None
        _refuse_inexact(doubles)
        answer = sum(doubles)
        return answer / len(doubles) if averages else answer

    return total


def _refuse_inexact(doubles: list[float]) -> None:
    """A sum of doubles depends on the order of the rows, unless no partial sum is ever rounded."""
    exact = [Fraction(double) for double in doubles if isfinite(double)]
    finest = max((part.denominator for part in exact), default=1)
    if sum(abs(part) for part in exact) * finest >= 2**53:
        raise Refused("a sum of doubles that depends on the order of the rows")


def _children(compiler: Compiler, children: Children, scope: Scope) -> Step:
    matches = _matches(compiler, children.hop, scope)
    inner = scope.with_hop(children.hop)
    members = [finished(*compiler.step(value, inner)) for _, value in children.members]
    orders = [_order(compiler, order.term, inner) for order in children.order]
    ways = [order.descending for order in children.order]
    limit = children.limit if children.array else 1

    def gather(rows: Environment) -> Any:
        found: list[Environment] = list(matches(rows))
        if orders and len(found) > 1:
            found.sort(key=_sorter(orders, ways))
        return tuple(tuple(member(row) for member in members) for row in found[:limit])

    return gather
