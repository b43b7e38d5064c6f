"""What every step answers: a Success, or a Failure that holds one error of a closed family.

```
Error
├── NotFound             the store answered: no such record
├── ConditionFailed      a write's condition was not true, or a unique value is taken
├── TransactionCancelled one of several writes could not be done, so none was
├── InvalidValue         a value that the other side cannot hold exactly
├── ItemTooLarge         an item over 409,600 bytes
├── KeyTooLarge          a key over 2,048 (partition) or 1,024 (sort) bytes, or empty
├── Corrupt              a store holds something that is not what the contract says
├── Unsupported          asked for what a store, or this version, cannot do
├── ContractError        the contract, or the schema beside it, has problems
├── MissingTable         the store has no such table
├── CredentialsMissing   no credentials were found
├── AccessDenied         the store refused the credentials
├── Throttled            the store asked to slow down, to the end
├── Conflict             another writer was there at the same time
└── Unavailable          the store could not be reached, or broke off
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar, final

from attrs import field, frozen
from returns.result import Failure, Success

__all__ = [
    "AccessDenied",
    "ConditionFailed",
    "Conflict",
    "ContractError",
    "Corrupt",
    "CredentialsMissing",
    "Cursor",
    "Error",
    "Failure",
    "InvalidValue",
    "ItemTooLarge",
    "KeyTooLarge",
    "MissingTable",
    "NotFound",
    "Page",
    "Result",
    "Success",
    "Throttled",
    "TransactionCancelled",
    "Unavailable",
    "Unsupported",
    "collect",
    "then",
]

T = TypeVar("T")
U = TypeVar("U")


@final
@frozen
class NotFound:
    """The store has no such record."""

    entity: str
    key: str

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

    def __str__(self) -> str:
        said = (
            f"write {number} of {len(self.reasons)}: {reason}"
            for number, reason in enumerate(self.reasons, 1)
            if reason is not None
        )
        return f"none was written: {'; '.join(said)}"


@final
@frozen
class InvalidValue:
    """A value that the other side cannot hold exactly; `where` names field, attribute or column."""

    entity: str
    where: str
    reason: str
    key: str = ""

    def __str__(self) -> str:
        return f"{_subject(self.entity, self.key)}: {self.where}: {self.reason}"


@final
@frozen
class ItemTooLarge:
    """An item over DynamoDB's 409,600 bytes."""

    entity: str
    key: str
    size: int

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

    def __str__(self) -> str:
        return f"{_subject(self.entity, self.key)}: {self.where}: {self.reason}"


@final
@frozen
class Unsupported:
    """What was asked for cannot be done there; `remedy` says what can."""

    what: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}" + (f"; {self.remedy}" if self.remedy else "")


@final
@frozen
class ContractError:
    """The contract or its MySQL schema has problems; each is one line of `problems`."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.problems)


@final
@frozen
class MissingTable:
    """The store has no table of this name."""

    table: str
    store: str

    def __str__(self) -> str:
        return f"{self.store} has no table {self.table}"


@final
@frozen
class CredentialsMissing:
    """No credentials were found for a store."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@final
@frozen
class AccessDenied:
    """A store refused the credentials or what they may do."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@final
@frozen
class Throttled:
    """A store asked to slow down until there was no time left."""

    operation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation} was throttled: {self.reason}"


@final
@frozen
class Conflict:
    """Another writer held, or had just changed, what was asked for."""

    operation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation} met another writer: {self.reason}"


@final
@frozen
class Unavailable:
    """A store could not be reached, or broke off in the middle."""

    store: str
    reason: str

    def __str__(self) -> str:
        return f"{self.store} is unavailable: {self.reason}"


Error: TypeAlias = (
    NotFound
    | ConditionFailed
    | TransactionCancelled
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
)

Result: TypeAlias = Success[T] | Failure[Error]
"""`match` on it is exhaustive in mypy and pyright; at run time it is a `returns` Result."""


@final
@frozen
class Cursor:
    """Where the next page of a query begins; what the text means is the backends' own affair."""

    text: str

    def __str__(self) -> str:
        return self.text


@final
@frozen
class Page(Generic[T]):
    """Some answers in order, and where the next page begins; None after the last."""

    items: tuple[T, ...]
    next: Cursor | None = None


def then(result: Result[T], step: Callable[[T], Result[U]]) -> Result[U]:
    """Give the answer of `result` to `step`, or pass its failure on."""
    match result:
        case Success(value):
            return step(value)
        case Failure():
            return result


def collect(results: Iterable[Result[T]]) -> Result[tuple[T, ...]]:
    """All answers in order, or the first failure."""
    answers: list[T] = []
    for result in results:
        match result:
            case Success(value):
                answers.append(value)
            case Failure():
                return result
    return Success(tuple(answers))


def _subject(entity: str, key: str) -> str:
    return f"{entity} {key}" if key else entity
