"""Leaves a store alone for a while that fails too often; safe under threads.

| outcome of an attempt                                       | counts as |
|-------------------------------------------------------------|-----------|
| a reply; a refusal by what the store holds                  | answered  |
| not reached, broken off, 5xx, timeout, broken reply         | failed    |
| throttled, conflict, not allowed, not valid, not sent       | ignored   |
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeAlias, final

from dalkit.result import CircuitOpen, Corrupt, Unavailable
from dalkit.run.circuit import (
    Circuit,
    Health,
    Held,
    Permit,
    Refusal,
    Settings,
    State,
    admit,
    held,
    settle,
)
from dalkit.run.faults import Fault
from dalkit.run.retry import Effects

__all__ = ["Breaker", "Breakers", "Changed", "health_of"]

Changed: TypeAlias = Callable[[str, State, State], object]
"""Told a circuit's name, the state that ended and the one that began."""


def health_of(answer: object) -> Health:
    """What an attempt says of the store."""
    if not isinstance(answer, Fault) or answer.judged:
        return "answered"
    return "failed" if isinstance(answer.error, Unavailable | Corrupt) else "ignored"


@final
class Breaker:
    """One circuit; no lock is held while a call is under way, nor while `on_change` is told."""

    def __init__(
        self,
        store: str = "the store",
        *,
        settings: Settings | None = None,
        effects: Effects | None = None,
        on_change: Changed | None = None,
    ) -> None:
        self.store = store
        self._settings = settings or Settings()
        self._effects = effects or Effects()
        self._on_change = on_change
        self._circuit = Circuit()
        self._lock = Lock()

    @property
    def state(self) -> State:
        """As the last call left it: an open circuit is half-open from the first probe on."""
        return self._circuit.state

    def admit(self) -> Permit | CircuitOpen:
        """Leave for one attempt, which is to be settled."""
        now = self._effects.now()
        with self._lock:
            before = self._circuit
            self._circuit, answer = admit(self._settings, before, now)
            after = self._circuit
        self._tell(before, after)
        if isinstance(answer, Refusal):
            return CircuitOpen(answer.retry_after, store=self.store)
        return answer

    def settle(self, permit: Permit, health: Health) -> None:
        """Say what came of an attempt."""
        now, random = self._effects.now(), self._effects.random()
        with self._lock:
            before = self._circuit
            self._circuit = settle(self._settings, before, permit, health, now, random)
            after = self._circuit
        self._tell(before, after)

    def force_open(self) -> None:
        """Refuse everything, until it is closed or disabled."""
        self._hold("held open")

    def force_closed(self) -> None:
        """Begin anew, closed and with nothing counted."""
        self._hold("closed")

    def disable(self) -> None:
        """Let everything through and count nothing, until it is opened or closed."""
        self._hold("disabled")

    def _hold(self, state: Held) -> None:
        now = self._effects.now()
        with self._lock:
            before = self._circuit
            self._circuit = held(before, state, now)
            after = self._circuit
        self._tell(before, after)

    def _tell(self, before: Circuit, after: Circuit) -> None:
        if self._on_change is not None and before.state != after.state:
            self._on_change(self.store, before.state, after.state)

    def __repr__(self) -> str:
        return f"<breaker of {self.store}: {self.state}>"


@final
class Breakers:
    """The circuits of a backend: one for all of it, or one for each table."""

    def __init__(
        self,
        store: str = "the store",
        *,
        per_table: bool = False,
        settings: Settings | None = None,
        effects: Effects | None = None,
        on_change: Changed | None = None,
    ) -> None:
        self._store = store
        self._per_table = per_table
        self._settings = settings
        self._effects = effects
        self._on_change = on_change
        self._breakers: dict[str, Breaker] = {}
        self._lock = Lock()

    def of(self, table: str = "") -> Breaker:
        """The circuit for calls to a table."""
        name = f"{self._store} table {table}" if self._per_table and table else self._store
        with self._lock:
            if name not in self._breakers:
                self._breakers[name] = Breaker(
                    name,
                    settings=self._settings,
                    effects=self._effects,
                    on_change=self._on_change,
                )
            return self._breakers[name]

    @property
    def every(self) -> tuple[Breaker, ...]:
        """Those in use until now."""
        with self._lock:
            return tuple(self._breakers.values())
