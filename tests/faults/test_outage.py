"""A store that is gone altogether: few attempts, answers at once, and back again by a probe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from dalkit import Failure, Success, get, put
from dalkit.result import BudgetExhausted, CircuitOpen
from dalkit.run.breaker import Breakers
from dalkit.testing.clock import FakeClock
from dalkit.testing.faults.ledger import ledger
from dalkit.testing.faults.plan import CALM, Plan

WORLD = ledger()
KEY = WORLD.SumKey(1)
DOWN = ("reset-before", "refuse")
"""Of the proxy of DynamoDB, and of MySQL's."""


@pytest.fixture(params=["DynamoDB", "MySQL"])
def opened(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function to a stand in front of one store, with a clock that only sleeping moves."""
    fixture = "on_dynamodb" if request.param == "DynamoDB" else "on_mysql"
    open_: Callable[..., Any] = request.getfixturevalue(fixture)
    return lambda clock, breakers=None: open_(effects=clock.effects, breakers=breakers)


def _asked(stand: Any, times: int) -> Counter[str]:
    """What so many calls answered."""
    answers = [stand.behind.run(get(WORLD.sums, KEY)) for _ in range(times)]
    return Counter(
        type(one.failure()).__name__ if isinstance(one, Failure) else "Success" for one in answers
    )


def _attempts(stand: Any) -> int:
    seen: int = stand.proxy.seen["GetItem"] + stand.proxy.seen["CONNECT"]
    return seen


def test_retries_stop_when_their_budget_is_spent(opened: Callable[..., Any]) -> None:
    """From then on a call is an attempt, and hardly more."""
    breakers = Breakers()
    breakers.of().disable()
    stand = opened(FakeClock(), breakers)
    stand.proxy.plan = Plan(rate=1, faults=DOWN)
    first = 0
    while not _asked(stand, 1)[BudgetExhausted.__name__]:
        first += 1
        assert first < 100
    before = _attempts(stand)
    answers = _asked(stand, 200)

    assert answers == {BudgetExhausted.__name__: 200}
    assert _attempts(stand) - before <= 1.1 * 200


def test_a_store_that_is_gone_is_left_alone(opened: Callable[..., Any]) -> None:
    """Twenty attempts and no more; when it is back, one probe finds it after the break."""
    clock = FakeClock()
    stand = opened(clock)
    stand.calm.run(put(WORLD.sums, WORLD.Sum(id=1, total=1, said=None))).unwrap()
    stand.proxy.plan = Plan(rate=1, faults=DOWN)
    answers = _asked(stand, 100)

    assert answers[CircuitOpen.__name__] >= 80
    assert _attempts(stand) <= 30
    stand.proxy.plan = CALM
    answer = stand.behind.run(get(WORLD.sums, KEY))
    assert isinstance(answer.failure(), CircuitOpen)
    clock.sleep(answer.failure().retry_after)
    assert isinstance(stand.behind.run(get(WORLD.sums, KEY)), Success)
