"""What a query is about, in words: for events, traces and logs."""

from __future__ import annotations

from typing import Any

import pytest

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
    maintain,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.compile.own_operation import operation
from dalkit.compile.own_sql import sql
from dalkit.result import NotFound
from dalkit.run.events import Event
from dalkit.run.guards import guards
from dalkit.run.operations import Operation, Subject, observed, subject_of
from dalkit.schema.entity import key_class_of, record_class_of
from dalkit.testing.clock import FakeClock
from dalkit.testing.zoo import zoo

NUMBER: Any = zoo()["number"]
TEXT: Any = zoo()["text"]
KEY = key_class_of(NUMBER)(id=7, raw=b"")
RECORD = record_class_of(NUMBER)(id=7, raw=b"", title=None)
SAID = "id = 7, raw = 0x"


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (get(NUMBER, KEY), Subject("get", "number", "Numbers", SAID)),
        (get_many(NUMBER, [KEY]), Subject("get_many", "number", "Numbers", "1 keys")),
        (find(NUMBER).allow_scan(), Subject("find", "number", "Numbers")),
        (count(NUMBER), Subject("count", "number", "Numbers")),
        (put(NUMBER, RECORD), Subject("put", "number", "Numbers", SAID)),
        (insert(NUMBER, RECORD), Subject("insert", "number", "Numbers", SAID)),
        (delete(NUMBER, KEY), Subject("delete", "number", "Numbers", SAID)),
        (
            update(NUMBER, KEY).set(NUMBER.title, "a"),
            Subject("update", "number", "Numbers", SAID),
        ),
        (maintain(put(NUMBER, RECORD)), Subject("put", "number", "Numbers", SAID)),
        (batch(put(NUMBER, RECORD)), Subject("batch", "number", "Numbers")),
        (
            transact(put(NUMBER, RECORD), delete(TEXT, key_class_of(TEXT)(id=1))),
            Subject("transact", "number, text", "Numbers, Zoo"),
        ),
        (transact(), Subject("transact")),
        (transact_get(get(NUMBER, KEY)), Subject("transact_get", "number", "Numbers")),
        (
            operation("Query", {"TableName": "Users"}, lambda _: Success(1)),
            Subject("operation", "", "Users"),
        ),
        (sql("SELECT 1", (), lambda _: Success(1)), Subject("sql")),
    ],
    ids=str,
)
def test_a_query_says_what_it_is_about(query: Any, subject: Subject) -> None:
    """Its verb, and the entities, tables and key that it names."""
    assert subject_of(query) == subject


@pytest.mark.parametrize(("given", "seconds"), [(None, 10.0), (2.5, 2.5), (0.0, 0.0)])
def test_a_run_has_its_time(given: float | None, seconds: float) -> None:
    """The backoff's own, or what is given; when it is over, nothing remains."""
    clock = FakeClock(time=100.0)
    run = Operation(guards("s", effects=clock.effects), get(NUMBER, KEY), deadline=given)

    assert run.deadline == 100.0 + seconds
    assert run.remaining() == seconds
    clock.time += 11.0
    assert (run.remaining(), run.elapsed) == (0.0, 11.0)


def test_an_answer_that_is_a_failure_is_told_as_such() -> None:
    """A record that is not there is an answer, and has its own name."""
    told: list[Event] = []
    around = guards("s", effects=FakeClock().effects, on_event=told.append)
    observed(around, get(NUMBER, KEY), lambda _: Failure(NotFound("a", "b")))

    assert [one.outcome for one in told] == ["NotFound"]


def test_a_run_that_raises_is_told() -> None:
    """Under the exception's name, which passes."""
    told: list[Event] = []
    around = guards("s", effects=FakeClock().effects, on_event=told.append)

    def act(_: Operation) -> Any:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError):
        observed(around, get(NUMBER, KEY), act)

    assert [one.outcome for one in told] == ["RuntimeError"]
