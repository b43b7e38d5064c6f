"""The loop around a request: how it ends, what it waits for, and what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dalkit import Failure, Success, get
from dalkit.result import (
    AccessDenied,
    Ambiguous,
    BudgetExhausted,
    CircuitOpen,
    Conflict,
    DeadlineExceeded,
    MissingTable,
    Throttled,
    ThrottlingReason,
    Trace,
    Unavailable,
    Unsupported,
)
from dalkit.run.attempts import Outcome, attempt
from dalkit.run.breaker import Breakers
from dalkit.run.budget import RetryBudget, Tokens
from dalkit.run.circuit import Settings
from dalkit.run.events import Event
from dalkit.run.faults import Fault, Repeat
from dalkit.run.guards import Guards, guards
from dalkit.run.limiter import Limiter, Spent
from dalkit.run.operations import Operation, observed
from dalkit.run.retry import BULK, Backoff
from dalkit.schema.entity import key_class_of
from dalkit.testing.clock import FakeClock
from dalkit.testing.zoo import zoo

AWAY = Unavailable("store", "gone")
SOON = Fault(error=AWAY, code="500", again="soon")
LOST = Fault(error=AWAY, code="lost", again="soon", ambiguous=True)
HOT = Fault(error=Throttled("Put", "slow down"), again="slowly")
DENIED = Fault(error=AccessDenied("no"), code="denied", request_id="R9")
REFUSED = Fault(error=Conflict("Put", "condition"), code="checked", judged=True)

NULL = zoo()["null"]
PLAIN = get(NULL, key_class_of(NULL)(id=7))
"""Something to run."""

Step = Fault | str | BaseException


class Store:
    """Answers with what it was given, one after another; each attempt lasts a while."""

    def __init__(self, clock: FakeClock, lasting: float, *steps: Step) -> None:
        self.steps: Iterator[Step] = iter(steps)
        self.clock = clock
        self.lasting = lasting
        self.asked = 0

    def __call__(self) -> str | Fault:
        """One attempt."""
        self.asked += 1
        self.clock.time += self.lasting
        step = next(self.steps)
        if isinstance(step, BaseException):
            raise step
        return step


class Bench:
    """Guards on a fake clock, and all that they tell."""

    def __init__(self, **given: Any) -> None:
        self.clock = FakeClock(dice=1.0)
        self.events: list[Event] = []
        plain: dict[str, Any] = {"effects": self.clock.effects, "on_event": self.events.append}
        self.guards: Guards = guards("store", **(plain | given))

    def ask(
        self,
        *steps: Step,
        kind: Repeat = "read",
        deadline: float | None = None,
        lasting: float = 0.0,
        **given: Any,
    ) -> Outcome[str]:
        """How one loop over these answers ends."""
        self.store = Store(self.clock, lasting, *steps)
        operation = Operation(self.guards, PLAIN, deadline=deadline)
        return attempt(operation, self.store, request="Put", kind=kind, **given)

    def error(self, *steps: Step, **given: Any) -> Any:
        """The error that it ends with."""
        answer = self.ask(*steps, **given).answer
        assert isinstance(answer, Fault)
        return answer.error

    def kinds(self) -> list[str]:
        """What was told, in order."""
        return [one.kind for one in self.events]


def test_an_answer_is_the_answer() -> None:
    """At the first attempt, without any wait."""
    bench = Bench()

    assert bench.ask("ok") == Outcome("ok", 1, False)
    assert (bench.clock.slept, bench.kinds()) == ([], ["attempt"])


def test_what_may_pass_is_tried_again() -> None:
    """After waits that double, or begin at a second where the store was throttling."""
    bench = Bench()

    assert bench.ask(SOON, HOT, SOON, "ok") == Outcome("ok", 4, False)
    assert bench.clock.slept == [0.025, 2.0, 0.1]
    assert bench.kinds() == ["attempt", "retry"] * 3 + ["attempt"]
    assert [one.attempt for one in bench.events] == [1, 1, 2, 2, 3, 3, 4]
    assert [one.delay for one in bench.events if one.kind == "retry"] == [0.025, 2.0, 0.1]


def test_the_last_fault_is_the_answer() -> None:
    """When it was tried as often as may be."""
    bench = Bench()
    outcome = bench.ask(*[SOON] * 9)

    assert outcome == Outcome(SOON, 4, False)
    assert bench.store.asked == 4


def test_a_refusal_is_not_repeated() -> None:
    """It would be the same again."""
    assert Bench().ask(DENIED) == Outcome(DENIED, 1, False)


@pytest.mark.parametrize("kind", ["same", "checked", "once"])
def test_a_write_without_a_reply_ends_in_doubt(kind: Repeat) -> None:
    """Whatever came after: one attempt may have been done. An addition is sent one time only."""
    bench = Bench()
    error = bench.error(LOST, SOON, SOON, SOON, kind=kind)

    assert error == Ambiguous("Put", str(AWAY), cause=AWAY)
    assert bench.store.asked == (1 if kind == "once" else 4)


@pytest.mark.parametrize("last", [SOON, HOT, DENIED])
def test_a_read_is_never_in_doubt(last: Fault) -> None:
    """It has changed nothing."""
    assert Bench().error(LOST, last, last, last) == last.error


def test_doubt_is_told_beside_an_answer() -> None:
    """So that whoever asked can read the second reply as that of a second time."""
    assert Bench().ask(LOST, "ok", kind="same") == Outcome("ok", 2, True)


def test_a_condition_that_failed_after_doubt_is_left_to_who_asked() -> None:
    """It may have failed on our own first time; the old record says so."""
    assert Bench().ask(LOST, REFUSED, kind="checked") == Outcome(REFUSED, 2, True)


@pytest.mark.parametrize(
    "error", [AccessDenied("no"), MissingTable("T", "store"), AWAY, Unsupported("Put", "1064")]
)
def test_a_refusal_that_has_not_looked_leaves_the_doubt(error: Any) -> None:
    """Whoever is not let in, or is not understood, learns nothing of what was done before."""
    refused = Fault(error=error, judged=True)

    assert isinstance(Bench().error(LOST, refused, kind="same"), Ambiguous)


def test_a_wait_that_passes_the_deadline_ends_it_at_once() -> None:
    """The store's last word is the cause."""
    bench = Bench()
    error = bench.error(HOT, HOT, HOT, deadline=2.5)

    assert error == DeadlineExceeded(
        "Put", "2 attempts in 1.0 s; at last: Put was throttled: slow down", cause=HOT.error
    )
    assert bench.clock.time == 1.0


