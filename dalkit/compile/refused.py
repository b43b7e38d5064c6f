"""Why a query cannot be compiled: raised inside `compile`, answered as Unsupported at its edge."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["Contradiction", "Refused", "contradict", "refuse"]


class Refused(Exception):
    """The reason, and what can be done instead."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Contradiction(Refused):
    """What is asked for is true of no record."""


def refuse(reason: str, remedy: str = "") -> NoReturn:
    """Raise the Refused."""
    raise Refused(reason, remedy)


def contradict(reason: str) -> NoReturn:
    """Raise the Contradiction."""
    raise Contradiction(reason, "ask for something that can be")
