"""Every error of DynamoDB's catalog, as its bytes come: its class, and what may follow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import pytest

from dalkit.result import (
    AccessDenied,
    Conflict,
    MissingTable,
    Throttled,
    ThrottlingReason,
    Unavailable,
    Unsupported,
)
from dalkit.run.dynamo_wire import fault_of, reply_of
from dalkit.run.faults import Fault
from dalkit.run.transport import Response

TABLE = {"TableName": "Users"}


def response(
    code: str, *, status: int = 400, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """An error as the service sends it."""
    said = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}
    body = json.dumps(said).encode()
    return Response(status, {"x-amz-crc32": str(crc32(body)), **(headers or {})}, body)


def fault(response: Response) -> Fault:
    """What the response means."""
    found = fault_of("PutItem", TABLE, response, checksums=True)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("code", "status", "error", "again"),
    [
        ("ProvisionedThroughputExceededException", 400, Throttled, "slowly"),
        ("ThrottlingException", 400, Throttled, "slowly"),
        ("RequestLimitExceeded", 400, Throttled, "slowly"),
        ("LimitExceededException", 400, Throttled, "slowly"),
        ("InternalServerError", 500, Unavailable, "soon"),
        ("ServiceUnavailable", 503, Unavailable, "soon"),
        ("TransactionConflictException", 400, Conflict, "soon"),
        ("ReplicatedWriteConflictException", 409, Conflict, "soon"),
        ("TransactionInProgressException", 400, Conflict, "slowly"),
        ("ConditionalCheckFailedException", 400, Conflict, "no"),
        ("TransactionCanceledException", 400, Conflict, "no"),
        ("DuplicateItemException", 400, Conflict, "no"),
        ("IdempotentParameterMismatchException", 400, Conflict, "no"),
        ("ResourceInUseException", 400, Conflict, "no"),
        ("ImportConflictException", 400, Conflict, "no"),
        ("ResourceNotFoundException", 400, MissingTable, "no"),
        ("AccessDeniedException", 400, AccessDenied, "no"),
        ("UnrecognizedClientException", 400, AccessDenied, "no"),
        ("MissingAuthenticationTokenException", 400, AccessDenied, "no"),
        ("IncompleteSignatureException", 400, AccessDenied, "no"),
        ("InvalidSignatureException", 400, AccessDenied, "no"),
        ("ExpiredTokenException", 400, AccessDenied, "once"),
        ("RequestExpired", 400, AccessDenied, "once"),
        ("ItemCollectionSizeLimitExceededException", 400, Unsupported, "no"),
        ("ValidationException", 400, Unsupported, "no"),
        ("SerializationException", 400, Unsupported, "no"),
        ("SomethingNew", 400, Unsupported, "no"),
    ],
)
def test_each_code_has_its_error(code: str, status: int, error: type, again: str) -> None:
    """Only what may pass is tried again; ambiguous are 5xx, and one's own under way."""
    found = fault(response(code, status=status))
    ambiguous = status >= 500 or code == "TransactionInProgressException"

    assert isinstance(found.error, error)
    assert (found.code, found.again, found.ambiguous) == (code, again, ambiguous)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[1]", b"{}"])
def test_a_server_error_without_a_body_is_unavailable(status: int, body: bytes) -> None:
    """Whatever stands between, or nothing: the write may have been done."""
    found = fault(Response(status, {}, body))

    assert isinstance(found.error, Unavailable)
    assert found.ambiguous
    assert found.again == "soon"


@pytest.mark.parametrize(
    ("codes", "again"),
    [
        (["None", "TransactionConflict"], "soon"),
        (["TransactionConflict", "ProvisionedThroughputExceeded"], "slowly"),
        (["ThrottlingError", "None"], "slowly"),
        (["TransactionConflict", "ConditionalCheckFailed"], "no"),
        (["ItemCollectionSizeLimitExceeded"], "no"),
        (["ValidationError", "TransactionConflict"], "no"),
        (["DuplicateItem"], "no"),
        (["SomethingNew"], "no"),
        (["None"], "no"),
        ([], "no"),
    ],
)
def test_a_cancelled_transaction_is_sent_again_iff_every_reason_may_pass(
    codes: list[str], again: str
) -> None:
    """One reason that stays is enough to stop."""
    reasons = [{"Code": code} for code in codes]
    found = fault(response("TransactionCanceledException", CancellationReasons=reasons))

    assert found.again == again
    assert found.judged


