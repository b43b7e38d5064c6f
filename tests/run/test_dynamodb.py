"""Every failure of an exchange is one of the family, and no broken reply passes for an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dalkit.result import (
    AccessDenied,
    Conflict,
    Failure,
    MissingTable,
    Success,
    Throttled,
    Unavailable,
    Unsupported,
)
from dalkit.run.batches import BatchWriter, get_batch, put_absent, scan_pages, write_batch
from dalkit.run.broken import StoreError
from dalkit.run.dynamodb import DynamoClient, send
from dalkit.run.retry import BULK, Backoff, Effects

Scripted = tuple[DynamoClient, Any]
KEY = {"TableName": "Users", "Key": {"PK": {"S": "a"}}}


class Clock:
    """A clock that only sleeping moves, and dice that always show the same."""

    def __init__(self, fraction: float = 0.5) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        self.effects = Effects(now=lambda: self.time, sleep=self.sleep, random=lambda: fraction)

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept.append(seconds)
        self.time += seconds


def canned(**values: Any) -> Any:
    """A canned reply as the script takes it (the class lives in conftest)."""
    from types import SimpleNamespace

    plain = {"body": b"{}", "status": 200, "crc": None, "drop": False, "headers": {}}
    return SimpleNamespace(**(plain | values))


@pytest.mark.parametrize(
    ("code", "status", "error", "attempts"),
    [
        ("ProvisionedThroughputExceededException", 400, Throttled, 4),
        ("ThrottlingException", 400, Throttled, 4),
        ("RequestLimitExceeded", 400, Throttled, 4),
        ("InternalServerError", 500, Unavailable, 4),
        ("SomethingNew", 503, Unavailable, 4),
        ("TransactionConflictException", 400, Conflict, 4),
        ("ConditionalCheckFailedException", 400, Conflict, 1),
        ("ResourceNotFoundException", 400, MissingTable, 1),
        ("AccessDeniedException", 400, AccessDenied, 1),
        ("UnrecognizedClientException", 400, AccessDenied, 1),
        ("ValidationException", 400, Unsupported, 1),
        ("SomethingNew", 400, Unsupported, 1),
    ],
)
def test_each_code_has_its_error_and_its_attempts(
    scripted: Scripted, code: str, status: int, error: type, attempts: int
) -> None:
    """The table of codes decides, not the SDK's classes; the SDK itself never tries again."""
    client, script = scripted
    for _ in range(4):
        script.error(code, status=status)

    answer = send(client, "get_item", KEY, effects=Clock().effects)

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), error)
    assert len(script.requests) == attempts


@pytest.mark.parametrize(
    "broken",
    [
        canned(body=b'{"Item": {"PK": {"S": "a"}}}', crc="1"),
        canned(body=b'{"Item": {"PK": {"S', crc="2745614147"),
        canned(body=b'{"Item": {"PK": {"S": "a"}}}', crc=""),
        canned(body=b"", crc="2745614147"),
        canned(body=b"<html>busy</html>", crc=""),
        canned(drop=True),
    ],
    ids=["wrong checksum", "truncated", "no checksum", "empty", "html", "hung up"],
)
def test_a_broken_reply_is_asked_for_again(scripted: Scripted, broken: Any) -> None:
    """A broken 200 is neither an answer nor a missing item; the next good reply is the answer."""
    client, script = scripted
    script.replies.append(broken)
    script.reply({"Item": {"PK": {"S": "a"}}})

    answer = send(client, "get_item", KEY, effects=Clock().effects)

    assert isinstance(answer, Success)
    assert answer.unwrap()["Item"] == {"PK": {"S": "a"}}
    assert len(script.requests) == 2


def test_broken_replies_to_the_end_are_a_failure(scripted: Scripted) -> None:
    """An existing item is never read as missing."""
    client, script = scripted
    script.replies += [canned(crc="1")] * 4

    answer = send(client, "get_item", KEY, effects=Clock().effects)

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Unavailable)


