"""Key attributes: the templates of an entity against its attributes, and composites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from attrs import frozen

from dalkit.contract.problems import shown
from dalkit.schema.attributes import named_by, template_pattern
from dalkit.schema.contents import Contents, parts_of, template_of
from dalkit.schema.context import Context
from dalkit.schema.definition import Constant, Part, TableDefinition, Template
from dalkit.schema.meaning import Meaning, Meant, Pattern, pieces, text_fault
from dalkit.schema.registry import Registry
from dalkit.schema.report import Unresolved

__all__ = ["KeyTemplate", "add_composites", "add_templates", "key_names", "table_keys"]


@final
@frozen
class KeyTemplate:
    """A key attribute of the table, the template that an entity gives for it, and its place."""

    name: str
    text: str | None
    pointer: str


def table_keys(table: TableDefinition) -> tuple[str, ...]:
    """The names of the table's own key attributes."""
    return tuple(key.name for key in table.keys)


def key_names(table: TableDefinition) -> tuple[str, ...]:
    """The names of all key attributes, of the table first, each once."""
    names = list(table_keys(table))
    for index in table.indexes:
        names += [key.name for key in index.keys]
    return tuple(dict.fromkeys(names))


def add_templates(
    templates: tuple[KeyTemplate, ...],
    meant: dict[str, Meant],
    contents: Contents,
    context: Context,
    registry: Registry,
    *,
    escape: bool,
) -> None:
    """Each template defines its key, or must agree with the attribute that does."""
    for one in templates:
        if one.text is None:
            continue
        given = meant.get(one.name)
        try:
            known = {} if given is None else dict(_names(given))
            made = template_pattern(one.text, context, one.pointer, known=known)
            if given is not None:
                _compare(given, made, one, context)
            elif one.name not in context.attributes:
                content = template_of(made, one.name, one.pointer, registry, escape=escape)
                contents[one.name] = ("S", content)
        except Unresolved:
            continue


def _names(given: Meant) -> Iterator[tuple[str, Meaning]]:
    """What placeholders can call the values that a key attribute is made of."""
    found = [given] if isinstance(given, Meaning) else []
    if isinstance(given, Pattern):
        found += [part[0] for part in given.parts if not isinstance(part, str)]
    for meaning in reversed(found):
        for name in reversed(list(named_by(meaning))):
            yield name.lower(), meaning


def _compare(given: Meant, made: Pattern, one: KeyTemplate, context: Context) -> None:
    if pieces(given) == pieces(made):
        return
    text = (
        f'the template gives "{_shown(made)}", the attribute {one.name} "{_shown(given)}": '
        "the attribute is taken"
    )
    context.report.add("DK220", one.pointer, text)


def _shown(meant: Meant) -> str:
    match meant:
        case Constant(value):
            return str(value)
        case Meaning():
            return _slot(meant, 0)
        case Pattern(parts):
            return "".join(part if isinstance(part, str) else _slot(*part) for part in parts)


def _slot(meaning: Meaning, width: int) -> str:
    names = [*named_by(meaning), *(cell.hint for cell in meaning.cells)]
    qualified = next((name for name in names if "." in name), names[0])
    return "{" + qualified + (f":0{width}" if width else "") + "}"


def add_composites(
    contents: Contents,
    context: Context,
    table: TableDefinition,
    registry: Registry,
    pointer: str,
    *,
    escape: bool,
) -> None:
    """`a#b` that no attribute bears: the named attributes joined (`contract-format` 6)."""
    kinds = {one.name: one.kind for one in registry.definitions()}
    for name in key_names(table):
        parts = name.split("#")
        if name in context.attributes or name in contents or len(parts) < 2:
            continue
        if all(part in contents for part in parts):
            joined = _composite(parts, contents)
            for one in joined:
                fault = text_fault(kinds[one.field], 0) if isinstance(one, Part) else ""
                if fault:
                    context.report.add("DK204", pointer, f"the key {shown(name)} {fault}")
            contents[name] = ("S", Template(joined, escape=escape))


def _composite(parts: list[str], contents: Contents) -> tuple[str | Part, ...]:
    joined: list[str | Part] = []
    for position, part in enumerate(parts):
        joined += ["#"] if position else []
        joined += parts_of(contents[part][1])
    return tuple(joined)
