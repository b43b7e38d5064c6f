"""The seam to DynamoDB's wire: bytes out, bytes in; whoever sends them knows nothing of queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol, final

from attrs import field, frozen

from dalkit.run.dynamo_faults import Fault

__all__ = ["Request", "Response", "Transport", "method_of"]


@final
@frozen
class Request:
    """One operation as the service names it, and its arguments as DynamoDB's JSON."""

    operation: str
    body: bytes = field(repr=False)
    within: float | None = None
    """Seconds after which its reply is of no use; None is no limit."""


@final
@frozen
class Response:
    """What came back, whatever its status; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Sends one request once: no retries, and no look at what the reply says."""

    @property
    def longest(self) -> float:
        """Seconds that one request may take; 0 if that is not known."""
        ...

    def __call__(self, request: Request, /) -> Response | Fault:
        """The reply, or why there is none."""
        ...


def method_of(operation: str) -> str:
    """The name of boto3's method for an operation: `get_item` for `GetItem`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
