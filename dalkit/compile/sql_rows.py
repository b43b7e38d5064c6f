"""The SELECT of an entity's records by condition, and its rows as records.

Single values come by one statement, with correlated subqueries for what other tables give; child
rows by one statement more for each array, for the rows that were found, merged here in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, final

from attrs import evolve, field, frozen

from dalkit import kinds
from dalkit.compile.call import SqlCall, SqlReply, SqlStep
from dalkit.compile.settings import Settings
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import Sql, fixed, joined, refuse
from dalkit.convert import rows
from dalkit.convert.careful import field_of_cells
from dalkit.convert.layout import layout_of
from dalkit.convert.refusal import Refusal
from dalkit.fields.places import Place
from dalkit.kinds import Kind
from dalkit.result import Corrupt, Failure, Result, Success
from dalkit.schema.definition import Cell, EntityDefinition
from dalkit.schema.entity import Entity, definition_of
from dalkit.source.sql import name_of, sql_of
from dalkit.source.tree import Children

__all__ = ["Found", "Reading", "reading"]

_CHUNK = 1_000
_WHOLE = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint", "year"))
_INEXACT = frozenset(("float", "double", "json"))


@final
@frozen
class Found:
    """What was asked for of one record, and the values of the places that were named besides."""

    answer: Any
    values: Mapping[Place, Any]
    identity: tuple[Any, ...] = ()
    """The cells that tell its row apart, of a row that was locked."""
    met: bool = True
    """Whether the condition was true that a locked row was to be tested for."""


_Row: TypeAlias = tuple[Any, ...]
_Groups: TypeAlias = dict[str, dict[_Row, list[_Row]]]
_Finish: TypeAlias = "Callable[[tuple[Found, ...]], SqlStep[Any]]"


@final
@frozen
class Reading:
    """How records of an entity, or some places of them, are selected and read."""

    entity: Entity[Any, Any]
    places: Places
    selected: tuple[Place, ...]
    besides: tuple[Place, ...]
    plain: tuple[Cell, ...]
    arrays: tuple[Cell, ...]
    decode: Callable[[Mapping[str, Any]], Result[Callable[[str], Any]]] = field(repr=False)
    """From the cells by name to what gives a field's value."""
    locked: Sql | None = None
    """A condition to test the rows for, which are locked."""

    def statement(self, conditions: Sequence[Sql], tail: Sequence[Sql] = ()) -> Sql:
        """The SELECT of the rows for which the conditions are true, a clause a line."""
        selected = [fixed(one) for one in self._identity()]
        if self.locked is not None:
            selected.append(self.locked.within("COALESCE(", ", FALSE) AS `met`"))
            tail = (*tail, Sql("FOR UPDATE"))
        selected += [self._cell(one) for one in self.plain]
        columns = joined(",\n", (one.within("  ", "") for one in selected or [Sql("1")]))
        lines = [Sql("SELECT"), columns, fixed(f"FROM {name_of(self.places.own.name)}")]
        if conditions:
            lines.append(joined("\n  AND ", conditions).within("WHERE ", ""))
        return joined("\n", (*lines, *(one for one in tail if one.text)))

    def call(self, statement: Sql, finish: _Finish, *, atomic: bool = False) -> SqlCall[Any]:
        """The statement as a call; `finish` is given the records, arrays and all."""

        def read(reply: SqlReply) -> SqlStep[Any]:
            return self._then(reply.rows, {}, self._wanted(reply.rows), finish)

        whole = atomic or bool(self.arrays)
        return SqlCall(statement.text, statement.parameters, read, whole)

    def _then(
        self,
        found: Sequence[_Row],
        groups: _Groups,
        wanted: Sequence[tuple[Cell, Sequence[_Row]]],
        finish: _Finish,
    ) -> SqlStep[Any]:
        if not wanted:
            return self._finished(found, groups, finish)
        (cell, identities), *rest = wanted
        statement = self._child_rows(cell, identities)
        width = len(identities[0])

        def read(reply: SqlReply) -> SqlStep[Any]:
            group = groups.setdefault(cell.name, {})
            for row in reply.rows:
                group.setdefault(tuple(row[:width]), []).append(tuple(row[width:]))
            return self._then(found, groups, rest, finish)

        return SqlCall(statement.text, statement.parameters, read, atomic=True)

    def _wanted(self, found: Sequence[_Row]) -> list[tuple[Cell, Sequence[_Row]]]:
        width = len(self._identity())
        identities = [tuple(row[:width]) for row in found]
        starts = range(0, len(identities), _CHUNK)
        return [(cell, identities[at : at + _CHUNK]) for cell in self.arrays for at in starts]

    def _finished(self, found: Sequence[_Row], groups: _Groups, finish: _Finish) -> SqlStep[Any]:
        width = len(self._identity())
        start = width if self.locked is None else width + 1
        records: list[Found] = []
        for row in found:
            names = (one.name for one in self.plain)
            cells = dict(zip(names, row[start:], strict=True))
            for one in self.arrays:
                children = groups.get(one.name, {}).get(tuple(row[:width]), [])
                cells[one.name] = tuple(children[: _limit(one)])
            match self.decode(cells):
                case Success(get):
                    met = self.locked is None or int(row[width]) == 1
                    records.append(evolve(self._answer(get), identity=tuple(row[:width]), met=met))
                case Failure() as failure:
                    return failure
        return finish(tuple(records))

    def _answer(self, get: Callable[[str], Any]) -> Found:
        values = {one: _at(get(one.name), one.steps) for one in self.besides}
        if not self.selected:
            return Found(get(""), values)
        return Found(tuple(_at(get(one.name), one.steps) for one in self.selected), values)

    def _identity(self) -> list[str]:
        """Columns that tell rows apart, where child rows are to be merged in."""
        source = self.places.definition.source
        if not self.arrays and self.locked is None:
            return []
        return [f"{name_of(source.table)}.{name_of(one)}" for one in source.identity]

    def _cell(self, cell: Cell) -> Sql:
        if isinstance(cell.value, Children):
            raise TypeError(f"{cell.name} is child rows, and no single value")
        text = _exact(sql_of(cell.value, {}, self.places.source), cell.kind)
        return fixed(f"{text} AS {name_of(cell.name)}")

    def _child_rows(self, cell: Cell, identities: Sequence[_Row]) -> Sql:
        children = cell.value
        if not isinstance(children, Children):
            raise TypeError(f"{cell.name} is a single value, and no child rows")
        hop, source = children.hop, self.places.source
        members = {one.name: one.kind for one in getattr(cell.kind, "members", ())}
        columns = [
            *self._identity(),
            *(
                f"{_exact(sql_of(value, {}, source), members.get(name))} AS {name_of(name)}"
                for name, value in children.members
            ),
        ]
        called = "" if hop.row == hop.table else f" AS {name_of(hop.row)}"
        listed = ",\n".join(f"  {one}" for one in columns)
        head = f"SELECT\n{listed}\nFROM {name_of(self.places.own.name)}\n"
        join = f"JOIN {name_of(hop.table)}{called} ON {sql_of(hop.on, {}, source)}\nWHERE "
        terms = ", ".join(
            sql_of(one.term, {}, source) + (" DESC" if one.descending else "")
            for one in children.order
        )
        order = fixed(f"\nORDER BY {terms}" if terms else "")
        lock = "" if self.locked is None else "\nFOR UPDATE"
        return fixed(head + join) + self.one_of(identities) + order + lock

    def one_of(self, identities: Sequence[_Row]) -> Sql:
        """Whether a row is one of those with these identities."""
        columns = [fixed(one) for one in self._identity()]
        if len(columns) == 1:
            values = joined(", ", (self._value(0, one[0]) for one in identities))
            return columns[0] + " IN " + values.within("(")
        each = (
            joined(
                " AND ",
                (column + " = " + self._value(at, row[at]) for at, column in enumerate(columns)),
            ).within("(")
            for row in identities
        )
        return joined(" OR ", each).within("(")

    def _value(self, at: int, cell: Any) -> Sql:
        """A cell of the identity as a parameter that equals its column exactly."""
        column = self.places.own.column(self.places.definition.source.identity[at])
        base = column.type.base if column else ""
        if isinstance(cell, (bytes, bytearray)):
            hexed = Sql("UNHEX(%s)", (bytes(cell).hex(),))
            return hexed.within("CAST(CONV(", ", 16, 10) AS UNSIGNED)") if base == "bit" else hexed
        if isinstance(cell, str) and base in _WHOLE:
            return Sql("%s", (int(cell),))
        if isinstance(cell, str) and base == "decimal":
            return Sql("%s", (Decimal(cell),))
        return Sql("%s", (cell,))


