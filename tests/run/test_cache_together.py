"""The cache under threads and random programs: nobody can see that it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit import (
    Success,
    batch,
    count,
    delete,
    find,
    get,
    get_many,
    insert,
    memory,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    transact_get,
    update,
)
from dalkit.records.made import records_module
from dalkit.run.cache import Cached, cached
from dalkit.testing.clock import FakeClock

STORES = Path(__file__).parents[1] / "stores"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def _zoo() -> Any:
    contract, _ = read_contract((STORES / "zoo.json").read_text())
    source, _ = read_ddl((STORES / "zoo.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


ZOO = _zoo()
NOTES = ZOO.notes


def note(id: int, **given: Any) -> Any:  # noqa: A002  # the field's own name
    """A note; all else is None if it is not given."""
    names = "title number price ratio done sort tags raw day spent tree seen expires".split()
    plain = dict.fromkeys(names)
    return ZOO.Note(**{"id": id, "owner": f"o{id}", "version": 0, **plain, **given})


def key(id: int) -> Any:  # noqa: A002  # the field's own name
    """A note's key."""
    return ZOO.NoteKey(id)


class Bench:
    """A memory backend that can be watched, and a cache in front of it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.plain = memory([NOTES], now=self.now)
        self.asked: list[str] = []
        self.before: Callable[[Any], object] = lambda _: None
        self.after: Callable[[Any], object] = lambda _: None
        self.cache: Cached = cached(self, effects=self.clock.effects, now=self.now)

    def now(self) -> datetime:
        """The wall's clock, which goes as the other does."""
        return NOON + timedelta(seconds=self.clock.time)

    def run(self, query: Any) -> Any:
        """As the backend behind the cache."""
        self.asked.append(type(query).__name__)
        self.before(query)
        answer = self.plain.run(query)
        self.after(query)
        return answer


@pytest.fixture
def bench() -> Bench:
    """One note, and a cache in front of it."""
    bench = Bench()
    bench.plain.run(put(NOTES, note(1, number=1))).unwrap()
    return bench


def test_what_is_read_during_a_write_is_not_kept(bench: Bench) -> None:
    """Whether it began before the write or after its begin."""
    wrote: list[bool] = []

    def write_meanwhile(query: Any) -> None:
        if type(query).__name__ == "Get" and not wrote:
            wrote.append(True)
            bench.cache.run(update(NOTES, key(1)).set(NOTES.number, 50))

    bench.after = write_meanwhile
    assert bench.cache.run(get(NOTES, key(1))).unwrap().number == 1
    assert bench.cache.run(get(NOTES, key(1))).unwrap().number == 50

    def read_meanwhile(query: Any) -> None:
        if type(query).__name__ == "Update":
            assert bench.cache.run(get(NOTES, key(1))).unwrap().number == 50

    bench.before = read_meanwhile
    bench.cache.run(update(NOTES, key(1)).set(NOTES.number, 60))
    assert bench.cache.run(get(NOTES, key(1))).unwrap().number == 60


def test_many_who_ask_the_same_ask_once(bench: Bench) -> None:
    """All wait for the first; one that begins after a write asks anew."""
    everyone, asked, gate = threading.Barrier(9), threading.Event(), threading.Event()

    def slow(_: Any) -> None:
        asked.set()
        gate.wait(30)

    bench.before = slow

    def ask(_: int) -> Any:
        everyone.wait(30)
        return bench.cache.run(get(NOTES, key(1)))

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, number) for number in range(8)]
        everyone.wait(30)
        asked.wait(30)
        gate.set()
        found = [one.result(30) for one in answers]

    assert found == [Success(note(1, number=1))] * 8
    assert bench.asked.count("Get") == 1


def test_those_who_wait_for_one_that_raised_ask_for_themselves(bench: Bench) -> None:
    """Its exception is its own."""
    failing = [True]

    def raised(_: Any) -> None:
        if failing and failing.pop():
            second = threading.Thread(target=lambda: found.append(bench.cache.run(query)))
            second.start()
            threads.append(second)
            raise RuntimeError("a fault of ours")

    query, found, threads = get(NOTES, key(1)), [], []  # type: ignore[var-annotated]  # plain lists
    bench.before = raised
    with pytest.raises(RuntimeError):
        bench.cache.run(query)
    for one in threads:
        one.join(30)

    assert found == [Success(note(1, number=1))]


