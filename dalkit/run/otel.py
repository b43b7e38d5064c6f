"""Events as OpenTelemetry's spans and metrics, by its API alone; needs the extra `otel`.

| metric                         | unit      | counts                          | attributes   |
|--------------------------------|-----------|---------------------------------|--------------|
| `db.client.operation.duration` | s         | queries, by how long they took  | as spans     |
| `dalkit.attempts`              | {attempt} | requests that were sent         | as spans     |
| `dalkit.retries`               | {retry}   | waits before a next attempt     | as spans     |
| `dalkit.retry.delay`           | s         | how long these were             | as spans     |
| `dalkit.capacity`              | {unit}    | capacity units consumed         | and `side`   |
| `dalkit.records`               | {record}  | records of pages, handed on and | and `which`  |
|                                |           | looked at                       |              |
| `dalkit.cache`                 | {lookup}  | lookups in the cache            | and `hit`    |
| `dalkit.breaker.changes`       | {change}  | circuits that changed           | and `change` |

Each query is a span, each of its attempts a span inside it. Attributes: `db.system.name`,
`db.operation.name`, `db.collection.name`, `dalkit.entity`, `dalkit.request`, `error.type`; never a
key or a value. A record that does not exist is no error.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from dalkit.run.events import Event, Hook

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ["attributes_of", "trace_events"]

Attributes: TypeAlias = Mapping[str, Any]

_NAME: Final = "dalkit"
_MOST_WAITING: Final = 10_000


def trace_events(
    *, tracers: TracerProvider | None = None, meters: MeterProvider | None = None
) -> Hook:
    """A hook that gives spans and metrics to these providers, or to the global ones."""
    try:
        from opentelemetry import metrics, trace
    except ImportError:
        raise ImportError("OpenTelemetry is not installed: pip install 'dalkit[otel]'") from None

    spans = _Spans((tracers or trace.get_tracer_provider()).get_tracer(_NAME))
    counted = _Metrics((meters or metrics.get_meter_provider()).get_meter(_NAME))

    def told(event: Event) -> None:
        counted(event)
        spans(event)

    return told


def attributes_of(event: Event) -> dict[str, Any]:
    """What spans and metrics say of an event."""
    named = {
        "db.system.name": event.store.lower(),
        "db.operation.name": event.operation,
        "db.collection.name": event.table,
        "dalkit.entity": event.entity,
        "dalkit.request": event.request,
        "error.type": event.outcome if event.failed else "",
    }
    return {name: value for name, value in named.items() if value}


@final
class _Spans:
    """Attempts wait for their query's end: only then is there a span for them to be in."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer
        self._waiting: dict[tuple[str, int], list[tuple[Event, int]]] = {}
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        """Take an event."""
        place, now = (event.correlation, threading.get_ident()), time.time_ns()
        if event.kind == "attempt":
            with self._lock:
                if len(self._waiting) < _MOST_WAITING:
                    self._waiting.setdefault(place, []).append((event, now))
        elif event.kind == "operation":
            with self._lock:
                inside = self._waiting.pop(place, [])
            self._ended(event, now, inside)

    def _ended(self, event: Event, now: int, inside: list[tuple[Event, int]]) -> None:
        from opentelemetry.trace import set_span_in_context

        outer = self._span(event, now, f"{event.operation} {event.entity}".strip(), None)
        outer.set_attribute("dalkit.attempts", event.attempt)
        for one, ended in inside:
            self._span(one, ended, one.request, set_span_in_context(outer)).end(end_time=ended)
        outer.end(end_time=now)

    def _span(self, event: Event, now: int, name: str, context: Any) -> Any:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        span = self._tracer.start_span(
            name,
            context=context,
            kind=SpanKind.CLIENT,
            start_time=now - int(event.duration * 1e9),
            attributes=attributes_of(event),
        )
        if event.failed:
            span.set_status(Status(StatusCode.ERROR, event.outcome))
        return span


@final
class _Metrics:
    def __init__(self, meter: Any) -> None:
        counter = meter.create_counter
        self._duration = meter.create_histogram("db.client.operation.duration", unit="s")
        self._attempts = counter("dalkit.attempts", unit="{attempt}")
        self._retries = counter("dalkit.retries", unit="{retry}")
        self._delay = meter.create_histogram("dalkit.retry.delay", unit="s")
        self._capacity = counter("dalkit.capacity", unit="{unit}")
        self._records = counter("dalkit.records", unit="{record}")
        self._cache = counter("dalkit.cache", unit="{lookup}")
        self._changes = counter("dalkit.breaker.changes", unit="{change}")

    def __call__(self, event: Event) -> None:
        """Count an event."""
        about = attributes_of(event)
        match event.kind:
            case "operation":
                self._duration.record(event.duration, about)
            case "attempt":
                self._attempts.add(1, about)
                self._capacity.add(event.read_units, {**about, "side": "read"})
                self._capacity.add(event.write_units, {**about, "side": "write"})
            case "retry":
                self._retries.add(1, about)
                self._delay.record(event.delay, about)
            case "page":
                self._records.add(event.returned, {**about, "which": "returned"})
                self._records.add(event.examined, {**about, "which": "examined"})
            case "cache hit" | "cache miss":
                self._cache.add(1, {**about, "hit": event.kind == "cache hit"})
            case "breaker":
                self._changes.add(1, {**about, "change": event.detail})
            case "warning":
                pass
