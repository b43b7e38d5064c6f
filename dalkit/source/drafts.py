"""A table while statements still change it, and its end as a SourceTable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import final

from attrs import define, evolve, field

from dalkit.source.collations import Text
from dalkit.source.column_types import TEXTUAL, held_as
from dalkit.source.columns import ReadColumn
from dalkit.source.cursor import Unreadable
from dalkit.source.keys import Key, KeyPart, PrimaryKey, Reference, index_on
from dalkit.source.tables import Column, ForeignKey, Index, SourceTable

__all__ = ["MAXIMUM_COLUMNS", "Draft", "ordered"]

MAXIMUM_COLUMNS = 4096
_MAXIMUM_KEYS = 1000


@final
@define(kw_only=True)
class Draft:
    """Columns and keys in the order of their statements; `text` is the table's own default."""

    name: str
    line: int
    text: Text
    database: str = ""
    columns: dict[str, Column] = field(factory=dict[str, Column])
    """By name in lower case, in order."""
    primary_key: tuple[str, ...] = ()
    indexes: list[Index] = field(factory=list[Index])
    references: list[Reference] = field(factory=list[Reference])

    def copy(self) -> Draft:
        """The same table, whose changes leave this one alone."""
        return evolve(
            self,
            columns=self.columns.copy(),
            indexes=self.indexes.copy(),
            references=self.references.copy(),
        )

    def column(self, name: str) -> Column:
        """The column of that name in any case; raises Unreadable if there is none."""
        found = self.columns.get(name.lower())
        if found is None:
            raise Unreadable(f"table {self.name} has no column {name}")
        return found

    def add_column(self, read: ReadColumn) -> None:
        """Put a column at its place, with the keys it brings; Unreadable for a second one."""
        name = read.column.name
        if name.lower() in self.columns:
            raise Unreadable(f"table {self.name} has two columns named {name}")
        if len(self.columns) >= MAXIMUM_COLUMNS:
            raise Unreadable(f"table {self.name} has more than {MAXIMUM_COLUMNS:,} columns")
        self.columns[name.lower()] = read.column
        if read.after is not None:
            self._move(name, read.after)
        if read.primary:
            self.add_key(PrimaryKey((name,)))
        if read.unique:
            self.add_key(Key(name="", parts=(KeyPart(name),), unique=True))

    def replace_column(self, name: str, read: ReadColumn) -> None:
        """MODIFY and CHANGE: the new column stands where the old one did, if not told otherwise."""
        self.column(name)
        names = list(self.columns)
        place = names.index(name.lower())
        after = read.after
        if after is None:
            after = names[place - 1] if place else ""
        del self.columns[name.lower()]
        self.add_column(evolve(read, after=after))
        self.rename_in_keys(name, read.column.name)

    def rename_column(self, name: str, new: str) -> None:
        """The column keeps its place and its keys."""
        column = self.column(name)
        self.replace_column(name, ReadColumn(column=evolve(column, name=new)))

    def drop_column(self, name: str) -> None:
        """The column goes, and every key loses it; a key of it alone goes too."""
        self.column(name)
        del self.columns[name.lower()]
        self.primary_key = _without(self.primary_key, name)
        self.indexes = [
            evolve(index, columns=_without(index.columns, name))
            for index in self.indexes
            if not index.columns or _without(index.columns, name)
        ]

    def drop_index(self, name: str) -> None:
        """Raises Unreadable if there is no index of that name."""
        left = [index for index in self.indexes if index.name.lower() != name.lower()]
        if len(left) == len(self.indexes) and not any(
            reference.index.lower() == name.lower() for reference in self.references
        ):
            raise Unreadable(f"table {self.name} has no index {name}")
        self.indexes = left

    def rename_index(self, name: str, new: str) -> None:
        """The index of that name, if there is one, gets the new one."""
        self.indexes = [
            evolve(index, name=new) if index.name.lower() == name.lower() else index
            for index in self.indexes
        ]

    def drop_reference(self, name: str) -> None:
        """The foreign key of that name goes; the index that it brought stays, as in MySQL."""
        named = {key.name.lower(): at for at, key in enumerate(self.foreign_keys())}
        if name.lower() not in named:
            raise Unreadable(f"table {self.name} has no foreign key {name}")
        self.indexes = self.implied()
        del self.references[named[name.lower()]]

    def drop_constraint(self, name: str) -> None:
        """The foreign key or unique key of that name goes; a check is not held here."""
        if any(key.name.lower() == name.lower() for key in self.foreign_keys()):
            self.drop_reference(name)
        self.indexes = [
            index
            for index in self.indexes
            if not (index.unique and index.name.lower() == name.lower())
        ]

    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """As written, each under its name or the one that InnoDB gives."""
        prefix = f"{self.name}_ibfk_"
        used = {reference.key.name.lower() for reference in self.references}
        numbers = (n for n in count(1) if f"{prefix}{n}".lower() not in used)
        return tuple(
            r.key if r.key.name else evolve(r.key, name=f"{prefix}{next(numbers)}")
            for r in self.references
        )

    def retargeted(self, name: str, new: str) -> Draft:
        """The table with foreign keys to `name` pointing to `new`."""
        if not any(reference.key.target_table == name for reference in self.references):
            return self
        references = [
            evolve(r, key=evolve(r.key, target_table=new)) if r.key.target_table == name else r
            for r in self.references
        ]
        return evolve(self, references=references)

    def rename_in_keys(self, name: str, new: str) -> None:
        """Every key of its own that names the column names it anew."""
        self.primary_key = _renamed(self.primary_key, name, new)
        self.indexes = [evolve(i, columns=_renamed(i.columns, name, new)) for i in self.indexes]
        self.references = [
            evolve(r, key=evolve(r.key, columns=_renamed(r.key.columns, name, new)))
            for r in self.references
        ]

    def add_key(self, key: PrimaryKey | Key | Reference) -> None:
        """Take a key in; raises Unreadable for a second primary key, or one key too many."""
        if max(len(self.indexes), len(self.references)) >= _MAXIMUM_KEYS:
            raise Unreadable(f"table {self.name} has more than {_MAXIMUM_KEYS:,} keys")
        if isinstance(key, Key):
            first = key.parts[0].column or "functional_index"
            name = key.name or _free(self._spelled(first), self.indexes)
            self.indexes.append(index_on(self._whole(key), name))
        elif isinstance(key, Reference):
            self.references.append(key)
        elif self.primary_key:
            raise Unreadable(f"table {self.name} has two primary keys")
        else:
            self.primary_key = key.columns

    def convert(self, text: Text) -> None:
        """CONVERT TO CHARACTER SET: every text column, and the table's default."""
        self.text = text
        self.columns = {
            name: evolve(column, type=held_as(column.type, text))
            if column.type.base in TEXTUAL
            else column
            for name, column in self.columns.items()
        }

    def finished(self, foreign_keys: tuple[ForeignKey, ...]) -> SourceTable:
        """The table with these foreign keys, and the indexes that MySQL adds for them."""
        named = {lowered: column.name for lowered, column in self.columns.items()}
        primary = tuple(named.get(n.lower(), n) for n in self.primary_key)
        held = {name.lower() for name in primary}
        indexes = (evolve(i, columns=_spelled(i.columns, named)) for i in self.implied())
        return SourceTable(
            name=self.name,
            columns=tuple(
                evolve(column, nullable=False) if name in held else column
                for name, column in self.columns.items()
            ),
            primary_key=primary,
            indexes=ordered(indexes),
            foreign_keys=tuple(
                evolve(key, columns=_spelled(key.columns, named)) for key in foreign_keys
            ),
            line=self.line,
        )

    def key_columns(self) -> Iterator[str]:
        """Every column that a key names."""
        yield from self.primary_key
        for index in self.indexes:
            yield from index.columns
        for reference in self.references:
            yield from reference.key.columns

    def _move(self, name: str, after: str) -> None:
        """Put the last column first (`after` is "") or behind another one."""
        names = [one for one in self.columns if one != name.lower()]
        if after:
            self.column(after)
        place = names.index(after.lower()) + 1 if after else 0
        names.insert(place, name.lower())
        self.columns = {one: self.columns[one] for one in names}

    def _spelled(self, name: str) -> str:
        column = self.columns.get(name.lower())
        return name if column is None else column.name

    def _whole(self, key: Key) -> Key:
        """A prefix as long as its column is no prefix."""
        return evolve(key, parts=tuple(
            evolve(part, length=None) if self._covers(part.column, part.length) else part
            for part in key.parts
        ))  # fmt: skip

    def _covers(self, name: str | None, length: int | None) -> bool:
        column = self.columns.get((name or "").lower())
        if length is None or column is None:
            return False
        sized = column.type.base in ("char", "varchar", "binary", "varbinary")
        return sized and length == column.type.length

    def implied(self) -> list[Index]:
        """The indexes, and one for each foreign key whose columns lead none."""
        held = self.indexes.copy()
        for reference in self.references:
            columns = reference.key.columns
            whole = (index.columns for index in held if not index.partial)
            if not any(_leads(columns, key) for key in (self.primary_key, *whole)):
                name = _free(reference.index or self._spelled(columns[0]), held)
                held.append(Index(name=name, columns=columns))
        return held


def ordered(indexes: Iterable[Index]) -> tuple[Index, ...]:
    """Unique ones first, then by name: an order that servers and files do not differ in."""
    return tuple(sorted(indexes, key=lambda index: (not index.unique, index.name.lower())))


def _free(name: str, indexes: list[Index]) -> str:
    """The name, with the number that MySQL appends if an index has it already."""
    used = {index.name.lower() for index in indexes}
    candidates = (name, *(f"{name}_{number}" for number in range(2, len(used) + 3)))
    return next(one for one in candidates if one.lower() not in used)


def _leads(columns: tuple[str, ...], key: tuple[str, ...]) -> bool:
    # InnoDB takes an index that starts with the columns in any order of theirs.
    return {n.lower() for n in key[: len(columns)]} == {n.lower() for n in columns}


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    lowered = name.lower()
    return tuple(one for one in names if one.lower() != lowered)


def _renamed(names: tuple[str, ...], name: str, new: str) -> tuple[str, ...]:
    lowered = name.lower()
    return tuple(new if one.lower() == lowered else one for one in names)


def _spelled(names: tuple[str, ...], named: dict[str, str]) -> tuple[str, ...]:
    return tuple(named.get(name.lower(), name) for name in names)
