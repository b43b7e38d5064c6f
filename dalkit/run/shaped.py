"""A transport over clients that have boto3's methods and nothing else of it, as DAX's has.

`dynamodb(AmazonDaxClient(endpoint_url=…, config=Config(retries={"max_attempts": 0})))` works as
with boto3's own client. DAX answers gets, queries and scans that are not consistent from its
memory, keeps what it wrote, and passes the rest on; what the wire lost is for it to find.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final, final
from zlib import crc32

import msgspec
from attrs import frozen

from dalkit.result import CredentialsMissing
from dalkit.run.dynamo_faults import broken_reply
from dalkit.run.dynamo_wire import body_of
from dalkit.run.faults import Fault
from dalkit.run.redacted import redacted
from dalkit.run.transport import Request, Response, method_of

__all__ = ["ShapedTransport"]

_OTHERS: Final = ("botocore", "boto3", "amazondax")
_UNKNOWN: Final = ("CredentialRetrievalError", "NoCredentialsError", "PartialCredentialsError")
_ERRORS: Final = ("CancellationReasons", "Item", "ThrottlingReasons")


@final
@frozen
class ShapedTransport:
    """Calls a client's methods with what boto3 would take, and reads what it would give."""

    client: Any

    @property
    def longest(self) -> float:
        """Seconds that one attempt may take, by the client's own timeouts, if it tells them."""
        config = getattr(getattr(self.client, "meta", None), "config", None)
        timeouts = (getattr(config, name, 0) for name in ("connect_timeout", "read_timeout"))
        return float(sum(one or 0 for one in timeouts))

    def __call__(self, request: Request, /) -> Response | Fault:
        """The reply to one request."""
        call = getattr(self.client, method_of(request.operation))
        arguments = _with_bytes(msgspec.json.decode(request.body))
        try:
            reply = call(**arguments)
        except Exception as error:  # each client has exceptions of its own
            return _failed(error)
        body = {name: value for name, value in reply.items() if name != "ResponseMetadata"}
        return _response(200, body)


def _failed(error: Exception) -> Response | Fault:
    if type(error).__name__ in _UNKNOWN:
        return Fault(error=CredentialsMissing(redacted(str(error))), code=type(error).__name__)
    said = getattr(error, "response", None)
    if not isinstance(said, Mapping):
        if isinstance(error, OSError) or type(error).__module__.split(".")[0] in _OTHERS:
            return broken_reply(redacted(str(error)))
        raise error
    told = said.get("Error") or {}
    code = str(told.get("Code") or "")
    status = (said.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 400
    if not code or code == "ConnectionException":
        return broken_reply(redacted(str(error)))
    more = {name: said[name] for name in _ERRORS if said.get(name)}
    reasons = getattr(error, "cancellation_reasons", None)
    if reasons:
        more.setdefault("CancellationReasons", reasons)
    return _response(int(status), {"__type": code, "message": str(told.get("Message")), **more})


def _response(status: int, said: Mapping[str, Any]) -> Response:
    body = body_of(said)
    return Response(status, {"x-amz-crc32": str(crc32(body))}, body)


def _with_bytes(value: Any) -> Any:
    """Arguments as boto3 takes them: no text in base64, but bytes."""
    match value:
        case {"B": str(text)} if len(value) == 1:
            return {"B": b64decode(text)}
        case {"BS": [*texts]} if len(value) == 1 and all(isinstance(one, str) for one in texts):
            return {"BS": [b64decode(one) for one in texts]}
        case dict():
            return {name: _with_bytes(one) for name, one in value.items()}
        case list():
            return [_with_bytes(one) for one in value]
        case _:
            return value
