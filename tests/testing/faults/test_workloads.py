"""The judges find nothing on a sound store, and each way of lying on one that lies."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from dalkit import memory
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import Batch, Transact
from dalkit.query.updates import Update
from dalkit.query.writes import Insert, Put
from dalkit.result import (
    Ambiguous,
    ConditionFailed,
    Failure,
    NotFound,
    Page,
    PartlyDone,
    Success,
    Unavailable,
)
from dalkit.run.backend import Backend
from dalkit.testing.faults.chained import Chained
from dalkit.testing.faults.history import LATE, History, verdict, verdicts
from dalkit.testing.faults.ledger import Ledger, ledger
from dalkit.testing.faults.owned import Batches, Inserts, Registers
from dalkit.testing.faults.reads import Reads
from dalkit.testing.faults.soak import drive, figures, report
from dalkit.testing.faults.workloads import Bank, Sums, Workload

Make = Callable[[Ledger, History], Workload]
Lie = Callable[[Any, Any, int], Any]
BROKEN = Failure(Unavailable("store", "reset"))
STORED = SimpleNamespace(said="stored")
UNKNOWN = Failure(Ambiguous("store", "reset"))


class Lying:
    """A backend that does as `lie` says instead, for every n-th query of a kind."""

    def __init__(self, honest: Backend, kinds: tuple[type, ...], lie: Lie, *, every: int) -> None:
        self.honest: Any = honest
        self.kinds, self.lie, self.every = kinds, lie, every
        self.asked = 0
        self.calm = False

    def run(self, query: Any, /) -> Any:
        if self.calm or not isinstance(query, self.kinds):
            return self.honest.run(query)
        self.asked += 1
        if self.asked % self.every:
            return self.honest.run(query)
        return self.lie(self.honest, query, self.asked)


def _empty() -> Any:
    made = ledger()
    return memory([made.sums, made.entries])


def _judged(make: Make, kinds: tuple[type, ...], lie: Lie, *, every: int = 5) -> History:
    history = History()
    workload = make(ledger(), history)
    db = Lying(_empty(), kinds, lie, every=every)
    workload.prepare(db.honest)
    drive(db, [workload], threads=2, steps=200, seed=3)
    db.calm = True
    workload.judge(db)
    return history


@pytest.mark.parametrize("make", [Sums, Bank, Registers, Inserts, Batches, Reads, Chained])
def test_a_sound_store_is_found_sound(make: Make) -> None:
    """Nothing is found where nothing is wrong."""
    history = _judged(make, (), lambda *_: None)

    assert history.findings == []
    assert history.answers["operations"] > 100


@pytest.mark.parametrize("make", [Sums, Bank, Registers, Inserts, Batches, Chained])
@pytest.mark.parametrize("done", [True, False])
def test_an_ambiguous_answer_may_be_either(make: Make, done: bool) -> None:
    """Whether the write was done or not, saying that one does not know is no lie."""

    def unsure(honest: Any, query: Any, number: int) -> Any:
        if done:
            honest.run(query)
        return UNKNOWN

    assert _judged(make, (Update, Put, Insert, Batch, Transact), unsure).findings == []


@pytest.mark.parametrize(
    ("make", "kinds", "kind"),
    [
        (Sums, (Update,), "lost"),
        (Bank, (Transact,), "lost or twice"),
        (Registers, (Put,), "wrong"),
        (Inserts, (Insert,), "missing"),
        (Batches, (Batch,), "missing"),
        (Chained, (Update,), "lost"),
    ],
)
def test_a_lost_write_is_found(make: Make, kinds: tuple[type, ...], kind: str) -> None:
    """An acknowledged write that was not done."""
    history = _judged(make, kinds, lambda *_: Success(STORED))

    assert history.wrong[kind] > 0


@pytest.mark.parametrize(
    ("make", "kinds", "kind"),
    [
        (Sums, (Update,), "twice"),
        (Bank, (Transact,), "lost or twice"),
        (Inserts, (Insert,), "undone"),
        (Batches, (Batch,), "undone"),
        (Chained, (Update,), "undone"),
    ],
)
def test_a_write_that_was_done_though_denied_is_found(
    make: Make, kinds: tuple[type, ...], kind: str
) -> None:
    """A failure that is not Ambiguous says that nothing was done."""

    def denied(honest: Any, query: Any, number: int) -> Any:
        honest.run(query)
        return BROKEN

    assert _judged(make, kinds, denied).wrong[kind] > 0


@pytest.mark.parametrize(
    ("make", "kinds", "kind"),
    [(Sums, (Update,), "twice"), (Inserts, (Insert,), "refused"), (Bank, (Transact,), "twice")],
)
def test_a_write_that_was_done_twice_is_found(
    make: Make, kinds: tuple[type, ...], kind: str
) -> None:
    """A repeat of what had been done adds again, or meets its own work."""

    def twice(honest: Any, query: Any, number: int) -> Any:
        honest.run(query)
        return honest.run(query)

    history = _judged(make, kinds, twice)
    assert history.wrong[kind] + history.wrong["lost or twice"] > 0


@pytest.mark.parametrize(
    ("lie", "kind"),
    [
        (Failure(NotFound("entry", "1")), "missing"),
        (Success(None), "wrong"),
        (Success(()), "wrong"),
        (Success(Page(())), "wrong"),
        (Success(0), "wrong"),
    ],
)
def test_an_empty_answer_is_found(lie: Any, kind: str) -> None:
    """A broken reply that is taken for an answer."""
    history = _judged(Reads, (Get, GetMany, Find, Count), lambda *_: lie)

    assert history.wrong[kind] > 0


def test_a_write_that_meets_its_own_work_is_found() -> None:
    """A condition that fails on a value of our own is a refusal without a reason."""

    def again(honest: Any, query: Any, number: int) -> Any:
        honest.run(query)
        return Failure(ConditionFailed("entry", "1"))

    assert _judged(Registers, (Update,), again).wrong["refused"] > 0


def test_a_torn_transaction_is_found() -> None:
    """Half of a move changes the total."""

    def half(honest: Any, query: Any, number: int) -> Any:
        honest.run(query.writes[1])
        return UNKNOWN

    assert _judged(Bank, (Transact,), half).wrong["torn"] > 0


def test_a_batch_says_which_writes_were_done() -> None:
    """A reason of its own for each write, and Ambiguous is a maybe there too."""
    partly = Failure(PartlyDone((None, BROKEN.failure(), UNKNOWN.failure())))

    assert verdicts(partly, 3) == ("done", "not", "maybe")
    assert verdicts(UNKNOWN, 2) == ("maybe", "maybe")
    assert [verdict(one) for one in (Success(1), BROKEN, UNKNOWN)] == ["done", "not", "maybe"]


def test_what_is_late_or_raised_is_found() -> None:
    """An answer past its limit, and an exception, are findings of their own."""
    ticks = iter(range(100))
    history = History(limit=0.5, now=lambda: next(ticks))
    history.run(_empty(), _get())
    assert history.wrong.counts() == {"too late": 1}
    assert history.answers[LATE] == 1

    def burst(*_: Any) -> Any:
        raise RuntimeError("not a value")

    answer = history.run(Lying(_empty(), (Get,), burst, every=1), _get())
    assert verdict(answer) == "maybe"
    assert history.wrong["raised"] == 1


def test_what_a_step_raises_is_raised() -> None:
    """A fault of a workload itself does not pass for a run without findings."""

    class Faulty:
        def step(self, db: Backend, dice: Random, thread: int) -> None:
            raise KeyError(thread)

        prepare = judge = staticmethod(lambda db: None)

    with pytest.raises(ExceptionGroup) as caught:
        drive(_empty(), [Faulty()], threads=2, steps=10)
    assert sorted(str(one) for one in caught.value.exceptions) == ["0", "1"]


def _get() -> Any:
    made = ledger()
    return Get(made.sums, made.SumKey(1))


def test_figures_say_what_was_found() -> None:
    """One column for each run, one row for each count."""
    history = History()
    workload = Sums(ledger(), history)
    db = _empty()
    workload.prepare(db)
    drive(db, [workload], threads=2, steps=10)
    history.found("twice", "a sum")
    said = figures("memory", history, {"reset": 3}, limit=1.1, left={"threads": 0})

    assert (said.operations, said.injected) == (10, 3)
    page = report([said, said])
    assert "| effects twice | 1 | 1 |" in page
    assert "| fault: reset | 3 | 3 |" in page
    assert "| threads left | 0 | 0 |" in page
