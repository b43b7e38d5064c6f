"""One entity's way from MySQL to DynamoDB: its rows in one stream, each an item or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, final

from attrs import frozen

from dalkit.convert import Refused as Unconverted
from dalkit.migrate.findings import Refused
from dalkit.migrate.spool import GroupSpool, TooLarge, spooled
from dalkit.result import Corrupt, Error, InvalidValue, ItemTooLarge, KeyTooLarge
from dalkit.run.batches import Item
from dalkit.run.broken import StoreError
from dalkit.run.mysql import Cells, stream
from dalkit.schema.bookkeeping import OWNER, guard_text, is_bookkeeping
from dalkit.schema.definition import (
    Carried,
    EntityDefinition,
    Part,
    TableDefinition,
    Template,
)

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = [
    "Key",
    "Route",
    "encoded",
    "entity_rows",
    "key_names",
    "key_of",
    "key_text",
    "moved",
    "refused",
    "row_text",
    "secret_attributes",
    "wire_key",
]

T = TypeVar("T")

_EXACT = Context(prec=40)

Key: TypeAlias = tuple[Any, Any]
"""The values of an item's pk and sk; numbers in one spelling, "" for no sk."""


class ChildRows(Protocol):
    """One SELECT of an array's rows."""

    @property
    def cell(self) -> str:
        """The cell that the rows fill."""

    @property
    def sql(self) -> str:
        """Identity of the parent, then the members; ordered by the parent, then as the array."""

    @property
    def limit(self) -> int | None:
        """The most rows for one parent."""


class Statements(Protocol):
    """The SELECTs of one entity."""

    @property
    def main(self) -> str:
        """Identity, then every cell that is no array; ordered by the identity."""

    @property
    def children(self) -> Sequence[ChildRows]:
        """One for each array."""


class Transcoder(Protocol):
    """A row to an item, whole or as a line, or to why there is none."""

    def item(self, row: Any) -> Item | Unconverted:
        """The item in the client's form."""

    def line(self, row: Any) -> bytes | Unconverted:
        """The item as DynamoDB JSON, without a newline."""


@final
@frozen
class Route:
    """An entity, the statements that read it, and the transcoder that writes it."""

    definition: EntityDefinition
    statements: Statements
    transcoder: Transcoder
    proven: bool = False
    """Whether no two rows of its table can have one key or unique value, whatever the data."""
    guards: Callable[[Item], tuple[Item, ...]] = lambda _: ()
    """The items that keep the unique values of an item's record for it."""

    @property
    def table(self) -> TableDefinition:
        """The DynamoDB table it goes to."""
        return self.definition.table


def moved(connection: Connection[Any], route: Route) -> Iterator[tuple[Cells, Item] | Refused]:
    """Every row of the entity, in the order of its identity, as its item or as refused."""
    return encoded(connection, route, route.transcoder.item)


def encoded(
    connection: Connection[Any], route: Route, encode: Callable[[Cells], T | Unconverted]
) -> Iterator[tuple[Cells, T] | Refused]:
    """Every row of the entity, in the order of its identity, as `encode` answers."""
    for identity, row in entity_rows(connection, route):
        answer = encode(row)
        if isinstance(answer, Unconverted):
            error = _too_large(route.definition, row) or answer.error
            yield refused(route.definition, identity, error)
        else:
            yield identity, answer


def entity_rows(connection: Connection[Any], route: Route) -> Iterator[tuple[Cells, Cells]]:
    """Every row with its identity; arrays are read first, spooled, and merged in."""
    source = route.definition.source
    width = len(source.identity)
    with ExitStack() as stack:
        spools: dict[str, GroupSpool] = {}
        for child in route.statements.children:
            rows = stream(connection, child.sql)
            spools[child.cell] = stack.enter_context(spooled(rows, width, child.limit))
        places = [
            (at, spools[one.name]) for at, one in enumerate(source.cells) if one.name in spools
        ]
        for row in stream(connection, route.statements.main):
            identity = row[:width]
            yield identity, _merge(places, identity, row[width:]) if places else row[width:]
        for name, spool in spools.items():
            if spool.left is not None:
                said = f"child rows of no row: {row_text(route.definition, spool.left)}"
                raise StoreError(Corrupt(route.definition.name, name, said))


