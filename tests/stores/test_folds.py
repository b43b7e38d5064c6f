"""Values that are unique as a fold takes them: alike on every store."""

from __future__ import annotations

from typing import Any

import pytest

from dalkit import Success, delete, get, insert, put, transact, update
from dalkit.result import ConditionFailed, NotFound, TransactionCancelled
from dalkit.run.backend import Backend

SPELLINGS = ("ada@example.com", "ADA@EXAMPLE.COM", "Ada@example.com", "\u00e1da@example.com")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("verb", [insert, put])
def test_a_taken_email_is_taken_in_every_spelling(
    db: Backend, store: Any, user: Any, spelling: str, verb: Any
) -> None:
    """Another case and another accent too; nothing is written."""
    u = store.users
    db.run(insert(u, user(1, email="ada@example.com"))).unwrap()
    error = db.run(verb(u, user(2, email=spelling))).failure()

    assert isinstance(error, ConditionFailed)
    assert error.unique == "email"
    assert isinstance(db.run(get(u, store.UserKey(2))).failure(), NotFound)


def test_an_update_cannot_take_a_name_by_its_case(db: Backend, store: Any, user: Any) -> None:
    """The record keeps the name that it has."""
    u = store.users
    db.run(insert(u, user(1, username="Ada"))).unwrap()
    db.run(insert(u, user(2, username="Bob"))).unwrap()
    error = db.run(update(u, store.UserKey(2)).set(u.username, "aDA")).failure()

    assert isinstance(error, ConditionFailed)
    assert error.unique == "username"
    assert db.run(get(u, store.UserKey(2))) == Success(user(2, username="Bob"))


def test_a_record_can_change_the_case_of_its_own(db: Backend, store: Any, user: Any) -> None:
    """And still keeps it from others; when it goes, the name is free in every spelling."""
    u = store.users
    db.run(insert(u, user(1, username="ada"))).unwrap()
    db.run(update(u, store.UserKey(1)).set(u.username, "ADA")).unwrap()
    db.run(put(u, user(1, username="Ada"))).unwrap()

    assert isinstance(db.run(insert(u, user(2, username="adA"))).failure(), ConditionFailed)
    db.run(delete(u, store.UserKey(1))).unwrap()
    assert db.run(insert(u, user(2, username="adA"))) == Success(user(2, username="adA"))


def test_two_writes_of_a_transaction_cannot_share_a_folded_value(
    db: Backend, store: Any, user: Any
) -> None:
    """The later one is the reason."""
    u = store.users
    pair = transact(insert(u, user(1, username="ada")), insert(u, user(2, username="ADA")))
    error = db.run(pair).failure()

    assert isinstance(error, TransactionCancelled)
    assert error.reasons[0] is None
    assert getattr(error.reasons[1], "unique", None) == "username"
