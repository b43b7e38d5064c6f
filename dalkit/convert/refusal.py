"""Why a value cannot cross: raised inside `convert`, answered as a value at its edge."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["Refusal", "refuse", "shown"]

_LONGEST = 80
_NOTHING = object()


class Refusal(Exception):
    """The reason, the value it speaks of if there is one, and the path inside the value."""

    def __init__(self, reason: str, value: object = _NOTHING, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value
        self.path = path

    def within(self, step: str) -> Refusal:
        """The same refusal, seen from one level further out."""
        return Refusal(self.reason, self.value, step + self.path)

    def text(self, *, secret: bool) -> str:
        """The reason with the value, or without it where the field is secret."""
        place = f"{self.path.removeprefix('.')}: " if self.path and not secret else ""
        if secret or self.value is _NOTHING:
            return place + self.reason
        return f"{place}{self.reason}: {shown(self.value)}"


def refuse(reason: str, value: object = _NOTHING) -> NoReturn:
    """Raise the Refusal."""
    raise Refusal(reason, value)


def shown(value: Any) -> str:
    """A value as one short line without raw control characters."""
    if isinstance(value, (str, bytes)) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]!r}… ({len(value):,} in all)"
    if isinstance(value, int) and value.bit_length() > 1_000:
        return f"an integer of {value.bit_length():,} bits"
    try:
        text = repr(value)
    except Exception:  # a foreign __repr__ may raise anything
        return f"a {type(value).__name__}"
    if not text.isprintable():
        text = text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
