"""What DynamoDB's errors mean: each code in one table, read from the reply's body.

| code                                             | error              | tried again      |
|--------------------------------------------------|--------------------|------------------|
| ProvisionedThroughputExceeded, Throttling,       | Throttled          | yes, slowly      |
| RequestLimitExceeded, LimitExceeded              |                    |                  |
| InternalServerError, 500, 502, 503, 504          | Unavailable        | if repeatable    |
| connection broken, timeout, checksum wrong       | Unavailable        | if repeatable    |
| cannot connect                                   | Unavailable        | yes              |
| TransactionConflict, ReplicatedWriteConflict,    | Conflict           | yes              |
| TransactionInProgress                            |                    |                  |
| TransactionCanceled                              | Conflict           | if every reason  |
|                                                  |                    | may pass         |
| ConditionalCheckFailed, DuplicateItem,           | Conflict           | no               |
| ResourceInUse, IdempotentParameterMismatch,      |                    |                  |
| ImportConflict                                   |                    |                  |
| ResourceNotFound                                 | MissingTable       | no               |
| ExpiredToken, RequestExpired                     | AccessDenied       | once             |
| AccessDenied and the like                        | AccessDenied       | no               |
| ItemCollectionSizeLimitExceeded, Validation      | Unsupported        | no               |
| and whatever is not listed                       |                    |                  |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from dalkit.contract.problems import display
from dalkit.result import (
    AccessDenied,
    Conflict,
    MissingTable,
    Throttled,
    ThrottlingReason,
    Unavailable,
    Unsupported,
)
from dalkit.run.faults import Again, Fault
from dalkit.run.redacted import redacted

__all__ = ["STORE", "Again", "Fault", "broken_reply", "fault_of_error", "hint_of"]

STORE: Final = "DynamoDB"

_SLOWLY = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "LimitExceededException",
}
_CONFLICTS: Mapping[str, Again] = {
    "TransactionConflictException": "soon",
    "ReplicatedWriteConflictException": "soon",
    "TransactionInProgressException": "slowly",
    "ConditionalCheckFailedException": "no",
    "TransactionCanceledException": "no",
    "DuplicateItemException": "no",
    "ResourceInUseException": "no",
    "ImportConflictException": "no",
    "IdempotentParameterMismatchException": "no",
}
_JUDGED = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "DuplicateItemException",
}
_DENIED: Mapping[str, Again] = {
    "AccessDeniedException": "no",
    "UnrecognizedClientException": "no",
    "ExpiredTokenException": "once",
    "ExpiredToken": "once",
    "RequestExpired": "once",
    "InvalidSignatureException": "no",
    "SignatureDoesNotMatch": "no",
    "InvalidClientTokenId": "no",
    "MissingAuthenticationTokenException": "no",
    "MissingAuthenticationToken": "no",
    "IncompleteSignatureException": "no",
    "IncompleteSignature": "no",
    "OptInRequired": "no",
    "NotAuthorized": "no",
}
_PASSING: Mapping[str, Again] = {
    "TransactionConflict": "soon",
    "ProvisionedThroughputExceeded": "slowly",
    "ThrottlingError": "slowly",
}


def fault_of_error(
    operation: str,
    tables: str,
    status: int,
    said: Mapping[str, Any],
    *,
    hint: float = 0.0,
    request_id: str = "",
) -> Fault:
    """What a reply that is an error means; `said` is as boto3 has it in `error.response`."""
    told = said.get("Error", {})
    code = str(told.get("Code", ""))
    text = redacted(str(told.get("Message") or "the store said no more"))
    meant = _meant(operation, tables, status, said, code, text)
    return evolve(meant, code=code, hint=hint, request_id=request_id)


def _meant(
    operation: str, tables: str, status: int, said: Mapping[str, Any], code: str, text: str
) -> Fault:
    if code in _SLOWLY:
        reasons = tuple(map(_reason, said.get("ThrottlingReasons") or ()))
        throttled = Throttled(operation, text, reasons=reasons)
        return Fault(error=throttled, again="slowly", detail=said)
    if code in _CONFLICTS:
        again = _CONFLICTS[code]
        if code == "TransactionCanceledException":
            again = _if_all_may_pass(said.get("CancellationReasons") or ())
        conflict = Conflict(operation, f"{code}: {text}")
        unknown = code == "TransactionInProgressException"  # one with the same token: our own
        return Fault(
            error=conflict, again=again, ambiguous=unknown, judged=code in _JUDGED, detail=said
        )
    if code in _DENIED:
        return Fault(error=AccessDenied(f"{code}: {text}"), again=_DENIED[code])
    if code == "ResourceNotFoundException":
        return Fault(error=MissingTable(tables, STORE))
    if code == "InternalServerError" or status >= 500:
        unavailable = Unavailable(STORE, f"{code or status}: {text}")
        return Fault(error=unavailable, again="soon", ambiguous=True)
    return Fault(error=Unsupported(operation, f"{code or status}: {text}"))


def _reason(said: Any) -> ThrottlingReason:
    told = said if isinstance(said, Mapping) else {}
    return ThrottlingReason(
        display(str(told.get("reason", ""))), display(str(told.get("resource", "")))
    )


def broken_reply(text: str) -> Fault:
    """A reply that is not what the store sent, or none after the request went out."""
    return Fault(error=Unavailable(STORE, text), code="BrokenOff", again="soon", ambiguous=True)


def hint_of(headers: Mapping[str, str]) -> float:
    """The seconds that a reply asks to wait."""
    text = str(headers.get("x-amz-retry-after", ""))
    return int(text) / 1000 if text.isascii() and text.isdecimal() and len(text) < 9 else 0.0


def _if_all_may_pass(reasons: Sequence[Mapping[str, Any]]) -> Again:
    """Whether a cancelled transaction may be sent again: every reason must be one that passes."""
    codes = {str(one.get("Code")) for one in reasons} - {"None"}
    again = {_PASSING.get(code, "no") for code in codes}
    if not again or "no" in again:
        return "no"
    return "slowly" if "slowly" in again else "soon"
