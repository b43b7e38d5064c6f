"""A small world whose right answers are known: sums that are added to, and entries of owners."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, final

from attrs import frozen

from dalkit.contract.reader import read_contract
from dalkit.records.made import records_module
from dalkit.schema.definition import Schema
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

__all__ = ["DDL", "Ledger", "ledger"]

DDL = """
CREATE TABLE sums (
  id    INT         NOT NULL,
  total BIGINT      NOT NULL,
  said  VARCHAR(40) NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE entries (
  owner  INT         NOT NULL,
  number INT UNSIGNED NOT NULL,
  said   VARCHAR(40) NOT NULL,
  PRIMARY KEY (owner, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
"""


@final
@frozen
class Ledger:
    """The schema, and the handles and classes of its two entities."""

    schema: Schema
    sums: Any
    entries: Any
    Sum: Any
    SumKey: Any
    Entry: Any
    EntryKey: Any


@cache
def ledger() -> Ledger:
    """The ledger, made once; its tables are `DDL` on MySQL."""
    contract, problems = read_contract(json.dumps(_CONTRACT))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    made: Any = records_module(schema)
    return Ledger(schema, made.sums, made.entries, made.Sum, made.SumKey, made.Entry, made.EntryKey)


def _attributes(table: str, **types: str) -> list[dict[str, str]]:
    return [
        {"name": name, "type": type, "source_table": table, "source_column": name}
        for name, type in types.items()
    ]


_CONTRACT = [
    {
        "table": "Ledger",
        "type": "multi-entity",
        "source_table": "sums",
        "pk": "PK",
        "sk": "SK",
        "entities": [
            {
                "entity_type": "SUM",
                "source_table": "sums",
                "pk_template": "SUM#{id}",
                "sk_template": "SUM",
                "attributes": _attributes("sums", id="N", total="N", said="S"),
            },
            {
                "entity_type": "ENTRY",
                "source_table": "entries",
                "pk_template": "OWNER#{owner}",
                "sk_template": "ENTRY#{number:010}",
                "attributes": _attributes("entries", owner="N", number="N", said="S"),
            },
        ],
    }
]
