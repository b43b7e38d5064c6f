"""Values that no two records may have, as the contract or MySQL says: looked for before a write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from dalkit import kinds
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_reads import records_only
from dalkit.compile.sql_text import Sql, fixed, joined, refuse, written_cell
from dalkit.compile.sql_values import compared
from dalkit.schema.definition import EntityDefinition
from dalkit.source.sql import name_of

__all__ = ["check_unique", "fields_of_key", "unique_tests"]

_Own: TypeAlias = Mapping[str, Any]


def check_unique(places: Places) -> None:
    """Refuse what SQL cannot compare."""
    for names, fold in places.definition.guarded:
        if _columns(places.definition, names) not in _keys(places):
            if fold:
                refuse(
                    f"unique {', '.join(names)}",
                    f"MySQL has no unique key of it, and cannot fold as {fold} does",
                    "give MySQL a unique key under a collation that takes the same as one",
                )
            for name in names:
                if isinstance(places.field(name).kind, kinds.Json):
                    refuse(f"unique {name}", "JSON has no key in MySQL", "declare what is inside")


def unique_tests(
    places: Places, *, new: Any, own: _Own, old: Any, before: _Own | None
) -> Iterator[tuple[Sql, str]]:
    """What finds the rows that have a record's unique values, and the fields that these are.

    `own` are the columns that it writes, `old` the record that it replaces, None for none, and
    `before` the columns that this has. The contract's come first, in its order.
    """
    definition, keys = places.definition, _keys(places)
    for names in definition.unique:
        key = keys.pop(_columns(definition, names), None)
        if key is not None:
            test = _of_key(key, own, before)
        else:
            test = None if _to_come(places, names, own) else _of_fields(places, names, new, old)
        if test is not None:
            yield test, ", ".join(names)
    for key in keys.values():
        test = _of_key(key, own, before)
        if test is not None:
            yield test, fields_of_key(definition, key)


def _keys(places: Places) -> dict[frozenset[str], Sequence[str]]:
    every = places.own.unique_keys()
    return {frozenset(name.lower() for name in columns): columns for columns in every}


def _columns(definition: EntityDefinition, names: Sequence[str]) -> frozenset[str]:
    columns = (definition.by_field[name].column or "" for name in names)
    return frozenset(one.lower() for one in columns)


def _of_key(columns: Sequence[str], own: _Own, before: _Own | None) -> Sql | None:
    """As MySQL compares, under the key's collation."""
    names = [next((n for n in own if n.lower() == c.lower()), None) for c in columns]
    held = {name: own[name] for name in names if name is not None}
    kept = before is not None and all(
        name in before and before[name] == one for name, one in held.items()
    )
    if len(held) < len(columns) or None in held.values() or kept:
        return None
    return joined(
        " AND ", (fixed(f"{name_of(name)} = ") + written_cell(one) for name, one in held.items())
    )


def _to_come(places: Places, names: Sequence[str], own: _Own) -> bool:
    """Whether MySQL gives one of the values, which is no constant, to a new record."""
    fields = (places.definition.by_field[name] for name in names)
    return any(one.generated in ("counter", "moment") and one.column not in own for one in fields)


def _of_fields(places: Places, names: Sequence[str], new: Any, old: Any) -> Sql | None:
    """As dalkit compares, by code point, among the entity's records."""
    values = {name: getattr(new, name) for name in names}
    kept = old is not None and all(getattr(old, name) == one for name, one in values.items())
    if None in values.values() or kept:
        return None
    tests = (compared(places.field(name), "=", one) for name, one in values.items())
    return joined(" AND ", (*tests, *records_only(places)))


def fields_of_key(definition: EntityDefinition, columns: Sequence[str]) -> str:
    """The fields that a unique key's columns are, as the contract names them together if it does.

    A column that is no field stands for itself.
    """
    for names in definition.unique:
        if _columns(definition, names) == {one.lower() for one in columns}:
            return ", ".join(names)
    found = {one.column.lower(): one.name for one in definition.fields if one.column}
    return ", ".join(found.get(one.lower(), one) for one in columns)
