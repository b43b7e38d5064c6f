"""Reads of records that nobody changes: a failure may be, a wrong or empty answer may not."""

from __future__ import annotations

from random import Random
from typing import Any, Final, final

from dalkit.query import batch, count, find, get, get_many, put, transact_get
from dalkit.result import Failure, NotFound, Page, Success
from dalkit.run.backend import Backend
from dalkit.testing.faults.history import History
from dalkit.testing.faults.ledger import Ledger

__all__ = ["Reads"]

_OWNER: Final = 7
_MANY: Final = 60


@final
class Reads:
    """Gets, pages, counts and transactional reads of the same sixty entries."""

    def __init__(self, ledger: Ledger, history: History) -> None:
        self._ledger, self._history = ledger, history
        self._records = tuple(
            ledger.Entry(owner=_OWNER, number=number, said=f"fixed {number}")
            for number in range(_MANY)
        )

    def prepare(self, db: Backend) -> None:
        db.run(batch(*(put(self._ledger.entries, one) for one in self._records))).unwrap()

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        act = dice.choice((self._get, self._get, self._many, self._page, self._count, self._both))
        act(db, dice)

    def judge(self, db: Backend) -> None:
        self._hold(db, find(self._all()).where(self._all().owner == _OWNER), Page(self._records))

    def _all(self) -> Any:
        return self._ledger.entries

    def _get(self, db: Backend, dice: Random) -> None:
        one = dice.choice(self._records)
        self._hold(db, get(self._all(), self._key(one)), one)

    def _many(self, db: Backend, dice: Random) -> None:
        some = tuple(dice.sample(self._records, dice.randint(1, 20)))
        right = {self._key(one): one for one in some}
        self._hold(db, get_many(self._all(), list(right)), right)

    def _page(self, db: Backend, dice: Random) -> None:
        most = dice.randint(1, _MANY - 1)
        query = find(self._all()).where(self._all().owner == _OWNER)
        ordered = query.order_by(self._all().number.asc()).limit(most)
        self._hold(db, ordered, self._records[:most])

    def _count(self, db: Backend, dice: Random) -> None:
        least = dice.randrange(_MANY)
        entries = self._all()
        query = count(entries).where(entries.owner == _OWNER, entries.number >= least)
        self._hold(db, query, _MANY - least)

    def _both(self, db: Backend, dice: Random) -> None:
        one, two = dice.sample(self._records, 2)
        gets = (get(self._all(), self._key(one)), get(self._all(), self._key(two)))
        self._hold(db, transact_get(*gets), (one, two))

    def _key(self, record: Any) -> Any:
        return self._ledger.EntryKey(record.owner, record.number)

    def _hold(self, db: Backend, query: Any, right: Any) -> None:
        """Hold an answer to the right one; a page to its items."""
        match self._history.run(db, query):
            case Success(Page(items)) if items == (
                right.items if isinstance(right, Page) else right
            ):
                pass
            case Success(answer) if answer == right:
                pass
            case Success(answer):
                self._history.found("wrong", f"{query} was answered {answer!r}")
            case Failure(NotFound()):
                self._history.found("missing", f"{query} was answered that it is not there")
            case Failure():
                pass
