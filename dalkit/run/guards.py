"""What stands around every attempt of a backend, and is shared by all its threads."""

from __future__ import annotations

from typing import final

from attrs import frozen

from dalkit.run.breaker import Breakers
from dalkit.run.budget import RetryBudget
from dalkit.run.circuit import State
from dalkit.run.events import Event, Hook, correlation, tell
from dalkit.run.limiter import Limiter
from dalkit.run.retry import ONLINE, Backoff, Effects

__all__ = ["Guards", "guards"]


@final
@frozen(kw_only=True)
class Guards:
    """One backend's retries, budget, circuits, limits, clock and listeners."""

    store: str
    backoff: Backoff
    budget: RetryBudget
    breakers: Breakers
    limiter: Limiter
    effects: Effects
    on_event: Hook | None = None


def guards(
    store: str,
    *,
    backoff: Backoff = ONLINE,
    budget: RetryBudget | None = None,
    breakers: Breakers | None = None,
    limiter: Limiter | None = None,
    effects: Effects | None = None,
    on_event: Hook | None = None,
) -> Guards:
    """New guards, with the defaults of each that is not given."""
    world = effects or Effects()

    def changed(name: str, before: State, after: State) -> None:
        said = f"{before} -> {after}"
        event = Event(kind="breaker", store=name, correlation=correlation(), detail=said)
        tell(on_event, event)

    return Guards(
        store=store,
        backoff=backoff,
        budget=budget or RetryBudget(),
        breakers=breakers or Breakers(store, effects=world, on_change=changed),
        limiter=limiter or Limiter(effects=world),
        effects=world,
        on_event=on_event,
    )
