"""What cannot be read, printed or computed exactly, named."""

from __future__ import annotations

from typing import final

from attrs import frozen

__all__ = ["Refusal"]


@final
@frozen
class Refusal:
    """`reason` names the construct; `position` is its offset in the fragment's characters."""

    reason: str
    position: int | None = None

    def __str__(self) -> str:
        if self.position is None:
            return self.reason
        return f"{self.reason} (at character {self.position + 1})"
