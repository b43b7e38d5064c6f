"""Rows to items in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Generic, TypeVar, final

from attrs import field, frozen

from dalkit.convert.answers import (
    Item,
    Refused,
    careful_line,
    careful_row_item,
    careful_row_json,
    or_refused,
)
from dalkit.convert.careful import record_of_row
from dalkit.convert.fast_encode import encoder
from dalkit.convert.fast_rows import row_decoder
from dalkit.convert.layout import Layout

__all__ = ["Transcoder"]

R = TypeVar("R")


@final
@frozen(slots=False)
class Transcoder(Generic[R]):
    """Rows of an entity to items in bulk: no Result for each row, a Refused for a bad one."""

    _layout: Layout = field(repr=False)

    def item(self, row: Any) -> Item | Refused:
        """The item of a row."""
        try:
            item: Item = self._item(row)
        except Exception:
            return or_refused(careful_row_item, self._layout, row)
        return item

    def line(self, row: Any) -> bytes | Refused:
        """The item of a row as one line of DynamoDB's import format, without its line end."""
        try:
            text: bytes = self._json(row)
        except Exception:
            return or_refused(careful_line, self._layout, row)
        return b'{"Item":' + text + b"}"

    def json(self, row: Any) -> bytes | Refused:
        """The item of a row as DynamoDB's JSON."""
        try:
            text: bytes = self._json(row)
        except Exception:
            return or_refused(careful_row_json, self._layout, row)
        return text

    def record(self, row: Any) -> R | Refused:
        """The record of a row."""
        try:
            record: R = self._record(row)
        except Exception:
            found: R | Refused = or_refused(record_of_row, self._layout, row)
            return found
        return record

    def items(self, rows: Iterable[Any]) -> Iterator[Item | Refused]:
        """The items of rows, in their order."""
        return map(self.item, rows)

    def lines(self, rows: Iterable[Any]) -> Iterator[bytes | Refused]:
        """The lines of rows, in their order."""
        return map(self.line, rows)

    def records(self, rows: Iterable[Any]) -> Iterator[R | Refused]:
        """The records of rows, in their order."""
        return map(self.record, rows)

    @cached_property
    def _sources(self) -> dict[str, tuple[Callable[[Any], Any], str]]:
        return {
            "item": encoder(self._layout, "row", "dict"),
            "json": encoder(self._layout, "row", "json"),
            "record": row_decoder(self._layout),
        }

    @cached_property
    def _item(self) -> Callable[[Any], Any]:
        return self._sources["item"][0]

    @cached_property
    def _json(self) -> Callable[[Any], Any]:
        return self._sources["json"][0]

    @cached_property
    def _record(self) -> Callable[[Any], Any]:
        return self._sources["record"][0]
