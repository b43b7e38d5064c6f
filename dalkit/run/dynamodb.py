"""DynamoDB through boto3's client: bytes made and read by dalkit, retries decided by dalkit.

Hooks on the client's events hand our bytes in and the reply's bytes out; for calls of others on
the same client they do nothing. The SDK never repeats a request of ours, whatever the client's
configuration says: a reply that it would take offense at leaves it as an exception.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from math import inf
from typing import Any, Final, Protocol, TypeAlias, final
from weakref import WeakKeyDictionary
from zlib import crc32

import msgspec
from attrs import frozen
from botocore.client import BaseClient
from botocore.exceptions import (
    BotoCoreError,
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

from dalkit.result import (
    AccessDenied,
    CredentialsMissing,
    Failure,
    Result,
    Success,
    Unavailable,
    Unsupported,
)
from dalkit.run.dynamo_faults import STORE, Fault, broken_reply
from dalkit.run.dynamo_wire import body_of, whole_reply
from dalkit.run.faults import Repeat
from dalkit.run.redacted import redacted
from dalkit.run.repeating import repeat_of
from dalkit.run.retry import ONLINE, Backoff, Effects, GiveUp, History, decide
from dalkit.run.shaped import ShapedTransport
from dalkit.run.timely import timely_pool
from dalkit.run.transport import Request, Response, Transport, method_of

__all__ = [
    "BotoTransport",
    "DynamoClient",
    "Fault",
    "Reply",
    "exchange",
    "send",
    "transport_of",
    "watch_replies",
]

Reply: TypeAlias = dict[str, Any]


class DynamoClient(Protocol):
    """A boto3 client of DynamoDB: its operations are called by their names."""

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


_MOST: Final = 0.97
"""So much of its time is waited for a reply, as its end takes time as well."""
_TABLE: Final = {"TableName": "dalkit"}
_KEYED: Final = {**_TABLE, "Key": {}}
_STUBS: Final[Mapping[str, Mapping[str, Any]]] = {
    "GetItem": _KEYED,
    "PutItem": {**_TABLE, "Item": {}},
    "UpdateItem": _KEYED,
    "DeleteItem": _KEYED,
    "Query": _TABLE,
    "Scan": _TABLE,
    "BatchGetItem": {"RequestItems": {"dalkit": {"Keys": [{}]}}},
    "BatchWriteItem": {"RequestItems": {"dalkit": [{}]}},
    "TransactGetItems": {"TransactItems": [{"Get": _KEYED}]},
    "TransactWriteItems": {"TransactItems": [{}]},
}
"""Arguments that the SDK finds valid; the body that it makes of them is not sent."""


@final
class _Replied(Exception):
    """A reply that leaves the SDK before it can repeat the request."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"status {response.status}")
        self.response = response


@final
class _Broken(Exception):
    """What went wrong on the way, before the SDK can repeat the request."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@final
class _Call(threading.local):
    """The request that this thread has under way."""

    request: Request | None = None
    response: Response | None = None
    ends: float = inf
    """When its reply is of no use any more."""
    watched: bool = False
    """The SDK would look at the reply too, and ask again."""


_call = _Call()


@final
@frozen
class BotoTransport:
    """The safe transport: requests go through a client of boto3 as the SDK signs and sends them."""

    client: Any

    @property
    def longest(self) -> float:
        """Seconds that one attempt may take, by the client's own timeouts."""
        config = self.client.meta.config
        return float(config.connect_timeout or 0) + float(config.read_timeout or 0)

    def __call__(self, request: Request, /) -> Response | Fault:
        """The reply to one request, sent once."""
        call = getattr(self.client, method_of(request.operation), None)
        if call is None:
            return Fault(error=Unsupported(request.operation, "the SDK has no such operation"))
        _call.request, _call.response = request, None
        _call.ends = inf if request.within is None else time.monotonic() + _MOST * request.within
        _call.watched = (self.client.meta.config.retries or {}).get("total_max_attempts") != 1
        try:
            call(**_stub(request))
            return _handed_over()
        except _Replied as replied:
            return replied.response
        except _Broken as broken:
            return _fault(broken.cause)
        except BotoCoreError as error:
            return _fault(error)
        finally:
            _call.request = _call.response = None
            _call.ends = inf


def _handed_over() -> Response | Fault:
    return _call.response or broken_reply("a client that hands no reply over")


def watch_replies(client: Any, *, checksums: bool = True) -> DynamoClient:
    """The same client, from whose replies to dalkit a checksum is asked, or not.

    The service and DynamoDB Local send one, other stores may not.
    """
    _register(client)
    _sums[client] = checksums
    watched: DynamoClient = client
    return watched


