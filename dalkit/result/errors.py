"""The family of errors; each says itself in a sentence, and where it came from."""

from __future__ import annotations

from math import inf
from typing import Any, Final, TypeAlias, TypeVar, final

from attrs import evolve, field, frozen

from dalkit.result.trace import Trace

__all__ = [
    "AccessDenied",
    "Ambiguous",
    "BudgetExhausted",
    "CircuitOpen",
    "ConditionFailed",
    "Conflict",
    "ContractError",
    "Corrupt",
    "CredentialsMissing",
    "DeadlineExceeded",
    "Error",
    "InvalidValue",
    "ItemTooLarge",
    "KeyTooLarge",
    "MissingTable",
    "NotFound",
    "PartlyDone",
    "Throttled",
    "ThrottlingReason",
    "TransactionCancelled",
    "Unavailable",
    "Unsupported",
    "traced",
]

_NOWHERE: Final = Trace()


@final
@frozen
class NotFound:
    """The store has no such record."""

    entity: str
    key: str
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.entity} {self.key} does not exist"


@final
@frozen
class ConditionFailed:
    """A write's condition was not true; `record` is the one with its key, None where none was.

    `unique` names the fields whose values another record has, where that was the condition.
    """

    entity: str
    key: str
    record: Any = field(default=None, kw_only=True, repr=False)
    unique: str = field(default="", kw_only=True)
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        subject = _subject(self.entity, self.key)
        if self.unique:
            return f"{subject}: another record has its {self.unique}"
        held = "there is none" if self.record is None else "there is one that does not meet it"
        return f"{subject}: the condition of the write is not met: {held}"


@final
@frozen
class TransactionCancelled:
    """None of several writes was done; `reasons` has one for each, None if it could have been."""

    reasons: tuple[Error | None, ...]
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"none was written: {_numbered(self.reasons)}"


@final
@frozen
class PartlyDone:
    """Some writes of a batch were done; `reasons` has one for each write, None where it was done.

    What is left can be asked again: the writes whose reason is not None.
    """

    reasons: tuple[Error | None, ...]
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    @property
    def done(self) -> tuple[int, ...]:
        """The places of the writes that were done."""
        return tuple(place for place, one in enumerate(self.reasons) if one is None)

    @property
    def left(self) -> tuple[int, ...]:
        """The places of the writes that were not done, or may not have been."""
        return tuple(place for place, one in enumerate(self.reasons) if one is not None)

    def __str__(self) -> str:
        said = f"{len(self.done)} of {len(self.reasons)} writes were done"
        return f"{said}; {_numbered(self.reasons)}"


@final
@frozen
class InvalidValue:
    """A value that the other side cannot hold exactly; `where` names field, attribute or column."""

    entity: str
    where: str
    reason: str
    key: str = ""
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{_subject(self.entity, self.key)}: {self.where}: {self.reason}"


@final
@frozen
class ItemTooLarge:
    """An item over DynamoDB's 409,600 bytes."""

    entity: str
    key: str
    size: int
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return (
            f"{_subject(self.entity, self.key)}: the item has {self.size:,} bytes; "
            "DynamoDB holds 409,600"
        )


@final
@frozen
class KeyTooLarge:
    """A key attribute that is empty or longer than DynamoDB allows."""

    entity: str
    where: str
    size: int
    limit: int
    key: str = ""
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        said = "is empty" if self.size == 0 else f"has {self.size:,} bytes"
        subject = _subject(self.entity, self.key)
        return f"{subject}: key attribute {self.where} {said}; allowed are 1 to {self.limit:,}"


@final
@frozen
class Corrupt:
    """A store holds something that the contract does not allow there."""

    entity: str
    where: str
    reason: str
    key: str = ""
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{_subject(self.entity, self.key)}: {self.where}: {self.reason}"


@final
@frozen
class Unsupported:
    """What was asked for cannot be done there; `remedy` says what can."""

    what: str
    reason: str
    remedy: str = ""
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}" + (f"; {self.remedy}" if self.remedy else "")


