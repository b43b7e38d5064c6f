"""What can be wrong with a contract: one table of codes, and a problem as a value."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, TypeAlias, final

from attrs import frozen

__all__ = ["Problem", "Severity", "display", "escape", "in_order", "nearest", "stops"]

Severity: TypeAlias = Literal["error", "warning", "note"]


@final
@frozen(kw_only=True)
class Problem:
    """One fault (error), doubtful reading (warning) or remark (note) at one place of the document."""

    code: str
    severity: Severity
    pointer: str
    """A JSON pointer (RFC 6901) into the contract; for the DDL, `ddl:LINE`."""
    text: str
    fix: str = ""

    def __str__(self) -> str:
        fix = f" [{self.fix}]" if self.fix else ""
        return display(f"{self.severity} {self.code} {self.pointer or '/'}: {self.text}{fix}")


def stops(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems is an error."""
    return any(problem.severity == "error" for problem in problems)


def display(text: str) -> str:
    """The text with every control character written as an escape, so that a terminal stays safe."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def escape(name: str) -> str:
    """A member name as a token of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the nearest known name, or nothing."""
    lowered = {one.lower(): one for one in known}
    close = get_close_matches(name.lower()[:200], list(lowered), n=1, cutoff=0.6)
    return f'did you mean "{lowered[close[0]]}"?' if close else ""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems ordered by place, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: _place(problem.pointer)))


def _place(pointer: str) -> tuple[tuple[int, int, str], ...]:
    tokens = pointer.split("/")
    return tuple((0, int(t), "") if t.isdecimal() else (1, 0, t) for t in tokens)
