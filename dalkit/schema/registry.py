"""Source values become cells and fields, each once, with names that cannot meet."""

from __future__ import annotations

import re
from typing import TypeAlias, final

from attrs import Factory, evolve, frozen

from dalkit.contract.problems import shown
from dalkit.kinds import allowed_types
from dalkit.schema.definition import (
    Cell,
    FieldDefinition,
    Formatted,
    Slot,
    SourceDefinition,
    Transformed,
)
from dalkit.schema.hops import identity_of
from dalkit.schema.meaning import Meaning, Wanted, text_fault
from dalkit.schema.naming import identifier, singular, snake
from dalkit.schema.report import Report
from dalkit.source.tables import SourceTable
from dalkit.source.tree import Column, Lookup, Scalar

__all__ = ["Registry"]

_ALIAS = re.compile(r"\w[\w \-#.:]{0,58}\w|\w")
_Identity: TypeAlias = tuple[object, ...]


@final
@frozen
class _Entry:
    definition: FieldDefinition
    pointer: str


@final
@frozen
class Registry:
    """The cells and fields of one entity, as they are found."""

    report: Report
    own: SourceTable
    cells: dict[_Identity, Cell] = Factory(dict)
    """By value and class of kind."""
    aliases: set[str] = Factory(set)
    """The names of the cells, lower case."""
    fields: dict[str, _Entry] = Factory(dict)
    """By name."""
    values: dict[_Identity, list[str]] = Factory(dict)
    """The names of the fields of a value."""

    def carried(
        self, meaning: Meaning, name: str, type: str, pointer: str, *, secret: bool = False
    ) -> FieldDefinition:
        """The field of a value that an attribute of this type carries, called `name` if new."""
        found = self._known(meaning, type)
        if found is not None:
            return self._marked(found, secret)
        self._check_free(name, pointer)
        return self._define(meaning, name, pointer, secret=secret)

    def of_key(
        self,
        meaning: Meaning,
        attribute: str,
        pointer: str,
        *,
        name: str | None = None,
        secret: bool = False,
    ) -> FieldDefinition:
        """The field of a value that a key is made of; `name` is given, or the value's own is."""
        found = self._known(meaning, "")
        if found is not None:
            return self._marked(found, secret)
        if name is not None:
            self._check_free(name, pointer)
            return self._define(meaning, name, pointer, secret=secret)
        found_name = _key_name(meaning, attribute)
        taken = {*self.fields, "extra_"}
        if found_name in taken:
            base, number = f"{identifier(snake(attribute))}_{found_name}", 2
            free = base
            while free in taken:
                free, number = f"{base}_{number}", number + 1
            text = f'the field name "{found_name}" is taken: this value is called "{free}"'
            self.report.add("DK226", pointer, text)
            found_name = free
        return self._define(meaning, found_name, pointer, secret=secret)

    def never_null(self, name: str) -> None:
        """A field of the table's key: a row in which it is NULL is no record."""
        entry = self.fields[name]
        self.fields[name] = evolve(entry, definition=evolve(entry.definition, nullable=False))

    def source(self, where: Scalar | None) -> SourceDefinition:
        """The entity's source with all cells found so far."""
        identity, identified = identity_of(self.own)
        return SourceDefinition(
            table=self.own.name,
            identity=identity,
            identified=identified,
            cells=tuple(self.cells.values()),
            where=where,
        )

    def definitions(self) -> tuple[FieldDefinition, ...]:
        """The fields, secret also where they show what a secret field is made of."""
        found = [entry.definition for entry in self.fields.values()]
        hidden = {cell for one in found if one.secret for cell in one.cells}
        return tuple(
            evolve(one, secret=one.secret or not hidden.isdisjoint(one.cells)) for one in found
        )

    def _define(
        self, meaning: Meaning, name: str, pointer: str, *, secret: bool = False
    ) -> FieldDefinition:
        cells = tuple(self._cell(one) for one in meaning.cells)
        column = meaning.cells[0].column if meaning.plain else None
        definition = FieldDefinition(
            name=name,
            kind=meaning.kind,
            nullable=meaning.nullable,
            cells=tuple(dict.fromkeys(cell.name for cell in cells)),
            transformed=_transformation(meaning, cells),
            column=column,
            secret=secret,
        )
        self.fields[name] = _Entry(definition, pointer)
        self.values.setdefault(meaning.value, []).append(name)
        return definition

    def _known(self, meaning: Meaning, type: str) -> FieldDefinition | None:
        """The field that already is this value, and whose kind the attribute or key can carry."""
        for name in self.values.get(meaning.value, ()):
            found = self.fields[name].definition
            same = found.kind.__class__ is meaning.kind.__class__
            fits = (
                type in (*allowed_types(found.kind), "NULL")
                if type
                else not text_fault(found.kind, 0)
            )
            if same or fits:
                return found
        return None

    def _marked(self, found: FieldDefinition, secret: bool) -> FieldDefinition:
        if not secret or found.secret:
            return found
        marked = evolve(found, secret=True)
        self.fields[found.name] = evolve(self.fields[found.name], definition=marked)
        return marked

    def _check_free(self, name: str, pointer: str) -> None:
        if name in self.fields:
            other = self.fields[name].pointer
            text = f'two values would be the field "{name}": this one and that of {other}'
            raise self.report.stop("DK215", pointer, text)
        if name == "extra_" or name.startswith("_") or name in ("self", "NOTHING"):
            text = f"the field name {shown(name)} is one that record classes use themselves"
            raise self.report.stop("DK215", pointer, text)

    def _cell(self, wanted: Wanted) -> Cell:
        identity = (wanted.value, type(wanted.kind))
        found = self.cells.get(identity)
        if found is not None:
            return found
        # MySQL takes 64 characters for a view's column, and none outside the first plane.
        plain = _ALIAS.fullmatch(wanted.hint) and max(wanted.hint) < "\U00010000"
        base = name = wanted.hint if plain else identifier(snake(wanted.hint))[:50]
        number = 2
        while name.lower() in self.aliases:
            name, number = f"{base[:54]}_{number}", number + 1
        cell = Cell(name=name, value=wanted.value, kind=wanted.kind, nullable=wanted.nullable)
        self.cells[identity] = cell
        self.aliases.add(name.lower())
        return cell


def _transformation(meaning: Meaning, cells: tuple[Cell, ...]) -> Transformed | None:
    if not meaning.pattern:
        return meaning.transformed
    return Formatted(
        tuple(
            part
            if isinstance(part, str)
            else Slot(cells[part.cell].name, part.width, part.transformed)
            for part in meaning.pattern
        )
    )


def _key_name(meaning: Meaning, attribute: str) -> str:
    """The field name of a value that only keys carry."""
    first = meaning.cells[0]
    if meaning.plain and first.column is not None:
        return identifier(first.column)
    if meaning.plain and isinstance(first.value, Lookup) and isinstance(first.value.value, Column):
        table = first.value.hops[-1].table
        return identifier(f"{singular(snake(table))}_{snake(first.value.value.name)}")
    return identifier(snake(attribute))