def test_each_thread_reads_its_own_writes(bench: Bench) -> None:
    """And never an older number than one that it has seen acknowledged."""
    acknowledged = [0]

    def work(_: int) -> None:
        for _ in range(60):
            before = acknowledged[0]
            answer = bench.cache.run(get(NOTES, key(1))).unwrap()
            assert answer.number >= before
            done = bench.cache.run(update(NOTES, key(1)).add(NOTES.number, 1)).unwrap()
            with lock:
                acknowledged[0] = max(acknowledged[0], done.number)
            assert bench.cache.run(get(NOTES, key(1))).unwrap().number >= done.number

    lock = threading.Lock()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert bench.cache.run(get(NOTES, key(1))).unwrap().number == 1 + 8 * 60
    assert bench.cache._loads == []
    assert bench.cache._writes == []
    assert bench.cache._flights == {}


KEYS = [1, 2, 3]
ids = st.sampled_from(KEYS)
numbers = st.sampled_from([None, 0, 1, 2])
notes = st.builds(
    lambda id, number, title, lasts: note(  # noqa: A006  # the field's own name
        id,
        number=number,
        title=title,
        owner="o",
        expires=None if lasts is None else NOON + timedelta(seconds=lasts),
    ),
    ids,
    numbers,
    st.sampled_from([None, "a", "b"]),
    st.sampled_from([None, None, 5, 40]),
)
single = st.one_of(
    st.builds(lambda one: put(NOTES, one), notes),
    st.builds(lambda one: insert(NOTES, one), notes),
    st.builds(lambda id: delete(NOTES, key(id)), ids),  # noqa: A006  # the field's own name
    st.builds(
        lambda id, number: update(NOTES, key(id)).set(NOTES.number, number),  # noqa: A006  # the field's own name
        ids,
        numbers,
    ),
    st.builds(
        lambda one, number: put(NOTES, one).when(NOTES.number == number),
        notes,
        st.sampled_from([0, 1]),
    ),
)
finds = st.builds(
    lambda low, most, down: _limited(
        find(NOTES)
        .where(NOTES.number >= low)
        .order_by(NOTES.number.desc() if down else NOTES.number),
        most,
    ),
    st.sampled_from([0, 1]),
    st.sampled_from([None, 1, 2]),
    st.booleans(),
)
reads = st.one_of(
    st.builds(lambda id: get(NOTES, key(id)), ids),  # noqa: A006  # the field's own name
    st.builds(lambda id: get(NOTES, key(id)).select(NOTES.title), ids),  # noqa: A006  # the field's own name
    st.builds(lambda many: get_many(NOTES, [key(one) for one in many]), st.lists(ids, min_size=1)),
    finds,
    st.just(count(NOTES)),
    st.builds(lambda id: transact_get(get(NOTES, key(id))), ids),  # noqa: A006  # the field's own name
)
steps = st.one_of(
    reads,
    reads,
    single,
    st.builds(lambda many: transact(*many), st.lists(single, max_size=3)),
    st.builds(lambda many: batch(*(put(NOTES, one) for one in many)), st.lists(notes, max_size=3)),
    st.sampled_from([1.0, 3.0, 10.0, 31.0]),
)


def _limited(query: Any, most: int | None) -> Any:
    return query if most is None else query.limit(most)


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, max_size=40))
def test_a_cache_cannot_be_seen(program: list[Any]) -> None:
    """Any program has the same answers with and without one, its cursors included."""
    bench = Bench()
    plain = memory([NOTES], now=bench.now)
    for step in program:
        if isinstance(step, float):
            bench.clock.time += step
            continue
        query = step
        while query is not None:
            expected = plain.run(query)
            assert bench.cache.run(query) == expected
            following = getattr(expected.value_or(None), "next", None)
            query = query.after(following) if following else None
