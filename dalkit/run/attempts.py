"""The one loop around a request: deadline, budgeted retry, breaker, limiter, and then the attempt.

| it ends with        | when                                                              |
|---------------------|-------------------------------------------------------------------|
| the reply           | an attempt was answered                                           |
| the fault as it is  | the store refused; or it was tried as often as may be             |
| `Ambiguous`         | a write of which one attempt may have been done, and no answer    |
| `DeadlineExceeded`  | the time was over, or would be after the wait                     |
| `BudgetExhausted`   | so much fails that retries would add to it                        |
| `CircuitOpen`       | so much failed that the store is left alone                       |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar, final

from attrs import frozen

from dalkit.result import (
    AccessDenied,
    Ambiguous,
    BudgetExhausted,
    CircuitOpen,
    CredentialsMissing,
    DeadlineExceeded,
    MissingTable,
    Throttled,
    ThrottlingReason,
    Unavailable,
    Unsupported,
)
from dalkit.run.breaker import Breaker, health_of
from dalkit.run.circuit import Permit
from dalkit.run.faults import Fault, Repeat
from dalkit.run.limiter import Reserved, Side, Spent
from dalkit.run.operations import Operation
from dalkit.run.retry import GiveUp, History, TryAgain, decide

__all__ = ["Outcome", "attempt"]

A = TypeVar("A")

Spending: TypeAlias = "Callable[[A], Iterable[Spent]]"
"""Reads the capacity that a reply says was consumed."""


@final
@frozen
class Outcome(Generic[A]):
    """How it ended, after so many attempts."""

    answer: A | Fault
    attempts: int
    doubtful: bool
    """It was a write, and an attempt without a reply may have been done."""


def attempt(
    operation: Operation,
    send: Callable[[], A | Fault],
    *,
    request: str,
    kind: Repeat,
    tables: tuple[str, ...] = (),
    spent: Spending[A] | None = None,
    longest: float = 0.0,
) -> Outcome[A]:
    """What `send` answers in the end; it makes one attempt, and raises nothing that is expected.

    `request` is what is sent, in the store's word; `tables` are asked as fast as they can stand;
    `spent` reads the capacity that a reply says was consumed. No retry begins that, lasting its
    `longest` seconds, would end more than a tenth of all the time after the deadline.
    """
    loop = _Loop(operation, request, kind, tables, longest)
    while True:
        leave = loop.leave()
        if isinstance(leave, Fault):
            return loop.ended(leave)
        answer = loop.sent(leave, send, spent)
        if not isinstance(answer, Fault):
            return Outcome(answer, loop.history.attempts + 1, loop.history.doubtful)
        last = loop.after(answer)
        if last is not None:
            return loop.ended(last)


@final
@frozen
class _Leave:
    """What one attempt was given, and gives back."""

    permit: Permit
    reserved: Reserved


@final
class _Loop:
    """The state of one loop, and its steps."""

    def __init__(
        self,
        operation: Operation,
        request: str,
        kind: Repeat,
        tables: tuple[str, ...],
        longest: float,
    ) -> None:
        self._operation = operation
        self._guards = operation.guards
        self._effects = operation.guards.effects
        self._request = request
        self._kind = kind
        self._tables = tables
        self._longest = longest
        self._breaker: Breaker = self._guards.breakers.of(tables[0] if len(tables) == 1 else "")
        self._price = 0
        self.history = History(self._effects.now())

    def leave(self) -> _Leave | Fault:
        """Everyone's leave for the next attempt, or why there will be none."""
        while True:
            if self._late(0.0):
                return self._out_of_time()
            permit = self._breaker.admit()
            if isinstance(permit, CircuitOpen):
                if not self._guards.backoff.patient or self._late(permit.retry_after):
                    return Fault(error=permit, code="CircuitOpen")
                self._effects.sleep(permit.retry_after + 0.1 * self._effects.random())
                continue
            side: Side = "read" if self._kind == "read" else "write"
            leave = _Leave(permit, self._guards.limiter.reserve(self._tables, side))
            return leave if self._in_turn(leave) else self._out_of_time()

    def _in_turn(self, leave: _Leave) -> bool:
        """Wait as the limiter says; False when there is no time for it."""
        wait = leave.reserved.wait
        if not wait:
            return True
        late = self._late(wait)
        try:
            if not late:
                self._effects.sleep(wait)
        except BaseException:
            self._unused(leave)
            raise
        if late:
            self._unused(leave)
        return not late

    def sent(
        self, leave: _Leave, send: Callable[[], A | Fault], spent: Spending[A] | None
    ) -> A | Fault:
        """One attempt, told to whoever gave leave for it."""
        start = self._effects.now()
        self._operation.attempts += 1
        try:
            answer = send()
        except BaseException:
            self._unused(leave)
            raise
        if isinstance(answer, Fault):
            self._told(answer, start, ())
            self._settle(leave, answer, ())
            return answer
        units = tuple(spent(answer)) if spent else ()
        self._told(None, start, units)
        self._settle(leave, None, units)
        return answer

    def after(self, fault: Fault) -> Fault | None:
        """Wait for the next attempt, or give the fault that it ends with."""
        self.history = self.history.after(fault, self._kind)
        now = self._effects.now()
        decision = decide(
            self._guards.backoff,
            self.history,
            fault,
            self._kind,
            now,
            self._effects.random(),
            deadline=self._operation.deadline,
            longest=self._longest,
        )
        if isinstance(decision, TryAgain):
            if self._paid(fault):
                self._wait(decision.delay, fault)
                return None
            decision = GiveUp("budget")
        return self._given_up(decision, fault)

    def ended(self, fault: Fault) -> Outcome[Any]:
        """The end without a reply: of a write that may have been done, nothing else is known."""
        if self.history.doubtful and not _decides(fault):
            unknown = Ambiguous(self._request, str(fault.error), cause=fault.error)
            fault = Fault(error=unknown, code="Ambiguous", ambiguous=True)
        return Outcome(fault, self.history.attempts, self.history.doubtful)

    def _paid(self, fault: Fault) -> bool:
        if self._guards.backoff.patient:
            return True
        price = self._guards.budget.take(throttled=fault.again == "slowly")
        self._price = price or 0
        return price is not None

    def _wait(self, delay: float, fault: Fault) -> None:
        self._operation.tell(
            "retry",
            request=self._request,
            attempt=self.history.attempts,
            delay=delay,
            outcome=type(fault.error).__name__,
            error=fault.error,
        )
        self._effects.sleep(delay)

    def _given_up(self, decision: GiveUp, fault: Fault) -> Fault:
        match decision.reason:
            case "deadline":
                return self._out_of_time(fault)
            case "budget":
                spent = BudgetExhausted(self._request, str(fault.error), cause=fault.error)
                return Fault(error=spent, code="BudgetExhausted")
            case "final" | "ambiguous" | "attempts":
                return fault

    def _out_of_time(self, fault: Fault | None = None) -> Fault:
        passed = self._effects.now() - self._operation.start
        number = self.history.attempts
        times = f"{number} attempt" if number == 1 else f"{number} attempts"
        said = f"{times} in {passed:.1f} s" + (f"; at last: {fault.error}" if fault else "")
        late = DeadlineExceeded(self._request, said, cause=fault.error if fault else None)
        return Fault(error=late, code="DeadlineExceeded")

    def _late(self, wait: float) -> bool:
        end = self._operation.deadline
        return end is not None and self._effects.now() + wait >= end

    def _unused(self, leave: _Leave) -> None:
        self._breaker.settle(leave.permit, "ignored")
        self._guards.limiter.settle(leave.reserved)

    def _settle(self, leave: _Leave, fault: Fault | None, units: tuple[Spent, ...]) -> None:
        health = health_of(fault)
        self._breaker.settle(leave.permit, health)
        self._guards.limiter.settle(leave.reserved, spent=units, throttling=_slows(fault))
        if health == "answered":
            self._guards.budget.succeeded(self._price)

    def _told(self, fault: Fault | None, start: float, units: tuple[Spent, ...]) -> None:
        self._operation.request_id = fault.request_id if fault else ""
        self._operation.spent(units)
        if self._guards.on_event is None:
            return
        self._operation.tell(
            "attempt",
            request=self._request,
            outcome=type(fault.error).__name__ if fault else "ok",
            error=fault.error if fault else None,
            duration=self._effects.now() - start,
            attempt=self.history.attempts + 1,
            read_units=sum(one.read for one in units),
            write_units=sum(one.write for one in units),
            **({"table": ", ".join(self._tables)} if self._tables else {}),
        )


def _decides(fault: Fault) -> bool:
    """Whether the store's last word can tell what became of an attempt without a reply."""
    elsewhere = AccessDenied | CredentialsMissing | MissingTable | Unavailable | Unsupported
    return fault.judged and fault.again == "no" and not isinstance(fault.error, elsewhere)


def _slows(fault: Fault | None) -> bool:
    """Whether the whole table is to be asked less: not for the sake of one hot key."""
    if fault is None or not isinstance(fault.error, Throttled):
        return False
    reasons: tuple[ThrottlingReason, ...] = fault.error.reasons
    return not reasons or any("KeyRange" not in one.reason for one in reasons)
