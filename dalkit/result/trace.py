"""Where an error came from: which operation, on what, after how many attempts."""

from __future__ import annotations

from typing import final

from attrs import frozen

__all__ = ["Trace"]


@final
@frozen(kw_only=True)
class Trace:
    """What a backend knows about a failed operation; what it does not know is empty.

    Two errors that differ only in their trace are equal.
    """

    operation: str = ""
    entity: str = ""
    table: str = ""
    key: str = ""
    """The key as queries print it, without its secret parts."""
    request_id: str = ""
    """The store's own name of the last request."""
    attempts: int = 0
    elapsed: float = 0.0
    """Seconds from the beginning of the operation."""

    def __str__(self) -> str:
        subject = " ".join(one for one in (self.operation, self.entity, self.key) if one)
        times = "1 attempt" if self.attempts == 1 else f"{self.attempts} attempts"
        said = (
            subject + (f" in {self.table}" if self.table else ""),
            f"{times} in {self.elapsed:.3f} s" if self.attempts else "",
            f"request {self.request_id}" if self.request_id else "",
        )
        return ", ".join(one for one in said if one)
