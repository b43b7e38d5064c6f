"""Source values become cells and fields, each once, with names that cannot meet."""

from __future__ import annotations

from typing import final

from attrs import evolve, field, frozen

from dalkit.schema.definition import (
    Cell,
    FieldDefinition,
    Formatted,
    Slot,
    SourceDefinition,
    Transformed,
)
from dalkit.schema.meaning import Meaning, Wanted
from dalkit.schema.naming import identifier, singular, snake
from dalkit.schema.report import Report
from dalkit.source.tables import SourceTable
from dalkit.source.tree import Column, Lookup

__all__ = ["Registry", "carried_name", "key_name"]


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
    cells: dict[tuple[object, ...], Cell] = field(factory=dict)
    fields: dict[tuple[object, ...], _Entry] = field(factory=dict)

    def define(
        self, meaning: Meaning, name: str, pointer: str, *, secret: bool = False
    ) -> FieldDefinition:
        """The field of a source value: the one it already is, or a new one called `name`."""
        found = self.known(meaning)
        if found is not None:
            return found
        self._check_free(name, pointer)
        cells = tuple(self._cell(one) for one in meaning.cells)
        column = meaning.cells[0].column if _is_plain(meaning) else None
        held = self.own.column(column) if column else None
        definition = FieldDefinition(
            name=name,
            kind=meaning.kind,
            nullable=meaning.nullable,
            cells=tuple(dict.fromkeys(cell.name for cell in cells)),
            transformed=_transformation(meaning, cells),
            column=column,
            secret=secret,
            generated=held is not None and (held.auto_increment or held.default is not None),
        )
        self.fields[meaning.identity] = _Entry(definition, pointer)
        return definition

    def known(self, meaning: Meaning) -> FieldDefinition | None:
        """The field that already is this value; a plain value answers under any kind."""
        entry = self.fields.get(meaning.identity)
        if entry is None and _is_plain(meaning):
            entry = next(
                (
                    one
                    for identity, one in self.fields.items()
                    if identity[:3] == meaning.identity[:3] and len(one.definition.cells) == 1
                ),
                None,
            )
        return None if entry is None else entry.definition

    def never_null(self, name: str) -> None:
        """A field of the table's key: a row in which it is NULL is no record."""
        for identity, entry in self.fields.items():
            if entry.definition.name == name:
                changed = evolve(entry.definition, nullable=False)
                self.fields[identity] = evolve(entry, definition=changed)

    def source(self, identity: tuple[str, ...], identified: bool) -> SourceDefinition:
        return SourceDefinition(
            table=self.own.name,
            identity=identity,
            identified=identified,
            cells=tuple(self.cells.values()),
        )

    def definitions(self) -> tuple[FieldDefinition, ...]:
        return tuple(entry.definition for entry in self.fields.values())

    def _check_free(self, name: str, pointer: str) -> None:
        for entry in self.fields.values():
            if entry.definition.name == name:
                raise self.report.stop(
                    "DK215",
                    pointer,
                    f'two values would be the field "{name}": this one and that of {entry.pointer}',
                )
        if name == "extra_":
            raise self.report.stop("DK215", pointer, 'the field name "extra_" is dalkit\'s own')

    def _cell(self, wanted: Wanted) -> Cell:
        identity = (wanted.value, type(wanted.kind))
        found = self.cells.get(identity)
        if found is not None:
            return found
        taken = {cell.name.lower() for cell in self.cells.values()}
        name, number = wanted.hint, 2
        while name.lower() in taken:
            name, number = f"{wanted.hint}_{number}", number + 1
        cell = Cell(name=name, value=wanted.value, kind=wanted.kind, nullable=wanted.nullable)
        self.cells[identity] = cell
        return cell


def _is_plain(meaning: Meaning) -> bool:
    return len(meaning.cells) == 1 and meaning.transformed is None and not meaning.pattern


def _transformation(meaning: Meaning, cells: tuple[Cell, ...]) -> Transformed | None:
    if not meaning.pattern:
        return meaning.transformed
    return Formatted(
        tuple(
            part if isinstance(part, str) else Slot(cells[part[0]].name, part[1])
            for part in meaning.pattern
        )
    )


def carried_name(attribute: str, override: str | None) -> str:
    """The field name that an attribute gives."""
    return override or identifier(attribute)


def key_name(meaning: Meaning, attribute: str, own: SourceTable) -> str:
    """The field name of a value that only keys carry."""
    if _is_plain(meaning):
        value = meaning.cells[0].value
        if meaning.cells[0].column is not None:
            return identifier(meaning.cells[0].column)
        if isinstance(value, Lookup) and isinstance(value.value, Column):
            table = value.hops[-1].table
            return identifier(f"{singular(snake(table))}_{snake(value.value.name)}")
    return identifier(snake(attribute))
