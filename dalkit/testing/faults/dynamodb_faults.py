"""What can go wrong between a client and DynamoDB, each fault a function of one exchange.

| fault                              | the store has done it | what the client meets          |
|------------------------------------|-----------------------|--------------------------------|
| reset-before, reset-after          | no, yes               | the connection is reset        |
| 500-before, 500-after, 503-before, | no, yes, no,          | a server's error; 503 is bare, |
| 504-after                          | yes                   | 504 is a gateway's page        |
| hold-before, hold-after            | no, yes               | no word until it leaves        |
| late                               | after the client left | no word until it leaves        |
| throttled, throttling, limited     | no                    | the three codes, with reasons  |
| conflict, replicated               | no                    | another write in the way       |
| cancel-throttled                   | no                    | a transaction to be repeated   |
| in-progress-before, -after         | no, yes               | TransactionInProgress          |
| partial-batch                      | half of it            | the other half as unprocessed  |
| truncated, truncated-unsigned, cut | yes                   | half a body: summed, not, torn |
| bit-flip, wrong-sum, no-sum        | yes                   | a body without the right sum   |
| html, empty, hollow, garbage       | yes                   | no answer: 200, or not HTTP    |
| drip                               | yes                   | the answer, in small pieces    |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, Protocol, final
from zlib import crc32

from attrs import evolve, frozen

from dalkit.testing.faults.http_messages import Message, error_reply, reply

__all__ = ["APPLIED", "BROKEN", "FAULTS", "Answer", "Exchange", "possible"]

_SINGLE = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_TRANSACT = frozenset({"TransactWriteItems", "TransactGetItems"})
_BATCH = frozenset({"BatchWriteItem", "BatchGetItem"})
_SHAPED = frozenset({"Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems"})
_HTML = b"<html><body><h1>It works!</h1></body></html>"


@final
@frozen
class Answer:
    """What the client is sent, and what happens to its connection then."""

    data: bytes = b""
    then: Literal["keep", "close", "reset"] = "keep"
    pieces: int = 1
    """In how many pieces it is sent, with a pause between them."""


class Exchange(Protocol):
    """One request on its way."""

    @property
    def request(self) -> Message:
        """What the client asks."""

    @property
    def operation(self) -> str:
        """`PutItem` and the like."""

    def forward(self, request: Message | None = None) -> Message:
        """Ask the store; its reply."""

    def hold(self) -> None:
        """Wait until the client leaves, or the plan's patience ends."""


_RESET: Final = Answer(then="reset")


def _said(message: Message) -> Answer:
    return Answer(bytes(message))


def _before(message: Callable[[Exchange], Message]) -> Callable[[Exchange], Answer]:
    return lambda one: _said(message(one))


def _after(change: Callable[[Message], Message]) -> Callable[[Exchange], Answer]:
    """The store answers, and the client gets the answer changed."""
    return lambda one: _said(change(one.forward()))


def _reset_after(one: Exchange) -> Answer:
    one.forward()
    return _RESET


def _hold_before(one: Exchange) -> Answer:
    one.hold()
    return _RESET


def _hold_after(one: Exchange) -> Answer:
    one.forward()
    one.hold()
    return _RESET


def _late(one: Exchange) -> Answer:
    one.hold()
    one.forward()
    return _RESET


def _internal(_: object) -> Message:
    return error_reply(500, "InternalServerError", "The request failed: say it again.")


def _throttled(code: str, member: str) -> Callable[[Exchange], Message]:
    def made(one: Exchange) -> Message:
        kind = "Read" if one.operation.startswith(("Get", "Query", "Scan", "BatchGet")) else "Write"
        reasons = [
            {
                "reason": f"Table{kind}ProvisionedThroughputExceeded",
                "resource": "arn:aws:dynamodb:us-east-1:000000000000:table/t",
            }
        ]
        return error_reply(400, code, "Slow down.", **{member: reasons})

    return made


def _conflict(one: Exchange) -> Message:
    if one.operation in _TRANSACT:
        return _cancelled(one.request, "TransactionConflict")
    return error_reply(400, "TransactionConflictException", "Another transaction is at work.")


def _cancelled(request: Message, code: str) -> Message:
    reasons: list[dict[str, str]] = [{"Code": "None"} for _ in request.json["TransactItems"]]
    reasons[-1] = {"Code": code, "Message": "It was in the way."}
    codes = ", ".join(one["Code"] for one in reasons)
    text = (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    )
    return error_reply(400, "TransactionCanceledException", text, CancellationReasons=reasons)


def _in_progress(_: object) -> Message:
    return error_reply(400, "TransactionInProgressException", "The same token is at work.")


def _partial_batch(one: Exchange) -> Answer:
    """The store does the first half (rounded down); the rest comes back undone."""
    asked = one.request.json
    done, rest = _halves(asked["RequestItems"])
    member = "UnprocessedItems" if one.operation == "BatchWriteItem" else "UnprocessedKeys"
    if done:
        body = json.dumps({**asked, "RequestItems": done}).encode()
        answer = one.forward(one.request.with_body(body))
        if answer.status != 200:
            return _said(answer)
        said = answer.json
    else:
        said = {} if member == "UnprocessedItems" else {"Responses": {}}
    left_over = _merged(said.get(member) or {}, rest)
    return _said(reply(200, json.dumps({**said, member: left_over}).encode()))


