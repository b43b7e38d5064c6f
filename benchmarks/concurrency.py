"""Many queries at once, on threads and from asyncio: `python benchmarks/concurrency.py`.

What each way costs is CPU time per query, the median over interleaved rounds; how many queries a
second it answers is said for a store that takes 5 ms and for DynamoDB Local. Writes
`artifacts/benchmarks/concurrency.json` and `.md`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dalkit import Success, get, put
from dalkit.run.backend import Backend
from dalkit.run.many import arun, arun_many, run_many
from dalkit.run.on_dynamodb import dynamodb
from dalkit.schema.entity import key_class_of, record_class_of
from dalkit.testing.scratch import scratch_tables
from dalkit.testing.services import dynamodb_local
from dalkit.testing.zoo import zoo

ROOT = Path(__file__).parents[1]
ROUNDS = 7
QUERIES = 400
ENTITY: Any = zoo()["number"]
RAW = b"\x01"

Way = Callable[[Backend, Sequence[Any]], object]


class Slow:
    """A store that takes 5 ms and no CPU time."""

    def run(self, query: Any) -> Any:
        """As a backend does."""
        time.sleep(0.005)
        return Success(query)


async def _all_at_once(backend: Backend, queries: Sequence[Any]) -> object:
    return await asyncio.gather(*(arun(backend, one) for one in queries))


WAYS: dict[str, Way] = {
    "one after another": lambda db, every: [db.run(one) for one in every],
    "run_many, 8 threads": lambda db, every: run_many(db, every),
    "run_many, 32 threads": lambda db, every: run_many(db, every, threads=32),
    "arun_many, 8 threads": lambda db, every: asyncio.run(arun_many(db, every)),
    "arun_many, 32 threads": lambda db, every: asyncio.run(arun_many(db, every, threads=32)),
    "arun, the loop's own threads": lambda db, every: asyncio.run(_all_at_once(db, every)),
}


def measured(backend: Backend, queries: Sequence[Any]) -> dict[str, dict[str, float]]:
    """CPU microseconds per query and queries a second, by way."""
    cpu: dict[str, list[float]] = {name: [] for name in WAYS}
    wall: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, way in WAYS.items():
            began, used = time.perf_counter(), time.process_time()
            way(backend, queries)
            cpu[name].append((time.process_time() - used) / len(queries) * 1e6)
            wall[name].append(len(queries) / (time.perf_counter() - began))
    return {
        name: {
            "cpu_us": round(statistics.median(cpu[name]), 1),
            "per_second": round(statistics.median(wall[name])),
        }
        for name in WAYS
    }


def main() -> None:
    """Measure both stores, and keep the figures."""
    keys = [key_class_of(ENTITY)(id=number, raw=RAW) for number in range(QUERIES)]
    queries = [get(ENTITY, one) for one in keys]
    figures = {"a store that takes 5 ms": measured(Slow(), queries)}
    with dynamodb_local() as local, scratch_tables(local, [ENTITY]) as held:
        db = dynamodb(held.client, prefix=held.prefix)
        things = [record_class_of(ENTITY)(id=n, raw=RAW, title="one") for n in range(QUERIES)]
        run_many(db, [put(ENTITY, one) for one in things])
        figures["DynamoDB Local, gets"] = measured(db, queries)
    keep(figures)


def keep(figures: dict[str, dict[str, dict[str, float]]]) -> None:
    """Write what was measured."""
    folder = ROOT / "artifacts" / "benchmarks"
    (folder / "concurrency.json").write_text(json.dumps(figures, indent=2) + "\n")
    version = ".".join(map(str, sys.version_info[:3]))
    lines = [
        "# Many queries at once",
        "",
        f"{QUERIES} queries, medians of {ROUNDS} interleaved rounds, Python {version}. An",
        "asynchronous client beside threads: `artifacts/effects.md`.",
    ]
    for store, ways in figures.items():
        lines += [
            "",
            f"## {store}",
            "",
            "| way | CPU µs a query | queries a second |",
            "|---|---|---|",
        ]
        lines += [
            f"| {name} | {one['cpu_us']} | {one['per_second']} |" for name, one in ways.items()
        ]
    (folder / "concurrency.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
