"""Codecs: record <-> row, record <-> item, and rows to items in bulk."""

from __future__ import annotations

from dalkit.convert.codec import (
    Item,
    ItemCodec,
    Refused,
    Reply,
    RowCodec,
    Transcoder,
    items,
    rows,
    source_of,
    transcode,
    transcoder,
)
from dalkit.convert.layout import Row
from dalkit.convert.size import item_size

__all__ = [
    "Item",
    "ItemCodec",
    "Refused",
    "Reply",
    "Row",
    "RowCodec",
    "Transcoder",
    "item_size",
    "items",
    "rows",
    "source_of",
    "transcode",
    "transcoder",
]
