"""Replies that never come: every call ends within its deadline and a tenth, wherever it waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from dalkit import Failure, find, get, put, update
from dalkit.result import Ambiguous, DeadlineExceeded, Unavailable
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.retry import Backoff
from dalkit.testing.clock import FakeClock
from dalkit.testing.faults.dynamodb_proxy import DynamoProxy
from dalkit.testing.faults.ledger import ledger
from dalkit.testing.faults.plan import CALM, Plan
from dalkit.testing.services import DynamoDBLocal

WORLD = ledger()
KEY = WORLD.SumKey(1)
DEADLINE = 1.0
GRACE = 1.0
"""Seconds that a busy machine may take besides."""

QUERIES = {
    "get": get(WORLD.sums, KEY),
    "find": find(WORLD.entries).where(WORLD.entries.owner == 1),
    "put": put(WORLD.sums, WORLD.Sum(id=1, total=1, said=None)),
    "add": update(WORLD.sums, KEY).add(WORLD.sums.total, 1),
}


def _ended(db: Any, query: Any) -> Any:
    """The error of a query that is answered in time."""
    start = time.monotonic()
    answer = db.run(query)
    passed = time.monotonic() - start

    assert passed <= 1.1 * DEADLINE + GRACE
    assert isinstance(answer, Failure)
    return answer.failure()


@pytest.mark.parametrize("fault", ["hold-before", "hold-after"])
@pytest.mark.parametrize("name", sorted(QUERIES))
def test_on_dynamodb(dynamodb_local: DynamoDBLocal, name: str, fault: str) -> None:
    """With a client of dalkit's own, whose timeouts shrink with the time that is left."""
    with DynamoProxy(dynamodb_local.endpoint_url) as proxy:
        db = dynamodb(
            endpoint_url=proxy.endpoint_url, region="us-east-1", backoff=Backoff(deadline=DEADLINE)
        )
        db.run(QUERIES["get"])  # makes the client, which takes its time
        proxy.plan = Plan(rate=1, faults=(fault,))
        error = _ended(db, QUERIES[name])

    kinds = (DeadlineExceeded, Unavailable) if name in ("get", "find") else Ambiguous
    assert isinstance(error, kinds)


@pytest.mark.parametrize("command", range(6, 11))
def test_on_mysql(on_mysql: Callable[..., Any], command: int) -> None:
    """BEGIN, the reads, the write and COMMIT: only after the last nobody knows."""
    stand = on_mysql(deadline=DEADLINE)
    stand.calm.run(QUERIES["put"]).unwrap()
    stand.proxy.plan = Plan(at={command: "hold-before"})
    error = _ended(stand.behind, QUERIES["add"])
    stand.proxy.plan = CALM

    assert isinstance(error, Ambiguous if command == 10 else DeadlineExceeded)
    assert stand.calm.run(QUERIES["get"]).unwrap().total == 1


class Passing:
    """A plan under which a statement fails late, and the rollback is never answered."""

    hold = 60.0

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock

    def fault(self, number: int, possible: frozenset[str]) -> str:
        if number == 8:
            self.clock.time = 29.7
        return {8: "lock-wait", 9: "hold-before"}.get(number, "")


def test_a_rollback_waits_no_longer_than_the_rest(on_mysql: Callable[..., Any]) -> None:
    """Of thirty seconds the statement took all but a part of one."""
    clock = FakeClock()
    stand = on_mysql(deadline=30.0, effects=clock.effects)
    stand.calm.run(QUERIES["put"]).unwrap()
    stand.proxy.plan = Passing(clock)
    start = time.monotonic()
    answer = stand.behind.run(QUERIES["add"])

    assert time.monotonic() - start < 15
    assert answer.unwrap().total == 2
    assert stand.proxy.injected.counts() == {"hold-before": 1, "lock-wait": 1}
