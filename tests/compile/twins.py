"""The online store and the zoo, in memory and on a real DynamoDB at once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dalkit import (
    Success,
    read_contract,
    read_ddl,
    resolve,
)
from dalkit.records.made import records_module
from dalkit.result import TransactionCancelled
from dalkit.run.memory import Memory, memory
from dalkit.schema.bookkeeping import GUARD
from dalkit.schema.definition import Schema

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def _schema(contract_path: Path, ddl_path: Path) -> Schema:
    contract, _ = read_contract(contract_path.read_text())
    source, _ = read_ddl(ddl_path.read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


STORE_AT = ROOT / "contracts" / "online_store"
ZOO_AT = ROOT / "tests" / "stores"
STORE = _schema(STORE_AT / "migrationContract.json", STORE_AT / "schema.sql")
ZOO = _schema(ZOO_AT / "zoo.json", ZOO_AT / "zoo.sql")
BOTH = Schema(tables=(*STORE.tables, *ZOO.tables), entities=(*STORE.entities, *ZOO.entities))
M: Any = records_module(STORE)
Z: Any = records_module(ZOO)
U, OF, P, N, L = M.users, M.orders, M.products, Z.notes, Z.loose


def user(user_id: int, **given: Any) -> Any:
    """A user by id; all else can be given."""
    plain = {
        "username": f"user{user_id}",
        "email": f"user{user_id}@example.com",
        "password_hash": "hush",
        "profile": M.UserProfile(first_name="Ada", last_name=None),
        "is_seller": True,
        "super_admin": False,
        "created_at": NOON,
        "updated_at": NOON,
        "admin_group": None,
    }
    return M.User(user_id=user_id, **{**plain, **given})


def order(order_id: int, **given: Any) -> Any:
    """An order of the first user by id."""
    plain = {
        "user_id": 1,
        "order_status": "pending",
        "total_amount": Decimal("5.00"),
        "order_items": (),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return M.Order(order_id=order_id, **{**plain, **given})


def product(product_id: int, **given: Any) -> Any:
    """A product of the first user by id."""
    plain = {
        "seller_id": 1,
        "category_id": 1,
        "name": "lamp",
        "description": None,
        "price": Decimal("2.50"),
        "inventory_quantity": 3,
        "image_url": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return M.Product(product_id=product_id, **{**plain, **given})


def note(note_id: int, **given: Any) -> Any:
    """A note by id, with nothing in it."""
    names = ("title", "number", "price", "ratio", "done", "sort", "tags", "raw", "day")
    plain = {**dict.fromkeys((*names, "spent", "tree", "seen", "expires")), "version": 0}
    return Z.Note(id=note_id, **{"owner": f"o{note_id}", **plain, **given})


class Twins:
    """A query is run on memory and on the store, which must answer alike."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.now = NOON
        self.memory: Memory = memory(BOTH, now=lambda: self.now)

    def run(self, query: Any) -> Any:
        """The answer or the error of both."""
        self.store.now = self.now
        wanted, found = self.memory.run(query), self.store.result(query)
        assert _told(found) == _told(wanted), str(query)
        return found.unwrap() if isinstance(found, Success) else found.failure()

    def guards(self, table: str) -> dict[str, str]:
        """The guards of a table: their keys, and their owners."""
        found = self.store.client.scan(TableName=self.store.prefix + table)["Items"]
        return {
            one["PK"]["S"]: one["owner"]["S"] for one in found if one["PK"]["S"].startswith(GUARD)
        }


def _told(result: Any) -> Any:
    """An answer, or an error without the words that a store has of its own."""
    return result.unwrap() if isinstance(result, Success) else _error(result.failure())


def _error(error: Any) -> Any:
    if isinstance(error, TransactionCancelled):
        return [None if one is None else _error(one) for one in error.reasons]
    return type(error), getattr(error, "unique", ""), getattr(error, "record", None)
