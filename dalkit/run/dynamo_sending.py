"""One DynamoDB call, sent until it is answered or given up, and what its end means for the call."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, TypeVar, final

from attrs import evolve, frozen

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.result import Ambiguous, Error, Failure, InvalidValue, Unavailable
from dalkit.run.attempts import Outcome, attempt
from dalkit.run.dynamo_names import named, unnamed
from dalkit.run.dynamo_wire import body_of, tables_in, whole_reply
from dalkit.run.exactly_once import as_transaction
from dalkit.run.faults import Fault, left_undone
from dalkit.run.limiter import Spent
from dalkit.run.operations import Operation
from dalkit.run.repeating import READS, done_before, repeat_of
from dalkit.run.retry import GiveUp, History, decide
from dalkit.run.transport import Request, Transport

__all__ = ["Sender", "spent_of"]

T = TypeVar("T")

Said: TypeAlias = Mapping[str, Any]

_TOLD: Final = frozenset(
    {
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "TransactWriteItems",
    }
)
"""Operations that tell the capacity they consume."""

_SINGLE: Final = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
"""Writes that no token protects: a repeat that fails does not tell whether the first was done."""


@final
@frozen(kw_only=True)
class Sender:
    """How a backend's calls are sent: its tables' prefix, and what it asks of replies."""

    prefix: str
    checksums: bool
    exactly_once: bool
    token: Callable[[], str]
    """Gives each transaction its own request token."""

    def asked(
        self, operation: Operation, transport: Transport, call: DynamoCall[T]
    ) -> DynamoStep[T]:
        """The answer of a call, or its next call."""
        kind = repeat_of(call.operation, call.arguments, repeat=call.repeat)
        counts = kind == "once" and call.operation == "UpdateItem" and call.repeat is None
        if self.exactly_once and counts:
            call = as_transaction(call)
        if call.left_over and (error := _paused(operation, call)) is not None:
            return Failure(_meant(call, error))
        arguments = self._arguments(call)
        try:
            request = Request(call.operation, body_of(arguments))
        except UnicodeEncodeError:
            reason = "text with half of a surrogate pair, which no store can hold"
            return Failure(InvalidValue(operation.subject.entity, call.operation, reason))
        outcome = attempt(
            operation,
            lambda: self._once(
                transport, evolve(request, within=_within(operation)), arguments, call
            ),
            request=call.operation,
            kind=repeat_of(call.operation, arguments, repeat=call.repeat),
            tables=tables_in(arguments),
            spent=lambda reply: spent_of(reply, reads=call.operation in READS),
            longest=_longest(operation, transport),
        )
        return self._end(operation, call, arguments, outcome)

    def _arguments(self, call: DynamoCall[Any]) -> Said:
        arguments = dict(named(call.arguments, self.prefix))
        if call.operation == "TransactWriteItems":
            arguments.setdefault("ClientRequestToken", self.token())
        if call.operation in _TOLD:
            arguments.setdefault("ReturnConsumedCapacity", "TOTAL")
        return arguments

    def _once(
        self, transport: Transport, request: Request, arguments: Said, call: DynamoCall[Any]
    ) -> Said | Fault:
        response = transport(request)
        if isinstance(response, Fault):
            return response
        return whole_reply(
            request.operation, arguments, response, checksums=self.checksums, parse=call.parse
        )

    def _end(
        self, operation: Operation, call: DynamoCall[T], arguments: Said, outcome: Outcome[Said]
    ) -> DynamoStep[T]:
        answer = outcome.answer
        if isinstance(answer, Fault):
            if answer.judged and call.operation not in READS:
                return _judged(call, answer, doubtful=outcome.doubtful)
            return Failure(_meant(call, answer.error))
        if outcome.doubtful and call.operation == "DeleteItem" and not answer.get("Attributes"):
            gone = "the record is gone; whether it was there before is not known"
            return Failure(_meant(call, Ambiguous(call.operation, gone)))
        if call.operation in ("Query", "Scan"):
            last = answer.get("LastEvaluatedKey")
            if last and last == arguments.get("ExclusiveStartKey"):
                stuck = f"the pages of {arguments['TableName']} do not get on"
                return Failure(Unavailable("DynamoDB", stuck))
            found = len(answer.get("Items", ()))
            operation.page(returned=found, examined=answer.get("ScannedCount", 0))
        return call.read(unnamed(answer, self.prefix))


def spent_of(reply: Said, *, reads: bool) -> Iterable[Spent]:
    """The capacity that a reply says was consumed, by table; `reads` says of which side."""
    told = reply.get("ConsumedCapacity") or ()
    for one in told if isinstance(told, list) else (told,):
        if not isinstance(one, Mapping):
            continue
        table, units = str(one.get("TableName", "")), _units(one, "CapacityUnits")
        read = _units(one, "ReadCapacityUnits") or (units if reads else 0.0)
        write = _units(one, "WriteCapacityUnits") or (0.0 if reads else units - read)
        yield Spent(table, read=read, write=write)


def _units(told: Said, name: str) -> float:
    """What is told besides, and wrongly, makes no reply a broken one."""
    units = told.get(name)
    return float(units) if isinstance(units, int | float) and 0 <= units < math.inf else 0.0


def _within(operation: Operation) -> float | None:
    """The seconds that are left, and a tenth of all of them more; None without a deadline."""
    if operation.deadline is None:
        return None
    return (operation.remaining() or 0.0) + (operation.deadline - operation.start) / 10


def _longest(operation: Operation, transport: Transport) -> float:
    """What an attempt may take; a client that outwaits every deadline is not held to it."""
    deadline = operation.deadline
    fits = deadline is None or transport.longest <= deadline - operation.start
    return transport.longest if fits else 0.0


def _meant(call: DynamoCall[Any], error: Error) -> Error:
    return error if call.failed is None else call.failed(error)


def _judged(call: DynamoCall[T], fault: Fault, *, doubtful: bool) -> DynamoStep[T]:
    """A condition that failed: on what is there, or on what this call's first attempt made."""
    item = fault.detail.get("Item")
    if doubtful and item and done_before(call.operation, call.arguments, item):
        return call.read({"Attributes": item} if call.operation == "UpdateItem" else {})
    if doubtful and not item and call.operation == "DeleteItem":
        gone = "the record is gone; whether this deleted it is not known"
        return Failure(_meant(call, Ambiguous(call.operation, gone, cause=fault.error)))
    step = call.read(fault.detail)
    if doubtful and call.operation in _SINGLE:
        cause = step.failure() if isinstance(step, Failure) else fault.error
        since = (
            "its reply was lost, and now its condition fails: another writer may have come since"
        )
        return Failure(_meant(call, Ambiguous(call.operation, since, cause=cause)))
    return step


def _paused(operation: Operation, call: DynamoCall[Any]) -> Error | None:
    """Wait for a store that left requests unfinished; an error when it has been waited enough."""
    backoff, effects = operation.guards.backoff, operation.guards.effects
    reason = "the store left requests unfinished again and again"
    fault = left_undone(call.operation, call.left_over, reason)
    decision = decide(
        backoff,
        History(operation.start, attempts=call.left_over),
        fault,
        "same",
        effects.now(),
        effects.random(),
        deadline=operation.deadline,
    )
    if isinstance(decision, GiveUp):
        return fault.error
    operation.tell(
        "retry",
        request=call.operation,
        attempt=call.left_over,
        delay=decision.delay,
        outcome="LeftOver",
    )
    effects.sleep(decision.delay)
    return None
