"""What a write costs on DynamoDB: the units of its table and of every index that it changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, final

from attrs import frozen

from dalkit.compile.capacity import index_units, write_units
from dalkit.compile.plan import key_names
from dalkit.convert import item_size
from dalkit.schema.definition import EntityDefinition, IndexDefinition, TableDefinition

__all__ = ["Written", "changed_units", "units_of"]

Item = Mapping[str, Any]


@final
@frozen
class Written:
    """Write units of a table, and of its indexes by name."""

    table: int
    indexes: Mapping[str, int] = {}

    @property
    def all(self) -> int:
        """The units of the table and its indexes together."""
        return self.table + sum(self.indexes.values())


def units_of(
    table: TableDefinition, before: Item | None, after: Item | None, *, transaction: bool = False
) -> Written:
    """The units of a write that makes one item of another; None is no item.

    In a transaction all count twice, those of indexes as well.
    """
    sizes, factor = (_size(before), _size(after)), 2 if transaction else 1
    found = {one.name: _of_index(table, one, before, after) * factor for one in table.indexes}
    return Written(
        write_units(*sizes, transaction=transaction),
        {name: units for name, units in found.items() if units},
    )


def changed_units(
    definition: EntityDefinition, changed: Collection[str], size: int, *, transaction: bool = False
) -> Written:
    """The units of a change of these attributes in an item of so many bytes in every index."""
    table = definition.table
    found: dict[str, int] = {}
    for one in table.indexes:
        if not key_names(one) <= set(definition.by_attribute):
            continue
        moved = any(name in key_names(one) for name in changed)
        seen = one.projection == "ALL" or any(name in _carried(table, one) for name in changed)
        if changed and (moved or seen):
            found[one.name] = index_units(size, size, moved=moved) * (2 if transaction else 1)
    return Written(write_units(size, size, transaction=transaction), found)


def _of_index(
    table: TableDefinition, index: IndexDefinition, before: Item | None, after: Item | None
) -> int:
    one, other = _projected(table, index, before), _projected(table, index, after)
    moved = _key(index, one) != _key(index, other)
    return index_units(_size(one), _size(other), moved=moved, changed=one != other)


def _projected(table: TableDefinition, index: IndexDefinition, item: Item | None) -> Item | None:
    if item is None or not key_names(index) <= set(item):
        return None
    if index.projection == "ALL":
        return item
    return {name: item[name] for name in item if name in _carried(table, index)}


def _carried(table: TableDefinition, index: IndexDefinition) -> frozenset[str]:
    return key_names(table) | key_names(index) | frozenset(index.projected)


def _key(index: IndexDefinition, item: Item | None) -> Any:
    return None if item is None else [item[name] for name in sorted(key_names(index))]


def _size(item: Item | None) -> int:
    return 0 if item is None else item_size(item)
