"""Random programs: whatever is asked in whatever order, there is one consistent answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit import (
    Failure,
    Success,
    batch,
    count,
    delete,
    find,
    get,
    get_many,
    insert,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.query.subjects import key_of_record
from dalkit.result import NotFound
from dalkit.run.backend import Backend, pages
from dalkit.run.memory import memory
from dalkit.schema.entity import Entity, definition_of
from dalkit.testing.strategies import records_of, scalars_of
from dalkit.testing.zoo import zoo as hard_ones

SETTINGS = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


def _fields(entity: Any) -> list[tuple[Any, Any]]:
    """Each field that is one value, and values for it."""
    found = []
    for one in definition_of(entity).fields:
        try:
            found.append((getattr(entity, one.name), scalars_of(one.kind)))
        except ValueError:
            continue  # a record inside the record
    return found


def _tried(build: Callable[[], Any], instead: Any) -> Any:
    """What cannot even be asked is not asked."""
    try:
        return build()
    except (TypeError, ValueError):
        return instead


def _predicate(draw: Any, entity: Any, depth: int = 2) -> Any:
    shape = draw(st.integers(0, 8 if depth else 5))
    field, values = draw(st.sampled_from(_fields(entity)))
    value = draw(values)
    if shape > 5:
        one, other = (_predicate(draw, entity, depth - 1) for _ in range(2))
        return {6: lambda: one & other, 7: lambda: one | other, 8: lambda: ~one}[shape]()
    leaf: Callable[[], Any] = {
        0: lambda: field == value,
        1: lambda: field != value,
        2: lambda: field < value,
        3: lambda: field.between(value, value),
        4: lambda: field.is_in([value]),
        5: lambda: field.size() >= 1,
    }[shape]
    return _tried(lambda: find(entity).where(leaf()).predicates[0], field.exists())


def _change(draw: Any, entity: Any, base: Any) -> Any:
    field, values = draw(st.sampled_from(_fields(entity)))
    value = draw(values)
    shape = draw(st.integers(0, 3))
    return _tried(
        {
            0: lambda: base.set(field, value),
            1: lambda: base.add(field, value),
            2: lambda: base.remove(field),
            3: lambda: base.set_if_absent(field, value),
        }[shape],
        base,
    )


def _write(draw: Any, entity: Any, pool: list[Any]) -> Any:
    record = draw(st.sampled_from(pool))
    key = key_of_record(entity, record)
    condition = [_predicate(draw, entity)] if draw(st.booleans()) else []
    match draw(st.integers(0, 3)):
        case 0:
            return put(entity, record).when(*condition)
        case 1:
            return insert(entity, record)
        case 2:
            return delete(entity, key).when(*condition)
        case _:
            return _change(draw, entity, update(entity, key).when(*condition))


def _read(draw: Any, entity: Any, pool: list[Any]) -> Any:
    keys = [key_of_record(entity, one) for one in pool]
    ordered = draw(st.sampled_from(_fields(entity)))[0]
    query = find(entity).where(_predicate(draw, entity)).allow_scan()
    match draw(st.integers(0, 4)):
        case 0:
            return get(entity, draw(st.sampled_from(keys)))
        case 1:
            return get_many(entity, keys)
        case 2:
            return transact_get(*(get(entity, one) for one in keys))
        case 3:
            return count(entity).where(_predicate(draw, entity)).allow_scan()
        case _:
            return _tried(lambda: query.order_by(ordered.desc()), query).limit(2)


def _step(draw: Any, entity: Any, pool: list[Any]) -> Any:
    match draw(st.integers(0, 5)):
        case 0 | 1:
            return _read(draw, entity, pool)
        case 2:
            return transact(*(_write(draw, entity, pool) for _ in range(draw(st.integers(0, 3)))))
        case 3:
            return batch(*(put(entity, one) for one in draw(st.lists(st.sampled_from(pool)))))
        case _:
            return _write(draw, entity, pool)


def _check(db: Backend, entity: Any) -> None:
    """What every moment is like: pages, counts and gets tell of the same records."""
    query = find(entity).allow_scan()
    whole = db.run(query).unwrap().items
    keys = [key_of_record(entity, one) for one in whole]
    paged = [one for page in pages(db, query.limit(2)) for one in page.unwrap().items]

    assert list(whole) == paged
    assert db.run(count(entity).allow_scan()) == Success(len(whole))
    assert len(set(keys)) == len(keys)
    assert list(db.run(get_many(entity, keys)).unwrap().values()) == list(whole)


def _program(db: Backend, entity: Any, data: st.DataObject) -> None:
    pool = data.draw(st.lists(records_of(entity), min_size=1, max_size=4))
    for _ in range(data.draw(st.integers(1, 6))):
        step = _step(data.draw, entity, pool)
        before = db.run(find(entity).allow_scan()).unwrap().items
        answer: Any = db.run(step)
        assert isinstance(answer, (Success, Failure))
        if isinstance(answer, Failure) and not str(step).startswith("batch"):
            assert str(answer.failure())
            assert db.run(find(entity).allow_scan()).unwrap().items == before
    _check(db, entity)


@SETTINGS
@given(data=st.data())
def test_random_programs_are_answered(
    opened: Callable[[], Backend], zoo: Any, data: st.DataObject
) -> None:
    """A failure changes nothing, and every read tells of the same records."""
    _program(opened(), zoo.notes, data)


@SETTINGS
@given(data=st.data())
def test_random_programs_on_the_store_are_answered(
    opened: Callable[[], Backend], store: Any, data: st.DataObject
) -> None:
    """With unique fields, keys of several parts, and child rows."""
    _program(opened(), data.draw(st.sampled_from([store.users, store.orders])), data)


@pytest.mark.parametrize("name", sorted(hard_ones()))
@settings(SETTINGS, max_examples=3)
@given(data=st.data())
def test_the_memory_backend_answers_random_programs_on_hard_entities(
    name: str, data: st.DataObject
) -> None:
    """Every kind under every attribute type, keys of every shape."""
    entity: Entity[Any, Any] = hard_ones()[name]
    _program(memory(hard_ones()), entity, data)


def test_what_was_put_is_got(opened: Callable[[], Backend], zoo: Any, note: Any) -> None:
    """The least program: nothing, a record, nothing again."""
    db, key = opened(), zoo.NoteKey(1)

    assert isinstance(db.run(get(zoo.notes, key)).failure(), NotFound)
    assert db.run(put(zoo.notes, note(1))) == db.run(get(zoo.notes, key))
    assert db.run(delete(zoo.notes, key)) == Success(True)
    assert isinstance(db.run(get(zoo.notes, key)).failure(), NotFound)
