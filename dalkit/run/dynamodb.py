"""DynamoDB at the edge: one exchange, each error in one table, no broken reply taken for an answer.

| code                                             | error              | tried again      |
|--------------------------------------------------|--------------------|------------------|
| ProvisionedThroughputExceeded, Throttling,       | Throttled          | yes, slowly      |
| RequestLimitExceeded, LimitExceeded              |                    |                  |
| InternalServerError, 500, 502, 503, 504          | Unavailable        | if repeatable    |
| connection broken, timeout, checksum wrong       | Unavailable        | if repeatable    |
| cannot connect                                   | Unavailable        | yes              |
| TransactionConflict, ReplicatedWriteConflict,    | Conflict           | yes              |
| TransactionInProgress                            |                    |                  |
| ConditionalCheckFailed, TransactionCanceled,     | Conflict           | no               |
| ResourceInUse, IdempotentParameterMismatch       |                    |                  |
| ResourceNotFound                                 | MissingTable       | no               |
| AccessDenied and the like                        | AccessDenied       | no               |
| Validation and whatever is not listed            | Unsupported        | no               |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol, TypeAlias, final
from zlib import crc32

from attrs import frozen
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSLError,
)

from dalkit.contract.problems import display
from dalkit.result import (
    AccessDenied,
    Conflict,
    CredentialsMissing,
    Error,
    Failure,
    MissingTable,
    Result,
    Success,
    Throttled,
    Unavailable,
    Unsupported,
)
from dalkit.run.retry import ONLINE, Backoff, Effects

__all__ = [
    "DynamoClient",
    "Fault",
    "Reply",
    "exchange",
    "fault_of",
    "send",
    "watch_replies",
]

Reply: TypeAlias = dict[str, Any]
Again: TypeAlias = Literal["no", "soon", "slowly"]

STORE: Final = "DynamoDB"


class DynamoClient(Protocol):
    """The methods of a boto3 DynamoDB client that are used, and its `meta`."""

    @property
    def meta(self) -> Any:
        """What the client was made of."""

    def get_item(self, **arguments: Any) -> Reply:
        """GetItem."""

    def put_item(self, **arguments: Any) -> Reply:
        """PutItem."""

    def update_item(self, **arguments: Any) -> Reply:
        """UpdateItem."""

    def delete_item(self, **arguments: Any) -> Reply:
        """DeleteItem."""

    def query(self, **arguments: Any) -> Reply:
        """Query."""

    def scan(self, **arguments: Any) -> Reply:
        """Scan."""

    def batch_get_item(self, **arguments: Any) -> Reply:
        """BatchGetItem."""

    def batch_write_item(self, **arguments: Any) -> Reply:
        """BatchWriteItem."""

    def transact_get_items(self, **arguments: Any) -> Reply:
        """TransactGetItems."""

    def transact_write_items(self, **arguments: Any) -> Reply:
        """TransactWriteItems."""

    def create_table(self, **arguments: Any) -> Reply:
        """CreateTable."""

    def describe_table(self, **arguments: Any) -> Reply:
        """DescribeTable."""


@final
@frozen(kw_only=True)
class Fault:
    """A failed attempt: its error, the store's code for it, and what a retry would mean."""

    error: Error
    code: str = ""
    again: Again = "no"
    ambiguous: bool = False
    """The store may have done what was asked."""
    hint: float = 0.0
    """Seconds that the store asks to wait."""
    detail: Mapping[str, Any] = {}


@final
class ReplyError(Exception):
    """A reply whose body is not what the store sent."""


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
    "ResourceInUseException": "no",
    "IdempotentParameterMismatchException": "no",
}
_DENIED = {
    "AccessDeniedException",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "ExpiredToken",
    "RequestExpired",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "InvalidClientTokenId",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "OptInRequired",
    "NotAuthorized",
}
_READS = {
    "get_item",
    "batch_get_item",
    "query",
    "scan",
    "transact_get_items",
    "describe_table",
}
_SHAPES = {
    "Query": "Count",
    "Scan": "Count",
    "BatchGetItem": "Responses",
    "BatchWriteItem": "UnprocessedItems",
    "TransactGetItems": "Responses",
    "DescribeTable": "Table",
    "CreateTable": "TableDescription",
}