@pytest.mark.parametrize("name", ["ThrottlingReasons", "throttlingReasons"])
def test_the_reasons_of_throttling_are_told(name: str) -> None:
    """Which limit of which resource: one of the errors spells the member otherwise."""
    told = [{"reason": "TableWriteMaxOnDemandThroughputExceeded", "resource": "arn:aws:x"}]
    more: dict[str, Any] = {name: told}
    found = fault(response("ThrottlingException", **more))

    assert isinstance(found.error, Throttled)
    assert found.error.reasons == (
        ThrottlingReason("TableWriteMaxOnDemandThroughputExceeded", "arn:aws:x"),
    )


def test_the_request_and_the_stores_hint_are_told() -> None:
    """Support asks for the one; the other is in milliseconds."""
    headers = {"x-amzn-requestid": "R1", "x-amz-retry-after": "1500"}
    found = fault(response("ThrottlingException", headers=headers))

    assert (found.request_id, found.hint) == ("R1", 1.5)


def test_the_old_item_is_read_as_the_client_reads_it() -> None:
    """Bytes are bytes, wherever an error carries an item."""
    item, wire = {"PK": {"B": "AP8="}}, {"PK": {"B": b"\x00\xff"}}
    failed = fault(response("ConditionalCheckFailedException", Item=item))
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": item}]
    cancelled = fault(response("TransactionCanceledException", CancellationReasons=reasons))

    assert failed.detail["Item"] == wire
    assert cancelled.detail["CancellationReasons"][1]["Item"] == wire


@pytest.mark.parametrize(
    "reasons", [{"a": 1}, 7, "text", [7], [None], [{"Item": 7}]], ids=json.dumps
)
def test_an_error_of_another_shape_is_an_error_all_the_same(reasons: Any) -> None:
    """Whatever stands in the place of the reasons, the answer is a fault."""
    found = fault(response("TransactionCanceledException", CancellationReasons=reasons))

    assert found.again == "no"


def test_a_checksum_is_asked_of_every_answer() -> None:
    """Wrong ones are broken replies, with and without the switch; missing ones only with it."""
    good = Response(200, {"x-amz-crc32": "2745614147"}, b"{}")
    wrong = Response(200, {"x-amz-crc32": "1"}, b"{}")
    none = Response(200, {}, b"{}")

    assert fault_of("GetItem", TABLE, good, checksums=True) is None
    assert fault_of("GetItem", TABLE, none, checksums=False) is None
    for one, asked in ((wrong, True), (wrong, False), (none, True)):
        found = fault_of("GetItem", TABLE, one, checksums=asked)
        assert found is not None
        assert (found.again, found.ambiguous) == ("soon", True)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("Query", b"{}"),
        ("Scan", b'{"Items": []}'),
        ("BatchGetItem", b"{}"),
        ("BatchWriteItem", b"{}"),
        ("TransactGetItems", b"{}"),
        ("GetItem", b""),
        ("GetItem", b'{"Item": {'),
        ("GetItem", b"<html>"),
        ("GetItem", b"[]"),
        ("GetItem", b"null"),
        ("Query", b'{"Count": 1, "Items": 7}'),
        ("BatchGetItem", b'{"Responses": 7}'),
        ("BatchWriteItem", b'{"UnprocessedItems": {"T": [{}]}}'),
        ("GetItem", b"[" * 100_000),
    ],
)
def test_a_reply_of_another_shape_is_broken(operation: str, body: bytes) -> None:
    """It is neither an empty answer nor a missing item."""
    assert isinstance(reply_of(operation, body), Fault)
