"""Problems gathered while a contract is resolved, so that one run tells them all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, nearest, shown, stops

__all__ = ["Report", "Unresolved"]

_LISTED = 12
_SUGGESTED = 50
"""Comparing names is the one costly step, and a hostile contract could ask for it each time."""


@final
class Unresolved(Exception):
    """Raised inside the resolver where a place cannot be read; its problem is in the report."""


@final
class Report:
    """A growing list of problems; the only thing in the resolver that changes."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.suggested: int = 0

    def add(self, code: str, pointer: str, text: str, *, fix: str | None = None) -> None:
        """Note a problem of this code at this place."""
        self.problems.append(problem(code, pointer, text, fix=fix))

    def stop(self, code: str, pointer: str, text: str, *, fix: str | None = None) -> Unresolved:
        """Note an error, and give the exception to raise."""
        self.add(code, pointer, text, fix=fix)
        return Unresolved(text)

    def unknown(
        self, code: str, pointer: str, what: str, name: str, known: Iterable[str]
    ) -> Unresolved:
        """Note a name that nothing bears, with the nearest that something does."""
        names = list(dict.fromkeys(known))
        self.suggested += 1
        if self.suggested > _SUGGESTED:
            return self.stop(code, pointer, f"{what} {shown(name)} does not exist", fix="")
        listed = ", ".join(map(shown, names[:_LISTED])) + (", …" if len(names) > _LISTED else "")
        fix = nearest(name, names) or (f"there are {listed}" if names else "")
        return self.stop(code, pointer, f"{what} {shown(name)} does not exist", fix=fix)

    def failed_since(self, count: int) -> bool:
        """Whether an error came after the first `count` problems."""
        return stops(self.problems[count:])
