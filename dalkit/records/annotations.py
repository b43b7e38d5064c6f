"""The Python type of every kind, as text, with the imports that it needs."""

from __future__ import annotations

from typing import assert_never, final

from attrs import Factory, frozen

from dalkit import kinds
from dalkit.kinds import Kind
from dalkit.records.names import Names
from dalkit.records.printing import Expression, Invoked, layout, quoted, text_of
from dalkit.schema.naming import camel, snake

__all__ = ["Aliases", "annotation", "literal_alias"]


@final
@frozen
class Aliases:
    """The Literal aliases of ENUM and SET columns: name -> values."""

    names: Names
    found: dict[str, tuple[str, ...]] = Factory(dict)

    def of(self, owner: str, field: str, values: tuple[str, ...]) -> str:
        """The alias for the values of a field, shared when the same name has the same values."""
        stem = snake(field).removeprefix(f"{snake(owner)}_")
        name = base = f"{owner}{camel(stem)}"
        number = 2
        while self.names.knows(name) or self.found.get(name, values) != values:
            name, number = f"{base}{number}", number + 1
        self.found[name] = values
        return name


def annotation(kind: Kind, nullable: bool, owner: str, field: str, aliases: Aliases) -> Expression:
    """The type of a field, `| None` when it may be None."""
    plain = _plain(kind, owner, field, aliases)
    return f"{text_of(plain)} | None" if nullable else plain


def _plain(kind: Kind, owner: str, field: str, aliases: Aliases) -> Expression:
    use = aliases.names.use
    match kind:
        case kinds.Integer() | kinds.Bits() | kinds.Year():
            return use("int")
        case kinds.Fixed():
            return use("Decimal")
        case kinds.Float():
            return use("float")
        case kinds.Boolean():
            return use("bool")
        case kinds.Text():
            return use("str")
        case kinds.Bytes():
            return use("bytes")
        case kinds.Date():
            return use("date")
        case kinds.DateTime():
            return use("datetime")
        case kinds.Time():
            return use("timedelta")
        case kinds.Json():
            return use("JsonValue")
        case kinds.Enum(values):
            return aliases.of(owner, field, values) if values else use("str")
        case kinds.Members(values):
            inner = aliases.of(owner, field, values) if values else use("str")
            return _of(use("frozenset"), [inner])
        case kinds.Nested(record, _, array):
            return _of(use("tuple"), [record, "..."]) if array else record
        case kinds.Listed(items):
            types = [annotation(m.kind, m.nullable, owner, m.field, aliases) for m in items]
            return _of(use("tuple"), types)
        case kinds.Opaque(text):
            raise ValueError(f"{field} is of type {text}, which no record carries")
        case _:
            assert_never(kind)


def _of(name: str, inner: list[Expression]) -> Invoked:
    return Invoked(name, tuple(("", one) for one in inner), "[]")


def literal_alias(name: str, values: tuple[str, ...], names: Names) -> str:
    """`OrderStatus: TypeAlias = Literal["pending", …]`, broken where it is too long."""
    literal = _of(names.use("Literal"), [quoted(value) for value in values])
    return layout(literal, 0, f"{name}: {names.use('TypeAlias')} = ")
