"""The retry budget: the SDK's numbers, and one bucket for all threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from dalkit.run.budget import RetryBudget, Tokens


def test_the_numbers_are_the_sdks() -> None:
    """500 tokens pay for 35 retries, or for 100 after a throttle."""
    budget, other = RetryBudget(), RetryBudget()
    paid = [budget.take() for _ in range(36)]
    slowly = [other.take(throttled=True) for _ in range(101)]

    assert paid == [14] * 35 + [None]
    assert slowly == [5] * 100 + [None]
    assert (budget.tokens, other.tokens) == (10, 0)


def test_success_gives_back() -> None:
    """One token at the first attempt, after retries what the last of them cost; never over 500."""
    budget = RetryBudget(Tokens(left=400))
    budget.succeeded()
    assert budget.tokens == 401
    budget.succeeded(14)
    assert budget.tokens == 415
    for _ in range(100):
        budget.succeeded(5)
    assert budget.tokens == 500


def test_fourteen_successes_pay_for_one_retry() -> None:
    """As measured of the SDK after an outage."""
    budget = RetryBudget(Tokens(left=0))
    for _ in range(13):
        budget.succeeded()
    assert budget.take() is None
    budget.succeeded()
    assert budget.take() == 14


@given(st.lists(st.sampled_from(["take", "slowly", "first", "again"])))
def test_the_bucket_neither_overflows_nor_owes(steps: list[str]) -> None:
    """Whatever happens in whatever order."""
    budget = RetryBudget(Tokens(left=30, most=40))
    for step in steps:
        match step:
            case "take" | "slowly":
                before, price = budget.tokens, budget.take(throttled=step == "slowly")
                assert budget.tokens == before - (price or 0)
            case "first":
                budget.succeeded()
            case _:
                budget.succeeded(14)
        assert 0 <= budget.tokens <= 40


def test_threads_share_it_exactly() -> None:
    """No token is spent twice, and none is lost."""
    budget = RetryBudget(Tokens(left=14 * 1_000, most=14 * 1_000))

    def spend(_: int) -> int:
        return sum(budget.take() is not None for _ in range(200))

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(spend, range(8)))

    assert (taken, budget.tokens) == (1_000, 0)


def test_a_budget_says_what_is_left() -> None:
    """For whoever looks at a backend."""
    assert repr(RetryBudget(Tokens(left=7))) == "<retry budget: 7 of 500>"
