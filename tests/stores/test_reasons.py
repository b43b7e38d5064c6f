"""Which of several reasons a write tells: no record, its condition, its values, another record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dalkit import insert, put, transact, update
from dalkit.result import ConditionFailed, InvalidValue, NotFound, TransactionCancelled
from dalkit.run.backend import Backend

LAST = 2**31 - 1

# A write of the first note that sets what no note can hold, where there is one with number 2.
BAD: dict[str, Callable[[Any, Any], Any]] = {
    "set": lambda n, it: it.set(n.number, 2**40),
    "add": lambda n, it: it.add(n.number, LAST),
    "unique": lambda n, it: it.set(n.title, "x" * 200),
    "move": lambda n, it: it.set(n.id, 2**40),
    "sum to the key": lambda n, it: it.add(n.id, 2**40),
}

MOVES = ("move", "sum to the key")


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
def test_a_bad_value_is_the_last_reason(
    db: Backend, zoo: Any, note: Any, gap: Any, name: str, together: bool
) -> None:
    """It is one only for a record that is there and meets the condition."""
    n = zoo.notes
    db.run(put(n, note(1, number=2))).unwrap()
    there, missing = (BAD[name](n, update(n, zoo.NoteKey(k))) for k in (1, 9))
    found = []
    for one in (missing, there.when(n.number == 3), there.when(n.number == 2), there):
        answer = db.run(transact(one) if together else one)
        if together and name in MOVES and gap(answer, mysql="a change of the key stands alone"):
            return
        error = answer.failure()
        inner = error.reasons[0] if isinstance(error, TransactionCancelled) else error
        found.append(type(inner))

    assert found == [NotFound, ConditionFailed, InvalidValue, InvalidValue]


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_needed_is_no_reason(db: Backend, zoo: Any, note: Any, name: str) -> None:
    """Where there is no record the other one is inserted, whatever the changes are."""
    n = zoo.notes
    upsert = BAD[name](n, update(n, zoo.NoteKey(1))).or_insert(note(1, number=2))

    assert db.run(upsert).unwrap() == note(1, number=2)
    assert isinstance(db.run(upsert).failure(), InvalidValue)


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
def test_a_version_that_cannot_be_counted_is_the_last_reason(
    db: Backend, zoo: Any, note: Any, together: bool
) -> None:
    """Another version and a false condition are told first, with the record."""
    n, full = zoo.notes, note(1, version=LAST)
    db.run(insert(n, full)).unwrap()
    db.run(insert(n, note(2, version=3))).unwrap()
    found = []
    for one in (put(n, full).when(n.number == 5), put(n, note(2, version=LAST)), put(n, full)):
        error = db.run(transact(one) if together else one).failure()
        inner = error.reasons[0] if isinstance(error, TransactionCancelled) else error
        found.append((type(inner), getattr(inner, "record", None)))

    wanted = [(ConditionFailed, full), (ConditionFailed, note(2, version=3)), (InvalidValue, None)]
    assert found == wanted


def test_a_move_onto_a_record_tells_of_that_record(db: Backend, zoo: Any, note: Any) -> None:
    """Its key and itself, not those of the record that was to move; both stay."""
    n = zoo.notes
    db.run(put(n, note(1))).unwrap()
    db.run(put(n, note(2, number=7))).unwrap()
    move = update(n, zoo.NoteKey(1)).set(n.id, 2)
    for one in (move, move.when(n.number.is_none())):
        error = db.run(one).failure()
        assert isinstance(error, ConditionFailed)
        assert (error.key, error.record) == ("id = 2", note(2, number=7))
    left = db.run(move.when(n.number == 7)).failure()
    assert isinstance(left, ConditionFailed)
    assert (left.key, left.record) == ("id = 1", note(1))
