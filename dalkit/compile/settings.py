"""What a backend adds to a query when it compiles it: the moment, and the seal of cursors."""

from __future__ import annotations

from datetime import datetime
from typing import Final, final

from attrs import field, frozen

__all__ = ["PLAIN", "Settings"]


@final
@frozen(kw_only=True)
class Settings:
    """The moment of a run and the key of its cursors; by default neither is known."""

    now: datetime | None = None
    """Records that have expired by then are hidden; None hides none."""
    cursor_key: bytes = field(default=b"", repr=False)
    """Seals cursors: without it none can be made that is accepted."""


PLAIN: Final = Settings()
