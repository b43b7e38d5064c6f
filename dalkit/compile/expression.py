"""Predicates as DynamoDB expressions: every name an alias, every value a typed placeholder.

DynamoDB's negations are true where an attribute is absent or NULL; here each says that there is a
value, so that an expression is true for exactly the items whose records the predicate selects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, final

from attrs import define, evolve, field

from dalkit import kinds
from dalkit.compile.bounds import Bound, Direction, bound
from dalkit.compile.paths import Path, Wire, path_of, stored
from dalkit.compile.refused import refuse
from dalkit.convert.attributes import json_attribute
from dalkit.convert.refusal import Refusal
from dalkit.fields import predicates as p
from dalkit.fields.places import Folded, Operand, Size
from dalkit.schema.entity import Entity

__all__ = ["LONGEST", "Aliases", "Formula", "Writer", "all_of", "checked_length"]

LONGEST: Final = 4_096
"""Bytes of one expression."""

_OPERANDS = 100
_ALIAS = re.compile(r"[#:][nv][0-9]+")

Formula: TypeAlias = str | bool
"""An expression, or what it is for every item."""


@final
@define
class Aliases:
    """The names and values of one request, in the order in which they were first used."""

    names: dict[str, str] = field(factory=dict)
    """Alias by name."""
    values: dict[str, tuple[str, Wire]] = field(factory=dict)
    """Placeholder and value by what tells values apart."""

    def name(self, name: str) -> str:
        return self.names.setdefault(name, f"#n{len(self.names)}")

    def value(self, wire: Wire) -> str:
        return self.values.setdefault(repr(wire), (f":v{len(self.values)}", wire))[0]

    def path(self, steps: Iterable[str | int]) -> str:
        """`#n0.#n1[0]`."""
        written = (f"[{one}]" if isinstance(one, int) else f".{self.name(one)}" for one in steps)
        return "".join(written).removeprefix(".")

    def beside(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """A request with the names and values that its expressions use; DynamoDB takes no other."""
        texts = " ".join(text for name, text in said.items() if name.endswith("Expression"))
        used = frozenset(_ALIAS.findall(texts))
        names = {alias: name for name, alias in self.names.items() if alias in used}
        values = {alias: wire for alias, wire in self.values.values() if alias in used}
        arguments = dict(said)
        if names:
            arguments["ExpressionAttributeNames"] = names
        if values:
            arguments["ExpressionAttributeValues"] = values
        return arguments


def checked_length(expression: str) -> str:
    """The expression, if DynamoDB takes one as long."""
    size = len(expression.encode())
    if size > LONGEST:
        refuse(
            f"its expression has {size:,} bytes, and DynamoDB takes {LONGEST:,}",
            "ask for less at once, in several queries",
        )
    return expression


def all_of(formulas: Iterable[Formula]) -> Formula:
    """True where all are."""
    return _joined(list(formulas), "AND")


@final
@define
class Writer:
    """Writes predicates on one entity's items, seeing no attribute of `avoiding`."""

    entity: Entity[Any, Any]
    aliases: Aliases
    avoiding: frozenset[str] = frozenset()
    perhaps_none: bool = False
    """Whether there may be no record at all, all of whose fields are None."""

    def formula(self, predicate: Any) -> Formula:
        """The expression of a predicate whose negations are at its leaves."""
        match predicate:
            case p.And(terms):
                return _joined([self.formula(one) for one in terms], "AND")
            case p.Or(terms):
                return _joined([self.formula(one) for one in terms], "OR")
            case p.Not(inner):
                return self._negated(inner)
            case p.Exists(place):
                return self._exists(self._path(place))
            case p.IsNone(place):
                return self._is_none(self._path(place))
            case p.Compare(operand, operator, value):
                return self._compare(operand, operator, value)
            case p.Between(operand, low, high):
                return self._between(operand, low, high)
            case p.IsIn(operand, values):
                return self._is_in(operand, values)
            case p.BeginsWith(operand, value) | p.Contains(operand, value):
                return self._part(predicate, self._path(operand), value)
            case _:
                raise TypeError(f"{type(predicate).__name__} is no predicate of dalkit's")

    def _path(self, operand: Operand) -> Path:
        if isinstance(operand, Folded):
            refuse(
                f"{operand.place} is stored as it is written, and DynamoDB folds nothing",
                "store the folded text in a field of its own",
            )
        path = path_of(self.entity, p.place_of(operand), avoiding=self.avoiding)
        if not self.perhaps_none:
            return path
        if path.empty_is_absent:
            refuse(f"{path.place} has no attribute both where it is empty and where no record is")
        return evolve(path, nullable=True)

    def _negated(self, leaf: Any) -> Formula:
        match leaf:
            case p.Between(operand, low, high):
                below = p.Compare[Any](operand, "<", low)
                return self.formula(p.Or((below, p.Compare[Any](operand, ">", high))))
            case p.IsIn(operand, values):
                return self._is_not_in(operand, values)
            case p.BeginsWith(operand) | p.Contains(operand):
                path = self._path(operand)
                found = self.formula(leaf)
                if isinstance(found, bool):
                    return False if found else self._exists(path)
                return all_of((*self._guard(path, leaf), f"NOT {found}"))
            case _:
                raise TypeError(f"a negated {type(leaf).__name__} is no leaf")

    def _is_not_in(self, operand: Operand, values: Sequence[Any]) -> Formula:
        path = self._path(operand)
        if isinstance(path.kind, kinds.Json) or isinstance(operand, Size) or path.empty_is_absent:
            terms = [p.Compare[Any](operand, "<>", one) for one in values]
            return all_of((self._exists(path), *map(self.formula, terms)))
        found = self._is_in(operand, values)
        return self._exists(path) if not found else all_of((self._exists(path), f"NOT {found}"))

    def _guard(self, path: Path, leaf: Any) -> list[Formula]:
        """What must be said beside a negation, lest it be true where there is no value."""
        if not isinstance(path.kind, kinds.Json):
            return [] if path.empty_is_absent else [self._exists(path)]
        (tag,) = json_attribute(leaf.start if _begins(leaf) else leaf.value)
        types = ("S", "L") if isinstance(leaf, p.Contains) and tag == "S" else ("L",)
        if not isinstance(leaf, p.Contains):
            types = (tag,)
        return [_joined([self._of_type(path, one) for one in types], "OR")]

    def _exists(self, path: Path) -> Formula:
        if path.empty_is_absent or not path.nullable:
            return True
        written = self.aliases.path(path.steps)
        return f"attribute_exists({written}) AND NOT {self._of_type(path, 'NULL')}"

    def _is_none(self, path: Path) -> Formula:
        if path.empty_is_absent or not path.nullable:
            return False
        written = self.aliases.path(path.steps)
        return f"(attribute_not_exists({written}) OR {self._of_type(path, 'NULL')})"

    def _of_type(self, path: Path, type_: str) -> str:
        held = self.aliases.value({"S": type_})
        return f"attribute_type({self.aliases.path(path.steps)}, {held})"

    def _compare(self, operand: Operand, operator: p.Comparison, value: Any) -> Formula:
        path = self._path(operand)
        if isinstance(operand, Size):
            return self._sized(path, operator, {"N": str(value)}, value)
        if operator != "=" and operator != "<>":
            return self._ordered(path, operator, value)
        if path.empty_is_absent and not value:
            written = self.aliases.path(path.steps)
            return f"attribute_{'not_' if operator == '=' else ''}exists({written})"
        try:
            wire = self._held(path, value)
        except Refusal:  # no item can hold the value
            return False if operator == "=" else self._exists(path)
        written, held = self.aliases.path(path.steps), self.aliases.value(wire)
        if operator == "=":
            return f"{written} = {held}"
        return all_of((*self._unequal(path, wire), f"{written} <> {held}"))

    def _held(self, path: Path, value: Any) -> Wire:
        """The value as an item holds it; one that no item can hold raises Refusal."""
        wire = stored(self.entity, path, value)
        if wire == {"SS": []}:
            raise Refusal("an empty set")
        return wire

    def _unequal(self, path: Path, wire: Wire) -> list[Formula]:
        if isinstance(path.kind, kinds.Json):
            return [self._of_type(path, *wire)]
        return [self._exists(path)]

    def _ordered(self, path: Path, operator: Direction, value: Any) -> Formula:
        found = bound(path, operator, value)
        if isinstance(found, bool):
            return self._exists(path) if found else False
        return self._bounded(path, found)

    def _bounded(self, path: Path, one: Bound) -> str:
        written = self.aliases.path(path.steps)
        return f"{written} {one.operator} {self.aliases.value(one.wire)}"

    def _sized(self, path: Path, operator: str, wire: Wire, value: Any) -> Formula:
        self._check_sized(path)
        written = self.aliases.path(path.steps)
        said = f"size({written}) {operator} {self.aliases.value(wire)}"
        if path.empty_is_absent and _holds(0, operator, value):
            return f"(attribute_not_exists({written}) OR {said})"
        if operator != "<>":
            return said
        there = f"attribute_exists({written})" if path.empty_is_absent else self._exists(path)
        return all_of((there, said))

    def _check_sized(self, path: Path) -> None:
        if isinstance(path.kind, (kinds.Text, kinds.Json)):
            refuse(
                f"{path.place} may be a text, and DynamoDB counts UTF-16 units, not characters",
                "keep the number of characters in a field of its own",
            )
        if path.type in ("N", "S") and not isinstance(path.kind, kinds.Enum):
            what = f"{path.place} is stored in an attribute of type {path.type}"
            refuse(f"{what}, whose size is not that of the value")

    def _between(self, operand: Operand, low: Any, high: Any) -> Formula:
        path = self._path(operand)
        if isinstance(operand, Size):
            terms = (p.Compare[Any](operand, ">=", low), p.Compare[Any](operand, "<=", high))
            return _joined([self.formula(one) for one in terms], "AND")
        first, last = bound(path, ">=", low), bound(path, "<=", high)
        if isinstance(first, bool) or isinstance(last, bool):
            ends = (p.Compare[Any](operand, ">=", low), p.Compare[Any](operand, "<=", high))
            return _joined([self.formula(one) for one in ends], "AND")
        if [*first.wire] != [*last.wire] or first.value > last.value:
            return False
        if (first.operator, last.operator) != (">=", "<="):
            return f"{self._bounded(path, first)} AND {self._bounded(path, last)}"
        written = self.aliases.path(path.steps)
        held = [self.aliases.value(one.wire) for one in (first, last)]
        return f"{written} BETWEEN {held[0]} AND {held[1]}"

    def _is_in(self, operand: Operand, values: Sequence[Any]) -> Formula:
        path = self._path(operand)
        if isinstance(operand, Size) or path.empty_is_absent:
            terms = [self.formula(p.Compare[Any](operand, "=", one)) for one in values]
            return _joined(terms, "OR")
        held: list[str] = []
        for value in values:
            try:
                held.append(self.aliases.value(self._held(path, value)))
            except Refusal:  # no item can hold the value
                continue
        written = self.aliases.path(path.steps) if held else ""
        parts = [held[at : at + _OPERANDS] for at in range(0, len(held), _OPERANDS)]
        return _joined([f"{written} IN ({', '.join(part)})" for part in parts], "OR")

    def _part(self, leaf: Any, path: Path, value: Any) -> Formula:
        if isinstance(path.kind, (kinds.Text, kinds.Bytes)) and not value:
            return self._exists(path)
        if path.type == "N" or (path.type == "S" and not isinstance(path.kind, kinds.Text)):
            refuse(f"{path.place} is stored in an attribute of type {path.type}, as one value")
        try:
            wire = self._element(leaf, path, value)
        except Refusal:  # no item can hold the value
            return False
        function = "begins_with" if _begins(leaf) else "contains"
        return f"{function}({self.aliases.path(path.steps)}, {self.aliases.value(wire)})"

    def _element(self, leaf: Any, path: Path, value: Any) -> Wire:
        match path.kind:
            case kinds.Text():
                return {"S": value}
            case kinds.Bytes():
                return {"B": value}
            case kinds.Members():
                return {"S": value}
            case kinds.Nested(record, members):
                inside = Path(
                    place=path.place,
                    steps=(*path.steps, 0),
                    kind=kinds.Nested(record, members),
                    type="M",
                    nullable=False,
                )
                return stored(self.entity, inside, value)
            case kinds.Json():
                return stored(self.entity, path, value)
            case _:
                refuse(f"{path.place} is a list of single columns: compare its elements instead")


def _begins(leaf: Any) -> bool:
    return isinstance(leaf, p.BeginsWith)


def _holds(size: int, operator: str, value: int) -> bool:
    if operator in ("=", "<>"):
        return (size == value) == (operator == "=")
    return {"<": size < value, "<=": size <= value, ">": size > value, ">=": size >= value}[
        operator
    ]


def _joined(formulas: list[Formula], word: str) -> Formula:
    """`a AND b`, in parentheses where one stands inside the other."""
    decided = word == "OR"
    if any(one is decided for one in formulas):
        return decided
    texts = list(dict.fromkeys(one for one in formulas if isinstance(one, str)))
    if not texts:
        return not decided
    if len(texts) == 1:
        return texts[0]
    if word == "AND":
        return " AND ".join(texts)
    return f"({' OR '.join(f'({one})' if ' AND ' in one else one for one in texts)})"