def test_after_the_deadline_nothing_is_sent() -> None:
    """Not even a first time."""
    bench = Bench()

    assert bench.error("ok", deadline=0.0) == DeadlineExceeded("Put", "0 attempts in 0.0 s")
    assert bench.store.asked == 0


def test_slow_attempts_end_within_a_tenth_of_the_deadline() -> None:
    """No retry begins that could end later."""
    bench = Bench()
    error = bench.error(*[SOON] * 9, deadline=10.0, lasting=3.0, longest=3.0)

    assert isinstance(error, DeadlineExceeded)
    assert bench.clock.time <= 11.0
    assert bench.store.asked == 3


def test_without_a_deadline_only_the_attempts_count() -> None:
    """As for bulk work, which the budget does not bound."""
    bench = Bench(backoff=Backoff(attempts=None, deadline=None, patient=True))

    assert bench.ask(*[HOT] * 200, "ok").attempts == 201


def test_an_empty_budget_ends_it() -> None:
    """With the error that would have been tried again."""
    bench = Bench(budget=RetryBudget(Tokens(left=14)))

    assert bench.error(SOON, SOON, SOON) == BudgetExhausted("Put", str(AWAY), cause=AWAY)
    assert bench.store.asked == 2


def test_an_answer_after_retries_gives_back_what_the_last_of_them_cost() -> None:
    """A refusal by what the store holds is an answer as well."""
    bench = Bench(budget=RetryBudget(Tokens(left=100)))
    bench.ask(SOON, SOON, "ok")
    assert bench.guards.budget.tokens == 100 - 14
    bench.ask(REFUSED)
    assert bench.guards.budget.tokens == 100 - 14 + 1
    bench.ask(DENIED)
    assert bench.guards.budget.tokens == 100 - 14 + 1


def test_in_an_outage_each_call_is_one_attempt() -> None:
    """Once the budget is spent, and with no breaker to help: at most 1.1 attempts a call."""
    bench = Bench(breakers=no_breaker())
    for _ in range(20):
        bench.ask(*[SOON] * 4)
    asked = 0
    for _ in range(1_000):
        bench.ask(*[SOON] * 4)
        asked += bench.store.asked

    assert asked <= 1.1 * 1_000


def test_in_an_outage_the_breaker_leaves_the_store_alone() -> None:
    """What is not sent is told at once, with the time to come back."""
    bench = Bench(budget=RetryBudget(Tokens(left=0)))
    for _ in range(20):
        assert isinstance(bench.error(SOON), BudgetExhausted)
    error = bench.error("ok")

    assert error == CircuitOpen(6.0, store="store")
    assert bench.store.asked == 0
    bench.clock.time += 6.0
    assert bench.ask("ok").answer == "ok"
    assert [one.detail for one in bench.events if one.kind == "breaker"] == [
        "closed -> open",
        "open -> half-open",
        "half-open -> closed",
    ]


