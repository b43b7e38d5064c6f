"""Backends that hold the online store and a small zoo, and what the tests put into them.

A test that takes `db` is run on every backend of `BACKENDS`; each is given to it empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dalkit import Failure, put, read_contract, read_ddl, resolve
from dalkit.records.made import records_module
from dalkit.result import Result, Unsupported
from dalkit.run.backend import Backend
from dalkit.run.memory import memory
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.on_mysql import mysql
from dalkit.schema.entity import Entity as AnyEntity
from dalkit.testing.scratch import scratch_database, scratch_tables
from dalkit.testing.services import DynamoDBLocal, MySQLServer

HERE = Path(__file__).parent
STORE = Path(__file__).parents[2] / "contracts" / "online_store"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HANDLES = ("users", "orders", "cart_items", "products", "categories")

BACKENDS = ("dynamodb", "memory", "mysql")
Open = Callable[[Callable[[], datetime]], Backend]


def _module(contract_text: str, ddl: str) -> ModuleType:
    contract, problems = read_contract(contract_text)
    source, _ = read_ddl(ddl)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture(scope="session")
def store() -> Any:
    """The records module of the online store."""
    return _module(
        (STORE / "migrationContract.json").read_text(), (STORE / "schema.sql").read_text()
    )


@pytest.fixture(scope="session")
def zoo() -> Any:
    """The records module of the zoo."""
    return _module((HERE / "zoo.json").read_text(), (HERE / "zoo.sql").read_text())


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    """What the backend takes for the time."""
    return Clock()


@pytest.fixture(scope="session")
def entities(store: Any, zoo: Any) -> list[AnyEntity[Any, Any]]:
    """Every entity that a backend holds."""
    return [*(getattr(store, one) for one in HANDLES), zoo.notes, zoo.loose, zoo.marks]


@pytest.fixture(scope="session")
def open_memory(entities: list[AnyEntity[Any, Any]]) -> Open:
    """What opens an empty backend in memory."""
    return lambda now: memory(entities, now=now)


@pytest.fixture(scope="session")
def open_dynamodb(
    dynamodb_local: DynamoDBLocal, entities: list[AnyEntity[Any, Any]]
) -> Iterator[Open]:
    """What opens a backend on tables of DynamoDB that it empties."""
    with scratch_tables(dynamodb_local, entities) as held:

        def opened(now: Callable[[], datetime]) -> Backend:
            held.empty()
            return dynamodb(held.client, prefix=held.prefix, now=now)

        yield opened


@pytest.fixture(scope="session")
def open_mysql(mysql_server: MySQLServer) -> Iterator[Open]:
    """What opens a backend on a database of MySQL that it empties."""
    ddl = (STORE / "schema.sql").read_text() + "\n" + (HERE / "zoo.sql").read_text()
    with scratch_database(mysql_server, ddl) as held:

        def opened(now: Callable[[], datetime]) -> Backend:
            held.empty()
            return mysql(held.connect, now=now)

        yield opened


@pytest.fixture(params=BACKENDS)
def opened(request: pytest.FixtureRequest, clock: Clock) -> Callable[[], Backend]:
    """A function that gives an empty backend of one kind."""
    opens: Open = request.getfixturevalue(f"open_{request.param}")
    return lambda: opens(clock)


@pytest.fixture
def all_stores(
    open_memory: Open, open_mysql: Open, open_dynamodb: Open, clock: Clock
) -> Callable[[], dict[str, Backend]]:
    """A function that gives an empty backend of every kind, by name."""
    opens = {"memory": open_memory, "mysql": open_mysql, "dynamodb": open_dynamodb}
    return lambda: {name: one(clock) for name, one in opens.items()}


@pytest.fixture
def db(opened: Callable[[], Backend]) -> Backend:
    """An empty backend."""
    return opened()


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The name of the backend of the test."""
    name: str = request.node.callspec.params["opened"]
    return name


@pytest.fixture
def gap(backend: str) -> Callable[..., bool]:
    """A function that says whether an answer is a declared gap of the store.

    `gap(answer, mysql="…")`: on MySQL the answer is Unsupported, with this in its reason; as soon
    as it is not, the gap is closed and its mark must go.
    """

    def declared(answer: Result[Any], **reasons: str) -> bool:
        if backend not in reasons:
            return False
        assert isinstance(answer, Failure), f"{backend} has closed a gap: {reasons[backend]}"
        error = answer.failure()
        assert isinstance(error, Unsupported), error
        assert reasons[backend] in str(error)
        return True

    return declared


@pytest.fixture
def user(store: Any) -> Callable[..., Any]:
    """A user by id; all else can be given."""

    def made(user_id: int, **given: Any) -> Any:
        plain = {
            "username": f"user{user_id}",
            "email": f"user{user_id}@example.com",
            "password_hash": "hush",
            "profile": store.UserProfile(first_name="Ada", last_name=None),
            "is_seller": True,
            "super_admin": False,
            "created_at": NOON,
            "updated_at": NOON,
            "admin_group": None,
        }
        return store.User(user_id=user_id, **{**plain, **given})

    return made


@pytest.fixture
def product(store: Any) -> Callable[..., Any]:
    """A product of the first user and category by id; all else can be given."""

    def made(product_id: int, **given: Any) -> Any:
        plain = {
            "seller_id": 1,
            "category_id": 1,
            "name": f"Thing {product_id}",
            "description": None,
            "price": Decimal("2.50"),
            "inventory_quantity": 3,
            "image_url": None,
            "created_at": NOON,
            "updated_at": NOON,
        }
        return store.Product(product_id=product_id, **{**plain, **given})

    return made


@pytest.fixture
def order(store: Any) -> Callable[..., Any]:
    """An order of the first user by id; all else can be given."""

    def made(order_id: int, **given: Any) -> Any:
        plain = {
            "user_id": 1,
            "order_status": "pending",
            "total_amount": Decimal("5.00"),
            "order_items": (),
            "created_at": NOON,
            "updated_at": NOON,
        }
        return store.Order(order_id=order_id, **{**plain, **given})

    return made


@pytest.fixture
def note(zoo: Any) -> Callable[..., Any]:
    """A note by id; all else is None if it is not given."""
    names = ("title", "number", "price", "ratio", "done", "sort", "tags", "raw", "day", "spent")
    empty = dict.fromkeys((*names, "tree", "seen", "expires"))

    def made(id: int, **given: Any) -> Any:  # noqa: A002  # the field's own name
        return zoo.Note(**{"id": id, "owner": f"o{id}", "version": 0, **empty, **given})

    return made


@pytest.fixture
def parents(store: Any, user: Any, product: Any) -> list[Any]:
    """What writes the user, the category and the product that orders refer to."""
    category = store.Category(
        category_id=1,
        name="Things",
        parent_id=None,
        parent_name="",
        children_count=0,
        product_count=1,
        created_at=NOON,
        parent_key="ROOT",
    )
    made = ((store.users, user(1)), (store.categories, category), (store.products, product(1)))
    return [put(entity, one) for entity, one in made]


@pytest.fixture
def shop(db: Backend, store: Any, user: Any, product: Any) -> Backend:
    """A backend with two users, a category and two products of it."""
    category = store.Category(
        category_id=1,
        name="Things",
        parent_id=None,
        parent_name="",
        children_count=0,
        product_count=2,
        created_at=NOON,
        parent_key="ROOT",
    )
    for one in (user(1), user(2)):
        db.run(put(store.users, one)).unwrap()
    db.run(put(store.categories, category)).unwrap()
    for one in (product(1), product(2)):
        db.run(put(store.products, one)).unwrap()
    return db
