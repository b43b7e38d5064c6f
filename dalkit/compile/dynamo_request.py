"""Plans as the arguments of Query and Scan: expressions of aliases and placeholders alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from dalkit.compile.answers import Item
from dalkit.compile.expression import Aliases, Writer, all_of, checked_length
from dalkit.compile.key_conditions import Condition
from dalkit.compile.plan import Plan, key_names
from dalkit.schema.definition import EntityDefinition

__all__ = ["MOST_GETS", "identity", "mark_of", "operation", "plan_arguments", "projection"]

MOST_GETS: Final = 100
"""Keys of one BatchGetItem or TransactGetItems."""


def operation(plan: Plan) -> str:
    """Query or Scan."""
    return "Scan" if plan.scan else "Query"


def plan_arguments(plan: Plan, aliases: Aliases) -> dict[str, Any]:
    """The arguments of Query or Scan, without its names and values."""
    said: dict[str, Any] = {"TableName": plan.table.name}
    if plan.index is not None:
        said["IndexName"] = plan.index.name
    keys = [_condition(one, aliases) for one in (plan.partition, plan.sort) if one is not None]
    if keys:
        said["KeyConditionExpression"] = checked_length(" AND ".join(keys))
    writer = Writer(plan.entity, aliases, plan.avoided)
    fences = [_condition(one, aliases) for one in plan.fences]
    wanted = all_of([*fences, *(writer.formula(one) for one in plan.filters)])
    if isinstance(wanted, str):
        said["FilterExpression"] = checked_length(wanted)
    if not plan.forward:
        said["ScanIndexForward"] = False
    if plan.consistent:
        said["ConsistentRead"] = True
    if plan.segments is not None:
        said |= {"Segment": 0, "TotalSegments": plan.segments}
    return said


def projection(attributes: Iterable[str], aliases: Aliases) -> dict[str, Any]:
    """The argument for some attributes, each once; none are all of them."""
    names = [aliases.name(one) for one in dict.fromkeys(attributes)]
    return {"ProjectionExpression": ", ".join(names)} if names else {}


def identity(definition: EntityDefinition, item: Item) -> str:
    """What tells an item from all others of its table."""
    names = sorted(key_names(definition.table))
    return repr([(name, item.get(name)) for name in names])


def mark_of(table: str, place: Item) -> str:
    """What tells the item of these key attributes from those of all tables."""
    return repr((table, sorted(place.items())))


def _condition(one: Condition, aliases: Aliases) -> str:
    name, held = aliases.name(one.name), [aliases.value(wire) for wire in one.wires]
    match one.operator:
        case "between":
            return f"{name} BETWEEN {held[0]} AND {held[1]}"
        case "begins with":
            return f"begins_with({name}, {held[0]})"
        case "not begins with":
            return f"NOT begins_with({name}, {held[0]})"
        case operator:
            return f"{name} {operator} {held[0]}"
