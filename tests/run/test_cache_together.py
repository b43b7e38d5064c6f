"""The cache under threads and random programs: nobody can see that it is there."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve

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
from dalkit.run import cache_keys
from dalkit.run.cache import Cached, cached
from dalkit.testing.clock import FakeClock

PROGRAMS = int(os.environ.get("DALKIT_PROGRAMS", "100"))
STEPS = 80
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


def a_note(dice: Random) -> Any:
    """A note that may meet another's key or title, and may expire."""
    lasts = dice.choice([None, None, None, 5, 40])
    return note(
        dice.randint(1, 4),
        number=dice.choice([None, 0, 1, 2]),
        title=dice.choice([None, None, "a", "b", "c"]),
        owner="o",
        expires=None if lasts is None else NOON + timedelta(seconds=lasts),
    )


def a_write(dice: Random) -> Any:
    """One write, which may fail."""
    one, chosen = a_note(dice), key(dice.randint(1, 4))
    match dice.randint(0, 4):
        case 0:
            return insert(NOTES, one)
        case 1:
            return delete(NOTES, chosen)
        case 2:
            return update(NOTES, chosen).set(NOTES.number, dice.choice([0, 1, 2]))
        case 3:
            return put(NOTES, one).when(NOTES.number == dice.choice([0, 1]))
        case _:
            return put(NOTES, one)


def a_read(dice: Random) -> Any:
    """One read of any kind, one in ten of them consistent."""
    several = [key(number) for number in dice.sample(range(1, 6), dice.randint(1, 3))]
    order = dice.choice([NOTES.number.desc(), NOTES.title])
    some = find(NOTES).where(NOTES.number >= dice.choice([0, 1])).order_by(order)
    plain = find(NOTES).allow_scan()
    query = dice.choice(
        [
            get(NOTES, several[0]),
            get(NOTES, several[0]),
            get(NOTES, several[0]).select(NOTES.title),
            get_many(NOTES, several),
            some,
            some.limit(dice.randint(1, 2)),
            plain.limit(1),
            plain.select(NOTES.id),
            count(NOTES),
            transact_get(get(NOTES, several[0])),
        ]
    )
    return query.consistent() if hasattr(query, "consistent") and dice.random() < 0.1 else query


def a_step(dice: Random) -> Any:
    """A read, a write, several writes, or some seconds."""
    chance = dice.random()
    if chance < 0.6:
        return a_read(dice)
    if chance < 0.8:
        return a_write(dice)
    writes = [a_write(dice) for _ in range(dice.randint(0, 3))]
    plain = [put(NOTES, a_note(dice)) for _ in range(dice.randint(0, 3))]
    return dice.choice([transact(*writes), batch(*plain), 1.0, 4.0, 20.0])


def check_program(seed: int) -> int:
    """Every step is answered the same with and without a cache; how many came from memory."""
    dice, bench = Random(seed), Bench()
    plain, hits = memory([NOTES], now=bench.now), 0
    for number in range(STEPS):
        query = a_step(dice)
        if isinstance(query, float):
            bench.clock.time += query
            continue
        while query is not None:
            asked = len(bench.asked)
            expected, found = plain.run(query), bench.cache.run(query)
            assert found == expected, f"program {seed}, step {number}: {query}"
            hits += len(bench.asked) == asked
            following = getattr(expected.value_or(None), "next", None)
            query = query.after(following) if following else None
    return hits


def check_programs(number: int) -> int:
    """As many of them."""
    return sum(check_program(seed) for seed in range(number))


def test_a_cache_cannot_be_seen() -> None:
    """Any program has the same answers with and without one, its cursors included."""
    hits = check_programs(PROGRAMS)
    folder = os.environ.get("DALKIT_FIGURES")
    if folder:
        figures = {"programs": PROGRAMS, "steps": STEPS * PROGRAMS, "hits": hits, "differences": 0}
        (Path(folder) / "cache.json").write_text(json.dumps(figures, indent=2) + "\n")

    assert hits > 2 * PROGRAMS


@pytest.mark.parametrize("forgotten", ["find", "key"])
def test_a_planted_fault_is_found(forgotten: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs see a cache that does not drop one kind of answers."""
    whole = cache_keys.touch_of

    def less(query: Any) -> Any:
        touch = whole(query)
        kept = frozenset(one for one in touch.groups if one[0] != forgotten)
        return evolve(touch, groups=kept)

    monkeypatch.setattr("dalkit.run.cache.touch_of", less)
    with pytest.raises(AssertionError, match="program"):
        check_programs(60)


def test_a_record_that_is_kept_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs see one that has expired."""
    monkeypatch.setattr("dalkit.run.cache.lifetime", lambda *_: None)
    with pytest.raises(AssertionError, match="program"):
        check_programs(60)
