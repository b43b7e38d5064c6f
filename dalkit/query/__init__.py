"""Queries as values: what is wanted, each verb a type of its own, typed by its answer."""

from __future__ import annotations

from dalkit.query.base import Query, Write
from dalkit.query.finds import count, find
from dalkit.query.gets import get, get_many
from dalkit.query.together import batch, maintain, transact, transact_get
from dalkit.query.updates import update
from dalkit.query.writes import delete, insert, put

__all__ = [
    "Query",
    "Write",
    "batch",
    "count",
    "delete",
    "find",
    "get",
    "get_many",
    "insert",
    "maintain",
    "put",
    "transact",
    "transact_get",
    "update",
]
