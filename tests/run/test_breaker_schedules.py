"""Random schedules of callers: none has more probes under way than there are permits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

import pytest
from attrs import define, field

from dalkit.run.circuit import (
    Circuit,
    Health,
    Permit,
    Refusal,
    Settings,
    State,
    admit,
    held,
    settle,
)

SCHEDULES = int(os.environ.get("DALKIT_SCHEDULES", "1000"))
STEPS = 60


@define
class Watcher:
    """Checks a circuit from outside: by what was let through and what was said, nothing else."""

    settings: Settings
    under_way: list[tuple[Permit, State, float]] = field(factory=list)
    most: int = 0
    opened: int = 0
    probes: int = 0

    def let_through(self, permit: Permit, circuit: Circuit, now: float) -> None:
        """A call begins."""
        assert circuit.state in ("closed", "half-open", "disabled")
        self.under_way.append((permit, circuit.state, now))
        if circuit.state == "half-open":
            self.probes += 1
            alive = [
                one
                for one, state, begun in self.under_way
                if state == "half-open"
                and one.generation == permit.generation
                and now < begun + self.settings.patience
            ]
            self.most = max(self.most, len(alive))
            assert len(alive) <= self.settings.probes
            assert len({one.probe for one in alive}) == len(alive)


def schedule(random: Random) -> Watcher:
    """One random interleaving of callers: admitted, answered late, out of order, or never."""
    settings = Settings(
        least=random.randint(1, 5),
        probes=random.randint(1, 4),
        rest=random.choice([0.5, 5.0]),
        patience=random.choice([1.0, 10.0]),
    )
    watcher, circuit, now = Watcher(settings), Circuit(), 0.0
    bad = random.choice([0.1, 0.5, 0.9])
    for _ in range(STEPS):
        now += random.choice([0.0, 0.0, 0.1, 1.0, 6.0])
        before = circuit
        chance = random.random()
        if chance < 0.55:
            circuit, answer = admit(settings, circuit, now)
            if isinstance(answer, Permit):
                assert not (before.state == "open" and now < before.until)
                watcher.let_through(answer, circuit, now)
            else:
                assert isinstance(answer, Refusal)
                assert answer.retry_after > 0
                assert before.state in ("open", "half-open", "held open")
        elif chance < 0.97 and watcher.under_way:
            permit, *_ = watcher.under_way.pop(random.randrange(len(watcher.under_way)))
            health: Health = "failed" if random.random() < bad else "answered"
            health = random.choice([health, health, "ignored"])
            circuit = settle(settings, circuit, permit, health, now, random.random())
            check_step(before, circuit, permit, health)
        elif chance >= 0.97:
            circuit = held(circuit, random.choice(["closed", "held open", "disabled"]), now)
        watcher.opened += before.state != "open" and circuit.state == "open"
    return watcher


def check_step(before: Circuit, after: Circuit, permit: Permit, health: Health) -> None:
    """What an outcome may change."""
    if permit.generation != before.generation or before.state in ("disabled", "held open"):
        assert after == before
    if health == "ignored":
        assert after.state == before.state
    if after.state != before.state:
        assert after.generation > before.generation
        assert (before.state, after.state) in {
            ("closed", "open"),
            ("half-open", "open"),
            ("half-open", "closed"),
        }
        assert (health == "failed") == (after.state == "open")


def test_no_schedule_has_more_probes_than_permits() -> None:
    """Random interleavings; `make soak` runs 100,000 and keeps the figures."""
    random = Random(20_261_122)
    seen = [schedule(random) for _ in range(SCHEDULES)]
    figures = {
        "schedules": len(seen),
        "steps": STEPS * len(seen),
        "openings": sum(one.opened for one in seen),
        "probes": sum(one.probes for one in seen),
        "schedules with more probes under way than permits": sum(
            one.most > one.settings.probes for one in seen
        ),
    }
    keep(figures)

    assert figures["openings"] > SCHEDULES / 2
    assert figures["probes"] > SCHEDULES / 2


def keep(figures: dict[str, int]) -> None:
    """Write what a long run counted to the folder that DALKIT_FIGURES names, if it names one."""
    folder = os.environ.get("DALKIT_FIGURES")
    if folder:
        (Path(folder) / "breaker.json").write_text(json.dumps(figures, indent=2) + "\n")


def test_a_planted_fault_is_seen() -> None:
    """The watcher sees a circuit that lets one probe too many through."""
    settings = Settings(probes=2)
    watcher = Watcher(settings)
    half = Circuit(state="half-open", generation=1)
    for number in range(2):
        watcher.let_through(Permit(1, number), half, 0.0)
    with pytest.raises(AssertionError):
        watcher.let_through(Permit(1, 2), half, 0.0)
