"""The page on what happens around a query says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import dalkit.run.otel
from dalkit.result import Error
from dalkit.run.budget import Tokens
from dalkit.run.circuit import Settings
from dalkit.run.events import Kind
from dalkit.run.retry import BULK, ONLINE

PAGE = (Path(__file__).parents[2] / "artifacts" / "effects.md").read_text()


def table(heading: str) -> str:
    """The tables of a section."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line for line in section.splitlines() if line.startswith("|"))


def test_every_error_has_its_row() -> None:
    """And no other name stands there."""
    named = re.findall(r"`([A-Z]\w+)`", table("How a query ends"))

    assert sorted(named) == sorted(one.__name__ for one in get_args(Error))


def test_events_and_metrics_are_those_that_are_told() -> None:
    """The kinds of events, and the metrics of OpenTelemetry's adapter."""
    first = re.findall(r"^\| (`[^|]+`) \|", table("What is told"), re.MULTILINE)
    named = [name for cell in first for name in re.findall(r"`([^`]+)`", cell)]
    metrics = re.findall(r"^\| `([a-z.]+)`", str(dalkit.run.otel.__doc__), re.MULTILINE)

    assert sorted(named) == sorted([*get_args(Kind), *metrics])


def test_the_numbers_are_the_defaults() -> None:
    """Of retries, budget and breaker."""
    tokens, breaker = Tokens(), Settings()

    assert f"| attempts | {ONLINE.attempts} |" in PAGE
    assert f"| {ONLINE.deadline:.0f} s | {BULK.deadline:.0f} s |" in PAGE
    assert f"{tokens.most} tokens, {tokens.cost} a retry, {tokens.throttled} after" in PAGE
    assert (
        f"at least {breaker.least} attempts within {breaker.buckets * breaker.width:.0f} s" in PAGE
    )
    assert f"for {breaker.rest:.0f} s" in PAGE
    assert f"up to {breaker.longest:.0f} s" in PAGE
    assert f"at most {breaker.probes} probes" in PAGE
