"""A snapshot of the tables as plain Python values, and functions over its rows.

Rows are tuples in the order of their table's columns. Values: int, Decimal, float (of a FLOAT its
shortest text), str, bytes, naive UTC datetime, date, timedelta for TIME, int for BIT and YEAR,
None; ENUM, SET and JSON as the server's text; a zero date as the text that the server prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

from attrs import field, frozen

from dalkit.source.collator import Weights, is_folded
from dalkit.source.comparing import Server
from dalkit.source.infer import Scope, typed
from dalkit.source.refusal import Refusal
from dalkit.source.tree import Aggregate, Arithmetic, Call, Cast, Children, Hop, Literal, Scalar
from dalkit.source.typed import Typed
from dalkit.source.values import Refused, Value, rounded
from dalkit.source.walk import columns, nodes

__all__ = [
    "Environment",
    "Evaluator",
    "Row",
    "Snapshot",
    "Step",
    "finished",
    "for_servers",
    "needed_weights",
]

Row: TypeAlias = tuple[Value, ...]
Environment: TypeAlias = Mapping[str, Row]
"""Row name -> row."""

Step: TypeAlias = Callable[[Any], Any]
Evaluator: TypeAlias = Callable[[Environment], "Value | Refusal"]


@final
@frozen
class Snapshot:
    """Every row of the tables at one moment; `weights` beside the texts that need them."""

    tables: Mapping[str, Sequence[Row]]
    weights: Weights = field(factory=dict, repr=False)
    missing: set[tuple[str, str]] = field(factory=set, repr=False, eq=False)
    """Texts, with their collation, whose weight an evaluation asked for in vain."""


def for_servers(
    compile_for: Callable[[Server], Step], tree: Scalar | Children, server: Server | None
) -> Evaluator | Refusal:
    """The evaluator for one server, or for both, which then have to agree."""
    try:
        if server is not None or not any(_differs(node) for node in nodes(tree)):
            return _closed(compile_for(server or "mysql"))
        both = _closed(compile_for("mysql")), _closed(compile_for("mariadb"))
    except Refused as refused:
        return refused.refusal

    def evaluate(environment: Environment) -> Value | Refusal:
        one, other = both[0](environment), both[1](environment)
        if one == other or isinstance(one, Refusal):
            return one
        return other if isinstance(other, Refusal) else Refusal(_APART)

    return evaluate


_APART = "a value on which MariaDB and MySQL do not agree; name the server"


def _differs(node: object) -> bool:
    """Whether MariaDB and MySQL may answer this node differently."""
    match node:
        case Arithmetic("/" | "%") | Aggregate("AVG") | Call("MOD" | "LPAD" | "RPAD"):
            return True
        case Cast(type="DATETIME"):
            return True
    return False


def _closed(step: Step) -> Evaluator:
    """The step with its refusals as values."""

    def evaluate(environment: Environment) -> Value | Refusal:
        try:
            value: Value = step(environment)
        except Refused as refused:
            return refused.refusal
        return value

    return evaluate


def finished(step: Step, held: Typed) -> Step:
    """The value as the server would give it: a decimal with its type's scale."""
    if held.family == "int":
        return lambda rows: None if (value := step(rows)) is None else int(value)
    if held.family != "decimal":
        return step
    scale = held.scale
    return lambda rows: None if (value := step(rows)) is None else rounded(value, scale)


def needed_weights(scalar: Scalar, scope: Scope) -> set[tuple[str, str]]:
    """The literals whose weight a comparison could ask for, under each collation of the columns."""
    for node in nodes(scalar):
        if isinstance(node, Hop) and scope.source.table(node.table) is not None:
            scope = scope.with_hop(node)
    held = (typed(column, scope) for column in columns(scalar))
    collations = {kind.collation for kind in held if isinstance(kind, Typed) and kind.collation}
    texts = {
        node.value
        for node in nodes(scalar)
        if isinstance(node, Literal) and isinstance(node.value, str)
    }
    return {
        (collation, text)
        for collation in collations
        for text in texts
        if not collation.endswith("bin") and not (is_folded(collation) and text.isascii())
    }
