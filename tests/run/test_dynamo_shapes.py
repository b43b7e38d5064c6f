"""Replies with a right checksum that are none: another request's, an error, any other shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, final
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit import (
    Failure,
    batch,
    delete,
    find,
    get,
    get_many,
    insert,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.convert import items
from dalkit.result import Ambiguous, PartlyDone, Success, Unavailable
from dalkit.run.dynamo_sending import Sender
from dalkit.run.dynamo_shapes import details_of, misshapen
from dalkit.run.faults import Fault
from dalkit.run.guards import guards
from dalkit.run.on_dynamodb import DynamoDB
from dalkit.run.transport import Request, Response
from dalkit.testing.clock import FakeClock
from dalkit.testing.faults.ledger import ledger

WORLD = ledger()
KEY = WORLD.SumKey(1)
SUM = WORLD.Sum(id=1, total=1, said="x")
OTHER = WORLD.Sum(id=2, total=1, said="x")

READS: dict[str, Any] = {
    "get": get(WORLD.sums, KEY),
    "get_many": get_many(WORLD.sums, (KEY, WORLD.SumKey(2))),
    "find": find(WORLD.entries).where(WORLD.entries.owner == 1),
    "transact_get": transact_get(get(WORLD.sums, KEY)),
}
WRITES: dict[str, Any] = {
    "put": put(WORLD.sums, SUM),
    "insert": insert(WORLD.sums, SUM),
    "add": update(WORLD.sums, KEY).add(WORLD.sums.total, 1),
    "set": update(WORLD.sums, KEY).set(WORLD.sums.said, "z"),
    "delete": delete(WORLD.sums, KEY),
    "batch": batch(put(WORLD.sums, SUM), put(WORLD.sums, OTHER)),
    "transact": transact(put(WORLD.sums, SUM), insert(WORLD.sums, OTHER)),
}
QUERIES = READS | WRITES


@final
class Canned:
    """Answers every request alike."""

    longest = 0.0

    def __init__(self, status: int, said: Any) -> None:
        body = json.dumps(said).encode()
        self.response = Response(status, {"x-amz-crc32": str(crc32(body))}, body)

    def __call__(self, request: Request, /) -> Response | Fault:
        """The reply."""
        return self.response


def answer(query: Any, said: Any, *, status: int = 200) -> Any:
    """What a query is answered when the store says this to everything."""
    sender = Sender(prefix="", checksums=True, exactly_once=False, token=lambda: "t")
    around = guards("DynamoDB", effects=FakeClock().effects)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    db = DynamoDB(
        lambda: Success(Canned(status, said)), sender, around, now=lambda: now, cursor_key=b""
    )
    return db.run(query)


def unknown(found: Any) -> bool:
    """Whether an answer claims nothing: neither that something is there, nor that it is not."""
    return isinstance(found, Failure) and isinstance(
        found.failure(), Unavailable | Ambiguous | PartlyDone
    )


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_an_error_in_a_good_reply_is_no_answer(name: str) -> None:
    """Neither a missing record nor a write that was done."""
    said = {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "no"}

    assert unknown(answer(QUERIES[name], said))


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_a_reply_of_another_operation_is_no_answer(name: str) -> None:
    """Whatever else the same connection was asked."""
    held = items(WORLD.sums).encode(OTHER).unwrap()
    others: dict[str, Any] = {
        "one": {"Item": held},
        "page": {"Items": [], "Count": 0, "ScannedCount": 0},
        "written": {"Attributes": held},
        "left": {"UnprocessedItems": {}},
        "many": {"Responses": {"Ledger": []}, "UnprocessedKeys": {}},
        "together": {"Responses": [{"Item": held}]},
    }
    own = {"find": "page", "get_many": "many", "batch": "left"}.get(name)

    assert [one for one in others if not unknown(answer(QUERIES[name], others[one]))] == (
        ["written"] if name in ("put", "insert") else [own] if own else []
    )


def test_an_update_that_is_answered_another_record_may_have_been_done() -> None:
    """The record of another key is not the updated one."""
    said = {"Attributes": items(WORLD.sums).encode(OTHER).unwrap()}

    assert isinstance(answer(WRITES["add"], said).failure(), Ambiguous)


def test_a_reply_may_say_what_is_not_known_here() -> None:
    """The service may come to tell more than it does today."""
    held = {"Item": items(WORLD.sums).encode(SUM).unwrap(), "Mood": "good"}

    assert answer(READS["get"], held) == Success(SUM)


@pytest.mark.parametrize(
    "units", ["many", -1, None, [1], {}, {"CapacityUnits": []}, {"CapacityUnits": "x"}]
)
def test_capacity_that_cannot_be_read_breaks_no_reply(units: Any) -> None:
    """It is told besides."""
    held = {"Item": items(WORLD.sums).encode(SUM).unwrap(), "ConsumedCapacity": units}

    assert answer(READS["get"], held) == Success(SUM)


def test_reasons_of_another_shape_are_left_out() -> None:
    """What an error says besides its code is read whole or not at all."""
    assert details_of({"CancellationReasons": [{"Code": "None"}]}) != {}
    for wrong in (5, [5], [{"Code": 5}], [{"Code": "None", "Item": {"PK": {}}}]):
        assert details_of({"CancellationReasons": wrong}) == {}
    assert details_of({"throttlingReasons": 5}) == {}


NAMES = (
    "Item Items Count ScannedCount Responses UnprocessedKeys UnprocessedItems Attributes Keys "
    "LastEvaluatedKey ConsumedCapacity CapacityUnits CancellationReasons ThrottlingReasons Code "
    "Message TableName Ledger PutRequest DeleteRequest Key PK SK id total said owner number S N M L"
).split()
CODES = (
    "ConditionalCheckFailedException TransactionCanceledException ThrottlingException "
    "InternalServerError ValidationException ResourceNotFoundException ExpiredTokenException Odd"
).split()
PLAIN = st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["", "1", "SUM#1", "SUM"])
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=12,
)
KEYS = {"PK": {"S": "SUM#1"}, "SK": {"S": "SUM"}}
ROOTS: tuple[Callable[[Any], Any], ...] = (
    lambda one: one,
    lambda one: {"Item": one},
    lambda one: {"Attributes": one},
    lambda one: {"Items": [one], "Count": 1, "LastEvaluatedKey": one},
    lambda one: {"Responses": {"Ledger": one}},
    lambda one: {"Responses": [one]},
    lambda one: {"Responses": {"Ledger": []}, "UnprocessedKeys": {"Ledger": {"Keys": [one]}}},
    lambda one: {"UnprocessedItems": {"Ledger": [one, {"PutRequest": {"Item": one}}]}},
    lambda one: {"UnprocessedItems": {"Ledger": [{"DeleteRequest": {"Key": {**KEYS, "PK": one}}}]}},
)


@given(
    query=st.sampled_from(sorted(QUERIES)), root=st.sampled_from(ROOTS), inner=ANYTHING,
    status=st.sampled_from([200, 204, 301, 400, 413, 500]), code=st.sampled_from(["", *CODES])
)  # fmt: skip
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_said_is_answered(
    query: str, root: Callable[[Any], Any], inner: Any, status: int, code: str
) -> None:
    """No reply of any shape makes a query raise."""
    said = root(inner)
    if code and isinstance(said, dict):
        said = {**said, "__type": code, "Item": inner, "CancellationReasons": [inner, {}]}

    found = answer(QUERIES[query], said, status=status)

    assert isinstance(found, Success | Failure)


def test_each_operation_has_its_own_reply() -> None:
    """Only operations that queries use are looked at."""
    assert misshapen("DescribeTable", {"Table": {}}) == ""
    assert misshapen("GetItem", {}) == ""
    assert misshapen("GetItem", {"Item": []}) != ""
    assert misshapen("TransactWriteItems", {"Responses": []}) != ""
