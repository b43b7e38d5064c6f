"""Why no key or index serves a read, and the index that would, as the contract says it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from dalkit.compile.key_conditions import Known, field_of
from dalkit.compile.refused import refuse
from dalkit.fields import predicates as p
from dalkit.query.finds import Count, Find
from dalkit.schema.definition import AttributeDefinition, Carried, EntityDefinition
from dalkit.schema.entity import definition_of

__all__ = ["refuse_scan"]

_SORTED = "add .allow_scan() to put what it finds in order after reading it"


def refuse_scan(
    query: Find[Any, Any] | Count[Any], facts: Known, reasons: Sequence[str]
) -> NoReturn:
    """Refuse a read that only a scan would serve, which was not allowed."""
    table = definition_of(query.entity).table
    told = [one for one in reasons if " has no " not in one] or reasons
    said = "; ".join(_grouped(told))
    if not facts.terms:
        said = "every record would be read"
    elif all("needs" in one for one in told):
        fields = dict.fromkeys(one for term in facts.terms if (one := field_of(term)))
        asked = " or ".join(fields) or "what is asked"
        said = f"no key or index of {table.name} starts with {asked} ({said})"
    if query.access.consistent and any("never consistent" in one for one in reasons):
        refuse(said, "leave consistent() out, or add .allow_scan()")
    snippet = _snippet(query, facts)
    index = f", or to the contract {snippet}" if snippet else ""
    if any(isinstance(one, (p.IsIn, p.Or)) for one in facts.terms) and not index:
        index = ", or ask once for each value that a key takes"
    unordered = any("the order by" in one or "one direction" in one for one in reasons)
    refuse(said, f"{_SORTED if unordered else 'add .allow_scan()'}{index}")


def _grouped(reasons: Sequence[str]) -> list[str]:
    """Keys and indexes with the same reason, told once."""
    names: dict[str, list[str]] = {}
    for one in dict.fromkeys(reasons):
        name, _, reason = one.partition(": ")
        names.setdefault(reason, []).append(name)
    return [f"{', '.join(held)}: {reason}" for reason, held in names.items()]


def _snippet(query: Find[Any, Any] | Count[Any], facts: Known) -> str:
    """The index that would serve the query, as the contract says it; none where none would."""
    definition = definition_of(query.entity)
    orders = query.orders if isinstance(query, Find) else ()
    ranged = [one.place.name for one in orders if not one.place.steps]
    ranged += [field_of(one) for one in facts.terms if isinstance(one, (p.Compare, p.Between))]
    names = [_carrier(definition, one) for one in facts.equal]
    pk = next((one for one in names if one), None)
    if pk is None or len({one.descending for one in orders}) > 1:
        return ""
    sks = (_carrier(definition, one) for one in ranged if one and one not in facts.equal)
    taken = {one.name for one in definition.table.indexes}
    number = next(n for n in range(1, 999) if f"GSI{n}" not in taken)
    index = {"index_name": f"GSI{number}", "pk": pk}
    sk = next((one for one in sks if one), None)
    if sk is not None:
        index["sk"] = sk
    return json.dumps({"gsis": [{**index, "projection": "ALL"}]}, ensure_ascii=False)


def _carrier(definition: EntityDefinition, field: str) -> str | None:
    """An attribute that could be an index's key as it is."""
    for one in definition.attributes:
        if _carries(one, field) and one.type in ("S", "N", "B"):
            return one.name
    return None


def _carries(attribute: AttributeDefinition, field: str) -> bool:
    return isinstance(attribute.content, Carried) and attribute.content.field == field