def test_a_reply_of_another_shape_is_broken(scripted: Scripted) -> None:
    """A query that is answered with an empty object is not an empty answer."""
    client, script = scripted
    script.reply({})
    script.reply({"Count": 0, "Items": []})

    answer = send(client, "query", {"TableName": "Users"}, effects=Clock().effects)

    assert isinstance(answer, Success)
    assert answer.unwrap()["Items"] == []
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("operation", "arguments", "attempts"),
    [
        ("put_item", {"TableName": "T", "Item": {}}, 4),
        ("put_item", {"TableName": "T", "Item": {}, "ConditionExpression": "x"}, 1),
        ("update_item", KEY, 1),
        ("transact_write_items", {"TransactItems": [], "ClientRequestToken": "t"}, 4),
        ("delete_item", KEY, 4),
    ],
)
def test_an_ambiguous_write_is_repeated_only_where_that_is_safe(
    scripted: Scripted, operation: str, arguments: dict[str, Any], attempts: int
) -> None:
    """After a lost reply nothing is sent twice that could take effect twice."""
    client, script = scripted
    script.replies += [canned(drop=True)] * 4

    answer = send(client, operation, arguments, effects=Clock().effects)

    assert isinstance(answer, Failure)
    assert len(script.requests) == attempts


def test_waits_are_full_jitter(scripted: Scripted) -> None:
    """A throttled call waits a random part of 1, 2, 4 seconds; a broken one of 25, 50, 100 ms."""
    client, script = scripted
    slow, fast = Clock(fraction=0.5), Clock(fraction=1.0)
    for _ in range(4):
        script.error("ThrottlingException")
    send(client, "get_item", KEY, effects=slow.effects)
    script.replies += [canned(drop=True)] * 4
    send(client, "get_item", KEY, effects=fast.effects)

    assert slow.slept == [0.5, 1.0, 2.0]
    assert fast.slept == [0.025, 0.05, 0.1]


def test_a_wait_beyond_the_deadline_is_not_begun(scripted: Scripted) -> None:
    """The deadline bounds sleeping too."""
    client, script = scripted
    clock = Clock(fraction=1.0)
    for _ in range(4):
        script.error("ThrottlingException")

    answer = send(
        client, "get_item", KEY, backoff=Backoff(attempts=None, deadline=4.0), effects=clock.effects
    )

    assert isinstance(answer, Failure)
    assert clock.slept == [1.0, 2.0]


def test_the_stores_hint_is_heeded_within_five_seconds(scripted: Scripted) -> None:
    """`x-amz-retry-after` lengthens a wait, by at most 5 s."""
    client, script = scripted
    clock = Clock(fraction=0.0)
    script.error("ThrottlingException")
    script.replies[-1].headers["x-amz-retry-after"] = "60000"
    script.reply({})

    send(client, "get_item", KEY, effects=clock.effects)

    assert clock.slept == [5.0]


def test_leftovers_alone_are_sent_again(scripted: Scripted) -> None:
    """UnprocessedItems come back as a request of their own until nothing is left."""
    client, script = scripted
    items: list[dict[str, Any]] = [{"PK": {"S": str(n)}} for n in range(3)]
    left = {"T": [{"PutRequest": {"Item": item}} for item in items[1:]]}
    script.reply({"UnprocessedItems": left})
    script.reply({"UnprocessedItems": {}})

    write_batch(client, "T", items, effects=Clock().effects)

    assert script.requests[1][1]["RequestItems"] == left


def test_progress_resets_the_attempts(scripted: Scripted) -> None:
    """A batch that shrinks each time is written in the end; one that does not, fails."""
    client, script = scripted
    items: list[dict[str, Any]] = [{"PK": {"S": str(n)}} for n in range(20)]
    puts = [{"PutRequest": {"Item": item}} for item in items]
    for n in range(1, 20):
        script.reply({"UnprocessedItems": {"T": puts[n:]}})
    script.reply({"UnprocessedItems": {}})
    few = Backoff(attempts=2, deadline=None)
    write_batch(client, "T", items, backoff=few, effects=Clock().effects)
    script.replies.clear()
    for _ in range(2):
        script.reply({"UnprocessedItems": {"T": puts}})

    with pytest.raises(StoreError, match="20 of a batch"):
        write_batch(client, "T", items, backoff=few, effects=Clock().effects)


