"""The cache: what it remembers, for how long, what drops it, and that nobody can see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

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
from dalkit.result import NotFound, Unavailable
from dalkit.run.cache import Cached, cached
from dalkit.run.cache_keys import changeable, identity, related
from dalkit.run.events import Event
from dalkit.schema.entity import definition_of
from dalkit.testing.clock import FakeClock

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def module(contract: Path, ddl: Path) -> Any:
    """The records of a contract."""
    read, _ = read_contract(contract.read_text())
    source, _ = read_ddl(ddl.read_text())
    assert read is not None
    schema, _ = resolve(read, source)
    assert schema is not None
    return records_module(schema)


STORE = module(
    ROOT / "contracts/online_store/migrationContract.json",
    ROOT / "contracts/online_store/schema.sql",
)
ZOO = module(ROOT / "tests/stores/zoo.json", ROOT / "tests/stores/zoo.sql")
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
    """A memory backend that counts what it is asked, and a cache in front of it."""

    def __init__(self, **given: Any) -> None:
        self.clock = FakeClock()
        self.plain = memory([NOTES, ZOO.loose, STORE.users, STORE.orders], now=self.now)
        self.asked: list[str] = []
        self.before: Callable[[Any], object] = lambda _: None
        self.after: Callable[[Any], None] = lambda _: None
        self.events: list[Event] = []
        self.cache: Cached = cached(self, effects=self.clock.effects, now=self.now, **given)

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

    def answers(self, query: Any) -> tuple[Any, bool]:
        """What the cache answers, and whether it had to ask."""
        before = len(self.asked)
        return self.cache.run(query), len(self.asked) > before

    def remembers(self, query: Any) -> bool:
        """Whether a second time is answered from memory, as the backend would."""
        answer, asked = self.answers(query)
        assert answer == self.plain.run(query)
        return not asked


@pytest.fixture
def bench() -> Bench:
    """Two notes, and a cache in front of them."""
    bench = Bench()
    for number in (1, 2):
        bench.plain.run(put(NOTES, note(number, number=number))).unwrap()
    return bench


READS: list[Any] = [
    get(NOTES, key(1)),
    get(NOTES, key(1)).select(NOTES.number),
    get(NOTES, key(9)),
    get_many(NOTES, [key(2), key(9), key(1)]),
    find(NOTES).where(NOTES.number >= 1),
    find(NOTES).where(NOTES.number >= 1).limit(3),
    find(NOTES).where(NOTES.number >= 1).select(NOTES.id),
]


@pytest.mark.parametrize("query", READS, ids=str)
def test_a_read_is_remembered(bench: Bench, query: Any) -> None:
    """Whatever it found, in the same words, until its time is over."""
    query = _bound(query)
    assert not bench.remembers(query)
    assert bench.remembers(query)
    bench.clock.time += 31.0
    assert not bench.remembers(query)


def _bound(query: Any) -> Any:
    """Projections of notes are not kept, since they may expire unseen: drop the fields."""
    return evolve(query, selected=()) if getattr(query, "selected", ()) else query


@pytest.mark.parametrize(
    "query",
    [
        get(NOTES, key(1)).consistent(),
        get_many(NOTES, [key(1)]).consistent(),
        find(NOTES).where(NOTES.number >= 1).consistent(),
        count(NOTES).where(NOTES.number >= 1),
        transact_get(get(NOTES, key(1))),
    ],
    ids=str,
)
def test_some_reads_are_asked_each_time(bench: Bench, query: Any) -> None:
    """Those that want the truth of the moment, and counts."""
    bench.cache.run(get(NOTES, key(1)))

    assert [bench.remembers(query) for _ in range(3)] == [False] * 3


def test_what_is_asked_differently_is_remembered_apart(bench: Bench) -> None:
    """By fields, predicates, order, limit, cursor and way of access."""
    query = find(ZOO.loose).allow_scan()
    different = [
        get(ZOO.loose, ZOO.LooseKey("a", "b")),
        get(ZOO.loose, ZOO.LooseKey("a", "b")).select(ZOO.loose.said),
        query,
        query.select(ZOO.loose.said, ZOO.loose.one),
        query.select(ZOO.loose.one, ZOO.loose.said),
        query.where(ZOO.loose.said == "1"),
        query.where(ZOO.loose.said == "2"),
        query.where(~(ZOO.loose.said == "1")),
        query.order_by(ZOO.loose.one),
        query.order_by(ZOO.loose.one.desc()),
        query.limit(1),
        query.limit(2),
        find(ZOO.loose),
        get_many(ZOO.loose, [ZOO.LooseKey("a", "b")]),
    ]

    assert len({identity(one) for one in different}) == len(different)
    assert [bench.remembers(one) for one in different[:-1]] == [False] * (len(different) - 1)
    assert [bench.remembers(one) for one in different] == [True] * len(different)


def test_secret_values_are_told_apart() -> None:
    """They print alike, and are not alike."""
    one, other = (find(STORE.users).where(STORE.users.password_hash == x) for x in ("a", "b"))

    assert str(one) == str(other)
    assert identity(one) != identity(other)


def test_get_many_asks_only_for_what_is_missing(bench: Bench) -> None:
    """And what it finds, a get knows; what it does not find, a get asks for in its own words."""
    bench.cache.run(get(NOTES, key(1)))
    found = bench.cache.run(get_many(NOTES, [key(2), key(1), key(9)])).unwrap()

    assert list(found) == [key(2), key(1)]
    assert bench.asked == ["Get", "GetMany"]
    assert bench.remembers(get(NOTES, key(2)))
    assert not bench.remembers(get(NOTES, key(9)))
    assert bench.remembers(get_many(NOTES, [key(9), key(1)]))


def test_that_there_is_no_record_is_forgotten_sooner(bench: Bench) -> None:
    """Another program may make it at any time; 0 s is not at all."""
    assert isinstance(bench.cache.run(get(NOTES, key(9))).failure(), NotFound)
    bench.clock.time += 4.9
    assert bench.remembers(get(NOTES, key(9)))
    bench.clock.time += 0.2
    assert not bench.remembers(get(NOTES, key(9)))
    never = Bench(absent=0.0)
    assert [never.remembers(get(NOTES, key(9))) for _ in range(2)] == [False] * 2


@pytest.mark.parametrize(
    "write",
    [
        put(NOTES, note(1, number=7)),
        insert(NOTES, note(9)),
        update(NOTES, key(1)).set(NOTES.number, 8),
        delete(NOTES, key(1)),
        batch(put(NOTES, note(1, number=7)), delete(NOTES, key(2))),
        transact(insert(NOTES, note(9)), delete(NOTES, key(1))),
        update(NOTES, key(7)).set(NOTES.number, 8),
        put(NOTES, note(1)).when(NOTES.number == 1_000),
    ],
    ids=str,
)
def test_a_write_drops_what_it_may_have_changed(bench: Bench, write: Any) -> None:
    """Whether or not it was done; the next reads are true."""
    reads = [_bound(one) for one in READS]
    for query in reads:
        bench.cache.run(query)
    bench.cache.run(write)

    for query in reads:
        assert bench.cache.run(query) == bench.plain.run(query)
    assert not bench.remembers(find(NOTES).where(NOTES.number >= 1).limit(7))


def test_a_write_leaves_the_others_alone(bench: Bench) -> None:
    """Other keys, other entities."""
    bench.cache.run(get(NOTES, key(2)))
    bench.cache.run(find(ZOO.loose).allow_scan())
    bench.cache.run(put(NOTES, note(1)))

    assert bench.remembers(get(NOTES, key(2)))
    assert bench.remembers(find(ZOO.loose).allow_scan())


def test_a_new_record_is_found_under_the_number_that_it_gets(bench: Bench) -> None:
    """Though nobody knew it before, and it was asked for in vain."""
    new = STORE.NewUser(
        username="ada",
        email="ada@example.com",
        password_hash="x",
        admin_group=None,
        profile=STORE.UserProfile(first_name=None, last_name=None),
    )
    absent = [get(STORE.users, STORE.UserKey(number)) for number in range(3)]
    for query in absent:
        assert isinstance(bench.cache.run(query).failure(), NotFound)
    made = bench.cache.run(insert(STORE.users, new)).unwrap()

    assert made.user_id in range(3)
    assert bench.cache.run(get(STORE.users, STORE.UserKey(made.user_id))) == Success(made)


def test_entities_that_read_the_same_tables_are_dropped_together() -> None:
    """An order shows something of its user, who shows nothing of orders."""
    users, orders = definition_of(STORE.users), definition_of(STORE.orders)

    assert related(users, orders)
    assert not related(definition_of(NOTES), users)


def test_what_dalkit_does_not_know_drops_everything(bench: Bench) -> None:
    """Such as a statement of one's own."""
    bench.cache.run(get(NOTES, key(1)))
    with pytest.raises(TypeError):
        bench.cache.run("DELETE FROM notes")  # type: ignore[arg-type]  # no query at all

    assert len(bench.cache) == 0


