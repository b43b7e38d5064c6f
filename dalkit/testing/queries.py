"""Hypothesis strategies of queries: reads and writes about a few records, which meet often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar, final

import attrs
from attrs import frozen
from hypothesis import strategies as st

from dalkit import kinds
from dalkit.convert import items
from dalkit.fields.field import Field
from dalkit.fields.predicates import Predicate
from dalkit.query.base import Query, Write
from dalkit.query.finds import Find, count, find
from dalkit.query.gets import get, get_many
from dalkit.query.subjects import key_of_record
from dalkit.query.together import batch, transact, transact_get
from dalkit.query.updates import Update, update
from dalkit.query.writes import delete, insert, put
from dalkit.result import Success
from dalkit.schema.definition import Carried, EntityDefinition, Part, Template
from dalkit.schema.entity import Entity, definition_of
from dalkit.testing.strategies import records_of, scalars_of, type_of

__all__ = ["Pool", "pools_of", "programs_on", "queries_on", "reads_on", "writes_on"]

R = TypeVar("R")
_Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

_JSON = (1, "1", "xyz", True, None, -3)


@final
@frozen
class Target:
    """A place of an entity to ask for or to change."""

    field: Field[Any, Any]
    kind: kinds.Kind
    type: str = "S"
    """Of the attribute that carries it."""


@final
@frozen
class Pool:
    """The records that queries are about, some with the same key."""

    entity: Entity[Any, Any]
    records: tuple[Any, ...]
    fixed: frozenset[str] = frozenset()
    """The fields that no update changes."""
    fresh: bool = True
    """Whether values are asked for and set that no record has."""

    @property
    def keys(self) -> list[Any]:
        """Their keys."""
        return [key_of_record(self.entity, one) for one in self.records]

    def values(self, name: str) -> list[Any]:
        """What they have in a field, without None."""
        found = [getattr(one, name) for one in self.records]
        return [one for one in found if one is not None]


@st.composite
def pools_of(
    draw: _Draw,
    entity: Entity[R, Any],
    *,
    size: int = 3,
    fitted: Callable[[R], R] = lambda one: one,
    fixed: Iterable[str] = (),
    fresh: bool = True,
) -> Pool:
    """Some records of an entity, each twice: with values of its own, and with those of another.

    `fitted` makes a record fit what else there is in a store: rows that it refers to, say.
    """
    drawn = [fitted(draw(records_of(entity))) for _ in range(size)]
    mixed = [_with_key(entity, one, of) for one, of in pairwise(drawn)]
    more = [one for one in map(fitted, mixed) if _fits(entity, one)]
    return Pool(entity, (*drawn, *more), frozenset(fixed), fresh)


def queries_on(entity: Entity[Any, Any]) -> st.SearchStrategy[Query[Any]]:
    """Reads and writes of an entity, of every verb."""
    return pools_of(entity).flatmap(lambda pool: reads_on(pool) | writes_on(pool))


@st.composite
def programs_on(draw: _Draw, pool: Pool, *, steps: int = 6, least: int = 1) -> list[Query[Any]]:
    """From `least` to `steps` queries one after another, all about the records of the pool."""
    each = st.integers(0, 9).flatmap(lambda one: reads_on(pool) if one < 4 else writes_on(pool))
    found: list[Query[Any]] = draw(st.lists(each, min_size=least, max_size=steps))
    return found


@st.composite
def reads_on(draw: _Draw, pool: Pool) -> Query[Any]:
    """A read: by key, by condition, in pages, counted, several at one moment."""
    entity = pool.entity
    match draw(st.integers(0, 8)):
        case 0:
            return get(entity, draw(st.sampled_from(pool.keys)))
        case 1:
            return get_many(entity, draw(st.lists(st.sampled_from(pool.keys), max_size=4)))
        case 2:
            keys = draw(st.lists(st.sampled_from(pool.keys), max_size=3))
            return transact_get(*(get(entity, one) for one in keys))
        case 3 | 4:
            conditions = _conditions(draw, pool)
            return count(entity).where(*conditions).allow_scan()
        case _:
            return _find(draw, pool)


@st.composite
def writes_on(draw: _Draw, pool: Pool) -> Query[Any]:
    """A write: of one record, of several in a batch, or all together or none."""
    match draw(st.integers(0, 9)):
        case 0:
            return batch(
                *_apart(pool, [_plain(draw, pool) for _ in range(draw(st.integers(0, 3)))])
            )
        case 1 | 2:
            number = draw(st.integers(0, 3))
            return transact(*_apart(pool, [_write(draw, pool) for _ in range(number)]))
        case _:
            return _write(draw, pool)


def _find(draw: _Draw, pool: Pool) -> Find[Any, Any]:
    query = find(pool.entity).where(*_conditions(draw, pool))
    orders = [one.field for one in _targets(pool.entity)]
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        field = draw(st.sampled_from(orders))
        order = field.desc() if draw(st.booleans()) else field.asc()
        query = _tried(partial(query.order_by, order), query)
    if draw(st.booleans()):
        query = query.limit(draw(st.integers(1, 3)))
    if draw(st.integers(0, 4)) == 0:
        field = draw(st.sampled_from(orders))
        query = _tried(partial(query.select, field), query)
    return query.allow_scan()


def _conditions(draw: _Draw, pool: Pool) -> list[Predicate[Any]]:
    match draw(st.integers(0, 3)):
        case 0:
            return []
        case 1:
            return _keyed(draw, pool)
        case 2:
            return [*_keyed(draw, pool), _predicate(draw, pool, 1)]
        case _:
            return [_predicate(draw, pool, 2)]


def _keyed(draw: _Draw, pool: Pool) -> list[Predicate[Any]]:
    """What the key of the table or of an index answers: its partition, and a range of it."""
    entity, definition = pool.entity, definition_of(pool.entity)
    table = definition.table
    place = draw(st.sampled_from([table, *table.indexes]))
    record = draw(st.sampled_from(pool.records))
    names = _fields(definition, place.pk.name)
    values = {name: getattr(record, name) for name in names}
    if None in values.values():
        return []
    found = [getattr(entity, name) == value for name, value in values.items()]
    sort = _fields(definition, place.sk.name if place.sk else "")
    if sort and draw(st.booleans()):
        found.append(_leaf(draw, pool, _target(pool.entity, draw(st.sampled_from(sort)))))
    return found


def _predicate(draw: _Draw, pool: Pool, depth: int) -> Predicate[Any]:
    shape = draw(st.integers(0, 5 if depth else 2))
    if shape < 3:
        return _leaf(draw, pool, draw(st.sampled_from(_targets(pool.entity))))
    one = _predicate(draw, pool, depth - 1)
    if shape == 5:
        return ~one
    other = _predicate(draw, pool, depth - 1)
    return one & other if shape == 3 else one | other


def _leaf(draw: _Draw, pool: Pool, target: Target) -> Predicate[Any]:
    field, kind = target.field, target.kind
    one, two = _value(draw, pool, target), _value(draw, pool, target)
    low, high = _sorted(one, two)
    leaves: dict[int, Callable[[], Any]] = {
        0: lambda: field == one,
        1: lambda: field != one,
        2: lambda: field < one,
        3: lambda: field <= one,
        4: lambda: field > one,
        5: lambda: field >= one,
        6: lambda: field.between(low, high),
        7: lambda: field.is_in([one, two]),
        8: lambda: field.begins_with(one[:1]),
        9: lambda: field.contains(_part(kind, one)),
        10: lambda: field.size() >= 2,
        11: lambda: field.is_none(),
        12: lambda: field.exists(),
    }
    leaf = leaves[draw(st.integers(0, 12))]
    return _tried(lambda: find(pool.entity).where(leaf()).predicates[0], field.exists())


def _part(kind: kinds.Kind, value: Any) -> Any:
    if isinstance(kind, kinds.Members):
        return min(value, default=kind.values[0])
    return value[:1] if isinstance(value, (str, bytes)) else value


def _sorted(one: Any, two: Any) -> tuple[Any, Any]:
    return _tried(lambda: (one, two) if one <= two else (two, one), (one, two))


def _write(draw: _Draw, pool: Pool) -> Write[Any]:
    entity = pool.entity
    record = draw(st.sampled_from(pool.records))
    conditions = [_predicate(draw, pool, 1)] if draw(st.integers(0, 2)) == 0 else []
    match draw(st.integers(0, 7)):
        case 0 | 1:
            return put(entity, record).when(*conditions)
        case 2 | 3:
            return insert(entity, record)
        case 4:
            return delete(entity, key_of_record(entity, record)).when(*conditions)
        case _:
            return _update(draw, pool, record).when(*conditions)


def _plain(draw: _Draw, pool: Pool) -> Write[Any]:
    record = draw(st.sampled_from(pool.records))
    if draw(st.integers(0, 2)) == 0:
        return delete(pool.entity, key_of_record(pool.entity, record))
    return put(pool.entity, record)


def _update(draw: _Draw, pool: Pool, record: Any) -> Update[Any]:
    found: Update[Any] = update(pool.entity, key_of_record(pool.entity, record))
    for _ in range(draw(st.integers(0, 2))):
        every = _targets(pool.entity)
        targets = [one for one in every if one.field.place.name not in pool.fixed]
        found = _changed(draw, pool, found, draw(st.sampled_from(targets)))
    if draw(st.integers(0, 3)) == 0:
        found = found.or_insert(record)
    return found


def _changed(draw: _Draw, pool: Pool, before: Update[Any], target: Target) -> Update[Any]:
    field, value = target.field, _value(draw, pool, target)
    changes: dict[int, Callable[[], Update[Any]]] = {
        0: lambda: before.set(field, value),
        1: lambda: before.set(field, value),
        2: lambda: before.set_if_absent(field, value),
        3: lambda: before.remove(field),
        4: lambda: before.add(field, value),
        5: lambda: before.add(field, 1),
        6: lambda: before.add_members(field, *value),
        7: lambda: before.remove_members(field, *value),
        8: lambda: before.append(field, *value[:1]),
        9: lambda: before.set(field, None),
    }
    return _tried(changes[draw(st.integers(0, 9))], before)


def _value(draw: _Draw, pool: Pool, target: Target) -> Any:
    """Mostly one that a record has, so that it is met."""
    place = target.field.place
    if isinstance(target.kind, kinds.Json) and place.steps:
        return draw(st.sampled_from(_JSON))
    held = pool.values(place.name) if not place.steps else []
    if held and (not pool.fresh or draw(st.integers(0, 3))):
        return draw(st.sampled_from(held))
    try:
        return draw(scalars_of(target.kind, target.type))
    except ValueError:
        return draw(st.sampled_from(held)) if held else ()


def _targets(entity: Entity[Any, Any]) -> list[Target]:
    definition = definition_of(entity)
    return [one for field in definition.fields for one in _within(_target(entity, field.name))]


def _target(entity: Entity[Any, Any], name: str) -> Target:
    definition = definition_of(entity)
    field = definition.by_field[name]
    return Target(getattr(entity, name), field.kind, type_of(definition, field))


def _within(target: Target) -> Iterator[Target]:
    """The target, and the places inside it."""
    field = target.field
    yield target
    match target.kind:
        case kinds.Json():
            yield Target(field.at("n"), kinds.Json())
            yield Target(field.at("l").at(0), kinds.Json())
        case kinds.Nested(members=members, array=array):
            inside = field[0] if array else field
            for one in members:
                yield Target(inside.at(one.field), one.kind, one.type)
        case kinds.Listed(items=listed):
            yield Target(field[0], listed[0].kind, listed[0].type)
        case _:
            pass


def _fields(definition: EntityDefinition, attribute: str) -> list[str]:
    """The fields of a key attribute, none if the entity has no such attribute."""
    held = definition.by_attribute.get(attribute)
    match held.content if held is not None else None:
        case Carried(field):
            return [field]
        case Template(parts=parts):
            return list(dict.fromkeys(one.field for one in parts if isinstance(one, Part)))
        case _:
            return []


def _apart(pool: Pool, writes: Sequence[Any]) -> list[Any]:
    """The writes without those of a record that is written before."""
    found: dict[Any, Any] = {}
    for one in writes:
        key = getattr(one, "key", None) or key_of_record(pool.entity, one.record)
        found.setdefault(key, one)
    return list(found.values())


def _with_key(entity: Entity[Any, Any], record: Any, of: Any) -> Any:
    names = definition_of(entity).key
    return attrs.evolve(record, **{name: getattr(of, name) for name in names})


def _fits(entity: Entity[Any, Any], record: Any) -> bool:
    return isinstance(items(entity).encode(record), Success)


def _tried(build: Callable[[], R], instead: R) -> R:
    """What cannot even be asked is not asked."""
    try:
        return build()
    except (TypeError, ValueError):
        return instead