@final
@frozen
class ContractError:
    """The contract or its MySQL schema has problems; each is one line of `problems`."""

    problems: tuple[str, ...]
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return "\n".join(self.problems)


@final
@frozen
class MissingTable:
    """The store has no table of this name."""

    table: str
    store: str
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.store} has no table {self.table}"


@final
@frozen
class CredentialsMissing:
    """No credentials were found for a store."""

    reason: str
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return self.reason


@final
@frozen
class AccessDenied:
    """A store refused the credentials or what they may do."""

    reason: str
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return self.reason


@final
@frozen
class ThrottlingReason:
    """Why a store asked to slow down, in its own words: which limit, of which table or index."""

    reason: str
    resource: str = ""

    def __str__(self) -> str:
        return f"{self.reason} of {self.resource}" if self.resource else self.reason


@final
@frozen
class Throttled:
    """A store asked to slow down until there was no time left."""

    operation: str
    reason: str
    reasons: tuple[ThrottlingReason, ...] = field(default=(), kw_only=True)
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        every = (self.reason, *map(str, self.reasons))
        return f"{self.operation} was throttled: {'; '.join(one for one in every if one)}"


@final
@frozen
class Conflict:
    """Another writer held, or had just changed, what was asked for."""

    operation: str
    reason: str
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.operation} met another writer: {self.reason}"


@final
@frozen
class Unavailable:
    """A store could not be reached, or broke off in the middle."""

    store: str
    reason: str
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.store} is unavailable: {self.reason}"


@final
@frozen
class DeadlineExceeded:
    """The time for the query was over; a write was not done. `cause` is the last error, if any."""

    operation: str
    reason: str
    cause: Error | None = field(default=None, kw_only=True, repr=False)
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.operation} ran out of time: {self.reason}"


@final
@frozen
class CircuitOpen:
    """The store has failed so often that it is left alone for `retry_after` seconds.

    Seconds without end are a circuit that is held open by hand.
    """

    retry_after: float
    store: str = field(default="the store", kw_only=True)
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        if self.retry_after == inf:
            return f"nothing is sent to {self.store}: its circuit is held open"
        wait = f"{self.retry_after:.1f} s"
        return f"nothing is sent to {self.store} for {wait}: it has failed too often"


@final
@frozen
class BudgetExhausted:
    """So much fails that it is not tried again; a write was not done. `cause` is the last error."""

    operation: str
    reason: str
    cause: Error | None = field(default=None, kw_only=True, repr=False)
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.operation} is not tried again while so much fails: {self.reason}"


@final
@frozen
class Ambiguous:
    """A write that may have been done, or may not: it was sent, and no reply came back.

    `cause` is the error that ended it.
    """

    operation: str
    reason: str
    cause: Error | None = field(default=None, kw_only=True, repr=False)
    trace: Trace = field(default=_NOWHERE, kw_only=True, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.operation} may have been done, or may not: {self.reason}"


Error: TypeAlias = (
    NotFound
    | ConditionFailed
    | TransactionCancelled
    | PartlyDone
    | InvalidValue
    | ItemTooLarge
    | KeyTooLarge
    | Corrupt
    | Unsupported
    | ContractError
    | MissingTable
    | CredentialsMissing
    | AccessDenied
    | Throttled
    | Conflict
    | Unavailable
    | DeadlineExceeded
    | CircuitOpen
    | BudgetExhausted
    | Ambiguous
)

E = TypeVar("E", bound=Error)


def traced(error: E, **known: Any) -> E:
    """The same error, with what is known of where it came from added to its `Trace`."""
    return evolve(error, trace=evolve(error.trace, **known))


def _numbered(reasons: tuple[Error | None, ...]) -> str:
    return "; ".join(
        f"write {number} of {len(reasons)}: {reason}"
        for number, reason in enumerate(reasons, 1)
        if reason is not None
    )


def _subject(entity: str, key: str) -> str:
    return f"{entity} {key}" if key else entity