def _merge(places: Sequence[tuple[int, GroupSpool]], identity: Cells, plain: Cells) -> Cells:
    cells = list(plain)
    for place, spool in places:
        cells.insert(place, spool.take(identity))
    return tuple(cells)


def _too_large(definition: EntityDefinition, row: Cells) -> Error | None:
    """What there is to say of a row with more child rows than are kept; no converter takes it."""
    sizes = [cell.size for cell in row if isinstance(cell, TooLarge)]
    return ItemTooLarge(definition.name, "", max(sizes)) if sizes else None


def row_text(definition: EntityDefinition, identity: Cells) -> str:
    """A row's primary key for messages, `orders id=17`; without one, its columns but the secret."""
    source = definition.source
    carried = {one.column for one in definition.fields if one.column and not one.secret}
    secret = {one.column for one in definition.fields if one.column and one.secret}
    shown = [
        f"{name}={value}"
        for name, value in zip(source.identity, identity, strict=True)
        if (name not in secret if source.identified else name in carried)
    ]
    return " ".join((source.table, *shown))[:500]


def key_names(table: TableDefinition) -> tuple[str, ...]:
    """The names of a table's key attributes."""
    return (table.pk.name,) if table.sk is None else (table.pk.name, table.sk.name)


def wire_key(table: TableDefinition, item: Item) -> dict[str, Any]:
    """The key attributes of an item."""
    return {name: item[name] for name in key_names(table)}


def key_of(table: TableDefinition, item: Item) -> Key:
    """The key of an item as values that are equal for equal keys."""
    pk, *sk = (_plain(item[name]) for name in key_names(table))
    return pk, sk[0] if sk else ""


def key_text(table: TableDefinition, key: Key, *, secret: frozenset[str] = frozenset()) -> str:
    """A key for messages, `PK=USER#1 SK=#META`."""
    shown = (
        f"{name}={'(secret)' if name in secret else value}"
        for name, value in zip(key_names(table), key, strict=False)
    )
    return " ".join(shown)


def secret_attributes(definition: EntityDefinition, key: Key | None = None) -> frozenset[str]:
    """The attributes that hold a secret field, whole or in part; those of guards by their `key`."""
    secret = {one.name for one in definition.fields if one.secret}
    found = []
    for attribute in definition.attributes:
        match attribute.content:
            case Carried(field):
                held = {field}
            case Template(parts=parts):
                held = {part.field for part in parts if isinstance(part, Part)}
            case _:
                held = set()
        if held & secret:
            found.append(attribute.name)
    if key is not None and is_bookkeeping(key[0]):
        names = key_names(definition.table)
        texts = tuple(
            guard_text(definition.name, group, (), fold=fold)
            for group, fold in definition.guarded
            if secret.intersection(group)
        )
        found += [*([OWNER] if set(names) & set(found) else []), *names * key[0].startswith(texts)]
    return frozenset(found)


def refused(definition: EntityDefinition, identity: Cells, error: Error) -> Refused:
    """The finding that a row's error is."""
    row, where = row_text(definition, identity), getattr(error, "where", "")
    match error:
        case ItemTooLarge(size=size):
            reason = f"the item has {size:,} bytes; DynamoDB holds 409,600"
        case KeyTooLarge(size=0):
            reason = "the key is empty"
        case KeyTooLarge(size=size, limit=limit):
            reason = f"the key has {size:,} bytes; DynamoDB holds {limit:,}"
        case InvalidValue(reason=reason) | Corrupt(reason=reason):
            pass
        case _:
            reason = str(error)
    return Refused(definition.table.name, definition.name, row, where, reason)


def _plain(value: Item) -> Any:
    ((kind, held),) = value.items()
    return format(Decimal(held).normalize(_EXACT), "f") if kind == "N" else held
