"""The items that rows should give, computed by the Python reader of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from dalkit.convert import Refused as Unconverted
from dalkit.migrate.findings import Refused
from dalkit.migrate.generated import generated_rows
from dalkit.migrate.route import Route, refused, row_text
from dalkit.run.batches import Item
from dalkit.run.mysql import Cells
from dalkit.source.refusal import Refusal
from dalkit.source.tables import Source

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = ["recomputed"]

Answer = tuple[Cells, Item] | Refused


def recomputed(source: Source) -> Callable[[Connection[Any], Route], Iterator[Answer]]:
    """A function as `moved` is one, without the exporting SQL.

    It holds every table that an entity reads in memory while it reads that entity.
    """

    def read(connection: Connection[Any], route: Route) -> Iterator[Answer]:
        generate = generated_rows(connection, (route.definition,), source)
        return (_answer(route, *one) for one in generate(route.definition))

    return read


def _answer(route: Route, identity: Cells, cells: Cells | Refusal) -> Answer:
    if isinstance(cells, Refusal):
        row, definition = row_text(route.definition, identity), route.definition
        return Refused(definition.table.name, definition.name, row, "", str(cells))
    item = route.transcoder.item(cells)
    if isinstance(item, Unconverted):
        return refused(route.definition, identity, item.error)
    return identity, item
