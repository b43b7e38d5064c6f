"""A plan of faults is a value: the same seed gives the same faults."""

from __future__ import annotations

import threading

import pytest

from dalkit.testing.faults.plan import CALM, Plan, Tally

POSSIBLE = frozenset({"reset", "late"})


def test_the_same_seed_gives_the_same_faults() -> None:
    """A run can be repeated, and another seed is another run."""

    def faults(seed: int) -> list[str]:
        plan = Plan(seed=seed, rate=0.5, faults=("reset", "late"))
        return [plan.fault(number, POSSIBLE) for number in range(200)]

    assert faults(1) == faults(1)
    assert faults(1) != faults(2)
    assert set(faults(1)) == {"", "reset", "late"}


def test_the_rate_is_kept() -> None:
    """About the asked share of messages meets a fault."""
    plan = Plan(seed=7, rate=0.25, faults=("reset",))
    met = sum(bool(plan.fault(number, POSSIBLE)) for number in range(4000))

    assert 850 < met < 1150


def test_only_what_is_possible_comes() -> None:
    """A fault that a message cannot meet is left out; with none left there is none."""
    plan = Plan(rate=1, faults=("reset", "partial"), at={0: "partial", 1: "reset"})

    assert plan.fault(0, POSSIBLE) == ""
    assert plan.fault(1, POSSIBLE) == "reset"
    assert {plan.fault(number, POSSIBLE) for number in range(2, 50)} == {"reset"}
    assert {plan.fault(number, {"other"}) for number in range(50)} == {""}
    assert {CALM.fault(number, POSSIBLE) for number in range(50)} == {""}


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_share(rate: float) -> None:
    """Misuse raises with the value."""
    with pytest.raises(ValueError, match=str(rate)):
        Plan(rate=rate)


def test_a_tally_counts_under_threads() -> None:
    """No count is lost, and each thread was given numbers of its own."""
    tally = Tally()
    numbers: list[int] = []

    def count() -> None:
        numbers.extend([tally.add("a") for _ in range(500)])

    threads = [threading.Thread(target=count) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert tally["a"] == 2000
    assert sorted(numbers) == list(range(2000))
    assert tally.counts() == {"a": 2000}
