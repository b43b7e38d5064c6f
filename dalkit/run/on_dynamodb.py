"""The DynamoDB backend: each query as operations, sent one after another until it is answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, final

from attrs import evolve

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.settings import Settings
from dalkit.query.base import Query
from dalkit.result import Failure, Result, Success, then
from dalkit.run.dynamo_faults import Fault
from dalkit.run.dynamo_names import named, unnamed
from dalkit.run.dynamo_wire import body_of, fault_of, reply_of
from dalkit.run.repeating import repeatable
from dalkit.run.retry import ONLINE, Backoff, Effects
from dalkit.run.transport import Request, Transport

if TYPE_CHECKING:
    from dalkit.run.dynamodb import DynamoClient

__all__ = ["DynamoDB", "dynamodb"]

T = TypeVar("T")

_ANSWERS = ("ConditionalCheckFailedException", "TransactionCanceledException")
"""Errors that a call reads as a reply."""


@final
class DynamoDB:
    """A backend on DynamoDB; several threads may use it at once."""

    def __init__(
        self,
        connect: Callable[[], Result[Transport]],
        *,
        prefix: str,
        checksums: bool,
        now: Callable[[], datetime],
        cursor_key: bytes,
        backoff: Backoff,
        effects: Effects,
    ) -> None:
        self._connect = connect
        self._transport: Transport | None = None
        self._lock = Lock()
        self._prefix = prefix
        self._checksums = checksums
        self._now = now
        self._cursor_key = cursor_key
        self._backoff = backoff
        self._effects = effects

    def run(self, query: Query[T], /) -> Result[T]:
        """The query's answer, or why there is none."""
        settings = Settings(now=self._now(), cursor_key=self._cursor_key)
        call: Result[DynamoCall[T]] = to_dynamodb(query, settings)
        return then(call, self._drive)

    def __repr__(self) -> str:
        return f"<dynamodb: tables {self._prefix}…>" if self._prefix else "<dynamodb>"

    def _drive(self, first: DynamoCall[T]) -> Result[T]:
        end = self._effects.now() + (self._backoff.deadline or float("inf"))
        step: DynamoStep[T] = first
        while isinstance(step, DynamoCall):
            step = self._asked(step, end) if step.operation else step.read({})
        return step

    def _asked(self, call: DynamoCall[T], end: float) -> DynamoStep[T]:
        match self._ready():
            case Success(transport):
                reply = self._exchange(transport, call, end)
            case Failure() as failure:
                return failure
        if not isinstance(reply, Fault):
            return call.read(unnamed(reply, self._prefix))
        if reply.code in _ANSWERS:
            return call.read(reply.detail)
        return Failure(call.failed(reply.error) if call.failed else reply.error)

    def _exchange(
        self, transport: Transport, call: DynamoCall[Any], end: float
    ) -> Mapping[str, Any] | Fault:
        arguments = named(call.arguments, self._prefix)
        if call.operation == "TransactWriteItems":
            arguments = {"ClientRequestToken": secrets.token_hex(16), **arguments}
        request = Request(call.operation, body_of(arguments))
        attempts = 0
        while True:
            reply = self._once(transport, request, arguments)
            if not isinstance(reply, Fault):
                return reply
            attempts += 1
            wait = self._backoff.wait(
                attempts - 1,
                fraction=self._effects.random(),
                throttled=reply.again == "slowly",
                hint=reply.hint,
            )
            allowed = evolve(self._backoff, deadline=None).allows(attempts, elapsed=0, wait=wait)
            late = self._effects.now() + wait > end
            if late or not allowed or not repeatable(reply, call.operation, arguments, attempts):
                return reply
            self._effects.sleep(wait)

    def _once(
        self, transport: Transport, request: Request, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any] | Fault:
        response = transport(request)
        if isinstance(response, Fault):
            return response
        fault = fault_of(request.operation, arguments, response, checksums=self._checksums)
        return fault or reply_of(request.operation, response.body)

    def _ready(self) -> Result[Transport]:
        """The transport, made when it is needed first, and again until that succeeds."""
        with self._lock:
            if self._transport is not None:
                return Success(self._transport)
            made = self._connect()
            match made:
                case Success(transport):
                    self._transport = transport
                case Failure():
                    pass
            return made


def dynamodb(
    client: DynamoClient | None = None,
    *,
    prefix: str = "",
    region: str | None = None,
    endpoint_url: str | None = None,
    production: bool = False,
    checksums: bool = True,
    now: Callable[[], datetime] | None = None,
    cursor_key: bytes = b"",
    backoff: Backoff = ONLINE,
    effects: Effects | None = None,
) -> DynamoDB:
    """A backend on a boto3 client, or on one made as the SDK finds its configuration.

    `prefix` stands before every table's name in the store. `production` refuses endpoints on this
    machine. Without `checksums`, replies need not have one. `now` says when records expire.
    """

    def connect() -> Result[Transport]:
        from dalkit.run.config import dynamodb_client
        from dalkit.run.dynamodb import transport_of

        if client is not None:
            return Success(transport_of(client))
        made = dynamodb_client(
            endpoint_url=endpoint_url, region=region, production=production, checksums=checksums
        )
        return then(made, lambda one: Success(transport_of(one)))

    return DynamoDB(
        connect,
        prefix=prefix,
        checksums=checksums,
        now=now or (lambda: datetime.now(UTC)),
        cursor_key=cursor_key,
        backoff=backoff,
        effects=effects or Effects(),
    )