def test_a_record_that_expires_is_not_remembered_longer(bench: Bench) -> None:
    """Nor a page that it is on; a projection does not show when, and is not kept."""
    bench.plain.run(put(NOTES, note(3, expires=NOON + timedelta(seconds=10)))).unwrap()
    query = find(NOTES).allow_scan()
    for one in (get(NOTES, key(3)), query):
        assert [bench.remembers(one) for _ in range(2)] == [False, True]
    bench.clock.time += 10.0
    for one in (get(NOTES, key(3)), query):
        assert not bench.remembers(one)
    assert [bench.remembers(query.select(NOTES.id)) for _ in range(2)] == [False] * 2


def test_failures_are_not_remembered() -> None:
    """What did not work may work the next time."""
    answers: list[Any] = [Failure(Unavailable("store", "gone"))] * 2 + [Success(1)]

    class Broken:
        def run(self, _: Any) -> Any:
            return answers.pop(0)

    cache = cached(Broken())

    assert [cache.run(get(ZOO.loose, ZOO.LooseKey("a", "b"))) for _ in range(4)] == [
        Failure(Unavailable("store", "gone")),
        Failure(Unavailable("store", "gone")),
        Success(1),
        Success(1),
    ]


def test_the_least_used_is_forgotten_first() -> None:
    """When there is no more room."""
    bench = Bench(most=2)
    for number in (1, 2, 3):
        bench.plain.run(put(NOTES, note(number))).unwrap()
    for number in (1, 2, 1, 3):
        bench.cache.run(get(NOTES, key(number)))

    assert len(bench.cache) == 2
    assert [bench.remembers(get(NOTES, key(one))) for one in (1, 3)] == [True, True]
    assert not bench.remembers(get(NOTES, key(2)))
    bench.cache.clear()
    assert len(bench.cache) == 0
    assert bench.cache._members == {}


