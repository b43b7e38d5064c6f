"""**Contract** is what was promised. **Records** are what the data is.
**Queries** are what is wanted. **Backends** are where it lives.
Everything between them is a pure function.
"""

from __future__ import annotations

from dalkit.result import Cursor, Error, Failure, Page, Result, Success, collect, then
from dalkit.contract.problems import Problem
from dalkit.contract.reader import read_contract
from dalkit.source.ddl import read_ddl
from dalkit.fields import Field, Predicate
from dalkit.schema.entity import Entity
from dalkit.schema.resolve import resolve
from dalkit.records import make_records, render
from dalkit.query import (
    Query,
    Write,
    batch,
    count,
    delete,
    find,
    get,
    get_many,
    insert,
    maintain,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.compile.call import DynamoCall, SqlCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.explain import explain
from dalkit.compile.explanation import Explanation
from dalkit.compile.prices import PRICES, PriceBook
from dalkit.compile.sql import to_sql
from dalkit.compile.own_operation import operation
from dalkit.compile.own_sql import sql
from dalkit.run.backend import Backend, pages
from dalkit.run.memory import memory
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.on_mysql import mysql
from dalkit.run.cache import cached
from dalkit.run.events import Event, correlated
from dalkit.run.logs import log_events
from dalkit.run.many import arun, arun_many, run_many

__all__ = [
    "Cursor",
    "Error",
    "Failure",
    "Page",
    "Result",
    "Success",
    "collect",
    "then",
    "Problem",
    "read_contract",
    "read_ddl",
    "Field",
    "Predicate",
    "Entity",
    "resolve",
    "make_records",
    "render",
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
    "DynamoCall",
    "SqlCall",
    "to_dynamodb",
    "explain",
    "Explanation",
    "PRICES",
    "PriceBook",
    "to_sql",
    "operation",
    "sql",
    "Backend",
    "pages",
    "memory",
    "dynamodb",
    "mysql",
    "cached",
    "Event",
    "correlated",
    "log_events",
    "arun",
    "arun_many",
    "run_many",
    "__version__",
]

__version__ = "0.1.0"
