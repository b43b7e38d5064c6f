"""A match over the errors: whole, it is exhaustive; with a class left out, it is not."""

from __future__ import annotations

from typing import assert_never, assert_type

from dalkit import Error, Failure, Result, Success
from dalkit.result import (
    AccessDenied,
    Ambiguous,
    BudgetExhausted,
    CircuitOpen,
    ConditionFailed,
    Conflict,
    ContractError,
    Corrupt,
    CredentialsMissing,
    DeadlineExceeded,
    InvalidValue,
    ItemTooLarge,
    KeyTooLarge,
    MissingTable,
    NotFound,
    PartlyDone,
    Throttled,
    ThrottlingReason,
    TransactionCancelled,
    Unavailable,
    Unsupported,
    traced,
)


def whole(error: Error) -> str:
    """Every class has its case."""
    match error:
        case NotFound(entity, key) | ConditionFailed(entity, key):
            return entity + key
        case TransactionCancelled(reasons) | PartlyDone(reasons):
            assert_type(reasons, tuple[Error | None, ...])
            return str(len(reasons))
        case InvalidValue() | ItemTooLarge() | KeyTooLarge() | Corrupt():
            return error.entity
        case Unsupported() | ContractError() | MissingTable():
            return str(error)
        case CredentialsMissing(reason) | AccessDenied(reason):
            return reason
        case Throttled():
            assert_type(error.reasons, tuple[ThrottlingReason, ...])
            return error.trace.request_id
        case Conflict() | Unavailable() | DeadlineExceeded() | BudgetExhausted():
            return error.reason
        case CircuitOpen(seconds):
            assert_type(seconds, float)
            return str(seconds)
        case Ambiguous(operation, reason):
            return operation + reason


def one_left_out(error: NotFound | Ambiguous) -> str:
    """The class without a case is found."""
    match error:
        case NotFound():
            return "none"
        case _:
            assert_never(error)  # error


def a_result(result: Result[int]) -> int:
    """A match on the result, and then on its error, needs no case for the rest."""
    match result:
        case Success(number):
            return number
        case Failure(error):
            match error:
                case Ambiguous():
                    return len(error.trace.key)
                case _:
                    assert_type(traced(NotFound("a", "b"), attempts=1), NotFound)
                    return 0


NotFound("a", "b", "c")  # error
NotFound("a", "b").key = "c"  # error
traced("none", attempts=1)  # error
