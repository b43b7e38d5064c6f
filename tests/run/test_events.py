"""What is told of a query: to hooks, to the log, and to OpenTelemetry."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from typing import Any

import pytest
from attrs import fields
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import dalkit.run.events
import dalkit.run.logs
import dalkit.run.otel
from dalkit.result import ConditionFailed, NotFound, Unavailable, traced
from dalkit.run.events import Event, correlated, correlation, every, tell
from dalkit.run.logs import extra_of, log_events
from dalkit.run.otel import trace_events

AWAY = traced(Unavailable("DynamoDB", "key 4711"), request_id="R1")
COMMON: Any = {
    "store": "DynamoDB",
    "correlation": "c1",
    "operation": "update",
    "entity": "Orders",
    "table": "Users",
    "key": "id = 4711",
}
ATTEMPT = Event(
    kind="attempt",
    request="UpdateItem",
    outcome="Unavailable",
    error=AWAY,
    attempt=1,
    duration=0.25,
    **COMMON,
)
RETRY = Event(
    kind="retry", request="UpdateItem", outcome="Unavailable", error=AWAY, delay=0.5, **COMMON
)
SECOND = Event(
    kind="attempt",
    request="UpdateItem",
    outcome="ok",
    attempt=2,
    duration=0.25,
    write_units=2.0,
    **COMMON,
)
DONE = Event(kind="operation", outcome="ok", duration=1.0, attempt=2, write_units=2.0, **COMMON)
FAILED = Event(
    kind="operation", outcome="Unavailable", error=AWAY, duration=1.0, attempt=4, **COMMON
)
ABSENT = Event(kind="operation", outcome="NotFound", error=NotFound("a", "id = 4711"), **COMMON)
PAGE = Event(kind="page", returned=3, examined=10, **COMMON)
BREAKER = Event(kind="breaker", store="DynamoDB", detail="closed -> open")
HIT = Event(kind="cache hit", **COMMON)
MISS = Event(kind="cache miss", **COMMON)
WARNING = Event(kind="warning", store="DynamoDB", detail="the client retries by itself")
EVERY = (ATTEMPT, RETRY, SECOND, DONE, FAILED, ABSENT, PAGE, BREAKER, HIT, MISS, WARNING)


def test_a_hook_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """What it raises is logged; the other hooks are told."""
    told: list[Event] = []

    def broken(_: Event) -> None:
        raise RuntimeError("a fault of the hook")

    tell(every(broken, told.append), DONE)
    tell(broken, DONE)
    tell(None, DONE)

    assert told == [DONE]
    assert [one.message for one in caplog.records] == [
        "a hook failed at an event of kind operation"
    ] * 2


def test_a_hook_can_be_stopped_from_outside() -> None:
    """Ctrl-C is nobody's failing."""

    def stopped(_: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell(stopped, DONE)


def test_queries_can_share_a_name() -> None:
    """All those of a block; outside of it each has its own."""
    with correlated("request-1") as name, correlated() as inner:
        assert (name, correlation()) == ("request-1", inner)
        assert inner != name
    assert correlation() != correlation()
    assert correlation()


def test_an_event_prints_no_error_text() -> None:
    """A store's message may hold values."""
    assert "R1" not in repr(FAILED)
    assert "Unavailable" in repr(FAILED)


def test_a_missing_record_is_no_failure() -> None:
    """It is an answer; a condition that is not met is not what was wanted."""
    refused = Event(kind="operation", outcome="ConditionFailed", error=ConditionFailed("a", "b"))

    assert [one.failed for one in (ABSENT, DONE, PAGE, FAILED, refused)] == [
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("event", "level", "said"),
    [
        (ATTEMPT, "DEBUG", "attempt DynamoDB update Orders UpdateItem: Unavailable"),
        (RETRY, "INFO", "retry DynamoDB update Orders UpdateItem: Unavailable, 0.500 s"),
        (DONE, "DEBUG", "operation DynamoDB update Orders: ok"),
        (FAILED, "WARNING", "operation DynamoDB update Orders: Unavailable"),
        (ABSENT, "DEBUG", "operation DynamoDB update Orders: NotFound"),
        (PAGE, "DEBUG", "page DynamoDB update Orders"),
        (BREAKER, "WARNING", "breaker DynamoDB: closed -> open"),
        (WARNING, "WARNING", "warning DynamoDB: the client retries by itself"),
        (HIT, "DEBUG", "cache hit DynamoDB update Orders"),
    ],
    ids=lambda one: one.kind if isinstance(one, Event) else None,
)
def test_events_are_logged(
    event: Event, level: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """In one line each, as loud as they matter."""
    with caplog.at_level(logging.DEBUG, "dalkit"):
        log_events()(event)

    assert [(one.levelname, one.message) for one in caplog.records] == [(level, said)]


def test_what_is_not_listened_to_is_not_made(caplog: pytest.LogCaptureFixture) -> None:
    """A logger above the level is given nothing."""
    with caplog.at_level(logging.ERROR, "dalkit"):
        log_events()(FAILED)

    assert caplog.records == []


@pytest.mark.parametrize("event", EVERY, ids=lambda one: one.kind)
def test_no_value_is_logged_unless_asked_for(
    event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the line nor under any key."""
    logger = logging.getLogger("dalkit.events")
    with caplog.at_level(logging.DEBUG, "dalkit.events"):
        log_events(logger)(event)
        log_events(logger, values=True)(event)
    quiet, loud = (vars(one) for one in caplog.records)

    assert "4711" not in str(quiet)
    assert loud["dalkit_key"] == event.key
    assert loud["dalkit_error"] == str(event.error or "")


def test_the_keys_are_those_of_the_table() -> None:
    """All of them in every record, so that nobody has to ask."""
    documented = set(re.findall(r"`(dalkit_\w+)`", str(dalkit.run.logs.__doc__)))

    assert set(extra_of(ABSENT, values=True)) == documented
    assert set(extra_of(ABSENT, values=False)) == documented - {"dalkit_key", "dalkit_error"}
    assert extra_of(FAILED, values=False)["dalkit_request_id"] == "R1"


def test_every_field_of_an_event_reaches_the_log() -> None:
    """A field that is added is added there too."""
    names = {f"dalkit_{one.name}" for one in fields(Event)}

    assert names <= set(extra_of(DONE, values=True))


def test_every_kind_is_in_the_table() -> None:
    """Of the events' own module."""
    documented = set(re.findall(r"^\| `([a-z ]+)`", str(dalkit.run.events.__doc__), re.MULTILINE))

    assert {one.kind for one in EVERY} == documented


class Telemetry:
    """OpenTelemetry's own SDK, which keeps all in memory."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.reader = InMemoryMetricReader()
        self.hook = trace_events(
            tracers=tracers, meters=MeterProvider(metric_readers=[self.reader])
        )

    def finished(self) -> list[Any]:
        """The spans, in the order in which they ended."""
        return list(self.spans.get_finished_spans())

    def metrics(self) -> dict[str, list[Any]]:
        """The points of each metric."""
        data: Any = self.reader.get_metrics_data()
        return {
            metric.name: list(metric.data.data_points)
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def test_a_query_is_a_span_with_its_attempts() -> None:
    """Each as long as it took; what failed is marked, a value is nowhere."""
    telemetry = Telemetry()
    for event in (ATTEMPT, RETRY, SECOND, FAILED):
        telemetry.hook(event)
    first, second, outer = telemetry.finished()

    assert [one.name for one in (first, second, outer)] == [
        "UpdateItem",
        "UpdateItem",
        "update Orders",
    ]
    assert {first.parent.span_id, second.parent.span_id} == {outer.context.span_id}
    assert (outer.end_time - outer.start_time) / 1e9 == pytest.approx(1.0)
    assert [one.status.status_code.name for one in (first, second, outer)] == [
        "ERROR",
        "UNSET",
        "ERROR",
    ]
    assert dict(outer.attributes) == {
        "db.system.name": "dynamodb",
        "db.operation.name": "update",
        "db.collection.name": "Users",
        "dalkit.entity": "Orders",
        "error.type": "Unavailable",
        "dalkit.attempts": 4,
    }
    assert "4711" not in str([one.to_json() for one in (first, second, outer)])


def test_metrics_are_those_of_the_table() -> None:
    """Each counted as it says."""
    telemetry = Telemetry()
    for event in EVERY:
        telemetry.hook(event)
    metrics = telemetry.metrics()
    documented = re.findall(r"^\| `([a-z.]+)`", str(dalkit.run.otel.__doc__), re.MULTILINE)

    assert sorted(metrics) == sorted(documented)
    assert sum(one.value for one in metrics["dalkit.attempts"]) == 2
    assert sum(one.value for one in metrics["dalkit.retries"]) == 1
    assert sum(one.count for one in metrics["db.client.operation.duration"]) == 3
    assert [one.value for one in metrics["dalkit.breaker.changes"]] == [1]
    assert {one.attributes["hit"]: one.value for one in metrics["dalkit.cache"]} == {
        True: 1,
        False: 1,
    }
    written = {one.attributes["side"]: one.value for one in metrics["dalkit.capacity"]}
    assert written == {"read": 0.0, "write": 2.0}
    seen = {one.attributes["which"]: one.value for one in metrics["dalkit.records"]}
    assert seen == {"returned": 3, "examined": 10}
    assert "4711" not in str(metrics)


def test_without_opentelemetry_it_says_what_to_install() -> None:
    """And everything else works without it."""
    script = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import dalkit.run.otel as otel\n"
        "try:\n    otel.trace_events()\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "OpenTelemetry is not installed: pip install 'dalkit[otel]'\n"