def transport_of(client: Any) -> Transport:
    """The transport over a client; of boto3's own, the hooks are registered once."""
    if not isinstance(client, BaseClient):
        return ShapedTransport(client)
    _register(client)
    return BotoTransport(client)


def checksums_of(client: Any) -> bool:
    """Whether replies to a client must have a checksum."""
    return _sums.get(client, True)


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
    name = "".join(part.capitalize() for part in operation.split("_"))
    request = Request(name, body_of(arguments))
    transport, checksums = transport_of(client), checksums_of(client)
    told = repeat_of(name, arguments, repeat=None)
    kind: Repeat = "once" if told == "checked" else told  # here nobody looks at the old item
    history = History(world.now())
    while True:
        reply = _once(transport, request, arguments, checksums=checksums)
        if not isinstance(reply, Fault):
            return reply
        history = history.after(reply, kind)
        decision = decide(backoff, history, reply, kind, world.now(), world.random())
        if isinstance(decision, GiveUp):
            return reply
        world.sleep(decision.delay)


def _once(
    transport: Transport, request: Request, arguments: Mapping[str, Any], *, checksums: bool
) -> Reply | Fault:
    response = transport(request)
    if isinstance(response, Fault):
        return response
    reply = whole_reply(request.operation, arguments, response, checksums=checksums)
    return reply if isinstance(reply, Fault) else dict(reply)


def _stub(request: Request) -> Mapping[str, Any]:
    stub = _STUBS.get(request.operation)
    decoded: Mapping[str, Any] = msgspec.json.decode(request.body) if stub is None else stub
    return decoded


def _fault(error: Exception) -> Fault:
    """What an exception of the SDK means; misuse of the SDK is raised again."""
    text, code = redacted(str(error)), type(error).__name__
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return Fault(error=CredentialsMissing(text), code=code)
    if isinstance(error, NoAuthTokenError):
        return Fault(error=AccessDenied(text), code=code)
    if isinstance(error, SSLError):
        return Fault(error=Unavailable(STORE, text), code=code)
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError | ProxyConnectionError):
        return Fault(error=Unavailable(STORE, text), code="Connect", again="soon")
    if isinstance(error, HTTPClientError):
        return broken_reply(text)
    raise error


_sums: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
_known: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
_lock = threading.Lock()


def _register(client: Any) -> None:
    with _lock:
        if client in _known:
            return
        events = client.meta.events
        events.register("provide-client-params.dynamodb", _arguments, unique_id="dalkit-arguments")
        events.register("before-call.dynamodb", _body, unique_id="dalkit-body")
        events.register("before-parse.dynamodb", _taken, unique_id="dalkit-reply")
        _bound(client)
        events.register_first("needs-retry.dynamodb", _not_again, unique_id="dalkit-retries")
        _known[client] = True


def _bound(client: Any) -> None:
    """Have replies read no longer than they are of use, if the SDK sends as it does today."""
    session = getattr(getattr(client, "_endpoint", None), "http_session", None)
    pools = getattr(session, "_pool_classes_by_scheme", None)
    if isinstance(pools, dict):
        pools.update({scheme: timely_pool(one, _ends) for scheme, one in pools.items()})


def _ends() -> float:
    return _call.ends


def _ours(model: Any) -> Request | None:
    request = _call.request
    return request if request is not None and request.operation == model.name else None


def _arguments(model: Any, context: Any, **_: Any) -> None:
    """Mark a call of ours in the SDK's own context."""
    request = _ours(model)
    if request is not None:
        context["dalkit-body"] = request.body


def _body(params: Any, context: Any, **_: Any) -> None:
    """Send our bytes in the place of those that the SDK made."""
    if "dalkit-body" in context:
        params["body"] = context["dalkit-body"]


def _taken(
    operation_model: Any, response_dict: Any, customized_response_dict: Any, **_: Any
) -> None:
    """Take the reply's bytes out, so that the SDK parses nothing."""
    if _ours(operation_model) is None:
        return
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    response = Response(response_dict["status_code"], headers, response_dict["body"])
    if response.status != 200 or (_call.watched and _broken(response)):
        raise _Replied(response)
    _call.response = response
    response_dict["body"] = b"{}"


def _broken(response: Response) -> bool:
    """Whether the SDK's retries would take offense at the checksum."""
    said = response.headers.get("x-amz-crc32")
    return said is not None and said != str(crc32(response.body))


def _not_again(operation: Any, caught_exception: Exception | None, **_: Any) -> None:
    """Let no failure of ours reach the SDK's own retries."""
    if caught_exception is not None and _ours(operation) is not None:
        raise _Broken(caught_exception)
