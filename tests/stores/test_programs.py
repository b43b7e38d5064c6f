"""Random programs: whatever is asked in whatever order, all stores answer alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit import Failure, Success, count, delete, find, get, get_many, put
from dalkit.compile.settings import Settings
from dalkit.query import Query
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.subjects import key_of_record
from dalkit.query.together import TransactGet
from dalkit.result import NotFound
from dalkit.run.backend import Backend, pages
from dalkit.run.memory import memory
from dalkit.schema.entity import Entity
from dalkit.testing.queries import pools_of, programs_on
from dalkit.testing.zoo import zoo as hard_ones

PROGRAMS = int(os.environ.get("DALKIT_PROGRAMS", "100"))
STEPS = int(os.environ.get("DALKIT_STEPS", "8"))
FIGURES = os.environ.get("DALKIT_FIGURES", "")
SETTINGS = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW = Settings(now=NOON)
_READS = (Get, GetMany, Find, Count, TransactGet)

# What a store declares that it cannot be asked: the reason, and where it holds.
GAPS: dict[str, tuple[str, ...]] = {
    "mysql": (),
    "dynamodb": (),
}


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


def _program(db: Backend, entity: Any, steps: list[Query[Any]]) -> None:
    for step in steps:
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
    pool = data.draw(pools_of(zoo.notes, fitted=note_for_all))
    _program(opened(), zoo.notes, data.draw(programs_on(pool)))


@pytest.mark.parametrize("name", sorted(hard_ones()))
@settings(SETTINGS, max_examples=3)
@given(data=st.data())
def test_the_memory_backend_answers_random_programs_on_hard_entities(
    name: str, data: st.DataObject
) -> None:
    """Every kind under every attribute type, keys of every shape."""
    entity: Entity[Any, Any] = hard_ones()[name]
    pool = data.draw(pools_of(entity))
    _program(memory(hard_ones()), entity, data.draw(programs_on(pool)))


def note_for_all(note: Any) -> Any:
    """A note that every store can tell from the others.

    MySQL compares unique texts without the blanks at their ends.
    """
    title = None if note.title is None else note.title.rstrip()
    return attrs.evolve(note, owner=note.owner.rstrip(), title=title)


def test_what_was_put_is_got(opened: Callable[[], Backend], zoo: Any, note: Any) -> None:
    """The least program: nothing, a record, nothing again."""
    db, key = opened(), zoo.NoteKey(1)

    assert isinstance(db.run(get(zoo.notes, key)).failure(), NotFound)
    assert db.run(put(zoo.notes, note(1))) == db.run(get(zoo.notes, key))
    assert db.run(delete(zoo.notes, key)) == Success(True)
    assert isinstance(db.run(get(zoo.notes, key)).failure(), NotFound)