def test_what_is_handed_out_can_be_changed_without_harm(bench: Bench) -> None:
    """JSON in a record, and the mapping of get_many."""
    assert changeable(definition_of(NOTES))
    bench.plain.run(put(NOTES, note(3, tree={"a": [1]}))).unwrap()
    for _ in range(3):
        bench.cache.run(get(NOTES, key(3))).unwrap().tree["b"] = 2
        bench.cache.run(get_many(NOTES, [key(3)])).unwrap()[key(3)].tree["b"] = 2
        found: Any = bench.cache.run(get_many(NOTES, [key(3)])).unwrap()
        found.clear()

    assert bench.cache.run(get(NOTES, key(3))).unwrap().tree == {"a": (1,)}


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0}, {"absent": -1}, {"most": 0}, {"seconds": float("nan")}]
)
def test_a_cache_that_holds_nothing_raises(wrong: Any) -> None:
    """With what was given."""
    with pytest.raises(ValueError, match="room for one answer"):
        cached(memory([NOTES]), **wrong)


def test_hits_and_misses_are_told() -> None:
    """Under the name that the store's own events of the query have."""
    told: list[Event] = []
    bench = Bench(on_event=told.append)
    for _ in range(2):
        bench.cache.run(get(NOTES, key(1)))
    bench.cache.run(find(ZOO.loose).allow_scan())

    assert [(one.kind, one.operation, one.entity, one.key) for one in told] == [
        ("cache miss", "get", "Notes", "id = 1"),
        ("cache hit", "get", "Notes", "id = 1"),
        ("cache miss", "find", "Loose", ""),
    ]
