"""The formats of transformations, and key templates, as values."""

from __future__ import annotations

import re
from typing import Literal, final

from attrs import frozen

from dalkit.schema.definition import DateFormatted, NumberFormatted

__all__ = ["Placeholder", "date_format", "number_format", "template_parts"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_WIDTH = re.compile(r"0?([1-9]\d{0,2})", re.ASCII)
_TOKENS = re.compile(r"YYYY|MM|DD|HH|mm|SSS|ss")
_NUMBER = re.compile(r"([0#]+|[0#]{1,3}(?:,[0#]{3})+)(?:\.(0+))?", re.ASCII)


@final
@frozen
class Placeholder:
    """`{name}` or `{name:0WIDTH}` in a template."""

    name: str
    width: int = 0


def template_parts(text: str) -> tuple[str | Placeholder, ...] | str:
    """Literal text and placeholders in order, or what is wrong with the template."""
    parts: list[str | Placeholder] = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(text[position : match.start()])
        found = _placeholder(match.group(1))
        if isinstance(found, str):
            return found
        parts.append(found)
        position = match.end()
    parts.append(text[position:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        return "its braces do not match"
    return tuple(part for part in parts if part != "")


def _placeholder(inside: str) -> Placeholder | str:
    name, colon, width = inside.partition(":")
    if not name.strip():
        return "a placeholder has no name"
    if not colon:
        return Placeholder(name.strip())
    match = _WIDTH.fullmatch(width)
    if match is None:
        return f'the width "{width}" is no number such as 010'
    return Placeholder(name.strip(), int(match.group(1)))


def date_format(text: str) -> DateFormatted:
    """The tokens YYYY MM DD HH mm ss SSS and the text between them, or an epoch."""
    if text == "epoch":
        return DateFormatted(epoch="seconds")
    if text == "epoch-millis":
        return DateFormatted(epoch="milliseconds")
    parts: list[tuple[Literal["token", "text"], str]] = []
    position = 0
    for match in _TOKENS.finditer(text):
        if match.start() > position:
            parts.append(("text", text[position : match.start()]))
        parts.append(("token", match.group()))
        position = match.end()
    if position < len(text):
        parts.append(("text", text[position:]))
    return DateFormatted(tuple(parts))


def number_format(text: str) -> NumberFormatted | None:
    """The digits a number format asks for; None when it is no such format."""
    match = _NUMBER.fullmatch(text)
    if match is None or "," in text:
        return None
    whole = match.group(1).replace("#", "")
    return NumberFormatted(len(whole), len(match.group(2) or ""))
