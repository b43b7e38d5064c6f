"""Generated code that makes records of items: of wire dicts, or of what msgspec read from JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from dalkit.convert.careful import may_be_none
from dalkit.convert.careful_items import unknown
from dalkit.convert.fast_keys import agree, template_home
from dalkit.convert.fast_reading import (
    Maker,
    is_home,
    is_missing,
    is_optional,
    read_attribute,
    value_lines,
)
from dalkit.convert.fast_scalars import (
    Origin,
)
from dalkit.convert.layout import EXTRA, Layout
from dalkit.convert.twin import build
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    FieldDefinition,
    Template,
)

__all__ = [
    "item_decoder",
]


def item_decoder(layout: Layout, origin: Origin) -> tuple[Callable[[Any], Any], str]:
    """The function from an item to a record, and its source text.

    The function raises, anything at all, where the careful path must answer.
    """
    m = Maker(layout, origin)
    if layout.homeless:
        m.lines.append("raise Doubt")
        return _made(m)
    _open(m)
    for at, attribute in enumerate(layout.definition.attributes):
        if is_home(layout, attribute):
            _home(m, at, attribute)
    for at, attribute in enumerate(layout.definition.attributes):
        if not is_home(layout, attribute) or isinstance(attribute.content, Template):
            agree(m, at, attribute)
    _close(m)
    return _made(m)


def _made(m: Maker) -> tuple[Callable[[Any], Any], str]:
    m.w.line(0, "def decode(i):")
    for line in m.lines:
        m.w.line(1, line)
    return m.w.function("decode"), m.w.source()


def _open(m: Maker) -> None:
    if m.origin != "dict":
        m.w.bind(UNSET, "UNSET")
        return
    m.lines += ["if i.__class__ is not dict: raise Doubt", "get = i.get"]
    sure = sum(not is_optional(m, one) for one in m.layout.definition.attributes)
    m.lines.append(f"count = {sure}")


def _home(m: Maker, at: int, attribute: AttributeDefinition) -> None:
    held = read_attribute(m, at, attribute)
    content = attribute.content
    if isinstance(content, Template):
        template_home(m, at, attribute, content)
        return
    if not isinstance(content, Carried):
        raise ValueError(f"attribute {attribute.name!r} is no field's home")
    one = m.layout.definition.by_field[content.field]
    value = f"v{m.layout.definition.fields.index(one)}"
    m.values[one.name] = value
    inner: list[str] = []
    value_lines(m, attribute, one, held, value, inner)
    if not is_optional(m, attribute):
        m.lines += inner
        return
    m.lines.append(f"if {is_missing(m, held)}: {value} = {_absent(m, attribute, one)}")
    m.lines.append("else:")
    if m.origin == "dict":
        inner.insert(0, "count += 1")
    m.lines += [f"    {line}" for line in inner]


def _absent(m: Maker, attribute: AttributeDefinition, one: FieldDefinition) -> str:
    if may_be_none(one):
        return "None"
    # a set that is absent is empty; anything else must be there
    return m.w.bind(frozenset(), "empty") if attribute.type == "SS" else "i[None]"


def _close(m: Maker) -> None:
    if m.origin == "dict":
        same = " + ".join(f"len({one})" for one in m.lengths) or "0"
        m.lines.append(f"if {same} != {len(m.lengths)}: raise Doubt")
        layout = m.layout

        def rest(item: Any, count: int) -> Any:
            found = unknown(layout, item)
            if len(found) + count != len(item):
                raise ValueError("an attribute that is no attribute value")
            return found

        none = m.w.bind(layout.no_extra, "no_extra")
        call = m.w.bind(rest, "rest")
        m.lines.append(f"extra = {none} if len(i) == count else {call}(i, count)")
    else:
        m.lines.append(f"extra = {m.w.bind(m.layout.no_extra, 'no_extra')}")
    names = [one.name for one in m.layout.definition.fields]
    values = [m.values[name] for name in names]
    m.lines += build(m.layout.record, [*names, EXTRA], [*values, "extra"], m.w)
