"""The DynamoDB backend: each query as operations, sent one after another until it is answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from threading import TIMEOUT_MAX, Lock
from typing import TYPE_CHECKING, Any, TypeVar, final

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.settings import Settings
from dalkit.query.base import Query
from dalkit.result import DeadlineExceeded, Failure, Result, Success, then
from dalkit.run.aws import key_of, not_production
from dalkit.run.breaker import Breakers
from dalkit.run.budget import RetryBudget
from dalkit.run.dynamo_sending import Sender
from dalkit.run.events import Event, Hook, tell
from dalkit.run.guards import Guards, guards
from dalkit.run.hurrying import Hurrying
from dalkit.run.limiter import Limiter
from dalkit.run.operations import Operation, observed
from dalkit.run.retry import ONLINE, Backoff, Effects
from dalkit.run.transport import Transport

if TYPE_CHECKING:
    from dalkit.run.dynamodb import DynamoClient

__all__ = ["DynamoDB", "dynamodb"]

T = TypeVar("T")


@final
class DynamoDB:
    """A backend on DynamoDB; several threads may use it at once."""

    def __init__(
        self,
        connect: Callable[[], Result[Transport]],
        sender: Sender,
        around: Guards,
        *,
        now: Callable[[], datetime],
        cursor_key: bytes,
    ) -> None:
        self._connect = connect
        self._transport: Transport | None = None
        self._lock = Lock()
        self._made: Result[Transport] | None = None
        self._tries = 0
        self._sender = sender
        self._guards = around
        self._now = now
        self._cursor_key = cursor_key

    @property
    def guards(self) -> Guards:
        """What stands around every attempt: its circuits can be opened and closed by hand."""
        return self._guards

    def run(self, query: Query[T], /, *, deadline: float | None = None) -> Result[T]:
        """The query's answer, or why there is none; `deadline` is in seconds from now."""
        settings = Settings(now=self._now(), cursor_key=self._cursor_key)

        def act(operation: Operation) -> Result[T]:
            call: Result[DynamoCall[T]] = to_dynamodb(query, settings)
            return then(call, lambda first: self._drive(operation, first))

        return observed(self._guards, query, act, deadline=deadline)

    def __repr__(self) -> str:
        prefix = self._sender.prefix
        return f"<dynamodb: tables {prefix}…>" if prefix else "<dynamodb>"

    def _drive(self, operation: Operation, first: DynamoCall[T]) -> Result[T]:
        step: DynamoStep[T] = first
        while isinstance(step, DynamoCall):
            step = self._asked(operation, step) if step.operation else step.read({})
        return step

    def _asked(self, operation: Operation, call: DynamoCall[T]) -> DynamoStep[T]:
        match self._ready(operation):
            case Success(transport):
                return self._sender.asked(operation, transport, call)
            case Failure() as failure:
                return failure

    def _ready(self, operation: Operation) -> Result[Transport]:
        """The transport, made when it is needed first, and tried again until that succeeds.

        One thread looks for credentials; what it finds is the answer of those who wait for it.
        """
        before, left = self._tries, operation.remaining()
        if self._transport is not None:
            return Success(self._transport)
        if not self._lock.acquire(timeout=-1 if left is None else min(left, TIMEOUT_MAX)):
            said = "the client was still being made: its credentials were looked for"
            return Failure(DeadlineExceeded(operation.subject.operation, said))
        try:
            if self._made is None or self._tries == before:
                self._made = self._connect()
                self._tries += 1
                self._transport = self._made.value_or(None)
            return self._made
        finally:
            self._lock.release()


def dynamodb(
    client: DynamoClient | None = None,
    *,
    prefix: str = "",
    region: str | None = None,
    endpoint_url: str | None = None,
    production: bool = False,
    checksums: bool = True,
    exactly_once: bool = False,
    now: Callable[[], datetime] | None = None,
    cursor_key: bytes = b"",
    backoff: Backoff = ONLINE,
    budget: RetryBudget | None = None,
    breakers: Breakers | None = None,
    limiter: Limiter | None = None,
    effects: Effects | None = None,
    on_event: Hook | None = None,
) -> DynamoDB:
    """A backend on a boto3 client, or on one made as the SDK finds its configuration.

    `prefix` stands before every table's name in the store. `production` refuses endpoints on this
    machine and credentials that are none. Without `checksums`, replies need not have one. With
    `exactly_once`, updates that add or append are transactions that may be sent again: for twice
    the units they are never `Ambiguous` for want of a token. `now` says when records expire.
    """

    def connect() -> Result[Transport]:
        from dalkit.run.config import dynamodb_client
        from dalkit.run.doctor import warnings
        from dalkit.run.dynamodb import BotoTransport, transport_of

        if client is not None:
            given: Any = client
            key = key_of(getattr(getattr(given, "_request_signer", None), "_credentials", None))
            place = str(getattr(getattr(given, "meta", None), "endpoint_url", ""))
            refused = not_production(place, key) if production else None
            if refused:
                return Failure(refused)
            transport = transport_of(given)
            boto = isinstance(transport, BotoTransport)
            for one in warnings(given, deadline=backoff.deadline) if boto else ():
                tell(on_event, Event(kind="warning", store="DynamoDB", detail=one))
            return Success(transport)

        def made(patience: float = 1.0) -> Result[Transport]:
            options: dict[str, Any] = {"region": region, "production": production}
            found = dynamodb_client(
                endpoint_url=endpoint_url, checksums=checksums, patience=patience, **options
            )
            return then(found, lambda one: Success(transport_of(one)))

        return then(
            made(),
            lambda usual: Success(Hurrying(usual, lambda share: made(share).value_or(usual))),
        )

    sender = Sender(
        prefix=prefix,
        checksums=checksums,
        exactly_once=exactly_once,
        token=lambda: secrets.token_hex(16),
    )
    around = guards(
        "DynamoDB",
        backoff=backoff,
        budget=budget,
        breakers=breakers,
        limiter=limiter,
        effects=effects,
        on_event=on_event,
    )
    return DynamoDB(
        connect, sender, around, now=now or (lambda: datetime.now(UTC)), cursor_key=cursor_key
    )