def _halves(asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    each = [(table, one) for table, held in asked.items() for one in _listed(held)]
    half = len(each) // 2
    return _grouped(asked, each[:half]), _grouped(asked, each[half:])


def _listed(held: Any) -> list[Any]:
    found: list[Any] = held["Keys"] if isinstance(held, dict) else held
    return found


def _grouped(asked: Mapping[str, Any], each: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    grouped: dict[str, list[Any]] = {}
    for table, one in each:
        grouped.setdefault(table, []).append(one)
    return {
        table: {**asked[table], "Keys": held} if isinstance(asked[table], dict) else held
        for table, held in grouped.items()
    }


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(first)
    for table, held in second.items():
        both = [*_listed(merged[table]), *_listed(held)] if table in merged else _listed(held)
        merged[table] = {**held, "Keys": both} if isinstance(held, dict) else both
    return merged


def _truncated(message: Message) -> Message:
    return message.with_body(message.body[: len(message.body) // 2])


def _unsigned(message: Message) -> Message:
    return message.with_header("x-amz-crc32", None)


def _cut(one: Exchange) -> Answer:
    whole = one.forward()
    return Answer(bytes(whole)[: -max(1, len(whole.body) // 2)], then="close")


def _garbage(one: Exchange) -> Answer:
    one.forward()
    return Answer(b"\x16\x03\x01 not HTTP at all\r\n\r\n", then="close")


def _drip(one: Exchange) -> Answer:
    return Answer(bytes(one.forward()), pieces=9)


def _bit_flip(message: Message) -> Message:
    body = bytearray(message.body)
    body[len(body) // 2] ^= 1
    return evolve(message, body=bytes(body))


def _wrong_sum(message: Message) -> Message:
    return message.with_header("x-amz-crc32", str(crc32(message.body) ^ 1))


def _html(_: object) -> Message:
    return reply(200, _HTML, checksum=False, type="text/html")


def _empty(_: object) -> Message:
    return reply(200, b"", checksum=False)


def _hollow(_: object) -> Message:
    return reply(200, b"{}")


def _gateway(_: object) -> Message:
    return reply(504, _HTML, checksum=False, type="text/html")


def _gone(_: object) -> Message:
    return reply(503, b"", checksum=False)


FAULTS: Final[Mapping[str, Callable[[Exchange], Answer]]] = {
    "reset-before": lambda _: _RESET,
    "reset-after": _reset_after,
    "500-before": _before(_internal),
    "500-after": _after(_internal),
    "503-before": _before(_gone),
    "504-after": _after(_gateway),
    "hold-before": _hold_before,
    "hold-after": _hold_after,
    "late": _late,
    "throttled": _before(_throttled("ProvisionedThroughputExceededException", "ThrottlingReasons")),
    "throttling": _before(_throttled("ThrottlingException", "throttlingReasons")),
    "limited": _before(_throttled("RequestLimitExceeded", "ThrottlingReasons")),
    "conflict": _before(_conflict),
    "replicated": _before(
        lambda _: error_reply(409, "ReplicatedWriteConflictException", "A replica was first.")
    ),
    "cancel-throttled": _before(lambda one: _cancelled(one.request, "ThrottlingError")),
    "in-progress-before": _before(_in_progress),
    "in-progress-after": _after(_in_progress),
    "partial-batch": _partial_batch,
    "truncated": _after(_truncated),
    "truncated-unsigned": _after(lambda whole: _unsigned(_truncated(whole))),
    "cut": _cut,
    "bit-flip": _after(_bit_flip),
    "wrong-sum": _after(_wrong_sum),
    "no-sum": _after(_unsigned),
    "html": _after(_html),
    "empty": _after(_empty),
    "hollow": _after(_hollow),
    "garbage": _garbage,
    "drip": _drip,
}
"""Every fault by its name."""

BROKEN: Final = frozenset(
    {"truncated", "truncated-unsigned", "cut", "bit-flip", "wrong-sum", "no-sum", "html", "empty",
     "hollow", "garbage"}
)  # fmt: skip
"""The faults that break a reply."""

APPLIED: Final = BROKEN | {
    "reset-after",
    "500-after",
    "504-after",
    "hold-after",
    "in-progress-after",
    "late",
    "drip",
}
"""The faults after which a write is in the store, though most clients are not told."""

_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "conflict": _SINGLE | _TRANSACT,
    "replicated": _SINGLE | {"BatchWriteItem"},
    "cancel-throttled": _TRANSACT,
    "in-progress-before": frozenset({"TransactWriteItems"}),
    "in-progress-after": frozenset({"TransactWriteItems"}),
    "partial-batch": _BATCH,
    "hollow": _SHAPED,
}


def possible(operation: str) -> frozenset[str]:
    """The faults that a request of this operation can meet."""
    return frozenset(name for name in FAULTS if operation in _ONLY.get(name, {operation}))
