"""JSON text to a value, strictly: nothing is dropped, rounded, or read twice in two ways.

Objects become dicts, arrays lists, numbers with a point or an exponent Decimals. What JSON allows
and a contract must not have (a member twice, half of a character, a number of a thousand digits)
is a problem at its pointer; what is no JSON at all is one with line and column.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from typing import TypeAlias, final

from attrs import frozen

from dalkit.contract.findings import Findings
from dalkit.contract.problems import escape, shown

__all__ = ["UNREAD", "Json", "Unread", "parse"]

MAXIMUM_SIZE = 16 * 1024 * 1024
MAXIMUM_DEPTH = 64
MAXIMUM_DIGITS = 100
MAXIMUM_EXPONENT = 999

_STRUCTURE = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


@final
@frozen
class Unread:
    """Stands where a value could not be read; its problem has been noted."""

    code: str = ""
    text: str = ""


UNREAD = Unread()

Json: TypeAlias = "str | int | Decimal | bool | Unread | list[Json] | dict[str, Json] | None"


@final
class _Members(dict[str, "Json"]):
    """An object some of whose members were given twice."""

    twice: tuple[str, ...] = ()


def parse(source: str | bytes, findings: Findings) -> Json:
    """The JSON value of the text, or UNREAD when nothing could be read."""
    if len(source) > MAXIMUM_SIZE:
        size = f"{len(source):,} {'bytes' if isinstance(source, bytes) else 'characters'}"
        findings.add("DK103", "", f"the document has {size}; at most {MAXIMUM_SIZE:,} are read")
        return UNREAD
    text = _decoded(source, findings)
    if text is None or _too_deep(text, findings):
        return UNREAD
    return _Reader(findings).read(text)


def _decoded(source: str | bytes, findings: Findings) -> str | None:
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        place = f"byte {error.start:,} (line {line}, byte {column} of it)"
        findings.add(
            "DK101", "", f"{place} is 0x{error.object[error.start]:02X}, which is no UTF-8"
        )
        return None
    return text.removeprefix("\ufeff")


def _too_deep(text: str, findings: Findings) -> bool:
    """Whether brackets nest deeper than allowed; found without recursion, before parsing."""
    depth, within = 0, False
    for match in _STRUCTURE.finditer(text):
        mark = match.group()
        if mark == '"':
            within = not within
        elif within or mark[0] == "\\":
            continue
        elif mark in "]}":
            depth -= 1
        else:
            depth += 1
            if depth > MAXIMUM_DEPTH:
                place = _line_and_column(text, match.start())
                findings.add("DK103", "", f"{place} nests deeper than {MAXIMUM_DEPTH} levels")
                return True
    return False


def _line_and_column(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line}, column {position - text.rfind(chr(10), 0, position)}"


@final
class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._suspect = False

    def read(self, text: str) -> Json:
        self._suspect = bool(_SURROGATE.search(text) or _SURROGATE_ESCAPE.search(text))
        try:
            value: Json = json.loads(
                text,
                object_pairs_hook=self._members,
                parse_int=self._whole,
                parse_float=self._decimal,
                parse_constant=self._constant,
            )
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            self._findings.add("DK102", "", f"no JSON at {place}: {error.msg}", fix="")
            return UNREAD
        if self._suspect:
            _note_faults(value, self._findings)
        return value

    def _members(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        self._suspect = True
        repeated = _Members(members)
        counts = Counter(name for name, _ in pairs)
        repeated.twice = tuple(name for name, count in counts.items() if count > 1)
        return repeated

    def _whole(self, digits: str) -> Unread | int:
        return self._too_long(digits) or int(digits)

    def _decimal(self, digits: str) -> Unread | Decimal:
        exponent = re.split("[eE]", digits)[1:]
        if exponent and (len(exponent[0]) > 6 or abs(int(exponent[0])) > MAXIMUM_EXPONENT):
            return self._unread("DK103", f"the exponent of {shown(digits)} is out of range")
        return self._too_long(digits) or Decimal(digits)

    def _too_long(self, digits: str) -> Unread | None:
        if len(digits) <= MAXIMUM_DIGITS:
            return None
        text = f"a number of {len(digits):,} characters; at most {MAXIMUM_DIGITS} are read"
        return self._unread("DK103", text)

    def _constant(self, word: str) -> Unread:
        return self._unread("DK105", f"{word} is no JSON number")

    def _unread(self, code: str, text: str) -> Unread:
        self._suspect = True
        return Unread(code, text)


def _note_faults(value: Json, findings: Findings) -> None:
    """Walk the tree, without recursion, for what the parser had to leave in it."""
    waiting: list[tuple[Json, str]] = [(value, "")]
    while waiting:
        one, pointer = waiting.pop()
        if isinstance(one, dict):
            _note_names(one, pointer, findings)
            named = [(each, f"{pointer}/{escape(name)}") for name, each in one.items()]
            waiting.extend(reversed(named))
        elif isinstance(one, list):
            numbered = [(each, f"{pointer}/{index}") for index, each in enumerate(one)]
            waiting.extend(reversed(numbered))
        elif isinstance(one, Unread):
            findings.add(one.code, pointer, one.text)
        elif isinstance(one, str) and _SURROGATE.search(one):
            findings.add("DK106", pointer, f"{shown(one)} has half of a character")


def _note_names(members: dict[str, Json], pointer: str, findings: Findings) -> None:
    for name in members:
        if _SURROGATE.search(name):
            place = f"{pointer}/{escape(name)}"
            findings.add("DK106", place, f"the name {shown(name)} has half of a character")
    for name in members.twice if isinstance(members, _Members) else ():
        findings.add("DK104", f"{pointer}/{escape(name)}", f"{shown(name)} is given more than once")
