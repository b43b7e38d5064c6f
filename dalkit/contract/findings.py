"""The problems found so far: a list that cannot grow without bound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from attrs import frozen

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, in_order, nearest

__all__ = ["LISTED", "Enough", "Fault", "Findings"]

LISTED = 1_000
SUGGESTED = 50


@final
@frozen
class Fault:
    """What is wrong with one text, before its place is known."""

    code: str
    text: str
    fix: str | None = None


@final
class Enough(Exception):
    """Says that no more problems are taken, so that a hostile document ends early."""


@final
class Findings:
    """Collects problems; beyond a thousand it raises Enough, and says that there are more."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._suggestions = 0

    def add(self, code: str, pointer: str, text: str, *, fix: str | None = None) -> None:
        """Note a problem of this code at this place."""
        self._problems.append(problem(code, pointer, text, fix=fix))
        if len(self._problems) > LISTED:
            raise Enough

    def fault(self, pointer: str, fault: Fault | None) -> None:
        """Note the fault, if there is one, at this place."""
        if fault is not None:
            self.add(fault.code, pointer, fault.text, fix=fault.fix)

    def suggest(self, name: str, known: Iterable[str]) -> str | None:
        """`did you mean "x"?`, or None where there is no near name or enough was suggested."""
        # Comparing names is the one costly step, and a hostile document could ask for it each time.
        self._suggestions += 1
        return (nearest(name, known) or None) if self._suggestions <= SUGGESTED else None

    def problems(self) -> tuple[Problem, ...]:
        """All problems ordered by place, and whether there are more."""
        if len(self._problems) <= LISTED:
            return in_order(self._problems)
        text = f"there are more than these {LISTED:,} problems"
        return (*in_order(self._problems[:LISTED]), problem("DK108", "", text))
