"""Problems gathered while a contract is resolved, so that one run tells them all."""

from __future__ import annotations

from collections.abc import Iterable

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, nearest

__all__ = ["Report", "Unresolved"]


class Unresolved(Exception):
    """Raised inside the resolver when a place cannot be read; its problem is already reported."""


class Report:
    """A growing list of problems; the only thing in the resolver that changes."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, code: str, pointer: str, text: str, *, fix: str | None = None) -> None:
        self.problems.append(problem(code, pointer, text, fix=fix))

    def stop(self, code: str, pointer: str, text: str, *, fix: str | None = None) -> Unresolved:
        """Report an error and give the exception to raise."""
        self.add(code, pointer, text, fix=fix)
        return Unresolved(text)

    def unknown(
        self, code: str, pointer: str, what: str, name: str, known: Iterable[str]
    ) -> Unresolved:
        """Report a name that nothing bears, with the nearest that something does."""
        names = list(known)
        listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        fix = nearest(name, names) or (f"known are: {listed}" if names else "")
        return self.stop(code, pointer, f'{what} "{name[:100]}" does not exist', fix=fix)
