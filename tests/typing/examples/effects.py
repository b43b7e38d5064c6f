"""Backends in front of backends, and many queries at once, typed as single ones are."""

from __future__ import annotations

from typing import assert_type

from records import Order, Product, ProductKey, orders, products

from dalkit import Page, Result, find, get, insert, memory
from dalkit.run.backend import Backend
from dalkit.run.cache import Cached, cached
from dalkit.run.events import Event
from dalkit.run.logs import log_events
from dalkit.run.many import arun, arun_many, run_many

db: Backend = cached(memory([orders, products]), seconds=5.0, on_event=log_events())
keys = [ProductKey(1), ProductKey(2)]


def told(event: Event) -> None:
    """A hook."""
    assert_type(event.duration, float)


assert_type(cached(db), Cached)
assert_type(cached(db, on_event=told).run(get(products, keys[0])), Result[Product])
assert_type(run_many(db, [get(products, key) for key in keys]), list[Result[Product]])
assert_type(run_many(db, (find(orders) for _ in keys)), list[Result[Page[Order]]])
cached(db, seconds="5")  # error
cached(db, on_event=len)  # error
run_many(db, keys)  # error
run_many(db, [get(products, keys[0])], 8)  # error


async def waiting() -> None:
    """From asyncio."""
    assert_type(await arun(db, get(products, keys[0])), Result[Product])
    assert_type(await arun_many(db, [get(products, key) for key in keys]), list[Result[Product]])
    await arun(db, insert)  # error
