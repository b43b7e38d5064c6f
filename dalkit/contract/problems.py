"""What can be wrong with a contract: one table of codes, and a problem as a value."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Literal, TypeAlias, final

from attrs import frozen

__all__ = [
    "Code",
    "Problem",
    "Severity",
    "display",
    "escape",
    "in_order",
    "nearest",
    "shortened",
    "shown",
    "stops",
]

Severity: TypeAlias = Literal["error", "warning", "note"]


@final
@frozen
class Code:
    """One row of the table of problem codes."""

    code: str
    severity: Severity
    title: str
    """One phrase."""
    explanation: str
    """What is wrong, and why it matters, in one to three sentences."""
    fix: str = ""
    """What to do, where one sentence serves every case."""


@final
@frozen(kw_only=True)
class Problem:
    """One fault (error), doubtful reading (warning) or remark (note) at one place."""

    code: str
    severity: Severity
    pointer: str
    """A JSON pointer (RFC 6901) into the contract; for the DDL, `ddl:LINE`."""
    text: str
    fix: str = ""

    def __str__(self) -> str:
        fix = f" [{self.fix}]" if self.fix else ""
        place = shortened(self.pointer, 400) or "/"
        line = f"{self.severity} {self.code} {place}: {self.text}{fix}"
        return display(line.replace("\n", "\\n"))


def stops(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems is an error."""
    return any(problem.severity == "error" for problem in problems)


def display(text: str) -> str:
    """The text with every control character written as an escape, so that a terminal stays safe."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def shortened(text: str, width: int) -> str:
    """The text, or its beginning and end when it is longer than `width` characters."""
    half = (width - 3) // 2
    return text if len(text) <= width else f"{text[:half]}...{text[-half:]}"


def shown(text: str) -> str:
    """The text in double quotes on one line, shortened, with every control character escaped."""
    escaped = display(shortened(text, 60).replace("\\", "\\\\").replace('"', '\\"'))
    return '"' + escaped.replace("\n", "\\n") + '"'


def escape(name: str) -> str:
    """A member name as a token of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the nearest of the first thousand known names, or nothing."""
    lowered = {one.lower(): one for one in islice(known, 1000)}
    close = get_close_matches(name[:200].lower(), list(lowered), n=1, cutoff=0.6)
    return f"did you mean {shown(lowered[close[0]])}?" if close else ""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems ordered by place, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: _place(problem.pointer)))


def _place(pointer: str) -> tuple[tuple[int, int, str], ...]:
    tokens = pointer.split("/")
    return tuple((0, int(t), "") if _is_index(t) else (1, 0, t) for t in tokens)


def _is_index(token: str) -> bool:
    return token.isdecimal() and len(token) < 20
