"""Events as records of the standard library's logging, with stable keys.

| key of `extra`       | value                                           | in                  |
|----------------------|-------------------------------------------------|---------------------|
| `dalkit_kind`        | the event's kind                                | all                 |
| `dalkit_store`       | the store, or the circuit's name                | all                 |
| `dalkit_correlation` | the same for all events of one query            | all                 |
| `dalkit_operation`   | the query's verb                                | all but breaker     |
| `dalkit_entity`      | its entity                                      | all but breaker     |
| `dalkit_table`       | its table                                       | all but breaker     |
| `dalkit_request`     | what was sent                                   | attempt, retry      |
| `dalkit_outcome`     | `ok`, or the name of the error's class          | operation, attempt, |
|                      |                                                 | retry               |
| `dalkit_request_id`  | the store's name of a request that failed       | operation           |
| `dalkit_duration`    | seconds                                         | operation, attempt  |
| `dalkit_attempt`     | the attempt's number, or how many there were    | operation, attempt, |
|                      |                                                 | retry               |
| `dalkit_delay`       | seconds                                         | retry               |
| `dalkit_read_units`  | capacity units                                  | operation, attempt  |
| `dalkit_write_units` | capacity units                                  | operation, attempt  |
| `dalkit_returned`    | records handed on                               | page                |
| `dalkit_examined`    | records looked at                               | page                |
| `dalkit_detail`      | `closed -> open`, or a setting                  | breaker, warning    |
| `dalkit_key`         | the key, without secret parts: only with values | all but breaker     |
| `dalkit_error`       | the error's sentence: only with values          | operation, attempt, |
|                      |                                                 | retry               |

What does not apply to an event is "" or 0. Failures, warnings and circuits that change are logged
as WARNING, retries as INFO, the rest as DEBUG; a record that does not exist is no failure.
"""

from __future__ import annotations

import logging
from typing import Any

from dalkit.run.events import Event, Hook

__all__ = ["extra_of", "level_of", "log_events", "said"]


def log_events(logger: logging.Logger | None = None, *, values: bool = False) -> Hook:
    """A hook that logs every event, without values of keys and records unless `values` is true."""
    target = logger or logging.getLogger("dalkit")

    def log(event: Event) -> None:
        level = level_of(event)
        if target.isEnabledFor(level):
            target.log(level, "%s", said(event), extra=extra_of(event, values=values))

    return log


def level_of(event: Event) -> int:
    """How loud an event is."""
    if event.kind in ("breaker", "warning") or (event.kind == "operation" and event.failed):
        return logging.WARNING
    return logging.INFO if event.kind == "retry" else logging.DEBUG


def said(event: Event) -> str:
    """An event in one line, without values."""
    what = (event.kind, event.store, event.operation, event.entity, event.request)
    more = (event.outcome, event.detail, f"{event.delay:.3f} s" if event.delay else "")
    subject = " ".join(one for one in what if one)
    told = ", ".join(one for one in more if one)
    return f"{subject}: {told}" if told else subject


def extra_of(event: Event, *, values: bool) -> dict[str, Any]:
    """The keys of the table."""
    names = (
        "kind store correlation operation entity table request outcome duration attempt delay "
        "read_units write_units returned examined detail"
    )
    extra = {f"dalkit_{name}": getattr(event, name) for name in names.split()}
    extra["dalkit_request_id"] = event.error.trace.request_id if event.error else ""
    if values:
        extra |= {"dalkit_key": event.key, "dalkit_error": str(event.error or "")}
    return extra
