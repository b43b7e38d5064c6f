"""What is printed: lines for people, JSON for machines, never a raw control character."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, final

from dalkit.contract.problems import Problem, display

__all__ = [
    "Refusal",
    "complain",
    "counted",
    "dump",
    "one_line",
    "print_problems",
    "problem_values",
    "say",
]


@final
class Refusal(Exception):
    """A command that cannot go on: one line, and the exit status."""

    def __init__(self, text: str, *, status: int = 2) -> None:
        super().__init__(text)
        self.status = status


def say(line: str) -> None:
    """Print one line to stdout."""
    sys.stdout.write(display(line) + "\n")


def complain(text: str) -> None:
    """Print to stderr why there is no answer, in one line without a URL's password."""
    sys.stderr.write("dalkit: " + one_line(text) + "\n")


def one_line(text: str) -> str:
    """The text in one line, with what stands before the `@` of a URL left out."""
    return display(re.sub(r"://[^/\s]*@", "://…@", " ".join(text.splitlines())))


def dump(value: Any, *, indent: int | None = 2) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=True) + "\n")


def print_problems(problems: Iterable[Problem], *, to_stderr: bool = False) -> None:
    """Print each problem as a line."""
    stream = sys.stderr if to_stderr else sys.stdout
    for problem in problems:
        stream.write(" ".join(str(problem).splitlines()) + "\n")


def problem_values(problems: Iterable[Problem]) -> list[Mapping[str, str]]:
    """The problems as JSON values."""
    return [
        {
            "code": one.code,
            "severity": one.severity,
            "pointer": one.pointer,
            "text": one.text,
            "fix": one.fix,
        }
        for one in problems
    ]


def counted(count: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