def reading(
    entity: Entity[Any, Any],
    settings: Settings,
    *,
    selected: tuple[Place, ...] = (),
    besides: tuple[Place, ...] = (),
    locked: Sql | None = None,
) -> Reading:
    """How whole records are read, or the selected places of them; and the places besides."""
    definition = definition_of(entity)
    names = {one.name for one in (*selected, *besides)} if selected else None
    wanted = _cells(definition, names)
    arrays = tuple(one for one in wanted if isinstance(one.value, Children))
    made = Reading(
        entity,
        Places(definition, settings),
        selected,
        besides,
        tuple(one for one in wanted if not isinstance(one.value, Children)),
        arrays,
        _decoder(entity) if names is None else _some(entity, names),
        locked,
    )
    _check_identity(made)
    return made


def _check_identity(made: Reading) -> None:
    definition = made.places.definition
    if not made.arrays and made.locked is None:
        return
    what = f"writing {definition.name}" if made.locked else f"reading {made.arrays[0].name}"
    if not definition.source.identified:
        refuse(what, f"{definition.source.table} has no key that tells two of its rows apart")
    for name in definition.source.identity:
        column = made.places.own.column(name)
        if column is not None and column.type.base in _INEXACT:
            refuse(what, f"the key {name} is not compared exactly")