def test_a_circuit_that_opens_on_a_write_in_doubt_leaves_the_doubt() -> None:
    """It is the cause, no more."""
    bench = Bench(breakers=Breakers("store", settings=Settings(least=2)))
    bench.guards.breakers.of()
    error = bench.error(LOST, LOST, kind="same")

    assert isinstance(error, Ambiguous)
    assert isinstance(error.cause, CircuitOpen)


def test_bulk_work_waits_for_an_open_circuit() -> None:
    """As long as its deadline allows."""
    bench = Bench(backoff=BULK)
    bench.guards.breakers.of().settle(permitted(bench), "failed")
    for _ in range(20):
        bench.guards.breakers.of().settle(permitted(bench), "failed")
        if bench.guards.breakers.of().state == "open":
            break

    assert bench.ask("ok").answer == "ok"
    assert bench.clock.time >= 6.0
    bench.guards.breakers.of().force_open()
    assert isinstance(bench.error("ok"), CircuitOpen)


def test_a_throttled_table_is_asked_less() -> None:
    """At 10 units a second; a hot key is not the table's fault."""
    bench = Bench(backoff=Backoff(attempts=1))
    bench.ask(HOT, tables=("T",))
    assert bench.guards.limiter.rate("T", "read") == 10.0
    for _ in range(3):
        bench.ask("ok", tables=("T",), spent=lambda _: [Spent("T", read=5.0)])
    assert bench.clock.slept == pytest.approx([0.5, 0.5])
    key = ThrottlingReason("TableWriteKeyRangeThroughputExceeded", "t/U")
    hot = Fault(error=Throttled("Put", "", reasons=(key,)), again="slowly")
    bench.ask(hot, tables=("U",))
    assert bench.guards.limiter.rate("U", "read") == float("inf")


def test_a_turn_after_the_deadline_is_not_waited_for() -> None:
    """And a probe that was not sent is given back."""
    bench = Bench(limiter=Limiter(read=0.01))
    bench.guards.limiter.reserve(["T"], "read")
    error = bench.error("ok", tables=("T",), deadline=5.0)

    assert isinstance(error, DeadlineExceeded)
    assert bench.clock.slept == []


@pytest.mark.parametrize("raised", [RuntimeError("a fault of ours"), KeyboardInterrupt()])
def test_what_is_raised_passes(raised: BaseException) -> None:
    """And the leave for it is given back: three probes later there is still one."""
    bench = Bench()
    bench.guards.breakers.of().force_open()
    bench.guards.breakers.of().force_closed()
    for _ in range(30):
        with pytest.raises(type(raised)):
            bench.ask(raised)

    assert bench.guards.breakers.of().state == "closed"
    assert bench.ask("ok").answer == "ok"


def test_a_run_is_traced_and_told() -> None:
    """Its failure knows what it was, and all events have its name."""
    bench = Bench()
    store = Store(bench.clock, 0.5, SOON, DENIED)

    def act(operation: Operation) -> Any:
        outcome = attempt(operation, store, request="Put", kind="read", tables=("Things",))
        assert isinstance(outcome.answer, Fault)
        return Failure(outcome.answer.error)

    answer: Any = observed(bench.guards, PLAIN, act)

    assert answer == Failure(DENIED.error)
    assert answer.failure().trace == Trace(
        operation="get",
        entity="null",
        table="Zoo",
        key="id = 7",
        request_id="R9",
        attempts=2,
        elapsed=1.025,
    )
    assert bench.kinds() == ["attempt", "retry", "attempt", "operation"]
    assert len({one.correlation for one in bench.events}) == 1
    assert {(one.operation, one.entity, one.key) for one in bench.events} == {
        ("get", "null", "id = 7")
    }
    last = bench.events[-1]
    assert (last.outcome, last.attempt, last.duration) == ("AccessDenied", 2, 1.025)


def test_units_are_added_up() -> None:
    """Of all requests of a run, by side."""
    bench = Bench()

    def act(operation: Operation) -> Any:
        for _ in range(2):
            store = Store(bench.clock, 0.0, "ok")
            attempt(
                operation,
                store,
                request="Query",
                kind="read",
                spent=lambda _: [Spent("T", read=1.5), Spent("U", write=2.0)],
            )
            operation.page(returned=3, examined=5)
        return Success(None)

    observed(bench.guards, PLAIN, act)
    pages = [(one.returned, one.examined) for one in bench.events if one.kind == "page"]
    last = bench.events[-1]

    assert pages == [(3, 5)] * 2
    assert (last.outcome, last.read_units, last.write_units) == ("ok", 3.0, 4.0)


def no_breaker() -> Breakers:
    """One that lets everything through."""
    breakers = Breakers("store")
    breakers.of().disable()
    return breakers


def permitted(bench: Bench) -> Any:
    """Leave for one attempt."""
    return bench.guards.breakers.of().admit()
