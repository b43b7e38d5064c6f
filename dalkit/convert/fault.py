"""A failed conversion on its way to the edge of `convert`, and the words that name its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from dalkit.convert.layout import Layout
from dalkit.convert.refusal import Refusal, shown
from dalkit.convert.text import text_of
from dalkit.result import Corrupt, Error, InvalidValue

__all__ = ["Fault", "corrupt", "invalid", "key_text", "key_text_of_item"]

_HIDDEN = "(secret)"


class Fault(Exception):
    """The error that the codec answers."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


def invalid(layout: Layout, where: str, refusal: Refusal, key: str, *, secret: bool) -> NoReturn:
    """Raise the InvalidValue."""
    name = layout.definition.name
    raise Fault(InvalidValue(name, where, refusal.text(secret=secret), key)) from None


def corrupt(layout: Layout, where: str, refusal: Refusal, key: str, *, secret: bool) -> NoReturn:
    """Raise the Corrupt."""
    name = layout.definition.name
    raise Fault(Corrupt(name, where, refusal.text(secret=secret), key)) from None


def key_text(layout: Layout, values: Mapping[str, Any]) -> str:
    """The key's fields as `name=value`, whatever the values are; secrets hidden."""
    return ", ".join(_named(layout, name, values.get(name)) for name in layout.definition.key)


def key_text_of_item(layout: Layout, item: Any) -> str:
    """The table's key attributes as `name=value`, whatever the item is; secrets hidden."""
    if not isinstance(item, dict):
        return ""
    written: list[str] = []
    for name in layout.table_keys:
        held = item.get(name)
        secret = layout.secret(layout.definition.by_attribute[name])
        if isinstance(held, dict) and len(held) == 1:
            (held,) = held.values()
        written.append(f"{name}={_HIDDEN if secret else _bare(held)}")
    return ", ".join(written)


def _named(layout: Layout, name: str, value: Any) -> str:
    if layout.definition.by_field[name].secret:
        return f"{name}={_HIDDEN}"
    try:
        return f"{name}={_bare(text_of(layout.kinds[name], value))}"
    except Exception:  # the value is what is being refused: it may be anything
        return f"{name}={_bare(value)}"


def _bare(value: Any) -> str:
    if isinstance(value, str) and len(value) <= 80 and value.isprintable():
        return value
    return shown(value)