def _cells(definition: EntityDefinition, names: set[str] | None) -> tuple[Cell, ...]:
    if names is None:
        return definition.source.cells
    needed = {cell for name in names for cell in definition.by_field[name].cells}
    return tuple(one for one in definition.source.cells if one.name in needed)


def _decoder(
    entity: Entity[Any, Any],
) -> Callable[[Mapping[str, Any]], Result[Callable[[str], Any]]]:
    codec = rows(entity)
    cells = definition_of(entity).source.cells

    def decode(held: Mapping[str, Any]) -> Result[Callable[[str], Any]]:
        match codec.decode(tuple(held[one.name] for one in cells)):
            case Success(record):
                return Success(lambda name: getattr(record, name) if name else record)
            case Failure() as failure:
                return failure

    return decode


def _some(
    entity: Entity[Any, Any], names: set[str]
) -> Callable[[Mapping[str, Any]], Result[Callable[[str], Any]]]:
    layout = layout_of(entity)
    fields = [one for one in layout.definition.fields if one.name in names]

    def decode(held: Mapping[str, Any]) -> Result[Callable[[str], Any]]:
        values: dict[str, Any] = {}
        for one in fields:
            try:
                values[one.name] = field_of_cells(layout, one, held)
            except Refusal as refusal:
                reason = refusal.text(secret=one.secret)
                return Failure(Corrupt(layout.definition.name, one.name, reason))
        return Success(lambda name: values[name])

    return decode


def _exact(text: str, kind: Kind | None) -> str:
    """FLOAT prints six digits by itself; as a double it prints enough to find it again."""
    single = isinstance(kind, kinds.Float) and kind.bits == 32
    return f"{text} + 0E0" if single else text


def _limit(cell: Cell) -> int | None:
    children = cell.value
    if not isinstance(children, Children):
        return None
    return children.limit if children.array else 1


def _at(value: Any, steps: Sequence[str | int]) -> Any:
    """What stands inside a value; None where nothing does."""
    for step in steps:
        if isinstance(step, int):
            held = isinstance(value, tuple) and step < len(value)
            value = value[step] if held else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            value = getattr(value, step, None)
    return value
