"""The Python type of every kind, as text, with the imports that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never, final

from attrs import Factory, frozen

from dalkit import kinds
from dalkit.kinds import Kind
from dalkit.records.printing import quoted
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.naming import camel, snake

__all__ = ["Aliases", "Names", "annotation"]

_HOMES = {
    "Decimal": "decimal",
    "Literal": "typing",
    "TypeAlias": "typing",
    "date": "datetime",
    "datetime": "datetime",
    "timedelta": "datetime",
    "JsonValue": "dalkit.kinds",
}


@final
@frozen
class Names:
    """Names of types as a module may use them: aliased where a field bears the same name."""

    taken: frozenset[str]
    used: set[str] = Factory(set)

    def use(self, name: str) -> str:
        self.used.add(name)
        return f"{name}_" if name in self.taken else name

    def imports(self) -> list[tuple[str, str]]:
        """(module, imported name) pairs, sorted; builtins only where they need an alias."""
        pairs = []
        for name in sorted(self.used):
            home = _HOMES.get(name, "builtins")
            if name in self.taken:
                pairs.append((home, f"{name} as {name}_"))
            elif home != "builtins":
                pairs.append((home, name))
        return sorted(pairs)


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
        while self.found.get(name, values) != values:
            name, number = f"{base}{number}", number + 1
        self.found[name] = values
        return name


def annotation(kind: Kind, nullable: bool, owner: str, field: str, aliases: Aliases) -> str:
    """The type of a field, `| None` when it may be None."""
    text = _plain(kind, owner, field, aliases)
    return f"{text} | None" if nullable else text


def _plain(kind: Kind, owner: str, field: str, aliases: Aliases) -> str:
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
            return aliases.of(owner, field, values)
        case kinds.Members(values):
            return f"{use('frozenset')}[{aliases.of(owner, field, values)}]"
        case kinds.Nested(record, _, array):
            return f"{use('tuple')}[{record}, ...]" if array else record
        case kinds.Listed(items):
            inner = (annotation(m.kind, m.nullable, owner, m.field, aliases) for m in items)
            return f"{use('tuple')}[{', '.join(inner)}]"
        case kinds.Opaque(text):
            raise ValueError(f"{field} is of type {text}, which no record carries")
        case _:
            assert_never(kind)


def literal_alias(name: str, values: Iterable[str], names: Names) -> str:
    """`OrderStatus: TypeAlias = Literal["pending", …]`, broken where it is too long."""
    inner = [quoted(value) for value in values]
    head = f"{name}: {names.use('TypeAlias')} = {names.use('Literal')}["
    flat = f"{head}{', '.join(inner)}]"
    if len(flat) <= 88:
        return flat
    return "\n".join([head, *(f"    {value}," for value in inner), "]"])


def field_names(entities: Iterable[EntityDefinition]) -> frozenset[str]:
    """Every name that a class body of the module binds."""
    names: set[str] = set()
    for entity in entities:
        for one in entity.fields:
            names.add(one.name)
            members = getattr(one.kind, "members", ()) or getattr(one.kind, "items", ())
            names |= {member.field for member in members}
    return frozenset(names)
