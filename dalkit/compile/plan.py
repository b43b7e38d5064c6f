"""How DynamoDB answers a find or a count: by the table's key, by an index, or by a scan.

The table's own key is preferred to an index, and of several indexes the one whose key takes up
most of what was asked. Everything that no key says becomes a filter. An order that no key gives
is made after reading where `allow_scan()` was said; what would need a scan that was not allowed
is refused with the index that would serve it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias, final

from attrs import evolve, frozen

from dalkit.compile.answers import Answers
from dalkit.compile.expression import Aliases, Writer, all_of
from dalkit.compile.fences import discriminator_of, fences
from dalkit.compile.key_conditions import Condition, Known, condition_on_sort, field_of, known
from dalkit.compile.key_texts import PARTITION_LIMIT, KeyText, key_text
from dalkit.compile.refused import Contradiction, Refused, contradict, refuse
from dalkit.compile.remedies import refuse_scan
from dalkit.convert.refusal import Refusal
from dalkit.fields import predicates as p
from dalkit.fields.changes import OrderBy
from dalkit.query.finds import Count, Find
from dalkit.query.normal import conjuncts
from dalkit.result import Unsupported
from dalkit.schema.definition import (
    EntityDefinition,
    IndexDefinition,
    Part,
    TableDefinition,
)
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Plan", "Read", "choose", "key_names", "plan"]

Read: TypeAlias = Find[Any, Any] | Count[Any]

_MOST_SEGMENTS: Final = 1_000_000


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
    sorted: bool = False
    """Whether the order is made after reading everything that matches."""
    fetched: tuple[str, ...] = ()
    """The attributes that the index does not carry, so that records are got by their keys."""
    filtered: tuple[str, ...] = ()
    """The attributes that the filter looks at."""
    segments: int | None = None

    @property
    def scan(self) -> bool:
        return self.partition is None

    @property
    def mixed(self) -> bool:
        """Whether items of another entity may be among those that it reads."""
        return definition_of(self.entity).mixed

    @property
    def keys(self) -> tuple[str, ...]:
        """The key attributes of the table, and of the index that is read, each once."""
        keys = (*self.table.keys, *(() if self.index is None else self.index.keys))
        return tuple(dict.fromkeys(one.name for one in keys))

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
    """As `plan`; what cannot be served raises Refused, what is true of no record Contradiction."""
    facts = known(conjuncts(query.predicates))
    found: list[Plan] = []
    reasons: list[str] = []
    for place in _places(query):
        try:
            found.append(_checked(_through(query, place, facts), query, facts))
        except _Unfit as unfit:
            reasons.append(f"{_name(place)}: {unfit}")
    if found:
        return _in_segments(max(found, key=_merit), query)
    if not query.access.scan:
        refuse_scan(query, facts, reasons)
    return _in_segments(_scan(query, facts), query)


def _merit(one: Plan) -> tuple[bool, bool, bool, int]:
    return not one.sorted, one.index is None, not one.fetched, one.served


def _in_segments(found: Plan, query: Read) -> Plan:
    """The plan in as many parts as were asked for."""
    number = query.access.segments
    if number is None:
        return found
    if not found.scan:
        refuse("a key answers it, and only a scan has segments", "leave segments(…) out")
    if number > _MOST_SEGMENTS:
        refuse(f"{number:,} segments, and DynamoDB takes {_MOST_SEGMENTS:,}")
    paged = isinstance(query, Find) and (query.most is not None or query.cursor is not None)
    if paged and not found.sorted:
        refuse("a scan in segments is read as a whole, not page by page", "leave segments(…) out")
    return evolve(found, segments=number)


def key_names(place: TableDefinition | IndexDefinition) -> frozenset[str]:
    """The key attributes of a table or an index."""
    return frozenset(one.name for one in place.keys)


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
    sort, sorted_by, order = _sort(query, place, facts)
    partition, sort = _marked(definition, partition), sort and _marked(definition, sort)
    served = exact | sorted_by
    return Plan(
        entity=query.entity,
        index=index,
        partition=partition,
        sort=sort,
        fences=fences(definition, key_names(place)) if index or definition.mixed else (),
        filters=tuple(one for n, one in enumerate(facts.terms) if n not in served),
        forward=order is not False,
        sorted=order is None,
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
) -> tuple[Condition | None, frozenset[int], bool | None]:
    """The condition on the sort key, the terms it takes up, and whether it goes forwards.

    None is an order that is made after reading.
    """
    definition = definition_of(query.entity)
    if place.sk is None:
        return None, frozenset(), _order(query, None, facts)
    sk = key_text(definition, place.sk.name)
    if sk is None:
        raise _Unfit(f"{definition.name} has no {place.sk.name}")
    if isinstance(place, IndexDefinition):
        _check_complete(definition, sk, facts)
    found, served = condition_on_sort(sk, facts)
    return found, served, _order(query, sk, facts)


def _order(query: Read, sk: KeyText | None, facts: Known) -> bool | None:
    orders = query.orders if isinstance(query, Find) else ()
    try:
        return _direction(sk, orders, facts, definition_of(query.entity))
    except _Unfit:
        if not query.access.scan:
            raise
        return None


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
    names = definition_of(found.entity).by_attribute
    filtered = tuple(one for one in aliases.names if one in names)
    checked = evolve(found, filters=tuple(kept), filtered=filtered)
    return checked if found.index is None else _carried(checked, found.index, query)


def _carried(found: Plan, index: IndexDefinition, query: Read) -> Plan:
    """The plan with what the index does not carry, got by key after it."""
    if index.projection == "ALL":
        return found
    definition = definition_of(query.entity)
    held = key_names(index) | key_names(definition.table) | set(index.projected)
    lacking = _missing(definition, set(found.filtered) - held)
    if lacking:
        raise _Unfit(f"it does not carry {lacking}")
    needed = set(_answered(query, index)) - held
    name = discriminator_of(definition)
    if name is not None and name not in held:
        if definition.mixed and isinstance(query, Count):
            raise _Unfit(f"it does not carry {name}")
        found = evolve(found, fences=tuple(one for one in found.fences if one.name != name))
        needed |= {name} if definition.mixed else set()
    fetched = tuple(one.name for one in definition.attributes if one.name in needed)
    return evolve(found, fetched=fetched)


def _missing(definition: EntityDefinition, names: set[str]) -> str:
    return ", ".join(one.name for one in definition.attributes if one.name in names)


def _answered(query: Read, index: IndexDefinition) -> Iterator[str]:
    if isinstance(query, Count):
        return
    if not query.selected:
        yield from definition_of(query.entity).by_attribute
        return
    yield from Answers[Any](query.entity, query.selected).attributes(_paged_by(query, index))


def _paged_by(query: Find[Any, Any], index: IndexDefinition) -> Iterator[str]:
    """The fields that a cursor holds, if there may be one."""
    yield from (one.place.name for one in query.orders)
    if query.most is not None:
        definition = definition_of(query.entity)
        yield from definition.key
        for name in key_names(index):
            text = key_text(definition, name)
            yield from text.fields if text is not None else ()


def _scan(query: Read, facts: Known) -> Plan:
    definition = definition_of(query.entity)
    index = next((one for one in definition.table.indexes if one.name == query.access.index), None)
    if index is not None:
        _check_scanned(query, index, facts)
    found = Plan(
        entity=query.entity,
        index=index,
        fences=fences(definition, ()),
        filters=facts.terms,
        consistent=query.access.consistent,
        sorted=isinstance(query, Find) and bool(query.orders),
    )
    try:
        return _checked(found, query, facts)
    except _Unfit as unfit:
        refuse(str(unfit))


def _check_scanned(query: Read, index: IndexDefinition, facts: Known) -> None:
    definition = definition_of(query.entity)
    if query.access.consistent:
        refuse("an index is never consistent", "leave using(…) or consistent() out")
    for key in index.keys:
        text = key_text(definition, key.name)
        if text is None:
            refuse(f"{index.name} holds no {definition.name}, which has no {key.name}")
        try:
            _check_complete(definition, text, facts)
        except _Unfit as unfit:
            refuse(f"{index.name}: {unfit}", "leave using(…) out")
