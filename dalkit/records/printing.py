"""Values as Python expressions, laid out as a formatter would leave them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias, final

from attrs import NOTHING, Factory, fields, frozen, has

__all__ = ["Expression", "Invoked", "expression_of", "layout", "quoted"]

WIDTH = 88


@final
@frozen
class Invoked:
    """`name(argument, keyword=argument)`; with an empty name, a tuple."""

    name: str
    arguments: tuple[tuple[str, Expression], ...]
    """(keyword or nothing, value)."""


Expression: TypeAlias = str | Invoked


def quoted(text: str) -> str:
    """The text as a literal, in the quotes that need fewer escapes, double ones by preference."""
    literal = repr(text)
    if literal.startswith('"'):
        return literal
    inner = literal[1:-1].replace("\\'", "'")
    if text.count('"') > text.count("'"):
        return literal
    return '"' + inner.replace('"', '\\"') + '"'


def expression_of(
    value: Any, module: Callable[[type], str], named: Callable[[Any], str | None]
) -> Expression:
    """A frozen value as a call of its class, defaults left out.

    `module` gives the prefix of a class; `named` gives the name of a value that has one.
    """
    name = named(value)
    if name is not None:
        return name
    if has(type(value)):
        return _invoked(value, module, named)
    if isinstance(value, tuple):
        parts = tuple(("", expression_of(one, module, named)) for one in value)
        return Invoked("", parts) if parts else "()"
    if isinstance(value, Decimal):
        return f"Decimal({quoted(str(value))})"
    return quoted(value) if isinstance(value, str) else repr(value)


def _invoked(
    value: Any, module: Callable[[type], str], named: Callable[[Any], str | None]
) -> Expression:
    cls = type(value)
    arguments: list[tuple[str, Expression]] = []
    skipped = False
    for one in fields(cls):
        if not one.init:
            continue
        held = getattr(value, one.name)
        if _is_default(one.default, held):
            skipped = True
            continue
        keyword = one.name if one.kw_only or skipped else ""
        arguments.append((keyword, expression_of(held, module, named)))
    return Invoked(f"{module(cls)}{cls.__name__}", tuple(arguments))


def _is_default(default: Any, held: Any) -> bool:
    if default is NOTHING:
        return False
    if isinstance(default, Factory):  # type: ignore[arg-type]  # attrs types it as a function
        return bool(default.factory() == held)
    return type(default) is type(held) and bool(default == held)


def layout(expression: Expression, indent: int, prefix: str, suffix: str = "") -> str:
    """The expression after `prefix` at a depth of `indent` spaces, broken where it is too long."""
    flat = _flat(expression)
    if isinstance(expression, str) or _fits(flat, indent + len(prefix) + len(suffix)):
        return f"{prefix}{flat}{suffix}"
    lines = [f"{prefix}{expression.name}("]
    inner = " " * (indent + 4)
    for keyword, value in expression.arguments:
        start = f"{keyword}=" if keyword else ""
        lines.append(inner + layout(value, indent + 4, start, ","))
    lines.append(" " * indent + f"){suffix}")
    return "\n".join(lines)


def _fits(flat: str, around: int) -> bool:
    return around + len(flat) <= WIDTH


def _flat(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    parts = [f"{k}={_flat(v)}" if k else _flat(v) for k, v in expression.arguments]
    comma = "," if not expression.name and len(parts) == 1 else ""
    return f"{expression.name}({', '.join(parts)}{comma})"
