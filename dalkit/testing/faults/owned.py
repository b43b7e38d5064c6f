"""Workloads in which each thread has records of its own, and so knows what must be there.

| workload  | what it does                          | what must hold                            |
|-----------|---------------------------------------|-------------------------------------------|
| Registers | puts, updates, deletes and gets keys  | every read is what was written last       |
| Inserts   | keys that are used once               | there, if acknowledged; never refused     |
| Batches   | puts and deletes together             | each write as its answer says             |
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from random import Random
from typing import Any, TypeAlias, final

from dalkit.query import batch, delete, find, get, insert, put, update
from dalkit.result import ConditionFailed, Failure, NotFound, Result, Success
from dalkit.run.backend import Backend, pages
from dalkit.testing.faults.history import History, Verdict, verdict, verdicts
from dalkit.testing.faults.ledger import Ledger

__all__ = ["Batches", "Inserts", "Registers"]

Spot: TypeAlias = tuple[int, int]
"""The owner and the number of an entry."""


@final
class Known:
    """What each entry may say now; None is an entry that is not there."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._may: defaultdict[Spot, set[str | None]] = defaultdict(lambda: {None})

    def wrote(self, spot: Spot, said: str | None, how: Verdict) -> None:
        """A write was done, or may have been, or was not."""
        if how == "done":
            self._may[spot] = {said}
        elif how == "maybe":
            self._may[spot].add(said)

    def read(self, spot: Spot, said: str | None, *, settled: bool = False) -> None:
        """Hold what was read to what may be there; `settled`: from now on it is that."""
        may = self._may[spot]
        if said not in may:
            what = "missing" if said is None else "wrong" if None not in may else "undone"
            self._history.found(what, f"entry {spot} says {said!r}, it may say {may}")
        if settled:
            self._may[spot] = {said}

    def certain(self, spot: Spot) -> str | None:
        """What an entry says, if that is certain and it is there."""
        may = self._may[spot]
        return next(iter(may)) if len(may) == 1 else None

    @property
    def spots(self) -> list[Spot]:
        """Every entry that was written."""
        return list(self._may)


@final
class Registers:
    """Each thread writes its own keys; with `settled` no write takes effect after its answer."""

    def __init__(
        self, ledger: Ledger, history: History, *, keys: int = 5, settled: bool = True
    ) -> None:
        self._ledger, self._history = ledger, history
        self._keys, self._settled = keys, settled
        self._known = Known(history)
        self._words = count()

    def prepare(self, db: Backend) -> None:
        """Nothing is there."""

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        spot = (1000 + thread, dice.randrange(self._keys))
        act = dice.choice((self._put, self._update, self._delete, self._get, self._get))
        act(db, spot)

    def judge(self, db: Backend) -> None:
        for spot in self._known.spots:
            self._known.read(spot, _said(db.run(get(self._ledger.entries, self._key(spot)))))

    def _key(self, spot: Spot) -> Any:
        return self._ledger.EntryKey(*spot)

    def _put(self, db: Backend, spot: Spot) -> None:
        said = f"put {next(self._words)}"
        record = self._ledger.Entry(owner=spot[0], number=spot[1], said=said)
        answer = self._history.run(db, put(self._ledger.entries, record))
        self._known.wrote(spot, said, verdict(answer))

    def _update(self, db: Backend, spot: Spot) -> None:
        old = self._known.certain(spot)
        if old is None:
            return
        said, entries = f"set {next(self._words)}", self._ledger.entries
        change = update(entries, self._key(spot)).set(entries.said, said)
        answer = self._history.run(db, change.when(entries.said == old))
        if isinstance(answer, Failure) and isinstance(answer.failure(), ConditionFailed | NotFound):
            self._history.found("refused", f"entry {spot} said {old!r}: {answer.failure()!r}")
        self._known.wrote(spot, said, verdict(answer))

    def _delete(self, db: Backend, spot: Spot) -> None:
        answer = self._history.run(db, delete(self._ledger.entries, self._key(spot)))
        self._known.wrote(spot, None, verdict(answer))

    def _get(self, db: Backend, spot: Spot) -> None:
        answer: Result[Any] = self._history.run(
            db, get(self._ledger.entries, self._key(spot)).consistent()
        )
        if _answered(answer):
            self._known.read(spot, _said(answer), settled=self._settled)


@final
class Inserts:
    """Every key is used once, so that an insert that is refused met its own work."""

    def __init__(self, ledger: Ledger, history: History) -> None:
        self._ledger, self._history = ledger, history
        self._known = Known(history)
        self._numbers = count(1)

    def prepare(self, db: Backend) -> None:
        """Nothing is there."""

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        spot = (2000 + thread, next(self._numbers))
        said = f"insert {dice.random()}"
        record = self._ledger.Entry(owner=spot[0], number=spot[1], said=said)
        answer = self._history.run(db, insert(self._ledger.entries, record))
        if isinstance(answer, Failure) and isinstance(answer.failure(), ConditionFailed):
            self._history.found("refused", f"entry {spot} was new: {answer.failure()!r}")
        self._known.wrote(spot, said, verdict(answer))

    def judge(self, db: Backend) -> None:
        _judged(db, self._ledger, self._known)


@final
class Batches:
    """Each thread puts new entries and deletes older ones of its own, many at once."""

    def __init__(self, ledger: Ledger, history: History, *, most: int = 30) -> None:
        self._ledger, self._history, self._most = ledger, history, most
        self._known = Known(history)
        self._numbers = count(1)
        self._mine: defaultdict[int, list[Spot]] = defaultdict(list)

    def prepare(self, db: Backend) -> None:
        """Nothing is there."""

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        mine = self._mine[thread]
        old = [mine.pop(dice.randrange(len(mine))) for _ in range(dice.randint(0, 3)) if mine]
        new = [(3000 + thread, next(self._numbers)) for _ in range(dice.randint(1, self._most))]
        key, entry = self._ledger.EntryKey, self._ledger.Entry
        entries = self._ledger.entries
        puts = [put(entries, entry(owner=o, number=n, said=f"batch {n}")) for o, n in new]
        deletes = [delete(entries, key(*spot)) for spot in old]
        answer = self._history.run(db, batch(*puts, *deletes))
        each = verdicts(answer, len(new) + len(old))
        for spot, how in zip(new, each, strict=False):
            self._known.wrote(spot, f"batch {spot[1]}", how)
        for spot, how in zip(old, each[len(new) :], strict=True):
            self._known.wrote(spot, None, how)
        mine.extend(new)

    def judge(self, db: Backend) -> None:
        _judged(db, self._ledger, self._known)


def _judged(db: Backend, ledger: Ledger, known: Known) -> None:
    """Read every owner's entries whole, and hold each to what is known."""
    entries = ledger.entries
    spots = known.spots
    found: dict[Spot, str] = {}
    for owner in sorted({owner for owner, _ in spots}):
        query = find(entries).where(entries.owner == owner).limit(500)
        for page in pages(db, query):
            found |= {(one.owner, one.number): one.said for one in page.unwrap().items}
    for spot in sorted({*spots, *found}):
        known.read(spot, found.get(spot))


def _answered(answer: Result[Any]) -> bool:
    return isinstance(answer, Success) or isinstance(answer.failure(), NotFound)


def _said(answer: Result[Any]) -> str | None:
    match answer:
        case Success(record):
            said: str = record.said
            return said
        case Failure(NotFound()):
            return None
        case Failure(error):
            raise AssertionError(f"a calm store answered {error!r}")
