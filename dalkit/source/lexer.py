"""MySQL text cut into statements, and a statement into tokens, in time linear in the text.

The content of a conditional comment (`/*!80016 … */`, `/*M!100301 … */`) counts; of one for version
99999 or 999999, which no server has, nothing does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, TypeAlias, final

from attrs import frozen

__all__ = ["Kind", "Statement", "Token", "statements", "tokens", "unquoted"]

Kind: TypeAlias = Literal["word", "name", "text", "number", "sign", "open"]
"""`name` is in backticks, `text` in quotes; `open` is a quote or comment that never ends."""

_BLANK = re.compile(r"\s+")
_LINE_COMMENT = re.compile(r"#[^\n]*|--(?=[\s\x00-\x1f]|\Z)[^\n]*")
_CONDITIONAL = re.compile(r"/\*M?!(\d{5,6})?")
_NEVER = ("99999", "999999")
_DELIMITER = re.compile(r"delimiter[ \t]+(\S+)[^\n]*", re.IGNORECASE)
# The client takes these to the end of their line, with or without a delimiter.
_LINE = re.compile(r"(?:use|source|\\\.)[ \t]+[^\s;]+(?=[ \t]*(?:\r?\n|\Z))", re.IGNORECASE)
_DATA = re.compile(r"(?:/\*M?!\d*\s*)?(?:insert|replace)\b", re.IGNORECASE)
# What stands between two quotes, doubled ones and escaped ones included; the bound keeps the
# matcher's memory small, so the scan goes on in steps.
_QUOTED = {
    "'": re.compile(r"[^'\\]*(?:(?:''|\\.)[^'\\]*){0,1000}", re.DOTALL),
    '"': re.compile(r'[^"\\]*(?:(?:""|\\.)[^"\\]*){0,1000}', re.DOTALL),
    "`": re.compile(r"[^`]*(?:``[^`]*){0,1000}"),
}
_LITERAL = re.compile(
    r"(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))|(?P<word>[\w$]+)|(?P<sign>.)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {
    "0": "\0",
    "b": "\b",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "Z": "\x1a",
    "%": "\\%",
    "_": "\\_",
}


@final
@frozen
class Statement:
    """One statement without its delimiter; `line` is where it starts, from 1."""

    text: str
    line: int
    open: bool = False
    """A quote or a comment in it never ends, so it runs to the end of the text."""


@final
@frozen
class Token:
    """`text` is the value: quotes taken off, escapes resolved; `start` and `end` are its place."""

    kind: Kind
    text: str
    start: int
    end: int


def statements(text: str) -> Iterator[Statement]:
    """The statements of a dump or schema file; INSERT and REPLACE are passed over."""
    delimiter, place, counted, line = ";", 0, 0, 1
    while True:
        start, ended = _significant(text, place)
        if start >= len(text) and ended:
            return
        line += text.count("\n", counted, start)
        counted = start
        if change := _DELIMITER.match(text, start):
            delimiter, place = change[1], change.end()
            continue
        if command := _LINE.match(text, start):
            yield Statement(command[0], line)
            place = command.end()
            continue
        end, ended = _end(text, start, delimiter)
        if end > start and (not ended or not _DATA.match(text, start)):
            yield Statement(text[start:end], line, not ended)
        place = end + len(delimiter)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of one statement, comments and blanks left out."""
    place, conditional = 0, 0
    while place < len(text):
        if (blank := _BLANK.match(text, place)) or (blank := _LINE_COMMENT.match(text, place)):
            place = blank.end()
        elif text.startswith("/*", place):
            start, (place, opened) = place, _comment(text, place)
            conditional += opened
            if place < 0:
                yield Token("open", text[start : start + 2], start, len(text))
                return
        elif conditional and text.startswith("*/", place):
            place, conditional = place + 2, conditional - 1
        else:
            token = _token(text, place)
            yield token
            place = token.end


def unquoted(quoted: str) -> str:
    """The value of a name or text literal: its quotes taken off, escapes resolved as MySQL does."""
    quote, body = quoted[0], quoted[1:-1].replace(quoted[0] * 2, quoted[0])
    if quote == "`" or "\\" not in quoted:
        return body
    parts = re.split(r"(\\.)", quoted[1:-1], flags=re.DOTALL)
    return "".join(
        _ESCAPES.get(part[1], part[1]) if at % 2 else part.replace(quote * 2, quote)
        for at, part in enumerate(parts)
    )


def _token(text: str, place: int) -> Token:
    if text[place] in _QUOTED:
        end = _quote_end(text, place)
        if end < 0:
            return Token("open", text[place], place, len(text))
        kind: Kind = "name" if text[place] == "`" else "text"
        return Token(kind, unquoted(text[place:end]), place, end)
    found = _LITERAL.match(text, place)
    assert found is not None
    kinds: dict[str | None, Kind] = {"number": "number", "word": "word"}
    return Token(kinds.get(found.lastgroup, "sign"), found[0], place, found.end())


def _quote_end(text: str, place: int) -> int:
    """Just behind the quote that closes the one at `place`, or -1."""
    quote, place = text[place], place + 1
    inside = _QUOTED[quote]
    while place < len(text):
        found = inside.match(text, place)
        assert found is not None
        end = found.end()
        if text.startswith(quote, end) and not text.startswith(quote * 2, end):
            return end + 1
        if end == place:
            return -1
        place = end
    return -1


def _comment(text: str, place: int) -> tuple[int, bool]:
    """Behind the comment at `place`, or only behind its opening if its content counts; -1: open."""
    if (conditional := _CONDITIONAL.match(text, place)) and conditional[1] not in _NEVER:
        return conditional.end(), True
    end = text.find("*/", place + 2)
    return (end + 2 if end >= 0 else -1), False


def _significant(text: str, place: int) -> tuple[int, bool]:
    """Where the next statement starts, and whether every comment before it ends."""
    while place < len(text):
        if (blank := _BLANK.match(text, place)) or (blank := _LINE_COMMENT.match(text, place)):
            place = blank.end()
        elif text.startswith("*/", place):
            place += 2
        elif text.startswith("/*", place):
            behind, counts = _comment(text, place)
            if counts:
                return place, True
            if behind < 0:
                return place, False
            place = behind
        else:
            break
    return place, True


def _end(text: str, place: int, delimiter: str) -> tuple[int, bool]:
    """Where the delimiter of the statement at `place` stands, and False if a quote never ends."""
    plain = _plain(delimiter)
    while place < len(text):
        found = plain.match(text, place)
        place = found.end() if found else place
        if place >= len(text) or text.startswith(delimiter, place):
            break
        behind = _behind(text, place)
        if behind < 0:
            return len(text), False
        place = behind
    return min(place, len(text)), True


def _behind(text: str, place: int) -> int:
    """Behind the quote, comment or character at `place`; -1 if it never ends."""
    if text[place] in _QUOTED:
        return _quote_end(text, place)
    if text.startswith("/*", place):
        return _comment(text, place)[0]
    comment = _LINE_COMMENT.match(text, place)
    return comment.end() if comment else place + 1


@lru_cache(maxsize=8)
def _plain(delimiter: str) -> re.Pattern[str]:
    """What a statement's end is not near to: short quotes, and characters that start nothing."""
    held = re.escape(delimiter[0])
    return re.compile(
        rf"(?:[^'\"`#/\-{held}]+|(?!{held})(?:"
        r"'[^'\\]*(?:\\.[^'\\]*){0,50}'|\"[^\"\\]*(?:\\.[^\"\\]*){0,50}\"|`[^`]*`|-(?!-)|/(?!\*)"
        r")){0,1000}",
        re.DOTALL,
    )
