"""How generated code builds a frozen record: by a mutable twin of its class, or `__init__`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from dalkit.convert.code import Writer, member, store

__all__ = ["build", "twin_of"]


def twin_of(record: type[Any]) -> type[Any] | None:
    """A subclass of equal layout whose attributes can be set; None where `__init__` does more."""
    fields = attrs.fields(record)
    plain = all(one.validator is None and one.converter is None for one in fields)
    if not plain or "__slots__" not in vars(record) or hasattr(record, "__attrs_post_init__"):
        return None
    body = {
        "__slots__": (),
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
        "__init__": object.__init__,
    }
    try:
        twin = type(record.__name__, (record,), body)
        probe = twin()
        probe.__class__ = record
    except TypeError:
        return None
    return twin


def build(record: type[Any], names: Sequence[str], values: Sequence[str], w: Writer) -> list[str]:
    """The lines that build a record and return it."""
    twin = twin_of(record)
    made = w.bind(record, "record", ("record", record))
    if twin is None:
        given = ", ".join(f"{name!r}: {value}" for name, value in zip(names, values, strict=True))
        return [f"return {made}(**{{{given}}})"]
    lines = [f"o = {w.bind(twin, 'twin', ('twin', record))}()"]
    lines += [store("o", name, value) for name, value in zip(names, values, strict=True)]
    return [*lines, f"{member('o', '__class__')} = {made}", "return o"]
