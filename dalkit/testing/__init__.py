"""Tools for tests: the real stores on demand, strategies, and the laws that hold for all of them.

| name                                   | for                                                |
|----------------------------------------|----------------------------------------------------|
| `records_of`, `rows_of`, `queries_on`  | Hypothesis: records, rows and queries of an entity |
| `pools_of`, `reads_on`, `writes_on`,   | queries about a few records that meet often, and   |
| `programs_on`                          | lists of them                                      |
| `round_trips`                          | a record survives both stores                      |
| `same_answer`, `same_contents`         | a store answers as the memory backend does         |
| `scratch_tables`, `scratch_database`   | rooms of a test's own in the real stores           |
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dalkit.testing.agreement import same_answer, same_contents
    from dalkit.testing.laws import round_trips
    from dalkit.testing.queries import pools_of, programs_on, queries_on, reads_on, writes_on
    from dalkit.testing.scratch import scratch_database, scratch_tables
    from dalkit.testing.strategies import records_of, rows_of

__all__ = [
    "pools_of",
    "programs_on",
    "queries_on",
    "reads_on",
    "records_of",
    "round_trips",
    "rows_of",
    "same_answer",
    "same_contents",
    "scratch_database",
    "scratch_tables",
    "writes_on",
]

# Found when they are asked for, since the pytest plugin is loaded where no Hypothesis may be.
_PLACES: Final = {
    "agreement": ("same_answer", "same_contents"),
    "laws": ("round_trips",),
    "queries": ("pools_of", "programs_on", "queries_on", "reads_on", "writes_on"),
    "scratch": ("scratch_database", "scratch_tables"),
    "strategies": ("records_of", "rows_of"),
}


def __getattr__(name: str) -> Any:
    for module, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f"dalkit.testing.{module}"), name)
    raise AttributeError(f"module 'dalkit.testing' has no attribute {name!r}")
