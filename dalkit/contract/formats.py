"""The small languages of the format: templates, date formats, number formats, units of time.

Each has one reader here, which answers its parts, or the fault that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias, final, get_args

from attrs import frozen

from dalkit.contract.findings import Fault
from dalkit.contract.problems import nearest, shown

__all__ = [
    "DATE_WORDS",
    "DateToken",
    "Placeholder",
    "UnitName",
    "date_parts",
    "number_format_fault",
    "template_parts",
    "unit",
]

DateTokenName: TypeAlias = Literal["YYYY", "MM", "DD", "HH", "mm", "ss", "SSS"]
UnitName: TypeAlias = Literal[
    "MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"
]

DATE_WORDS = ("ISO8601", "epoch", "epoch-millis")
_TOKENS: tuple[DateTokenName, ...] = get_args(DateTokenName)
_UNITS: tuple[UnitName, ...] = get_args(UnitName)
_BRACES = re.compile(r"\{([^{}]*)\}|([{}])")
_LETTERS = re.compile("[A-Za-z]+")
_WIDTH = re.compile("0([1-9][0-9]?)")
_NUMBER = re.compile(r"0{1,100}(\.0{1,30})?")


@final
@frozen
class Placeholder:
    """A column's or attribute's place in a template, padded with zeros to `width` digits."""

    name: str
    width: int | None = None


@final
@frozen
class DateToken:
    """A part of a date or time in a date format."""

    name: DateTokenName


def template_parts(template: str) -> tuple[str | Placeholder, ...] | Fault:
    """The literal texts and placeholders of a template, in order."""
    parts: list[str | Placeholder] = []
    end = 0
    for match in _BRACES.finditer(template):
        if match.start() > end:
            parts.append(template[end : match.start()])
        end = match.end()
        if match.group(2):
            said = f"{shown(template)} has a {match.group(2)} without its other half"
            return Fault("DK151", f"{said}, at character {match.start() + 1}")
        place = _placeholder(match.group(1), template)
        if isinstance(place, Fault):
            return place
        parts.append(place)
    return (*parts, template[end:]) if end < len(template) else tuple(parts)


def _placeholder(inside: str, template: str) -> Placeholder | Fault:
    name, colon, spec = inside.partition(":")
    if not name.strip() or name != name.strip():
        said = "an empty placeholder" if not name.strip() else "spaces around a placeholder's name"
        return Fault("DK151", f"{shown(template)} has {said}")
    width = _WIDTH.fullmatch(spec)
    if colon and width is None:
        said = f"{shown(template)} has the width {shown(spec)}"
        return Fault("DK151", said, "write a width as 0 and the number of digits, such as {id:010}")
    return Placeholder(name, int(width.group(1)) if width else None)


def date_parts(text: str) -> tuple[str | DateToken, ...] | Fault:
    """The literal texts and tokens of a date format; one of DATE_WORDS is a single literal text."""
    if text in DATE_WORDS:
        return (text,)
    parts: list[str | DateToken] = []
    end = 0
    for match in _LETTERS.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        end = match.end()
        for part in _tokens(match.group()):
            if part is None:
                return _unknown_token(text, match.group())
            parts.append(part)
    if not any(isinstance(part, DateToken) for part in parts):
        return _unknown_token(text, text)
    return (*parts, text[end:]) if end < len(text) else tuple(parts)


def _tokens(letters: str) -> Iterator[str | DateToken | None]:
    """The tokens and the literals T and Z that the letters consist of; None where they do not."""
    start = 0
    while start < len(letters):
        token: DateTokenName | None = next(
            (one for one in _TOKENS if letters.startswith(one, start)), None
        )
        alone = letters[start] in "TZ" and letters[start] != letters[start + 1 : start + 2]
        if token is None and not alone:
            yield None
            return
        yield DateToken(token) if token else letters[start]
        start += len(token) if token else 1


def _unknown_token(text: str, letters: str) -> Fault:
    said = f"{shown(letters)} is no token" if letters != text else "it has no token that is known"
    near = nearest(letters, (*_TOKENS, *DATE_WORDS)) or None
    return Fault("DK152", f"the date format {shown(text)} cannot be read: {said}", near)


def number_format_fault(text: str) -> Fault | None:
    """What is wrong with a number format, if anything."""
    if _NUMBER.fullmatch(text):
        return None
    return Fault("DK153", f"the number format {shown(text)} is not made of zeros and one point")


def unit(text: str) -> UnitName | None:
    """The unit of time that the word names, in singular or plural and in any case."""
    word = text.upper()
    return next((one for one in _UNITS if word in (one, f"{one}S")), None)
