"""What each attribute of an item holds: a field, a template over fields, or a constant."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from dalkit.contract import document as doc
from dalkit.kinds import Kind, Members, Text, allowed_types
from dalkit.schema.definition import (
    Carried,
    Constant,
    Content,
    FieldDefinition,
    Part,
    Template,
)
from dalkit.schema.meaning import Meaning, Meant, Pattern
from dalkit.schema.naming import identifier
from dalkit.schema.registry import Registry
from dalkit.schema.report import Report

__all__ = ["Contents", "content_of", "parts_of", "template_of"]

Contents: TypeAlias = dict[str, tuple[str, Content]]
"""For each attribute its type and content, in the order in which they are found."""


def content_of(
    meant: Meant,
    attribute: doc.Attribute,
    pointer: str,
    registry: Registry,
    *,
    key: bool,
    escape: bool,
) -> Content:
    """The content of an attribute, its fields defined; an error where its type cannot hold it."""
    report, name = registry.report, attribute.dalkit.name
    match meant:
        case Constant():
            _check_constant(meant, attribute, pointer, report)
            return Template((meant.value,)) if key and isinstance(meant.value, str) else meant
        case Pattern():
            if attribute.type != "S":
                text = f"a key made by a template is S, not {attribute.type}"
                raise report.stop("DK205", f"{pointer}/type", text)
            secret = attribute.dalkit.secret
            return template_of(
                meant, attribute.name, pointer, registry, name=name, escape=escape, secret=secret
            )
        case Meaning():
            if key:
                field = registry.of_key(
                    meant, attribute.name, pointer, name=name, secret=attribute.dalkit.secret
                )
            else:
                field = registry.carried(
                    meant, name or identifier(attribute.name), attribute.type, pointer,
                    secret=attribute.dalkit.secret,
                )  # fmt: skip
            _check_type(field, attribute, pointer, report)
            return Carried(field.name)


def template_of(
    pattern: Pattern,
    attribute: str,
    pointer: str,
    registry: Registry,
    *,
    escape: bool,
    name: str | None = None,
    secret: bool = False,
) -> Template:
    """The template over fields, each defined where it is new."""
    parts: list[str | Part] = []
    for part in pattern.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        field = registry.of_key(part[0], attribute, pointer, name=name, secret=secret)
        parts.append(Part(field.name, part[1]))
    return Template(tuple(parts), escape=escape)


def parts_of(content: Content) -> tuple[str | Part, ...]:
    """The literals and fields of a content's text."""
    match content:
        case Carried(field):
            return (Part(field),)
        case Template(parts):
            return parts
        case Constant(value):
            return (str(value),)


def _check_constant(
    constant: Constant, attribute: doc.Attribute, pointer: str, report: Report
) -> None:
    value = constant.value
    fits = {
        "S": isinstance(value, str),
        "N": isinstance(value, int | Decimal) and not isinstance(value, bool),
        "BOOL": isinstance(value, bool),
        "NULL": value is None,
    }
    if not fits.get(attribute.type, False):
        text = f"the constant {value!r} is not of type {attribute.type}"
        raise report.stop("DK205", f"{pointer}/type", text)


def _check_type(
    field: FieldDefinition, attribute: doc.Attribute, pointer: str, report: Report
) -> None:
    """Whether the attribute's type can carry the field's kind, and what it narrows."""
    place, type, name = f"{pointer}/type", attribute.type, attribute.name
    allowed = allowed_types(field.kind)
    if type == "NULL" and field.nullable:
        report.add("DK206", place, f'"{name}": rows in which it is not NULL are refused')
    elif type == "NULL":
        report.add("DK205", place, f'"{name}" is never NULL, and type NULL holds nothing else')
    elif type not in allowed:
        text = f'"{name}" of kind {_kind_name(field.kind)} cannot be {type}'
        report.add("DK205", place, text, fix=f"use {' or '.join(allowed)}")
    elif isinstance(field.kind, Text) and type == "N":
        text = f'"{name}" is text: rows whose text is no number are refused'
        report.add("DK206", place, text)
    elif isinstance(field.kind, Members) and type == "SS" and field.nullable:
        report.add("DK206", place, f'"{name}": an empty set is read back as NULL')


def _kind_name(kind: Kind) -> str:
    return type(kind).__name__
