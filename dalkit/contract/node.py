"""A JSON value with its place in the document."""

from __future__ import annotations

from decimal import Decimal
from typing import final

from attrs import frozen

from dalkit.contract.json_text import Json
from dalkit.contract.problems import escape, shortened, shown

__all__ = ["Node", "said", "subject"]


@final
@frozen
class Node:
    """A value and its JSON pointer (RFC 6901)."""

    value: Json
    pointer: str

    def member(self, name: str) -> Node | None:
        """The member of this name, if this is an object that has it."""
        if not isinstance(self.value, dict) or name not in self.value:
            return None
        return Node(self.value[name], f"{self.pointer}/{escape(name)}")

    def members(self) -> tuple[tuple[str, Node], ...]:
        """The members in the document's order; none of what is no object."""
        if not isinstance(self.value, dict):
            return ()
        return tuple(
            (name, Node(value, f"{self.pointer}/{escape(name)}"))
            for name, value in self.value.items()
        )

    def listed(self, name: str) -> tuple[Node, ...]:
        """The elements of the list that this member is; none when it is no list."""
        one = self.member(name)
        return one.elements() if one else ()

    def elements(self) -> tuple[Node, ...]:
        """The elements of a list; none of what is no list."""
        if not isinstance(self.value, list):
            return ()
        return tuple(Node(one, f"{self.pointer}/{i}") for i, one in enumerate(self.value))

    def text(self, name: str) -> str | None:
        """The member's text; None when it is missing, empty or no text."""
        one = self.member(name)
        return one.value if one and isinstance(one.value, str) and one.value.strip() else None


def said(value: Json) -> str:
    """The value as a problem's text names it: short, and on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"the number {shortened(str(value), 40)}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a list" if isinstance(value, list) else "an object"


def subject(pointer: str) -> str:
    """The nearest name on the way to this place, to begin a sentence with."""
    tokens = [token for token in pointer.split("/") if token and not token.isdecimal()]
    if not tokens:
        return "an element of the document" if pointer else "the document"
    name = shown(tokens[-1].replace("~1", "/").replace("~0", "~"))
    return name if pointer.endswith(f"/{tokens[-1]}") else f"an element of {name}"
