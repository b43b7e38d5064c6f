"""The breaker: when it opens, whom it lets through, and what can be done by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import inf
from threading import Barrier
from typing import cast

import pytest

from dalkit.result import (
    AccessDenied,
    CircuitOpen,
    Conflict,
    Corrupt,
    InvalidValue,
    MissingTable,
    Throttled,
    Unavailable,
    Unsupported,
)
from dalkit.run.breaker import Breaker, Breakers, health_of
from dalkit.run.circuit import Health, Permit, Settings, State
from dalkit.run.faults import Fault
from dalkit.testing.clock import FakeClock


def broken(clock: FakeClock, **given: float) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker("store", settings=Settings(least=2, **given), effects=clock.effects)  # type: ignore[arg-type]  # each is a number
    ask(breaker, "failed", "failed")
    assert state_of(breaker) == "open"
    return breaker


def ask(breaker: Breaker, *outcomes: str) -> None:
    """Let these happen one after another; each is let through."""
    for one in outcomes:
        permit, health = breaker.admit(), cast("Health", one)
        assert isinstance(permit, Permit)
        breaker.settle(permit, health)


def state_of(breaker: Breaker) -> str:
    """As it is now."""
    return breaker.state


@pytest.mark.parametrize(
    ("answer", "health"),
    [
        ("a reply", "answered"),
        (None, "answered"),
        (Fault(error=Conflict("Put", "condition"), judged=True), "answered"),
        (Fault(error=Unavailable("s", "500"), ambiguous=True), "failed"),
        (Fault(error=Corrupt("s", "reply", "cut short")), "failed"),
        (Fault(error=Throttled("Put", "slow down")), "ignored"),
        (Fault(error=Conflict("Put", "another")), "ignored"),
        (Fault(error=AccessDenied("no")), "ignored"),
        (Fault(error=MissingTable("T", "s")), "ignored"),
        (Fault(error=Unsupported("Put", "validation")), "ignored"),
        (Fault(error=InvalidValue("s", "x", "too long")), "ignored"),
    ],
)
def test_what_counts(answer: object, health: Health) -> None:
    """A throttled table is no broken one, and a refusal is an answer."""
    assert health_of(answer) == health


def test_it_opens_at_half_of_twenty() -> None:
    """Not before there are twenty, and not below a half."""
    breaker = Breaker(effects=FakeClock().effects)
    ask(breaker, *["answered"] * 10, *["failed"] * 9)
    assert state_of(breaker) == "closed"
    ask(breaker, "failed")
    assert state_of(breaker) == "open"


def test_below_a_half_it_stays_closed() -> None:
    """However many they are."""
    breaker = Breaker(effects=FakeClock().effects)
    for _ in range(500):
        ask(breaker, "answered", "failed", "answered")

    assert state_of(breaker) == "closed"


def test_what_is_ignored_is_not_counted() -> None:
    """Neither for it nor against it."""
    breaker = Breaker(effects=FakeClock().effects)
    ask(breaker, *["failed"] * 19, *["ignored"] * 100)
    assert state_of(breaker) == "closed"
    ask(breaker, "failed")
    assert state_of(breaker) == "open"


def test_what_is_older_than_ten_seconds_is_forgotten() -> None:
    """Bucket by bucket."""
    clock = FakeClock()
    breaker = Breaker(effects=clock.effects)
    ask(breaker, *["failed"] * 19)
    clock.time = 9.9
    ask(breaker, "answered")
    clock.time = 10.0
    ask(breaker, "failed")

    assert state_of(breaker) == "closed"


@pytest.mark.parametrize(("dice", "rest"), [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)])
def test_it_stays_open_for_about_five_seconds(dice: float, rest: float) -> None:
    """A fifth more or less, so that many clients do not come back at once."""
    clock = FakeClock(dice=dice)
    breaker = broken(clock)

    assert breaker.admit() == CircuitOpen(rest, store="store")
    clock.time += rest - 0.5
    assert breaker.admit() == CircuitOpen(0.5, store="store")
    clock.time += 0.5
    assert isinstance(breaker.admit(), Permit)
    assert state_of(breaker) == "half-open"


def test_open_times_double_up_to_a_minute() -> None:
    """While each probe fails."""
    clock = FakeClock(dice=0.5)
    breaker = broken(clock)
    rests = []
    for _ in range(6):
        refused = breaker.admit()
        assert isinstance(refused, CircuitOpen)
        rests.append(refused.retry_after)
        clock.time += refused.retry_after
        ask(breaker, "failed")

    assert rests == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]


def test_a_circuit_that_flaps_rests_longer() -> None:
    """Opening again before a whole good window is the same trouble; after it, a new one."""
    clock = FakeClock(dice=0.5)
    breaker = broken(clock)
    clock.time += 5.0
    ask(breaker, "answered", "failed", "failed")
    assert breaker.admit() == CircuitOpen(10.0, store="store")
    clock.time += 10.0
    ask(breaker, "answered")
    clock.time += 10.0
    ask(breaker, "failed", "failed")
    assert breaker.admit() == CircuitOpen(5.0, store="store")


def test_recovery_takes_one_break_and_one_probe() -> None:
    """Then everything is let through."""
    clock = FakeClock(dice=0.5)
    breaker = broken(clock)
    clock.time += 5.0
    ask(breaker, "answered", *["answered"] * 50)

    assert state_of(breaker) == "closed"


def test_half_open_lets_three_through() -> None:
    """One whose outcome says nothing is given back, and in time one that is lost."""
    clock = FakeClock(dice=0.5)
    breaker = broken(clock)
    clock.time += 5.0
    first, *_ = (breaker.admit() for _ in range(3))
    assert isinstance(first, Permit)
    assert breaker.admit() == CircuitOpen(10.0, store="store")
    breaker.settle(first, "ignored")
    assert isinstance(breaker.admit(), Permit)
    assert isinstance(breaker.admit(), CircuitOpen)
    clock.time += 10.0
    assert isinstance(breaker.admit(), Permit)


def test_a_late_answer_says_nothing() -> None:
    """What was let through before a change belongs to the time before it."""
    clock = FakeClock(dice=0.5)
    breaker = Breaker(settings=Settings(least=2), effects=clock.effects)
    late = [breaker.admit() for _ in range(5)]
    ask(breaker, "failed", "failed")
    clock.time += 5.0
    probe = breaker.admit()
    assert isinstance(probe, Permit)
    for one in late:
        assert isinstance(one, Permit)
        breaker.settle(one, "failed")
    assert state_of(breaker) == "half-open"
    breaker.settle(probe, "answered")
    for one in late:
        assert isinstance(one, Permit)
        breaker.settle(one, "failed")
    assert state_of(breaker) == "closed"


def test_a_probe_is_settled_one_time() -> None:
    """A second word on it is not heard."""
    clock = FakeClock(dice=0.5)
    breaker = broken(clock)
    clock.time += 5.0
    probe = breaker.admit()
    assert isinstance(probe, Permit)
    breaker.settle(probe, "ignored")
    breaker.settle(probe, "failed")

    assert state_of(breaker) == "half-open"


def test_it_can_be_held() -> None:
    """Open, closed or out of the way; what it was before is not asked."""
    clock = FakeClock(dice=0.5)
    breaker = broken(clock)
    breaker.disable()
    ask(breaker, *["failed"] * 50)
    assert state_of(breaker) == "disabled"
    breaker.force_open()
    clock.time += 1e6
    assert breaker.admit() == CircuitOpen(inf, store="store")
    breaker.force_closed()
    ask(breaker, "failed")
    assert state_of(breaker) == "closed"
    ask(breaker, "failed")
    assert state_of(breaker) == "open"


def test_changes_are_told() -> None:
    """Once each, by the thread that made them, with no lock held."""
    clock, told = FakeClock(dice=0.5), []

    def on_change(store: str, before: State, after: State) -> None:
        told.append(f"{store}: {before} -> {after}, now {breaker.state}")
        breaker.settle(Permit(-1), "answered")  # would never return under the breaker's own lock

    breaker = Breaker("s", settings=Settings(least=2), effects=clock.effects, on_change=on_change)
    ask(breaker, "failed", "failed")
    clock.time += 5.0
    ask(breaker, "answered")

    assert told == [
        "s: closed -> open, now open",
        "s: open -> half-open, now half-open",
        "s: half-open -> closed, now closed",
    ]


def test_each_table_can_have_its_own() -> None:
    """Or all share one; a call to several tables goes by the store's."""
    one = Breakers("MySQL")
    apart = Breakers("DynamoDB", per_table=True)

    assert one.of("a") is one.of("b") is one.of()
    assert apart.of("a") is apart.of("a")
    assert apart.of("a") is not apart.of("b")
    assert apart.of() is not apart.of("a")
    assert [made.store for made in apart.every] == [
        "DynamoDB table a",
        "DynamoDB table b",
        "DynamoDB",
    ]


@pytest.mark.parametrize(
    "wrong", [{"ratio": 0}, {"ratio": 1.1}, {"least": 0}, {"jitter": 1.0}, {"rest": -1.0}]
)
def test_settings_that_mean_nothing_raise(wrong: dict[str, float]) -> None:
    """With the value that was given."""
    with pytest.raises(ValueError, match=r"give"):
        Settings(**wrong)  # type: ignore[arg-type]  # each is a number


def test_many_threads_get_three_permits() -> None:
    """All of them asking at the same moment."""
    for seed in range(30):
        clock = FakeClock(dice=0.5, seed=seed)
        breaker = broken(clock)
        clock.time += 5.0
        start = Barrier(16)

        def one(_: int, breaker: Breaker = breaker, start: Barrier = start) -> bool:
            start.wait()
            return isinstance(breaker.admit(), Permit)

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(one, range(16))) == 3


def test_no_lock_is_held_around_a_call() -> None:
    """Eight calls that all wait for each other end."""
    breaker, together = Breaker(), Barrier(8)

    def call(_: int) -> None:
        permit = breaker.admit()
        assert isinstance(permit, Permit)
        together.wait(timeout=30)
        breaker.settle(permit, "answered")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))

    assert state_of(breaker) == "closed"
