"""Generated code for what attributes say twice: templates taken apart, copies and keys compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dalkit import kinds
from dalkit.convert.careful import may_be_none
from dalkit.convert.code import interpolated
from dalkit.convert.fast_reading import (
    Maker,
    count_tags,
    hold,
    is_home,
    is_missing,
    is_optional,
    read_attribute,
    value_lines,
)
from dalkit.convert.fast_scalars import (
    doubt,
    part_value,
)
from dalkit.convert.json_items import client_form
from dalkit.convert.size import checked_attribute
from dalkit.convert.templates import Cut, parse
from dalkit.convert.text import text_of
from dalkit.convert.transformations import padded
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    Part,
    Template,
)

__all__ = [
    "agree",
    "template_home",
]


def template_home(m: Maker, at: int, attribute: AttributeDefinition, template: Template) -> None:
    """Write the lines that take fields out of the text of a template."""
    layout = m.layout
    wanted = [name for name, home in layout.homes.items() if home == attribute.name]
    variables = {}
    for name in wanted:
        variables[name] = f"v{layout.definition.fields.index(layout.definition.by_field[name])}"
        m.values[name] = variables[name]
    inner = [hold(m, f"w{at}", f"t{at}", "S"), f"rest = t{at}"]
    count_tags(m, inner, f"w{at}", optional=is_optional(m, attribute))
    if template.escape or not _simple(template, layout.kinds):
        _careful_parts(m, at, attribute, template, variables, inner)
    else:
        for cut in layout.cuts[attribute.name]:
            _cut(m, cut, variables, inner)
    if not is_optional(m, attribute):
        m.lines += inner
        return
    m.lines.append(f"if {is_missing(m, f'w{at}')}:")
    for name in wanted:
        one = layout.definition.by_field[name]
        m.lines.append(f"    {variables[name]} = {'None' if may_be_none(one) else 'i[None]'}")
    m.lines.append("else:")
    if m.origin == "dict":
        inner.insert(0, "count += 1")
    m.lines += [f"    {line}" for line in inner]


def _simple(template: Template, kinds_of: Mapping[str, kinds.Kind]) -> bool:
    return all(
        isinstance(part, str) or not part.width or isinstance(kinds_of[part.field], kinds.Integer)
        for part in template.parts
    )


def _careful_parts(
    m: Maker,
    at: int,
    attribute: AttributeDefinition,
    template: Template,
    variables: Mapping[str, str],
    lines: list[str],
) -> None:
    layout = m.layout

    def careful(text: str) -> Any:
        found = parse(template, layout.cuts[attribute.name], layout.kinds, text)
        return tuple(found[name] for name in variables)

    call = m.w.bind(careful, "parts", ("parts", attribute.name))
    lines.append(f"({''.join(f'{one}, ' for one in variables.values())}) = {call}(t{at})")


def _cut(m: Maker, cut: Cut, variables: Mapping[str, str], lines: list[str]) -> None:
    if isinstance(cut.part, str):
        # the literal itself is checked when the whole text is made again
        lines.append(f"rest = rest[:-{cut.width}]" if cut.end else f"rest = rest[{cut.width}:]")
        return
    if cut.width is not None:
        place = f"-{cut.width}" if cut.end else str(cut.width)
    elif cut.until is None:
        place = "0" if cut.end else "len(rest)"
    else:
        place = f"rest.rindex({cut.until!r}) + 1" if cut.end else f"rest.index({cut.until!r})"
    lines.append(f"at = {place}")
    name = cut.part.field
    if name in variables:
        lines.append(f"p = {'rest[at:]' if cut.end else 'rest[:at]'}")
        value = part_value(m.layout.kinds[name], cut.part.width, "p", m.w)
        lines.append(f"{variables[name]} = {value}")
    lines.append(f"rest = {'rest[:at]' if cut.end else 'rest[at:]'}")


def agree(m: Maker, at: int, attribute: AttributeDefinition) -> None:
    """Lines that doubt where an attribute says other than the fields."""
    home = is_home(m.layout, attribute)
    if not home:
        read_attribute(m, at, attribute)
    inner: list[str] = []
    content = attribute.content
    if isinstance(content, Carried):
        _agree_carried(m, at, attribute, content.field, inner)
    elif isinstance(content, Constant):
        _agree_constant(m, at, attribute, inner)
    else:
        _agree_template(m, at, attribute, content, inner)
    if home and is_optional(m, attribute):
        m.lines.append(f"if not ({is_missing(m, f'w{at}')}):")
    elif is_optional(m, attribute):
        m.lines.append(f"if not ({is_missing(m, f'w{at}')}):")
        if m.origin == "dict":
            inner.insert(0, "count += 1")
    else:
        m.lines += inner
        return
    m.lines += [f"    {line}" for line in inner]


def _agree_carried(
    m: Maker, at: int, attribute: AttributeDefinition, name: str, lines: list[str]
) -> None:
    one = m.layout.definition.by_field[name]
    value_lines(m, attribute, one, f"w{at}", f"same{at}", lines)
    if m.texts.get(name) == f"t{at}":
        del m.texts[name]
    lines.append(f"if same{at} != {m.values[name]}: raise Doubt")


def _agree_constant(m: Maker, at: int, attribute: AttributeDefinition, lines: list[str]) -> None:
    wire = m.layout.constants[attribute.name]
    ((tag, text),) = wire.items()
    if tag == "S" and m.origin != "dict":
        lines.append(f"if w{at}.S != {text!r}: raise Doubt")
    elif tag == "S":
        lines.append(f"if w{at} != {wire!r}: raise Doubt")
    else:
        read = m.origin == "json"

        def differs(held: Any) -> bool:
            return checked_attribute(client_form(held) if read else held) != wire

        lines.append(f"if {m.w.bind(differs, 'differs')}(w{at}): raise Doubt")


def _agree_template(
    m: Maker, at: int, attribute: AttributeDefinition, template: Template, lines: list[str]
) -> None:
    if attribute.type != "S":
        lines.append("raise Doubt")
        return
    if not is_home(m.layout, attribute):
        lines.append(hold(m, f"w{at}", f"t{at}", "S"))
        count_tags(m, lines, f"w{at}", optional=is_optional(m, attribute))
    written: list[str | tuple[str]] = []
    for number, part in enumerate(template.parts):
        if isinstance(part, str):
            written.append(part)
            continue
        text = _part_text(m, part, template)
        if text.isidentifier():
            written.append((text,))
            continue
        lines.append(f"p{at}_{number} = {text}")
        written.append((f"p{at}_{number}",))
    lines.append(f"if t{at} != {interpolated(*written)}: raise Doubt")


def _part_text(m: Maker, part: Part, template: Template) -> str:
    kind = m.layout.kinds[part.field]
    value = m.values[part.field]
    nullable = may_be_none(m.layout.definition.by_field[part.field])
    guard = f" if {value} is not None else {doubt(m.w)}()" if nullable else ""
    if isinstance(kind, kinds.Integer):
        return f"str({value}).zfill({part.width}){guard}" if part.width else f"{value}{guard}"
    if isinstance(kind, (kinds.Text, kinds.Enum)) and not template.escape:
        return f"{value}{guard}"
    if part.field in m.texts and not part.width and not template.escape:
        return m.texts[part.field]

    def careful(held: Any) -> str:
        if held is None:
            raise ValueError("NULL")
        text = padded(kind, text_of(kind, held), part.width)
        return text.replace("%", "%25").replace("#", "%23") if template.escape else text

    return f"{m.w.bind(careful, 'part', ('part', part, template.escape))}({value})"
