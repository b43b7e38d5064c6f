"""The limiter: nothing held back without need, halved at a throttle, found again in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalkit.run.limiter import Limiter, Pace, Spent, advanced, paid, reserved, throttled
from dalkit.testing.clock import FakeClock


def call(limiter: Limiter, clock: FakeClock, units: float, *, table: str = "T") -> None:
    """One read that waits for its turn."""
    held = limiter.reserve([table], "read")
    clock.sleep(held.wait)
    limiter.settle(held, spent=[Spent(table, read=units)])


def test_without_a_throttle_nothing_waits() -> None:
    """Whatever is spent."""
    clock = FakeClock()
    limiter = Limiter(effects=clock.effects)
    for _ in range(1_000):
        call(limiter, clock, 1_000.0)

    assert clock.time == 0.0
    assert limiter.rate("T", "read") == inf


def test_a_throttle_halves_what_was_asked_of_late() -> None:
    """At most once a second: many threads are throttled together."""
    clock = FakeClock()
    limiter = Limiter(effects=clock.effects)
    for _ in range(1_000):
        clock.time += 0.01
        call(limiter, clock, 1.0)
    for _ in range(8):
        limiter.settle(limiter.reserve(["T"], "read"), throttling=True)
    rate = limiter.rate("T", "read")

    assert rate == pytest.approx(50, rel=0.05)
    assert limiter.rate("T", "write") == inf
    assert limiter.rate("U", "read") == inf
    clock.time += 1.0
    limiter.settle(limiter.reserve(["T"], "read"), throttling=True)
    assert limiter.rate("T", "read") < rate


def test_the_first_throttle_is_no_standstill() -> None:
    """Little was seen by then; those after it may show that the table can stand less."""
    clock = FakeClock()
    limiter = Limiter(effects=clock.effects)
    rates = []
    for _ in range(5):
        limiter.settle(limiter.reserve(["T"], "write"), throttling=True)
        rates.append(limiter.rate("T", "write"))
        clock.time += 0.999
    clock.time += 0.1
    for _ in range(5):
        limiter.settle(limiter.reserve(["T"], "write"), throttling=True)
        rates.append(limiter.rate("T", "write"))
        clock.time += 1.0

    assert rates[:2] == [10.0, 10.0]
    assert rates[-1] == 1.0
    small = Limiter(write=3.0, effects=clock.effects)
    small.settle(small.reserve(["T"], "write"), throttling=True)
    assert small.rate("T", "write") == 1.5


def test_each_clean_second_adds_to_the_rate() -> None:
    """One unit, or 2 % of what was throttled; at twice that, nothing is held back again."""
    pace = throttled(Pace(seen=40.0), 0.0)
    rates = [advanced(pace, float(second)).rate for second in (0, 1, 2, 59, 60)]
    fast = throttled(Pace(seen=10_000.0), 0.0)

    assert rates == [20.0, 21.0, 22.0, 79.0, inf]
    assert [advanced(fast, 1.0).rate, advanced(fast, 74.0).rate] == [5_200.0, 19_800.0]
    assert advanced(fast, 75.0).rate == inf


def test_a_call_pays_what_it_took() -> None:
    """A large one makes the next wait for it."""
    pace = Pace(rate=10.0, met=20.0, clean=0.0)
    after, wait = reserved(pace, 0.0)
    assert wait == 0.0
    after = paid(after, 21.0, 1.0, 0.0)

    assert after.tokens == -21.0
    assert after.usual == pytest.approx(5.0)
    assert reserved(after, 0.0)[1] == pytest.approx(2.1)


def test_what_was_not_sent_gives_its_turn_back() -> None:
    """As when an open circuit or the deadline stood before it."""
    limiter = Limiter(read=1.0, effects=FakeClock().effects)
    for _ in range(50):
        held = limiter.reserve(["T"], "read")
        assert held.wait == 0.0
        limiter.settle(held)


def test_a_rate_that_is_given_is_never_passed() -> None:
    """Nor after a throttle is forgotten."""
    clock = FakeClock()
    limiter = Limiter(read=100.0, effects=clock.effects)
    for _ in range(1_000):
        call(limiter, clock, 5.0)

    assert clock.time == pytest.approx(50.0, rel=0.01)
    limiter.settle(limiter.reserve(["T"], "read"), throttling=True)
    clock.time += 1_000.0
    assert limiter.rate("T", "read") == 100.0


def test_a_call_to_several_tables_waits_for_the_slowest() -> None:
    """Each pays for its own."""
    clock = FakeClock()
    limiter = Limiter(read=10.0, effects=clock.effects)
    held = limiter.reserve(["T", "U"], "read")
    limiter.settle(held, spent=[Spent("T", read=30.0), Spent("U", read=10.0)])

    assert limiter.reserve(["U"], "read").wait == pytest.approx(1.0)
    assert limiter.reserve(["T", "V"], "read").wait == pytest.approx(3.0)


@pytest.mark.parametrize("wrong", [0, -1, float("nan")])
def test_a_rate_that_means_nothing_raises(wrong: float) -> None:
    """With the value that was given."""
    with pytest.raises(ValueError, match="units a second above 0"):
        Limiter(read=wrong)


@pytest.mark.parametrize("capacity", [10.0, 100.0, 400.0])
def test_a_table_is_used_well_and_throttles_little(capacity: float) -> None:
    """A store that throttles above its capacity, and a caller that always has more to ask."""
    clock = FakeClock()
    limiter = Limiter(effects=clock.effects)
    bucket, filled, done, refused, asked = capacity, 0.0, 0.0, 0, 0
    while clock.time < 100.0:
        held = limiter.reserve(["T"], "read")
        clock.sleep(held.wait + 0.2 / capacity)
        bucket = min(capacity, bucket + (clock.time - filled) * capacity)
        filled, asked = clock.time, asked + 1
        if bucket < 1.0:
            refused += 1
            limiter.settle(held, throttling=True)
            continue
        bucket, done = bucket - 1.0, done + 1.0
        limiter.settle(held, spent=[Spent("T", read=1.0)])

    assert done > 0.6 * capacity * 100.0
    assert refused < 0.05 * asked


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["call", "throttle", "wait"]), st.floats(0, 100), st.floats(0, 5)
        ),
        max_size=60,
    )
)
def test_a_pace_stays_sane(steps: list[tuple[str, float, float]]) -> None:
    """The rate is never below 1, and no wait is negative or without end."""
    pace, now = Pace(), 0.0
    for what, units, passed in steps:
        now += passed
        if what == "call":
            pace, wait = reserved(pace, now)
            assert 0.0 <= wait < inf
            pace = paid(pace, units, pace.usual, now)
        elif what == "throttle":
            pace = throttled(pace, now)
        else:
            pace = advanced(pace, now)
        assert pace.rate >= 1.0
        assert pace.tokens <= max(pace.rate, 0.0)


def test_threads_share_it() -> None:
    """Every reservation is counted."""
    clock = FakeClock()
    limiter = Limiter(read=1.0, effects=clock.effects)
    with ThreadPoolExecutor(8) as pool:
        waits = sorted(pool.map(lambda _: limiter.reserve(["T"], "read").wait, range(200)))

    assert waits == [float(number) for number in range(200)]
