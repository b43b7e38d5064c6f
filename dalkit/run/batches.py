"""Many items at once: batches written by a few threads, batches read, tables scanned."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from queue import Queue
from types import TracebackType
from typing import Any, TypeAlias, final

from dalkit.result import Unavailable
from dalkit.run.broken import StoreError
from dalkit.run.dynamodb import DynamoClient, Fault, Reply, exchange
from dalkit.run.faults import left_undone
from dalkit.run.retry import BULK, Backoff, Effects, GiveUp, Halt, History, decide

__all__ = ["BatchWriter", "Item", "get_batch", "put_absent", "scan_pages", "write_batch"]

Item: TypeAlias = Mapping[str, Any]
"""An item in the wire form: {"PK": {"S": "…"}, …}."""

_MOST_PUTS = 25
_MOST_BYTES = 16_000_000


@final
class BatchWriter:
    """Puts items in batches of at most 25 and 16 MB, by `threads` threads, in no order.

    `put` waits while the queue is full and raises StoreError once a batch has failed. Two items
    of one key are never in one batch; which of them is written last is not said.
    """

    def __init__(
        self,
        client: DynamoClient,
        table: str,
        key: Sequence[str],
        *,
        threads: int = 4,
        backoff: Backoff = BULK,
        effects: Effects | None = None,
    ) -> None:
        self.written: int = 0
        self._client = client
        self._table = table
        self._key = tuple(key)
        self._batch: dict[str, Item] = {}
        self._bytes = 0
        self._queue: Queue[list[Item] | None] = Queue(maxsize=2 * threads)
        self._lock = threading.Lock()
        self._failure: BaseException | None = None
        self._halt = Halt()
        self._backoff = backoff
        self._effects = effects or Effects(sleep=self._halt.sleep)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self) -> BatchWriter:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left and wait for it, or throw it away when the block has failed."""
        try:
            if error is None:
                self._flush()
            else:
                self._halt.call()
        finally:
            for _ in self._threads:
                self._queue.put(None)
            for thread in self._threads:
                thread.join()
        if error is None:
            self._raise_failure()

    def put(self, item: Item) -> None:
        """Take one item; it is written some time before the block ends."""
        self._raise_failure()
        key = repr([item[name] for name in self._key])
        size = _size_bound(item)
        if (
            key in self._batch
            or len(self._batch) == _MOST_PUTS
            or (self._batch and self._bytes + size > _MOST_BYTES)
        ):
            self._flush()
        self._batch[key] = item
        self._bytes += size

    def _flush(self) -> None:
        if self._batch:
            self._queue.put(list(self._batch.values()))
        self._batch, self._bytes = {}, 0

    def _work(self) -> None:
        while (batch := self._queue.get()) is not None:
            if self._failure is not None or self._halt.called:
                continue
            try:
                write_batch(
                    self._client, self._table, batch, backoff=self._backoff, effects=self._effects
                )
            except BaseException as error:
                self._failure = error
            else:
                with self._lock:
                    self.written += len(batch)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def write_batch(
    client: DynamoClient,
    table: str,
    items: Sequence[Item],
    *,
    backoff: Backoff = BULK,
    effects: Effects | None = None,
) -> None:
    """Put up to 25 items; what the store leaves over is sent again, alone, until all is written."""
    asked: Any = [{"PutRequest": {"Item": item}} for item in items]
    _until_done(
        client,
        "batch_write_item",
        {table: asked},
        left="UnprocessedItems",
        count=lambda request: len(request.get(table, ())),
        backoff=backoff,
        effects=effects,
    )


def get_batch(
    client: DynamoClient,
    table: str,
    keys: Sequence[Item],
    *,
    backoff: Backoff = BULK,
    effects: Effects | None = None,
) -> list[Reply]:
    """The items of up to 100 different keys, in no order, as consistent reads."""
    replies = _until_done(
        client,
        "batch_get_item",
        {table: {"Keys": list(keys), "ConsistentRead": True}},
        left="UnprocessedKeys",
        count=lambda request: len(request.get(table, {}).get("Keys", ())),
        backoff=backoff,
        effects=effects,
    )
    return [item for reply in replies for item in reply["Responses"].get(table, ())]


def put_absent(
    client: DynamoClient,
    table: str,
    item: Item,
    pk: str,
    *,
    backoff: Backoff = BULK,
    effects: Effects | None = None,
) -> bool:
    """Put one item unless its key is taken; False when it is."""
    arguments = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(#pk)",
        "ExpressionAttributeNames": {"#pk": pk},
    }
    answer = exchange(client, "put_item", arguments, backoff=backoff, effects=effects)
    if not isinstance(answer, Fault):
        return True
    if answer.code == "ConditionalCheckFailedException":
        return False
    raise StoreError(answer.error)


def scan_pages(
    client: DynamoClient,
    table: str,
    *,
    attributes: Sequence[str] = (),
    limit: int | None = None,
    backoff: Backoff = BULK,
    effects: Effects | None = None,
) -> Iterator[list[Reply]]:
    """Every page of a table, consistently read; `attributes` are the only ones given, if any."""
    names = {f"#a{n}": name for n, name in enumerate(attributes)}
    arguments: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    if names:
        arguments["ProjectionExpression"] = ", ".join(names)
        arguments["ExpressionAttributeNames"] = names
    if limit is not None:
        arguments["Limit"] = limit
    while True:
        answer = exchange(client, "scan", arguments, backoff=backoff, effects=effects)
        if isinstance(answer, Fault):
            raise StoreError(answer.error)
        yield answer.get("Items", [])
        last = answer.get("LastEvaluatedKey")
        if not last:
            return
        if last == arguments.get("ExclusiveStartKey"):
            raise StoreError(Unavailable("DynamoDB", f"the scan of {table} does not get on"))
        arguments["ExclusiveStartKey"] = last


def _until_done(
    client: DynamoClient,
    operation: str,
    request: dict[str, Any],
    *,
    left: str,
    count: Any,
    backoff: Backoff,
    effects: Effects | None,
) -> list[Reply]:
    world = effects or Effects()
    replies: list[Reply] = []
    history = History(world.now())
    while count(request):
        answer = exchange(
            client, operation, {"RequestItems": request}, backoff=backoff, effects=world
        )
        if isinstance(answer, Fault):
            raise StoreError(answer.error)
        replies.append(answer)
        rest = answer.get(left) or {}
        if not count(rest):
            break
        if count(rest) < count(request):
            history = History(world.now())
        said = f"{count(rest)} of a batch were left over"
        fault = left_undone(operation, history.attempts + 1, said)
        history, request = history.after(fault, "same"), rest
        decision = decide(backoff, history, fault, "same", world.now(), world.random())
        if isinstance(decision, GiveUp):
            raise StoreError(fault.error)
        world.sleep(decision.delay)
    return replies


def _size_bound(item: Item) -> int:
    """At least the item's bytes as JSON; far too many for other scripts, which costs nothing."""
    text = repr(item)
    return len(text) * (2 if text.isascii() else 12)
