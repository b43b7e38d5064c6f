"""A circuit as a value: when calls are let through to a store that fails, told step by step.

```
closed ──(half of at least 20 calls in 10 s failed)──> open ──(its time is over)──> half-open
  ^                                                      ^                             │
  └──────────(a probe was answered)──────────────────────┼─────────────────────────────┤
                                                         └───────(a probe failed)──────┘
```

Open times are random around 5 s, doubled each time that the circuit opens again before it was
closed for a whole window, up to 60 s. Half-open, at most three probes are under way; the first
that says something decides. What was let through before a change says nothing after it.
"""

from __future__ import annotations

from math import inf
from typing import Final, Literal, TypeAlias, final

from attrs import evolve, frozen

__all__ = [
    "Circuit",
    "Health",
    "Held",
    "Permit",
    "Refusal",
    "Settings",
    "State",
    "admit",
    "held",
    "settle",
]

Health: TypeAlias = Literal["answered", "failed", "ignored"]
"""What an attempt says of the store; `ignored` says nothing: throttled, not allowed, given up."""

Held: TypeAlias = Literal["closed", "held open", "disabled"]
"""What somebody can make of a circuit by hand."""

State: TypeAlias = Literal["closed", "open", "half-open", "held open", "disabled"]


@final
@frozen(kw_only=True)
class Settings:
    """When a circuit opens, and for how long; times in seconds."""

    ratio: float = 0.5
    least: int = 20
    """Calls in the window before the ratio counts."""
    buckets: int = 10
    width: float = 1.0
    """Of one bucket of the window."""
    rest: float = 5.0
    jitter: float = 0.2
    longest: float = 60.0
    probes: int = 3
    patience: float = 10.0
    """After which a probe of which nothing was heard is counted as lost."""

    def __attrs_post_init__(self) -> None:
        for name in ("ratio", "least", "buckets", "width", "rest", "longest", "probes", "patience"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}={getattr(self, name)!r}: give a number above 0")
        if self.ratio > 1 or not 0 <= self.jitter < 1:
            raise ValueError(f"ratio={self.ratio!r}, jitter={self.jitter!r}: give parts of 1")


@final
@frozen
class Permit:
    """Leave for one attempt; `probe` is its number where it is one."""

    generation: int
    probe: int = 0


@final
@frozen
class Refusal:
    """No leave now; it can be had in `retry_after` seconds, if all goes well."""

    retry_after: float


Bucket: TypeAlias = tuple[int, int, int]
"""Its place in time, calls, and those of them that failed."""


@final
@frozen(kw_only=True)
class Circuit:
    """The state, and all that the next step depends on."""

    state: State = "closed"
    generation: int = 0
    window: tuple[Bucket, ...] = ()
    since: float = -inf
    """When the state began."""
    until: float = 0.0
    """When an open circuit lets the first probe through."""
    openings: int = 0
    """How many times it opened without a whole good window between."""
    probes: tuple[tuple[int, float], ...] = ()
    """Those under way: their numbers, and when they count as lost."""
    probed: int = 0


_FOREVER: Final = Refusal(inf)


def admit(settings: Settings, circuit: Circuit, now: float) -> tuple[Circuit, Permit | Refusal]:
    """Ask leave for one attempt."""
    match circuit.state:
        case "closed" | "disabled":
            return circuit, Permit(circuit.generation)
        case "held open":
            return circuit, _FOREVER
        case "open" if now < circuit.until:
            return circuit, Refusal(circuit.until - now)
        case "open":
            return _probe(settings, _changed(circuit, "half-open", now), now)
        case "half-open":
            return _probe(settings, circuit, now)


def settle(
    settings: Settings, circuit: Circuit, permit: Permit, health: Health, now: float, random: float
) -> Circuit:
    """Say what came of an attempt; `random` is from 0 to 1."""
    if permit.generation != circuit.generation:
        return circuit
    match circuit.state:
        case "closed" if health != "ignored":
            return _counted(settings, circuit, health == "failed", now, random)
        case "half-open" if permit.probe in dict(circuit.probes):
            return _probed(settings, circuit, permit.probe, health, now, random)
        case _:
            return circuit


def held(circuit: Circuit, state: Held, now: float) -> Circuit:
    """The circuit as somebody wants it: what was under way says nothing any more."""
    return evolve(_changed(circuit, state, now), openings=0)


def _probe(settings: Settings, circuit: Circuit, now: float) -> tuple[Circuit, Permit | Refusal]:
    alive = tuple(one for one in circuit.probes if now < one[1])
    if len(alive) >= settings.probes:
        return evolve(circuit, probes=alive), Refusal(min(lost for _, lost in alive) - now)
    number = circuit.probed + 1
    probes = (*alive, (number, now + settings.patience))
    return evolve(circuit, probes=probes, probed=number), Permit(circuit.generation, number)


def _probed(
    settings: Settings, circuit: Circuit, number: int, health: Health, now: float, random: float
) -> Circuit:
    match health:
        case "ignored":
            left = tuple(one for one in circuit.probes if one[0] != number)
            return evolve(circuit, probes=left)
        case "answered":
            return _changed(circuit, "closed", now)
        case "failed":
            return _opened(settings, circuit, now, random)


def _counted(
    settings: Settings, circuit: Circuit, failed: bool, now: float, random: float
) -> Circuit:
    window = _with(settings, circuit.window, failed, now)
    if not failed:
        return evolve(circuit, window=window)
    calls = sum(one[1] for one in window)
    failures = sum(one[2] for one in window)
    if calls < settings.least or failures < settings.ratio * calls:
        return evolve(circuit, window=window)
    rested = now - circuit.since >= settings.buckets * settings.width
    return _opened(settings, evolve(circuit, openings=0) if rested else circuit, now, random)


def _with(
    settings: Settings, window: tuple[Bucket, ...], failed: bool, now: float
) -> tuple[Bucket, ...]:
    place = int(now // settings.width)
    if window and window[-1][0] >= place:
        last, calls, failures = window[-1]
        return (*window[:-1], (last, calls + 1, failures + failed))
    oldest = place - settings.buckets
    return (*(one for one in window if one[0] > oldest), (place, 1, int(failed)))


def _opened(settings: Settings, circuit: Circuit, now: float, random: float) -> Circuit:
    rest = min(settings.longest, settings.rest * 2.0 ** min(circuit.openings, 40))
    until = now + rest * (1 + settings.jitter * (2 * random - 1))
    opened = _changed(circuit, "open", now)
    return evolve(opened, until=until, openings=circuit.openings + 1)


def _changed(circuit: Circuit, state: State, now: float) -> Circuit:
    return evolve(
        circuit,
        state=state,
        generation=circuit.generation + 1,
        window=(),
        since=now,
        probes=(),
        probed=0,
    )
