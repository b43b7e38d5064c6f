"""Random programs: whatever is asked in whatever order, all stores answer alike."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, final

import attrs
import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dalkit import Failure, Success, count, delete, find, get, get_many, put
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.settings import Settings
from dalkit.compile.sql import to_sql
from dalkit.query import Query
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.subjects import key_of_record
from dalkit.query.together import TransactGet
from dalkit.result import NotFound, Unsupported
from dalkit.run.backend import Backend, pages
from dalkit.run.memory import memory
from dalkit.schema.entity import Entity
from dalkit.testing.agreement import answer_of, answers_agree, same_contents
from dalkit.testing.queries import pools_of, programs_on
from dalkit.testing.zoo import zoo as hard_ones

PROGRAMS = int(os.environ.get("DALKIT_PROGRAMS", "100"))
STEPS = int(os.environ.get("DALKIT_STEPS", "8"))
FIGURES = os.environ.get("DALKIT_FIGURES", "")
SETTINGS = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW = Settings(now=NOON)
_READS = (Get, GetMany, Find, Count, TransactGet)

# What a store declares that it cannot be asked: the reason, and where it holds.
GAPS: dict[str, tuple[str, ...]] = {
    "mysql": (
        "values inside JSON have no common order",
        "a change of the key stands alone",
        "counts versions",
        "which is secret",
    ),
    "dynamodb": (
        "one record is written twice",
        "DynamoDB counts UTF-16 units",
        "DynamoDB folds nothing",
        "whose order is not that of the values",
        "no attribute of its own carries",
        "which adds nothing",
        "counts versions",
        "which is secret",
    ),
}


def _check(db: Backend, entity: Any) -> None:
    """What every moment is like: pages, counts and gets tell of the same records."""
    query = find(entity).allow_scan()
    whole = db.run(query).unwrap().items
    keys = [key_of_record(entity, one) for one in whole]
    paged = [one for page in pages(db, query.limit(2)) for one in page.unwrap().items]

    assert list(whole) == paged
    assert db.run(count(entity).allow_scan()) == Success(len(whole))
    assert len(set(keys)) == len(keys)
    assert list(db.run(get_many(entity, keys)).unwrap().values()) == list(whole)


def _program(db: Backend, entity: Any, steps: list[Query[Any]]) -> None:
    for step in steps:
        before = db.run(find(entity).allow_scan()).unwrap().items
        answer: Any = db.run(step)
        assert isinstance(answer, (Success, Failure))
        if isinstance(answer, Failure) and not str(step).startswith("batch"):
            assert str(answer.failure())
            assert db.run(find(entity).allow_scan()).unwrap().items == before
    _check(db, entity)


@SETTINGS
@given(data=st.data())
def test_random_programs_are_answered(
    opened: Callable[[], Backend], zoo: Any, data: st.DataObject
) -> None:
    """A failure changes nothing, and every read tells of the same records."""
    pool = data.draw(pools_of(zoo.notes, fitted=note_for_all))
    _program(opened(), zoo.notes, data.draw(programs_on(pool)))


@pytest.mark.parametrize("name", sorted(hard_ones()))
@settings(SETTINGS, max_examples=3)
@given(data=st.data())
def test_the_memory_backend_answers_random_programs_on_hard_entities(
    name: str, data: st.DataObject
) -> None:
    """Every kind under every attribute type, keys of every shape."""
    entity: Entity[Any, Any] = hard_ones()[name]
    pool = data.draw(pools_of(entity))
    _program(memory(hard_ones()), entity, data.draw(programs_on(pool)))


def note_for_all(note: Any) -> Any:
    """A note that every store can tell from the others.

    MySQL compares unique texts without the blanks at their ends.
    """
    title = None if note.title is None else note.title.rstrip()
    return attrs.evolve(note, owner=note.owner.rstrip(), title=title)


def mark_for_all(mark: Any) -> Any:
    """A mark whose owner every store can tell from the others; few words, so that they meet."""
    return attrs.evolve(mark, owner=f"o{len(mark.owner) % 2}", word=mark.word or None)


def user_for_all(user: Any) -> Any:
    """A user as MySQL can hold it: TIMESTAMPs end in 2038, names differ in more than case."""
    number = user.user_id % 4
    return attrs.evolve(
        user,
        user_id=number + 1,
        username=f"user{len(user.username) % 4}",
        email=f"user{len(user.email) % 4}@example.com",
        created_at=NOON,
        updated_at=NOON,
        admin_group="SUPER_ADMIN" if user.super_admin else None,
    )


def order_for_all(order: Any) -> Any:
    """An order of the only user, and its lines of the only product, with ids of their own."""
    number = order.order_id % 3 + 1
    lines = [
        attrs.evolve(
            one, order_item_id=number * 10 + at, product_id=1, price_at_time=abs(one.price_at_time)
        )
        for at, one in enumerate(order.order_items)
    ]
    return attrs.evolve(
        order,
        order_id=number,
        user_id=1,
        created_at=NOON + timedelta(days=number),
        updated_at=NOON,
        order_items=tuple(lines),
    )


def loose_for_all(loose: Any) -> Any:
    """A record whose two texts tell its key, and few of them."""
    return attrs.evolve(loose, one=f"o{len(loose.one) % 2}", other=f"x{len(loose.other) % 2}")


def product_for_all(product: Any) -> Any:
    """A product of the only seller and category, with an id of its own."""
    return attrs.evolve(
        product,
        product_id=product.product_id % 4 + 1,
        seller_id=1,
        category_id=1,
        price=abs(product.price),
        inventory_quantity=abs(product.inventory_quantity) % 2**31,
        created_at=NOON,
        updated_at=NOON,
    )


@final
@frozen
class World:
    """What programs are about: records that every store can hold, and changes that it can."""

    entity: Callable[[Any, Any], Any]
    fitted: Callable[[Any], Any]
    share: int
    """Of a hundred programs."""
    fixed: tuple[str, ...] = ()
    fresh: bool = True

    def pools(self, entity: Any) -> st.SearchStrategy[Any]:
        """The records that a program is about."""
        return pools_of(entity, fitted=self.fitted, fixed=self.fixed, fresh=self.fresh)


WORLDS = {
    "notes": World(lambda zoo, _: zoo.notes, note_for_all, 35),
    "marks": World(lambda zoo, _: zoo.marks, mark_for_all, 20, ("owner",)),
    "loose": World(lambda zoo, _: zoo.loose, loose_for_all, 5, ("one", "other")),
    "products": World(
        lambda _, store: store.products,
        product_for_all,
        10,
        ("product_id", "seller_id", "category_id", "created_at", "updated_at"),
    ),
    "users": World(
        lambda _, store: store.users,
        user_for_all,
        15,
        ("created_at", "updated_at", "super_admin", "admin_group"),
        fresh=False,
    ),
    "orders": World(
        lambda _, store: store.orders,
        order_for_all,
        15,
        ("user_id", "order_id", "created_at", "updated_at", "order_items"),
    ),
}


def prepare(stores: Mapping[str, Backend], parents: Iterable[Any]) -> None:
    """Write the rows that records refer to."""
    for db in stores.values():
        for one in parents:
            db.run(one).unwrap()


class Tally:
    """What was done, and what a store declared that it cannot be asked."""

    def __init__(self) -> None:
        self.programs = 0
        self.done: Counter[str] = Counter()
        self.declared: Counter[str] = Counter()

    def declare(self, store: str, query: Query[Any], error: Unsupported) -> None:
        """Count a declared gap; one that is not declared is a divergence."""
        gap = next((one for one in GAPS[store] if re.search(one, str(error))), None)
        assert gap is not None, f"{store} refuses what is not declared: {query}: {error}"
        self.declared[f"{store}: {gap}"] += 1

    def keep(self, name: str) -> None:
        """Write the figures of a long run."""
        if FIGURES:
            told: dict[str, Any] = {"programs": self.programs, "steps": sum(self.done.values())}
            told["verbs"] = dict(sorted(self.done.items()))
            told["declared"] = dict(sorted(self.declared.items()))
            path = Path(FIGURES) / f"{name}.json"
            path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def _step(stores: dict[str, Backend], query: Query[Any], tally: Tally) -> None:
    compilers: dict[str, Any] = {"mysql": to_sql, "dynamodb": to_dynamodb}
    asked = ["memory"]
    for name in stores:
        match compilers[name](query, NOW) if name in compilers else None:
            case Failure(Unsupported() as error):
                tally.declare(name, query, error)
            case Success() | Failure():
                asked.append(name)
    if not isinstance(query, _READS) and len(asked) < len(stores):
        return  # what one store is not told the others are not told either
    wanted = answer_of(stores["memory"], query)
    tally.done[str(query).split()[0]] += 1
    for name in asked[1:]:
        answers_agree(query, wanted, answer_of(stores[name], query))


def _agree(stores: dict[str, Backend], entity: Any, steps: list[Query[Any]], tally: Tally) -> None:
    tally.programs += 1
    for step in steps:
        _step(stores, step, tally)
    for name in ("mysql", "dynamodb"):
        same_contents(stores["memory"], stores[name], entity)


def _long(share: int) -> settings:
    """A part of all programs: the same ones each time, but in a long run, which shrinks none."""
    phases = [one for one in Phase if one is not Phase.shrink or not FIGURES]
    number = max(1, PROGRAMS * share // 100)
    return settings(SETTINGS, max_examples=number, phases=phases, derandomize=not FIGURES)


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", sorted(WORLDS))
def test_random_programs_agree(
    name: str,
    all_stores: Callable[[], dict[str, Backend]],
    zoo: Any,
    store: Any,
    parents: list[Any],
) -> None:
    """A value of every kind, unique pairs, versions, records that end, sparse indexes, rows."""
    world, tally = WORLDS[name], Tally()
    entity = world.entity(zoo, store)

    @_long(world.share)
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        pool = data.draw(world.pools(entity))
        steps = data.draw(programs_on(pool, steps=STEPS, least=STEPS if FIGURES else 1))
        stores = all_stores()
        if name in ("orders", "products"):
            prepare(stores, parents)
        _agree(stores, entity, steps, tally)

    run()
    tally.keep(name)


def test_what_was_put_is_got(opened: Callable[[], Backend], zoo: Any, note: Any) -> None:
    """The least program: nothing, a record, nothing again."""
    db, key = opened(), zoo.NoteKey(1)

    assert isinstance(db.run(get(zoo.notes, key)).failure(), NotFound)
    assert db.run(put(zoo.notes, note(1))) == db.run(get(zoo.notes, key))
    assert db.run(delete(zoo.notes, key)) == Success(True)
    assert isinstance(db.run(get(zoo.notes, key)).failure(), NotFound)
