"""A store's error on its way out of a stream or a thread."""

from __future__ import annotations

from typing import final

from dalkit.result import Error

__all__ = ["StoreError"]


@final
class StoreError(Exception):
    """A stream broke off; whoever drives the stream answers `error` as a Failure."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error
