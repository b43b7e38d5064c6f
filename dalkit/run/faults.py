"""What a failed attempt means to whoever may try again, the same for every store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, final

from attrs import frozen

from dalkit.result import Error, Throttled

__all__ = ["Again", "Fault", "Repeat", "left_undone"]

Again: TypeAlias = Literal["no", "once", "soon", "slowly"]
"""Whether trying again can help: never, one time, after a moment, after a good while."""

Repeat: TypeAlias = Literal["read", "same", "checked", "once"]
"""What a second time would do.

- `read`: nothing is written.
- `same`: the same as one time: an unconditional put or delete, constants that are set, a
  transaction with a token.
- `checked`: the same as one time, but a condition may then fail on our own first time.
- `once`: more than one time: an addition, an append, a COMMIT.
"""


@final
@frozen(kw_only=True)
class Fault:
    """A failed attempt: its error, the store's code for it, and what a retry would mean."""

    error: Error
    code: str = ""
    again: Again = "no"
    ambiguous: bool = False
    """The store may have done what was asked."""
    judged: bool = False
    """The store looked, and refused by what it holds: a condition, a unique key."""
    hint: float = 0.0
    """Seconds that the store asks to wait."""
    request_id: str = ""
    """The store's own name of the request."""
    detail: Mapping[str, Any] = {}
    """What the store said: for DynamoDB `Error`, and with it `Item` or `CancellationReasons`."""


def left_undone(operation: str, times: int, reason: str) -> Fault:
    """A reply that leaves requests undone, for the `times`-th time in a row: it asks to wait."""
    return Fault(error=Throttled(operation, reason), again="slowly" if times > 1 else "soon")
