"""Sums that no column holds, with numbers greater than any store adds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dalkit import Success, get, put, transact, update
from dalkit.result import InvalidValue, NotFound, TransactionCancelled
from dalkit.run.backend import Backend


@pytest.mark.parametrize("number", [2**31 + 1, 2**32, 10**20, 10**38 + 1, 10**40, 10**200])
@pytest.mark.parametrize("name", ["number", "price"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_that_no_column_holds_is_refused(
    db: Backend, zoo: Any, note: Any, name: str, number: int, sign: int
) -> None:
    """However great the number is; the record stays as it was."""
    n, key = zoo.notes, zoo.NoteKey(1)
    old = db.run(put(n, note(1, number=0, price=Decimal("0.00")))).unwrap()
    more = sign * number * (1 if name == "number" else 10)
    write = update(n, key).add(getattr(n, name), more)
    cancelled = db.run(transact(write)).failure()

    assert isinstance(db.run(write).failure(), InvalidValue)
    assert isinstance(cancelled, TransactionCancelled)
    assert [type(one) for one in cancelled.reasons] == [InvalidValue]
    assert db.run(get(n, key).consistent()) == Success(old)


def test_what_no_record_needs_is_not_refused(db: Backend, zoo: Any) -> None:
    """Where there is no record, that is the answer."""
    n = zoo.notes
    write = update(n, zoo.NoteKey(2)).add(n.number, 10**40)

    assert isinstance(db.run(write).failure(), NotFound)
