"""Credentials in other people's words stay out of errors; the search for them holds nobody."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, final
from zlib import crc32

import pytest

from dalkit import Failure, get
from dalkit.result import AccessDenied, CredentialsMissing, DeadlineExceeded, Result
from dalkit.run.aws import aws_facts
from dalkit.run.config import dynamodb_client
from dalkit.run.doctor import diagnose_client, diagnose_dynamodb
from dalkit.run.dynamo_sending import Sender
from dalkit.run.dynamo_wire import fault_of
from dalkit.run.guards import guards
from dalkit.run.on_dynamodb import DynamoDB, dynamodb
from dalkit.run.redacted import redacted
from dalkit.run.retry import Effects
from dalkit.run.transport import Response, Transport
from dalkit.testing.clock import FakeClock
from dalkit.testing.faults.ledger import ledger

SECRET = "hunter2"
WORLD = ledger()
QUERY = get(WORLD.sums, WORLD.SumKey(1))
MISSING: Result[Any] = Failure(CredentialsMissing("none were found"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"cannot reach http://me:{SECRET}@host:1/", "cannot reach http://…@host:1/"),
        (f"https://{SECRET}@host and http://a:b@c", "https://…@host and http://…@c"),
        (f"POST\nx-amz-security-token:{SECRET}\nend", "POST\nx-amz-security-token:…\nend"),
        (f"X-Amz-Security-Token={SECRET}&a=b", "X-Amz-Security-Token=…&a=b"),
        (f"Authorization: AWS4 {SECRET}", "Authorization:…"),
        ("mail me@host, see http://host/a@b", "mail me@host, see http://host/a@b"),
    ],
)
def test_credentials_are_left_out(text: str, told: str) -> None:
    """What is none stays as it is."""
    assert redacted(text) == told


def test_the_service_repeating_a_request_tells_no_token() -> None:
    """As it does when it finds the signature wrong."""
    said = f"It should have been\n'POST\n/\n\nx-amz-security-token:{SECRET}\n\nhost'"
    body = json.dumps({"__type": "a#InvalidSignatureException", "message": said}).encode()
    response = Response(400, {"x-amz-crc32": str(crc32(body))}, body)

    fault = fault_of("GetItem", {"TableName": "t"}, response, checksums=True)

    assert fault is not None
    assert isinstance(fault.error, AccessDenied)
    assert SECRET not in str(fault.error)


@pytest.mark.parametrize("production", [False, True])
def test_an_endpoint_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, production: bool
) -> None:
    """By errors, by the facts and by the doctor."""
    url = f"http://me:{SECRET}@127.0.0.1:1/"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, SECRET)
    options: dict[str, Any] = {"region": "us-east-1", "endpoint_url": url}
    client = dynamodb_client(**options).unwrap()
    db = dynamodb(**options, production=production, effects=FakeClock().effects)

    told = [
        str(db.run(QUERY)),
        repr(aws_facts(**options, production=production)),
        *map(str, diagnose_dynamodb(**options, production=production)),
        *map(str, diagnose_client(client, production=production)),
    ]

    assert any("…@127.0.0.1" in one for one in told)
    assert not [one for one in told if SECRET in one]


def backend(connect: Callable[[], Result[Transport]]) -> DynamoDB:
    """A backend whose client is made so."""
    sender = Sender(prefix="", checksums=True, exactly_once=False, token=lambda: "t")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    around = guards("DynamoDB", effects=Effects())
    return DynamoDB(connect, sender, around, now=lambda: now, cursor_key=b"")


def test_a_long_search_for_credentials_holds_no_other_call_beyond_its_deadline() -> None:
    """One thread searches; whoever has less time is answered before."""
    begun, found = threading.Event(), threading.Event()

    def connect() -> Result[Transport]:
        begun.set()
        found.wait(60)
        return MISSING

    db = backend(connect)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(db.run(QUERY)))
    thread.start()
    begun.wait(60)
    late = db.run(QUERY, deadline=0.01).failure()
    found.set()
    thread.join()

    assert isinstance(late, DeadlineExceeded)
    assert isinstance(answers[0].failure(), CredentialsMissing)


@final
class Overtaken:
    """A lock that another thread has first, once."""

    def __init__(self, first: Callable[[], object]) -> None:
        self.first: list[Callable[[], object]] = [first]

    def acquire(self, *, timeout: float) -> bool:
        """Let the other one through."""
        while self.first:
            self.first.pop()()
        return timeout != 0

    def release(self) -> None:
        """Nobody waits."""


def test_who_waited_for_a_search_does_not_search_again() -> None:
    """Eight threads without credentials wait for one search; the next query looks again."""
    searches: list[int] = []

    def connect() -> Result[Transport]:
        searches.append(1)
        return MISSING

    db = backend(connect)
    vars(db)["_lock"] = Overtaken(lambda: db.run(QUERY))

    assert isinstance(db.run(QUERY).failure(), CredentialsMissing)
    assert len(searches) == 1
    db.run(QUERY)
    assert len(searches) == 2