def watch_replies(client: Any, *, checksums: bool = True) -> DynamoClient:
    """The same client, which from now on raises at a reply that is broken.

    With `checksums` a reply without a CRC32 header is broken too; the service and DynamoDB Local
    send one, other stores may not.
    """

    def check(http_response: Any, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        if http_response.status_code != 200:
            return
        if checksums:
            _check_sum(http_response.headers.get("x-amz-crc32"), http_response.content)
        if _SHAPES.get(model.name, "ResponseMetadata") not in parsed:
            raise ReplyError(f"a reply of {model.name} without {_SHAPES[model.name]}")

    client.meta.events.register("after-call.dynamodb", check, unique_id="dalkit-replies")
    checked: DynamoClient = client
    return checked


def send(
    client: DynamoClient,
    operation: str,
    arguments: Mapping[str, Any],
    *,
    backoff: Backoff = ONLINE,
    effects: Effects | None = None,
) -> Result[Reply]:
    """The reply to one request, tried again where that is safe.

    `operation` is the name of the client's method.
    """
    answer = exchange(client, operation, arguments, backoff=backoff, effects=effects)
    return Failure(answer.error) if isinstance(answer, Fault) else Success(answer)


def exchange(
    client: DynamoClient,
    operation: str,
    arguments: Mapping[str, Any],
    *,
    backoff: Backoff = ONLINE,
    effects: Effects | None = None,
) -> Reply | Fault:
    """As `send`, but a failure tells the store's code."""
    world = effects or Effects()
    call: Callable[..., Reply] = getattr(client, operation)
    start = world.now()
    attempts = 0
    while True:
        try:
            return call(**arguments)
        except (BotoCoreError, ClientError, ReplyError) as error:
            fault = fault_of(error, operation, arguments)
        attempts += 1
        wait = backoff.wait(
            attempts - 1,
            fraction=world.random(),
            throttled=fault.again == "slowly",
            hint=fault.hint,
        )
        elapsed = world.now() - start
        if not _repeats(fault, operation, arguments) or not backoff.allows(
            attempts, elapsed=elapsed, wait=wait
        ):
            return fault
        world.sleep(wait)


def fault_of(error: Exception, operation: str, arguments: Mapping[str, Any]) -> Fault:
    """What an exception of the SDK means; misuse of the SDK is raised again."""
    if isinstance(error, ClientError):
        return _answered(error, operation, arguments)
    text = display(str(error))
    if isinstance(error, ReplyError):
        return _broken_off(text)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return Fault(error=CredentialsMissing(text), code=type(error).__name__)
    if isinstance(error, NoAuthTokenError):
        return Fault(error=AccessDenied(text), code=type(error).__name__)
    if isinstance(error, SSLError):
        return Fault(error=Unavailable(STORE, text), code="SSLError")
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError | ProxyConnectionError):
        return Fault(error=Unavailable(STORE, text), code="Connect", again="soon")
    if isinstance(error, HTTPClientError):
        return _broken_off(text)
    raise error


def _broken_off(text: str) -> Fault:
    return Fault(error=Unavailable(STORE, text), code="BrokenOff", again="soon", ambiguous=True)


def _answered(error: ClientError, operation: str, arguments: Mapping[str, Any]) -> Fault:
    said: Any = error.response
    code = str(said.get("Error", {}).get("Code", ""))
    text = display(str(said.get("Error", {}).get("Message") or error))
    status = said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _SLOWLY:
        return Fault(error=Throttled(operation, text), code=code, again="slowly", hint=_hint(said))
    if code in _CONFLICTS:
        conflict = Conflict(operation, f"{code}: {text}")
        return Fault(error=conflict, code=code, again=_CONFLICTS[code], detail=said)
    if code in _DENIED:
        return Fault(error=AccessDenied(f"{code}: {text}"), code=code)
    if code == "ResourceNotFoundException":
        return Fault(error=MissingTable(_tables(arguments), STORE), code=code)
    if code == "InternalServerError" or status >= 500:
        return Fault(
            error=Unavailable(STORE, f"{code}: {text}"),
            code=code,
            again="soon",
            ambiguous=True,
            hint=_hint(said),
        )
    return Fault(error=Unsupported(operation, f"{code}: {text}"), code=code)


def _repeats(fault: Fault, operation: str, arguments: Mapping[str, Any]) -> bool:
    if fault.again == "no":
        return False
    if not fault.ambiguous or operation in _READS or operation == "batch_write_item":
        return True
    if operation in ("put_item", "delete_item"):
        return "ConditionExpression" not in arguments
    return operation == "transact_write_items" and "ClientRequestToken" in arguments


def _check_sum(said: str | None, body: bytes) -> None:
    if said is None:
        raise ReplyError("a reply without a checksum")
    if said != str(crc32(body)):
        raise ReplyError(f"a reply of {len(body):,} bytes that does not match its checksum")


def _hint(said: Mapping[str, Any]) -> float:
    headers = said.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    text = str(headers.get("x-amz-retry-after", ""))
    return int(text) / 1000 if text.isascii() and text.isdecimal() and len(text) < 9 else 0.0


def _tables(arguments: Mapping[str, Any]) -> str:
    if "TableName" in arguments:
        return str(arguments["TableName"])
    return ", ".join(arguments.get("RequestItems", ()))
