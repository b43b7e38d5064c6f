"""Workloads on a backend from several threads, and what came of it in figures."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, final

from attrs import frozen

from dalkit.run.backend import Backend
from dalkit.testing.faults.history import LATE, History
from dalkit.testing.faults.workloads import Workload

__all__ = ["Figures", "drive", "figures", "report"]

_KINDS: Final = (
    ("acknowledged writes lost", ("lost", "missing", "torn", "lost or twice")),
    ("effects twice", ("twice", "torn", "lost or twice", "refused")),
    ("broken replies read as missing or wrong", ("missing", "wrong")),
    ("writes done though said not to be", ("undone", "lost or twice")),
    ("answers after limit and grace", ("too late",)),
    ("exceptions", ("raised",)),
)


@final
@frozen(kw_only=True)
class Figures:
    """What a run was, and what it found."""

    store: str
    operations: int
    faults: Mapping[str, int]
    answers: Mapping[str, int]
    late: int
    """Answers after the limit."""
    slowest: float
    limit: float
    findings: Mapping[str, int]
    left: Mapping[str, int]
    """Threads, connections and transactions that should be gone."""

    @property
    def injected(self) -> int:
        """All faults."""
        return sum(self.faults.values())


def drive(
    db: Backend,
    workloads: Sequence[Workload],
    *,
    threads: int = 4,
    steps: int,
    seed: int = 0,
) -> None:
    """So many steps of the workloads in all; raises what a step raises, when all have ended."""
    raised: list[Exception] = []

    def work(thread: int) -> None:
        dice = Random(f"{seed}/{thread}")
        try:
            for _ in range(thread, steps, threads):
                dice.choice(workloads).step(db, dice, thread)
        except Exception as error:
            raised.append(error)

    running = [
        threading.Thread(target=work, args=(number,), name=f"client-{number}")
        for number in range(threads)
    ]
    for one in running:
        one.start()
    for one in running:
        one.join()
    if raised:
        raise ExceptionGroup("steps of workloads raised", raised)


def figures(
    store: str,
    history: History,
    faults: Mapping[str, int],
    *,
    limit: float,
    left: Mapping[str, int],
) -> Figures:
    """The figures of a run that is over."""
    answers = history.answers.counts()
    operations, late = answers.pop("operations", 0), answers.pop(LATE, 0)
    return Figures(
        store=store,
        operations=operations,
        faults=dict(faults),
        answers=answers,
        late=late,
        slowest=round(history.slowest, 3),
        limit=limit,
        findings=history.wrong.counts(),
        left=dict(left),
    )


def report(runs: Sequence[Figures]) -> str:
    """Several runs as a page of Markdown."""
    lines = ["| | " + " | ".join(one.store for one in runs) + " |", "|---|" + "---|" * len(runs)]
    rows: list[tuple[str, list[str]]] = [
        ("operations", [f"{one.operations:,}" for one in runs]),
        ("faults", [f"{one.injected:,}" for one in runs]),
    ]
    for said, kinds in _KINDS:
        rows.append((said, [str(sum(one.findings.get(k, 0) for k in kinds)) for one in runs]))
    rows.append(("answers after the limit", [f"{one.late:,}" for one in runs]))
    rows.append(
        ("slowest answer, of at most", [f"{o.slowest:.2f} s of {o.limit:g} s" for o in runs])
    )
    names = sorted({name for one in runs for name in one.left})
    rows += [(f"{name} left", [str(one.left.get(name, "-")) for one in runs]) for name in names]
    for title, of in (("fault", "faults"), ("answer", "answers")):
        names = sorted({name for one in runs for name in getattr(one, of)})
        rows += [
            (f"{title}: {name}", [f"{getattr(one, of).get(name, 0):,}" for one in runs])
            for name in names
        ]
    lines += [f"| {said} | " + " | ".join(cells) + " |" for said, cells in rows]
    return "\n".join(lines) + "\n"
