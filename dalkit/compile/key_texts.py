"""Key attributes as pieces of text: rendered from known fields, and where their order holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.bounds import in_order
from dalkit.compile.paths import Wire
from dalkit.convert.attributes import attribute_of
from dalkit.convert.domain import checked
from dalkit.convert.numbers import normal_number
from dalkit.convert.refusal import refuse as refuse_value
from dalkit.convert.templates import cuts_of, render, shape_of
from dalkit.schema.definition import (
    AttributeDefinition,
    Carried,
    Constant,
    EntityDefinition,
    Part,
    Template,
)

__all__ = ["SORT_LIMIT", "KeyText", "key_text"]

PARTITION_LIMIT: Final = 2_048
SORT_LIMIT: Final = 1_024

_HIGHEST = "\U0010ffff"


@final
@frozen(kw_only=True)
class KeyText:
    """A key attribute of an entity's items."""

    name: str
    type: str
    parts: tuple[str | Part, ...]
    escape: bool
    unique: bool
    """Whether no two values of its fields give the same text."""
    kinds: Mapping[str, kinds.Kind]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.field for one in self.parts if isinstance(one, Part)))

    @property
    def prefix(self) -> str:
        """The literal text that every value begins with."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""

    def wire(self, text: Any) -> Wire:
        return {self.type: text}

    def value(self, values: Mapping[str, Any]) -> Wire:
        """The attribute; a value that no item can hold raises convert's Refusal."""
        held = {one: self.checked(one, values[one]) for one in self.fields}
        if self.type != "S":
            if not self.fields:
                return {self.type: self.prefix}
            if self.is_plain:
                return attribute_of(self.kinds[self.fields[0]], self.type, held[self.fields[0]])
            return {"N": normal_number(self.text(self.parts, held))}
        text = self.text(self.parts, held)
        if not text:
            refuse_value("an empty key")
        return {"S": text}

    @property
    def is_plain(self) -> bool:
        """Whether it is a field's value and nothing else."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Part) and not self.parts[0].width

    def checked(self, field: str, value: Any) -> Any:
        """The value in canonical form; one that no record can have raises convert's Refusal."""
        kind = self.kinds[field]
        held = checked(kind, value)
        if self.type == "N" and isinstance(kind, kinds.Text) and normal_number(held) != held:
            refuse_value("not how DynamoDB writes a number", held)
        return held

    def text(self, parts: tuple[str | Part, ...], values: Mapping[str, Any]) -> str:
        """The text of some of the parts."""
        return render(Template(parts, self.escape), self.kinds, values) or ""

    def fixed(self, part: Part) -> bool:
        """Whether every text of the part has the same number of characters."""
        shape = shape_of(self.kinds[part.field], part.width, escape=self.escape)
        return shape.width is not None

    def ends(self, at: int) -> bool:
        """Whether the text of the part at `at` tells by itself where it ends."""
        part = self.parts[at]
        if isinstance(part, str) or at == len(self.parts) - 1 or self.fixed(part):
            return True
        after = self.parts[at + 1]
        shape = shape_of(self.kinds[part.field], part.width, escape=self.escape)
        return isinstance(after, str) and not shape.may_hold(after[0])

    def ordered(self, at: int) -> bool:
        """Whether keys that are equal before the part at `at` stand in the order of its values.

        Of padded numbers that may be negative this holds from 0 on.
        """
        part = self.parts[at]
        if isinstance(part, str):
            return False
        kind, last = self.kinds[part.field], at == len(self.parts) - 1
        if self.type != "S":
            return self.is_plain and in_order(kind, self.type)
        if isinstance(kind, (kinds.Integer, kinds.Bits, kinds.Year, kinds.Boolean)):
            return _padded(kind, part.width)
        if isinstance(kind, (kinds.Date, kinds.DateTime)):
            return True
        if not isinstance(kind, (kinds.Text, kinds.Enum)) or self.escape:
            return False
        return last or self._above(part, at)

    def signed(self, part: Part) -> bool:
        """Whether negative numbers stand in the wrong order, before all others."""
        kind = self.kinds[part.field]
        return self.type == "S" and isinstance(kind, kinds.Integer) and kind.low < 0

    def above(self, prefix: str, at: int) -> str:
        """A text that no key with this prefix, and the parts from `at` on after it, exceeds."""
        rest = [one for one in self.parts[at:] if isinstance(one, Part)]
        shapes = [shape_of(self.kinds[one.field], one.width, escape=self.escape) for one in rest]
        literals = "".join(one for one in self.parts[at:] if isinstance(one, str))
        letters = [frozenset(literals), *(one.alphabet for one in shapes)]
        if all(one is not None and max(one, default="") < "~" for one in letters):
            return f"{prefix}~"
        return prefix + _HIGHEST * ((SORT_LIMIT - len(prefix.encode())) // 4)

    def literal_after(self, at: int) -> str:
        """The literal that follows the part at `at`, or nothing."""
        after = self.parts[at + 1] if at + 1 < len(self.parts) else ""
        return after if isinstance(after, str) else ""

    def _above(self, part: Part, at: int) -> bool:
        shape = shape_of(self.kinds[part.field], part.width, escape=self.escape)
        if shape.width is not None:
            return True
        after = self.literal_after(at)
        return bool(after) and bool(shape.alphabet) and min(shape.alphabet or "") > after[0]


def key_text(definition: EntityDefinition, name: str) -> KeyText | None:
    """A key attribute by name, if the entity's items have it."""
    return _key_text(_Itself(definition), name)


@final
class _Itself:
    """A definition that is equal only to itself, as its parts are too many to compare."""

    def __init__(self, definition: EntityDefinition) -> None:
        self.definition = definition

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.definition is other.definition

    def __hash__(self) -> int:
        return id(self.definition)


@lru_cache(maxsize=1024)
def _key_text(held: _Itself, name: str) -> KeyText | None:
    definition = held.definition
    attribute = definition.by_attribute.get(name)
    if attribute is None:
        return None
    kinds_of = {one.name: one.kind for one in definition.fields}
    template = _template(attribute)
    return KeyText(
        name=name,
        type=attribute.type,
        parts=_joined(template.parts),
        escape=template.escape,
        unique=cuts_of(template, kinds_of) is not None,
        kinds=kinds_of,
    )


def _template(attribute: AttributeDefinition) -> Template:
    match attribute.content:
        case Carried(field):
            return Template((Part(field),))
        case Constant(value):
            return Template((str(value),))
        case Template() as template:
            return template


def _joined(parts: tuple[str | Part, ...]) -> tuple[str | Part, ...]:
    """The parts with no literal empty and no two side by side."""
    found: list[str | Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)


def _padded(kind: kinds.Kind, width: int) -> bool:
    match kind:
        case kinds.Integer(high=high):
            return width >= len(str(high)) or (kind.low >= 0 and high <= 9)
        case kinds.Bits(width=bits):
            return width >= len(str((1 << bits) - 1))
        case _:
            return True
