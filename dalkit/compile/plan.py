"""How DynamoDB answers a find or a count: by the table's key, by an index, or by a scan.

The table's own key is preferred to an index, and of several indexes the one whose key takes up
most of what was asked. Everything that no key says becomes a filter; what would need a scan that
was not allowed is refused with the index that would serve it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, final

from attrs import evolve, frozen

from dalkit.compile.expression import Aliases, Writer, all_of
from dalkit.compile.key_conditions import Condition, Known, condition_on_sort, field_of, known
from dalkit.compile.key_texts import PARTITION_LIMIT, KeyText, key_text
from dalkit.compile.paths import path_of
from dalkit.compile.refused import Contradiction, Refused, contradict, refuse
from dalkit.convert.refusal import Refusal
from dalkit.fields import predicates as p
from dalkit.fields.changes import OrderBy
from dalkit.query.finds import Count, Find
from dalkit.query.normal import conjuncts
from dalkit.result import Unsupported
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    EntityDefinition,
    IndexDefinition,
    Part,
    TableDefinition,
)
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Plan", "Read", "choose", "fences", "key_names", "plan"]

Read: TypeAlias = Find[Any, Any] | Count[Any]


@final
@frozen(kw_only=True)
class Plan:
    """One way to answer a read."""

    entity: Entity[Any, Any]
    index: IndexDefinition | None = None
    partition: Condition | None = None
    """None is a scan."""
    sort: Condition | None = None
    fences: tuple[Condition, ...] = ()
    """What keeps other entities of the table out, where the key does not."""
    filters: tuple[p.Predicate[Any], ...] = ()
    forward: bool = True
    consistent: bool = False
    served: int = 0
    """How many of the terms asked for the key takes up."""

    @property
    def scan(self) -> bool:
        return self.partition is None

    @property
    def avoided(self) -> frozenset[str]:
        """The attributes that its filter may not name."""
        return frozenset() if self.scan else key_names(self.index or self.table)

    @property
    def table(self) -> TableDefinition:
        return definition_of(self.entity).table


def plan(query: Read) -> Plan | Unsupported:
    """How DynamoDB answers the query, or why it does not."""
    try:
        return choose(query)
    except Refused as refused:
        return Unsupported(str(query), refused.reason, refused.remedy)
    except Refusal as refusal:
        return Unsupported(str(query), refusal.reason)


def choose(query: Read) -> Plan:
    """As `plan`; what cannot be served raises Refused."""
    if query.access.segments is not None:
        refuse("DynamoDB's answer is read in one part", "leave segments(…) out")
    facts = known(conjuncts(query.predicates))
    found: list[Plan] = []
    reasons: list[str] = []
    for place in _places(query):
        try:
            found.append(_checked(_through(query, place, facts), query, facts))
        except _Unfit as unfit:
            reasons.append(f"{_name(place)}: {unfit}")
    if found:
        return max(found, key=lambda one: (one.index is None, one.served))
    if not query.access.scan:
        _refuse_scan(query, facts, reasons)
    return _scan(query, facts)


def key_names(place: TableDefinition | IndexDefinition) -> frozenset[str]:
    """The key attributes of a table or an index."""
    return frozenset({place.pk.name} | ({place.sk.name} if place.sk else set()))


class _Unfit(Exception):
    """Why one key or index does not serve a query."""


def _places(query: Read) -> Iterator[TableDefinition | IndexDefinition]:
    table = definition_of(query.entity).table
    if query.access.index is None:
        yield table
    for index in table.indexes:
        if query.access.index in (None, index.name):
            yield index


def _name(place: TableDefinition | IndexDefinition) -> str:
    return place.name if isinstance(place, IndexDefinition) else f"the key of {place.name}"


def _through(query: Read, place: TableDefinition | IndexDefinition, facts: Known) -> Plan:
    """The plan by one key; a key that does not fit raises _Unfit."""
    definition = definition_of(query.entity)
    index = place if isinstance(place, IndexDefinition) else None
    if index is not None and query.access.consistent:
        raise _Unfit("an index is never consistent")
    pk = key_text(definition, place.pk.name)
    if pk is None:
        raise _Unfit(f"{definition.name} has no {place.pk.name}")
    missing = [one for one in pk.fields if one not in facts.equal]
    if missing:
        raise _Unfit(f"{place.pk.name} needs {' and '.join(missing)} == …")
    partition, exact = _partition(pk, facts)
    sort, sorted_by, forward = _sort(query, place, facts)
    partition, sort = _marked(definition, partition), sort and _marked(definition, sort)
    served = exact | sorted_by
    return Plan(
        entity=query.entity,
        index=index,
        partition=partition,
        sort=sort,
        fences=fences(definition, key_names(place)) if index else (),
        filters=tuple(one for n, one in enumerate(facts.terms) if n not in served),
        forward=forward,
        consistent=query.access.consistent,
        served=len(served),
    )


def _partition(pk: KeyText, facts: Known) -> tuple[Condition, frozenset[int]]:
    """The condition on the partition key: as on a sort key that is known whole."""
    found, exact = condition_on_sort(pk, facts)
    assert found is not None
    ((held,),) = (one.values() for one in found.wires)
    if isinstance(held, str) and len(held.encode()) > PARTITION_LIMIT:
        contradict(f"no record has this {' and '.join(pk.fields)}: its key would be too long")
    return found, exact


def _marked(definition: EntityDefinition, one: Condition) -> Condition:
    text = key_text(definition, one.name)
    fields = text.fields if text is not None else ()
    return evolve(one, secret=any(definition.by_field[name].secret for name in fields))


def _sort(
    query: Read, place: TableDefinition | IndexDefinition, facts: Known
) -> tuple[Condition | None, frozenset[int], bool]:
    definition = definition_of(query.entity)
    orders = query.orders if isinstance(query, Find) else ()
    if place.sk is None:
        return None, frozenset(), _direction(None, orders, facts, definition)
    sk = key_text(definition, place.sk.name)
    if sk is None:
        raise _Unfit(f"{definition.name} has no {place.sk.name}")
    if isinstance(place, IndexDefinition):
        _check_complete(definition, sk, facts)
    found, served = condition_on_sort(sk, facts)
    return found, served, _direction(sk, orders, facts, definition)


def _check_complete(definition: EntityDefinition, sk: KeyText, facts: Known) -> None:
    """An index holds only items that have its sort key."""
    for field in sk.fields:
        if definition.by_field[field].nullable and not any(True for _ in facts.about(field)):
            raise _Unfit(f"it leaves out records whose {field} is None")


def _direction(
    sk: KeyText | None, orders: tuple[OrderBy[Any], ...], facts: Known, definition: EntityDefinition
) -> bool:
    """Whether to read forwards; an order that the key does not give raises _Unfit."""
    rest = [one for one in orders if one.place.steps or one.place.name not in facts.equal]
    if not rest or set(definition.key) <= set(facts.equal):
        return True
    wanted = ", then ".join(str(one.place) for one in rest)
    if len({one.descending for one in rest}) > 1:
        raise _Unfit(f"one key gives one direction, and {wanted} asks for both")
    forward = not rest[0].descending
    for at, part in enumerate(sk.parts if sk else ()):
        if isinstance(part, str) or part.field in facts.equal:
            continue
        assert sk is not None
        place = rest[0].place
        if place.steps or place.name != part.field or not _in_order(sk, part, at, facts):
            break
        rest = rest[1:]
        if not rest:
            return forward
    raise _Unfit(f"it does not give the order by {wanted}")


def _in_order(sk: KeyText, part: Part, at: int, facts: Known) -> bool:
    if not sk.ordered(at):
        return False
    if not sk.signed(part):
        return True
    lows = [
        getattr(one, "low", getattr(one, "value", None))
        for one in facts.about(part.field)
        if isinstance(one, p.Between) or getattr(one, "operator", "") in (">", ">=")
    ]
    return any(isinstance(low, int) and low >= 0 for low in lows)


def fences(definition: EntityDefinition, avoided: Iterable[str]) -> tuple[Condition, ...]:
    """Conditions on the table's key, and its discriminator, that only this entity's items meet."""
    table = definition.table
    found: list[Condition] = []
    for key in (table.pk, table.sk):
        text = None if key is None else key_text(definition, key.name)
        if text is None or text.name in avoided:
            continue
        if not text.fields:
            found.append(Condition(text.name, "=", (text.value({}),)))
        elif text.type == "S" and text.prefix:
            found.append(Condition(text.name, "begins with", ({"S": text.prefix},)))
    name = definition.by_attribute.get(table.discriminator or "")
    if name is not None and isinstance(name.content, Constant) and name.type == "S":
        found.append(Condition(name.name, "=", ({"S": str(name.content.value)},)))
    return tuple(found)


def _checked(found: Plan, query: Read, facts: Known) -> Plan:
    """The plan without filters that are true of every item, if the rest can be written."""
    kept: list[p.Predicate[Any]] = []
    aliases = Aliases()
    writer = Writer(found.entity, aliases, found.avoided)
    try:
        for one in found.filters:
            formula = writer.formula(one)
            if formula is False:
                contradict(f"no record is like this by its {field_of(one) or 'values'}")
            if formula is not True:
                kept.append(one)
        all_of(writer.formula(one) for one in kept)
    except Contradiction:
        raise
    except Refused as refused:
        raise _Unfit(str(refused)) from None
    if found.index is not None:
        _check_carried(found.index, query, frozenset(aliases.names))
    return evolve(found, filters=tuple(kept))


def _check_carried(index: IndexDefinition, query: Read, filtered: frozenset[str]) -> None:
    """An index answers only if it carries what is asked."""
    if index.projection == "ALL":
        return
    definition = definition_of(query.entity)
    held = key_names(index) | key_names(definition.table) | set(index.projected)
    needed = filtered | set(_answered(query, definition))
    missing = [one.name for one in definition.attributes if one.name in needed - held]
    if missing:
        raise _Unfit(f"it does not carry {', '.join(missing)}")


def _answered(query: Read, definition: EntityDefinition) -> Iterator[str]:
    if isinstance(query, Count):
        return
    if not query.selected:
        yield from definition.by_attribute
        return
    for place in query.selected:
        yield str(path_of(query.entity, place).steps[0])


def _scan(query: Read, facts: Known) -> Plan:
    definition = definition_of(query.entity)
    orders = query.orders if isinstance(query, Find) else ()
    if orders and not set(definition.key) <= set(facts.equal):
        names = ", ".join(str(one.place) for one in orders)
        refuse(f"a scan gives no order, and {names} was asked for", "leave order_by(…) out")
    index = next((one for one in definition.table.indexes if one.name == query.access.index), None)
    if index is not None:
        _check_scanned(query, index, facts)
    found = Plan(
        entity=query.entity,
        index=index,
        fences=fences(definition, ()),
        filters=facts.terms,
        consistent=query.access.consistent,
    )
    try:
        return _checked(found, query, facts)
    except _Unfit as unfit:
        refuse(str(unfit))


def _check_scanned(query: Read, index: IndexDefinition, facts: Known) -> None:
    definition = definition_of(query.entity)
    if query.access.consistent:
        refuse("an index is never consistent", "leave using(…) or consistent() out")
    for key in (index.pk, index.sk):
        text = None if key is None else key_text(definition, key.name)
        if key is not None and text is None:
            refuse(f"{index.name} holds no {definition.name}, which has no {key.name}")
        try:
            if text is not None:
                _check_complete(definition, text, facts)
        except _Unfit as unfit:
            refuse(f"{index.name}: {unfit}", "leave using(…) out")


def _refuse_scan(query: Read, facts: Known, reasons: list[str]) -> None:
    table = definition_of(query.entity).table
    told = [one for one in reasons if " has no " not in one] or reasons
    said = "; ".join(dict.fromkeys(told))
    if not facts.terms:
        said = "every record would be read"
    elif all("needs" in one for one in told):
        fields = dict.fromkeys(one for term in facts.terms if (one := field_of(term)))
        said = f"no key or index of {table.name} starts with {' or '.join(fields) or 'it'} ({said})"
    if query.access.consistent and any("never consistent" in one for one in reasons):
        refuse(said, "leave consistent() out, or add .allow_scan()")
    ordered = isinstance(query, Find) and bool(query.orders)
    snippet = _snippet(query, facts)
    index = f"to the contract {snippet}" if snippet else ""
    if ordered:
        refuse(said, f"leave order_by(…) out, or add {index}" if index else "leave order_by(…) out")
    refuse(said, f"add .allow_scan(), or {index}" if index else "add .allow_scan()")


def _snippet(query: Read, facts: Known) -> str:
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
