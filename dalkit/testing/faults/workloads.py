"""Workloads that add, from many threads at once: what was acknowledged is what is there.

| workload | what it does                         | what must hold                              |
|----------|--------------------------------------|---------------------------------------------|
| Sums     | adds to a few sums                   | acknowledged <= sum <= the same with maybes |
| Bank     | moves in transactions, if enough     | the total is constant; each within bounds   |
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Hashable
from random import Random
from typing import Protocol, final

from dalkit.query import get, get_many, put, transact, update
from dalkit.result import ConditionFailed, Failure, NotFound
from dalkit.run.backend import Backend
from dalkit.testing.faults.history import History, Verdict, verdict
from dalkit.testing.faults.ledger import Ledger

__all__ = ["Bank", "Sums", "Workload"]


class Workload(Protocol):
    """Something to do in steps, and a judgment in the end."""

    def prepare(self, db: Backend) -> None:
        """Put in place what the steps need."""

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        """One step of one thread."""

    def judge(self, db: Backend) -> None:
        """Hold the store, which nothing disturbs now, to what was answered."""


@final
class Bounds:
    """For each subject the least and the most that it may be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._low: defaultdict[Hashable, int] = defaultdict(int)
        self._high: defaultdict[Hashable, int] = defaultdict(int)

    def moved(self, subject: Hashable, number: int, said: Verdict) -> None:
        """A number was added, or may have been."""
        if said == "not":
            return
        with self._lock:
            if said == "done" or number < 0:
                self._low[subject] += number
            if said == "done" or number > 0:
                self._high[subject] += number

    def of(self, subject: Hashable) -> tuple[int, int]:
        """The bounds of a subject."""
        return self._low[subject], self._high[subject]


@final
class Sums:
    """Every thread adds to the same few sums."""

    def __init__(self, ledger: Ledger, history: History, *, ids: range = range(1, 6)) -> None:
        self._ledger, self._history, self._ids = ledger, history, ids
        self._bounds = Bounds()

    def prepare(self, db: Backend) -> None:
        for one in self._ids:
            db.run(put(self._ledger.sums, self._ledger.Sum(id=one, total=0, said=None))).unwrap()

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        sums, one, number = self._ledger.sums, dice.choice(self._ids), dice.randint(1, 9)
        answer = self._history.run(
            db, update(sums, self._ledger.SumKey(one)).add(sums.total, number)
        )
        if isinstance(answer, Failure) and isinstance(answer.failure(), ConditionFailed | NotFound):
            self._history.found("refused", f"sum {one} + {number}: {answer.failure()}")
        self._bounds.moved(one, number, verdict(answer))

    def judge(self, db: Backend) -> None:
        for one in self._ids:
            total = db.run(get(self._ledger.sums, self._ledger.SumKey(one))).unwrap().total
            low, high = self._bounds.of(one)
            if total < low:
                self._history.found("lost", f"sum {one} is {total}, acknowledged are {low}")
            if total > high:
                self._history.found("twice", f"sum {one} is {total}, asked for were {high}")


@final
class Bank:
    """Money moves between accounts; none is made and none is lost."""

    def __init__(self, ledger: Ledger, history: History, *, ids: range = range(101, 109)) -> None:
        self._ledger, self._history, self._ids = ledger, history, ids
        self._bounds = Bounds()

    def prepare(self, db: Backend) -> None:
        for one in self._ids:
            self._bounds.moved(one, 1000, "done")
            account = self._ledger.Sum(id=one, total=1000, said=None)
            db.run(put(self._ledger.sums, account)).unwrap()

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        sums, key = self._ledger.sums, self._ledger.SumKey
        source, target = dice.sample(self._ids, 2)
        number = dice.randint(1, 20)
        give = update(sums, key(source)).add(sums.total, -number).when(sums.total >= number)
        answer = self._history.run(
            db, transact(give, update(sums, key(target)).add(sums.total, number))
        )
        said = verdict(answer)
        self._bounds.moved(source, -number, said)
        self._bounds.moved(target, number, said)

    def judge(self, db: Backend) -> None:
        found = db.run(
            get_many(self._ledger.sums, [self._ledger.SumKey(one) for one in self._ids])
        ).unwrap()
        total = sum(one.total for one in found.values())
        if total != 1000 * len(self._ids):
            self._history.found("torn", f"the bank holds {total}")
        for one in found.values():
            low, high = self._bounds.of(one.id)
            if not low <= one.total <= high:
                kind = "lost or twice"
                self._history.found(kind, f"account {one.id}: {one.total}, not {low} to {high}")
