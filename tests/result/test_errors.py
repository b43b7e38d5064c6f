"""The family of errors: drawn as it is, said aloud, equal whatever their trace."""

from __future__ import annotations

import pickle
import re
from math import inf
from typing import Any, get_args

import attrs
import pytest

import dalkit.result
from dalkit.result import (
    AccessDenied,
    Ambiguous,
    BudgetExhausted,
    CircuitOpen,
    ConditionFailed,
    Conflict,
    ContractError,
    Corrupt,
    CredentialsMissing,
    DeadlineExceeded,
    Error,
    InvalidValue,
    ItemTooLarge,
    KeyTooLarge,
    MissingTable,
    NotFound,
    PartlyDone,
    Throttled,
    ThrottlingReason,
    Trace,
    TransactionCancelled,
    Unavailable,
    Unsupported,
    traced,
)

AWAY = Unavailable("DynamoDB", "connection reset")
GONE = NotFound("Orders", "id = 7")
SAID: list[tuple[Error, str]] = [
    (GONE, "Orders id = 7 does not exist"),
    (
        ConditionFailed("Orders", "id = 7"),
        "Orders id = 7: the condition of the write is not met: there is none",
    ),
    (
        ConditionFailed("Orders", "id = 7", record=object()),
        "Orders id = 7: the condition of the write is not met: there is one that does not meet it",
    ),
    (
        ConditionFailed("Users", "id = 7", unique="email"),
        "Users id = 7: another record has its email",
    ),
    (
        TransactionCancelled((None, GONE)),
        "none was written: write 2 of 2: Orders id = 7 does not exist",
    ),
    (
        PartlyDone((None, AWAY, None)),
        "2 of 3 writes were done; write 2 of 3: DynamoDB is unavailable: connection reset",
    ),
    (InvalidValue("Orders", "total", "NaN"), "Orders: total: NaN"),
    (
        ItemTooLarge("Orders", "id = 7", 500_000),
        "Orders id = 7: the item has 500,000 bytes; DynamoDB holds 409,600",
    ),
    (
        KeyTooLarge("Orders", "PK", 3000, 2048, "id = 7"),
        "Orders id = 7: key attribute PK has 3,000 bytes; allowed are 1 to 2,048",
    ),
    (
        KeyTooLarge("Orders", "PK", 0, 2048),
        "Orders: key attribute PK is empty; allowed are 1 to 2,048",
    ),
    (Corrupt("Orders", "total", "is no number", "id = 7"), "Orders id = 7: total: is no number"),
    (Unsupported("find", "no index"), "find: no index"),
    (Unsupported("find", "no index", "add one"), "find: no index; add one"),
    (ContractError(("one", "two")), "one\ntwo"),
    (MissingTable("Users", "DynamoDB"), "DynamoDB has no table Users"),
    (CredentialsMissing("no credentials"), "no credentials"),
    (AccessDenied("not allowed"), "not allowed"),
    (Throttled("PutItem", "slow down"), "PutItem was throttled: slow down"),
    (
        Throttled("PutItem", "", reasons=(ThrottlingReason("TableWrite", "t/Users"),)),
        "PutItem was throttled: TableWrite of t/Users",
    ),
    (Conflict("PutItem", "another"), "PutItem met another writer: another"),
    (AWAY, "DynamoDB is unavailable: connection reset"),
    (
        DeadlineExceeded("get", "4 attempts in 10.0 s", cause=AWAY),
        "get ran out of time: 4 attempts in 10.0 s",
    ),
    (
        CircuitOpen(4.25, store="MySQL"),
        "nothing is sent to MySQL for 4.2 s: it has failed too often",
    ),
    (CircuitOpen(inf, store="MySQL"), "nothing is sent to MySQL: its circuit is held open"),
    (
        BudgetExhausted("get", str(AWAY), cause=AWAY),
        "get is not tried again while so much fails: DynamoDB is unavailable: connection reset",
    ),
    (
        Ambiguous("update", "no reply", cause=AWAY),
        "update may have been done, or may not: no reply",
    ),
]
CASES = pytest.mark.parametrize(
    "error", [one for one, _ in SAID], ids=lambda one: type(one).__name__
)


@pytest.mark.parametrize(("error", "said"), SAID, ids=[type(one).__name__ for one, _ in SAID])
def test_an_error_says_itself(error: Error, said: str) -> None:
    """In a sentence that reads well aloud."""
    assert str(error) == said


def test_every_error_is_said_here() -> None:
    """A new class has to be given its sentence."""
    assert {type(one) for one, _ in SAID} == set(get_args(Error))


def test_the_tree_is_the_family() -> None:
    """The drawing names every class of the union, once, and nothing else."""
    drawn = re.findall(r"── ([A-Z]\w+)  *\w", str(dalkit.result.__doc__))

    assert sorted(drawn) == sorted(one.__name__ for one in get_args(Error))


@CASES
def test_a_trace_is_no_part_of_what_an_error_is(error: Any) -> None:
    """Traced or not, it is equal, prints the same, and matches by the same positions."""
    found = traced(error, operation="get", attempts=2, elapsed=1.5)

    assert found == error
    assert (str(found), repr(found)) == (str(error), repr(error))
    assert found.trace == Trace(operation="get", attempts=2, elapsed=1.5)
    assert error.trace == Trace()
    assert "trace" not in type(error).__match_args__
    assert attrs.fields(type(error)).trace.kw_only


@CASES
def test_an_error_goes_through_pickle(error: Any) -> None:
    """So that it can leave a process."""
    found = traced(
        ConditionFailed("a", "b") if isinstance(error, ConditionFailed) else error, key="k"
    )
    again = pickle.loads(pickle.dumps(found))

    assert (again, again.trace) == (found, found.trace)


def test_a_trace_keeps_what_was_known_before() -> None:
    """What is added later replaces only what it names."""
    found = traced(traced(GONE, request_id="R1", attempts=1), attempts=3, table="Users")

    assert found.trace == Trace(request_id="R1", attempts=3, table="Users")


def test_a_trace_refuses_what_it_does_not_know() -> None:
    """A misspelt name is misuse."""
    with pytest.raises(TypeError, match="tries"):
        traced(GONE, tries=3)


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        (Trace(), ""),
        (Trace(attempts=1), "1 attempt in 0.000 s"),
        (
            Trace(
                operation="get",
                entity="Orders",
                table="Users",
                key="id = 7",
                request_id="R1",
                attempts=4,
                elapsed=2.5,
            ),
            "get Orders id = 7 in Users, 4 attempts in 2.500 s, request R1",
        ),
    ],
)
def test_a_trace_says_what_it_knows(trace: Trace, said: str) -> None:
    """And nothing about the rest."""
    assert str(trace) == said


def test_a_batch_says_what_is_left() -> None:
    """By the places of the writes, so that these can be asked again."""
    error = PartlyDone((None, AWAY, None, GONE))

    assert (error.done, error.left) == ((0, 2), (1, 3))
