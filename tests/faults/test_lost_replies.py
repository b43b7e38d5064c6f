"""Single replies that are lost or broken, with somebody else at work before the next attempt."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from dalkit import Failure, Success, delete, get, insert, put, update
from dalkit.result import Ambiguous, ConditionFailed, NotFound
from dalkit.run.retry import Effects
from dalkit.testing.faults.ledger import ledger
from dalkit.testing.faults.plan import Plan

WORLD = ledger()
KEY = WORLD.EntryKey(1, 1)
Open = Callable[..., Any]


def _entry(said: str) -> Any:
    return WORLD.Entry(owner=1, number=1, said=said)


def _cancelled() -> Any:
    said = WORLD.entries.said
    return update(WORLD.entries, KEY).set(said, "cancelled").when(said == "pending")


class Meanwhile:
    """A sleep in which another writer does something."""

    def __init__(self) -> None:
        self.act: Callable[[], object] = lambda: None

    def __call__(self, seconds: float) -> None:
        self.act()

    @property
    def effects(self) -> Effects:
        return Effects(now=time.monotonic, sleep=self, random=lambda: 0.5)


@pytest.mark.parametrize("fault", ["reset-after", "500-after", "truncated", "hold-after"])
def test_a_condition_that_fails_after_a_lost_reply_proves_nothing(
    on_dynamodb: Open, fault: str
) -> None:
    """Ours was done, and then another writer's: a refusal would be a lie."""
    meanwhile = Meanwhile()
    stand = on_dynamodb(timeout=1.5, effects=meanwhile.effects)
    stand.calm.run(put(WORLD.entries, _entry("pending"))).unwrap()
    seen: list[Any] = []

    def interfere() -> None:
        seen.append(stand.calm.run(get(WORLD.entries, KEY)).unwrap().said)
        stand.calm.run(put(WORLD.entries, _entry("another's"))).unwrap()

    meanwhile.act = interfere
    stand.proxy.plan = Plan(at={0: fault})
    error = stand.behind.run(_cancelled()).failure()

    assert seen == ["cancelled"]
    assert isinstance(error, Ambiguous)
    assert isinstance(error.cause, ConditionFailed)


@pytest.mark.parametrize("fault", ["reset-before", "500-before", "hold-before"])
def test_an_insert_that_meets_another_record_tells_it(on_dynamodb: Open, fault: str) -> None:
    """It may have been there before, or taken the place of ours: the cause holds it."""
    stand = on_dynamodb()
    stand.calm.run(put(WORLD.entries, _entry("another's"))).unwrap()
    stand.proxy.plan = Plan(at={0: fault})
    error = stand.behind.run(insert(WORLD.entries, _entry("ours"))).failure()

    assert isinstance(error, Ambiguous)
    assert isinstance(error.cause, ConditionFailed)
    assert error.cause.record == _entry("another's")


@pytest.mark.parametrize("fault", ["reset-after", "500-after", "no-sum"])
def test_a_condition_that_fails_on_our_own_work_is_a_success(on_dynamodb: Open, fault: str) -> None:
    """Nobody came between: what is there is what was sent."""
    stand = on_dynamodb()
    stand.proxy.plan = Plan(at={0: fault, 2: fault})

    assert stand.behind.run(insert(WORLD.entries, _entry("pending"))) == Success(_entry("pending"))
    assert stand.behind.run(_cancelled()) == Success(_entry("cancelled"))


@pytest.mark.parametrize(
    "fault", ["truncated", "truncated-unsigned", "bit-flip", "cut", "wrong-sum"]
)
def test_a_broken_refusal_is_asked_again(on_dynamodb: Open, fault: str) -> None:
    """Replies that are errors are held to their checksum and their shape as well."""
    stand = on_dynamodb()
    stand.calm.run(put(WORLD.entries, _entry("shipped"))).unwrap()
    stand.proxy.plan = Plan(at={0: fault})
    answer = stand.behind.run(insert(WORLD.entries, _entry("ours")))

    assert stand.proxy.seen["PutItem"] == 2
    assert isinstance(answer.failure(), Ambiguous | ConditionFailed)
    assert stand.calm.run(get(WORLD.entries, KEY)) == Success(_entry("shipped"))


def test_a_transaction_in_progress_may_be_our_own(on_dynamodb: Open) -> None:
    """It was done, and everything after it failed: nobody knows."""
    stand = on_dynamodb(exactly_once=True)
    key = WORLD.SumKey(1)
    stand.calm.run(put(WORLD.sums, WORLD.Sum(id=1, total=1, said=None))).unwrap()
    stand.proxy.plan = Plan(at={0: "in-progress-after", **dict.fromkeys(range(1, 9), "throttled")})
    answer = stand.behind.run(update(WORLD.sums, key).add(WORLD.sums.total, 2))

    assert isinstance(answer.failure(), Ambiguous)
    assert stand.calm.run(get(WORLD.sums, key)).unwrap().total == 3


@pytest.mark.parametrize("fault", ["truncated", "truncated-unsigned", "empty", "html", "no-sum"])
def test_a_broken_reply_is_never_a_missing_record(on_dynamodb: Open, fault: str) -> None:
    """Also when every reply is broken."""
    stand = on_dynamodb()
    stand.calm.run(put(WORLD.entries, _entry("here"))).unwrap()
    stand.proxy.plan = Plan(at={0: fault})
    assert stand.behind.run(get(WORLD.entries, KEY)) == Success(_entry("here"))

    stand.proxy.plan = Plan(rate=1, faults=(fault,))
    answer = stand.behind.run(get(WORLD.entries, KEY))
    assert isinstance(answer, Failure)
    assert not isinstance(answer.failure(), NotFound)


def test_a_delete_whose_reply_was_lost_may_have_met_another(on_dynamodb: Open) -> None:
    """The record is gone; who deleted it cannot be said."""
    stand = on_dynamodb()
    stand.calm.run(put(WORLD.entries, _entry("pending"))).unwrap()
    stand.proxy.plan = Plan(at={0: "reset-after"})
    said = WORLD.entries.said
    answer = stand.behind.run(delete(WORLD.entries, KEY).when(said == "pending"))

    assert isinstance(answer.failure(), Ambiguous)
    assert isinstance(stand.calm.run(get(WORLD.entries, KEY)).failure(), NotFound)


def test_a_lost_commit_is_told_by_its_marker(on_mysql: Open) -> None:
    """Done and not done are both found out; without a marker neither is."""
    for marker, fault, expected in (
        ("dalkit_marker", "commit-lost", True),
        ("dalkit_marker", "commit-unsent", True),
        (None, "commit-lost", None),
    ):
        stand = on_mysql(marker_table=marker)
        stand.calm.run(put(WORLD.sums, WORLD.Sum(id=1, total=1, said=None))).unwrap()
        stand.behind.run(get(WORLD.sums, WORLD.SumKey(1))).unwrap()
        stand.proxy.plan = _next(stand.proxy, fault)
        answer = stand.behind.run(update(WORLD.sums, WORLD.SumKey(1)).add(WORLD.sums.total, 2))

        assert stand.proxy.injected[fault] == 1
        assert isinstance(answer, Success) is bool(expected)
        assert expected or isinstance(answer.failure(), Ambiguous)
        total = stand.calm.run(get(WORLD.sums, WORLD.SumKey(1))).unwrap().total
        assert total == 3


def _next(proxy: Any, fault: str) -> Plan:
    """The fault for the first of the next commands that it can meet: its COMMIT is one of them."""
    now = proxy.seen["commands"]
    return Plan(at=dict.fromkeys(range(now, now + 9), fault))
