"""Values as Python expressions, laid out as a formatter would leave them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, final
from unicodedata import category, east_asian_width

from attrs import NOTHING, Factory, fields, frozen, has

__all__ = [
    "WIDTH",
    "Expression",
    "Invoked",
    "expression_of",
    "layout",
    "quoted",
    "text_of",
    "width",
]

WIDTH = 88


@final
@frozen
class Invoked:
    """`name(argument, keyword=argument)`, with an empty name a tuple, or `name[argument]`."""

    name: str
    arguments: tuple[tuple[str, Expression], ...]
    """(keyword or nothing, value)."""
    brackets: str = "()"


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
    flat = text_of(expression)
    fits = indent + width(f"{prefix}{flat}{suffix}") <= WIDTH
    if isinstance(expression, str) or fits or not expression.arguments:
        return f"{prefix}{flat}{suffix}"
    if expression.brackets == "[]" and len(expression.arguments) == 1:
        return f"{prefix}{flat}{suffix}"
    lines = [f"{prefix}{expression.name}{expression.brackets[0]}"]
    inner = " " * (indent + 4)
    for keyword, value in expression.arguments:
        start = f"{keyword}=" if keyword else ""
        lines.append(inner + layout(value, indent + 4, start, ","))
    lines.append(f"{' ' * indent}{expression.brackets[1]}{suffix}")
    return "\n".join(lines)


def text_of(expression: Expression) -> str:
    """The expression on one line."""
    if isinstance(expression, str):
        return expression
    parts = [f"{k}={text_of(v)}" if k else text_of(v) for k, v in expression.arguments]
    comma = "," if not expression.name and len(parts) == 1 else ""
    inside = f"{', '.join(parts)}{comma}"
    return f"{expression.name}{expression.brackets[0]}{inside}{expression.brackets[1]}"


def width(text: str) -> int:
    """How many columns the text takes, as formatters count them."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