def test_unprocessed_keys_are_asked_for_again(scripted: Scripted) -> None:
    """A batch read gives every item, whatever the store leaves over at first."""
    client, script = scripted
    keys: list[dict[str, Any]] = [{"PK": {"S": str(n)}} for n in range(2)]
    left = {"T": {"Keys": keys[1:], "ConsistentRead": True}}
    script.reply({"Responses": {"T": keys[:1]}, "UnprocessedKeys": left})
    script.reply({"Responses": {"T": keys[1:]}, "UnprocessedKeys": {}})

    assert get_batch(client, "T", keys, effects=Clock().effects) == keys


def test_a_scan_that_does_not_get_on_fails(scripted: Scripted) -> None:
    """The same LastEvaluatedKey twice would be a loop without end."""
    client, script = scripted
    for _ in range(2):
        script.reply({"Count": 0, "Items": [], "LastEvaluatedKey": {"PK": {"S": "a"}}})

    with pytest.raises(StoreError, match="does not get on"):
        list(scan_pages(client, "T", effects=Clock().effects))


def test_a_taken_key_is_told_from_a_failure(scripted: Scripted) -> None:
    """`put_absent` answers False for a taken key and raises for everything else."""
    client, script = scripted
    script.error("ConditionalCheckFailedException")
    assert put_absent(client, "T", {"PK": {"S": "a"}}, "PK") is False
    script.error("AccessDeniedException")

    with pytest.raises(StoreError, match="AccessDenied"):
        put_absent(client, "T", {"PK": {"S": "a"}}, "PK")


def batches_of(script: Any) -> list[list[str]]:
    """The keys of each batch that was written."""
    return [
        sorted(put["PutRequest"]["Item"]["PK"]["S"] for put in body["RequestItems"]["T"])
        for _, body in script.requests
    ]


def test_no_batch_has_a_key_twice_or_too_much(scripted: Scripted) -> None:
    """Batches are cut at 25 puts, before a repeated key, and before 16 MB."""
    client, script = scripted
    script.answer = lambda *_: canned(body=b'{"UnprocessedItems": {}}')
    with BatchWriter(client, "T", ["PK"], threads=1) as writer:
        for n in range(26):
            writer.put({"PK": {"S": f"{n:02}"}})
        writer.put({"PK": {"S": "25"}})

    assert [len(batch) for batch in batches_of(script)] == [25, 1, 1]
    assert writer.written == 27


def test_large_items_go_in_smaller_batches(scripted: Scripted) -> None:
    """No request grows beyond 16 MB, whatever the text needs as JSON."""
    client, script = scripted
    sizes: list[int] = []
    script.answer = lambda *_: canned(body=b'{"UnprocessedItems": {}}')
    client.meta.events.register(  # the body as it is sent
        "before-send.dynamodb", lambda request, **_: sizes.append(len(request.body))
    )
    with BatchWriter(client, "T", ["PK"], threads=1) as writer:
        for n in range(25):
            writer.put({"PK": {"S": str(n)}, "a": {"S": "é" * 200_000}})

    assert writer.written == 25
    assert max(sizes) <= 16 * 1024 * 1024


def test_a_failed_batch_stops_the_writer(scripted: Scripted) -> None:
    """The error surfaces in the thread that puts, and no thread is left."""
    client, script = scripted
    before = threading.active_count()
    script.answer = lambda *_: canned(
        status=400, body=b'{"__type": "x#ResourceNotFoundException", "message": "gone"}'
    )

    def write() -> None:
        with BatchWriter(client, "T", ["PK"]) as writer:
            for n in range(10_000):
                writer.put({"PK": {"S": str(n)}})

    with pytest.raises(StoreError, match="no table T"):
        write()
    _until(lambda: threading.active_count() <= before + 8)
    assert not [one for one in threading.enumerate() if "_work" in one.name]


def test_a_failed_block_ends_a_writer_that_waits(scripted: Scripted) -> None:
    """An exception in the block does not wait for retries that may take minutes."""
    client, script = scripted
    script.answer = lambda *_: canned(
        status=400, body=b'{"__type": "x#ThrottlingException", "message": "slow"}'
    )
    begun = time.monotonic()

    def write() -> None:
        with BatchWriter(client, "T", ["PK"], backoff=BULK) as writer:
            for n in range(100):
                writer.put({"PK": {"S": str(n)}})
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        write()
    assert time.monotonic() - begun < 60
    assert not [one for one in threading.enumerate() if "_work" in one.name]


def _until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not ready() and time.monotonic() < end:
        time.sleep(0.01)
