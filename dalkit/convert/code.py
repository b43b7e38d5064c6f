"""Source text in the making: lines, and the objects that it names."""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

__all__ = ["Doubt", "Writer", "interpolated", "member", "store"]


class Doubt(Exception):
    """What generated code raises where the careful path must answer."""


class Writer:
    """Collects lines and bound objects; the same steps give the same source."""

    def __init__(self) -> None:
        self.before: list[str] = []
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"Doubt": Doubt}
        self._known: dict[Any, str] = {}

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def function_before(self, head: str, body: list[str]) -> None:
        """A function that stands above the others."""
        self.before += [head, *(f"    {one}" for one in body)]

    def bind(self, held: Any, what: str, key: Any = None) -> str:
        """A name for an object; with a `key`, the same key gets the same name."""
        if key is not None and key in self._known:
            return self._known[key]
        name = f"{what}_{len(self.names)}"
        self.names[name] = held
        if key is not None:
            self._known[key] = name
        return name

    def source(self) -> str:
        return "\n".join([*self.before, *self.lines]) + "\n"

    def function(self, name: str) -> Callable[..., Any]:
        """The function of this name, compiled."""
        scope = dict(self.names)
        exec(compile(self.source(), f"<dalkit {name}>", "exec"), scope)  # noqa: S102 - our own text
        found: Callable[..., Any] = scope[name]
        return found


def interpolated(*parts: str | tuple[str]) -> str:
    """An f-string literal: text stands as it is, a 1-tuple is an expression without quotes."""
    written = (
        "".join(map(_escaped, one)) if isinstance(one, str) else f"{{{one[0]}}}" for one in parts
    )
    return f"f'{''.join(written)}'"


def member(held: str, name: str) -> str:
    """The expression that reads an attribute of an object."""
    return f"{held}.{name}" if _plain(name) else f"getattr({held}, {name!r})"


def store(held: str, name: str, value: str) -> str:
    """The statement that sets an attribute of an object."""
    return f"{held}.{name} = {value}" if _plain(name) else f"setattr({held}, {name!r}, {value})"


def _plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def _escaped(character: str) -> str:
    if character in "{}":
        return character * 2
    if character.isascii() and character.isprintable() and character not in "'\\":
        return character
    return f"\\U{ord(character):08x}"
