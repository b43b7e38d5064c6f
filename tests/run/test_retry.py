"""When it is tried again: every rule of the table, and bounds that hold for whatever is given."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalkit.result import AccessDenied, Throttled, Unavailable
from dalkit.run.faults import Again, Fault, Repeat
from dalkit.run.retry import BULK, ONLINE, Backoff, GiveUp, History, TryAgain, decide

AWAY = Unavailable("DynamoDB", "gone")
SOON = Fault(error=AWAY, again="soon")
LOST = Fault(error=AWAY, again="soon", ambiguous=True)
SLOWLY = Fault(error=Throttled("PutItem", "slow down"), again="slowly")
REFUSED = Fault(error=AccessDenied("no"))
FIRST = History(0.0, attempts=1)

KINDS: tuple[Repeat, ...] = get_args(Repeat)
AGAIN: tuple[Again, ...] = get_args(Again)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_done_is_tried_again(kind: Repeat) -> None:
    """Whatever it is: there is no doubt."""
    assert decide(ONLINE, FIRST, SOON, kind, 0.0, 1.0) == TryAgain(0.025)
    assert decide(ONLINE, FIRST, SLOWLY, kind, 0.0, 1.0) == TryAgain(1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_have_been_done_is_tried_again_if_that_does_no_harm(kind: Repeat) -> None:
    """An addition is not: nobody knows whether it would be the second."""
    expected = GiveUp("ambiguous") if kind == "once" else TryAgain(0.025)

    assert decide(ONLINE, FIRST, LOST, kind, 0.0, 1.0) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_final(kind: Repeat) -> None:
    """A second time says the same."""
    assert decide(ONLINE, FIRST, REFUSED, kind, 0.0, 0.0) == GiveUp("final")


def test_once_is_one_time_more() -> None:
    """As for credentials that had run out."""
    fault = Fault(error=AccessDenied("expired"), again="once")

    assert decide(ONLINE, FIRST, fault, "read", 0.0, 1.0) == TryAgain(0.025)
    assert decide(ONLINE, History(0.0, 2), fault, "read", 0.0, 1.0) == GiveUp("final")


def test_online_there_are_four_attempts() -> None:
    """The same number as the SDK's."""
    assert decide(ONLINE, History(0.0, 3), SOON, "read", 0.0, 1.0) == TryAgain(0.1)
    assert decide(ONLINE, History(0.0, 4), SOON, "read", 0.0, 1.0) == GiveUp("attempts")


def test_bulk_work_goes_on_until_its_deadline() -> None:
    """However often that is."""
    assert decide(BULK, History(0.0, 1_000), SOON, "read", 200.0, 1.0) == TryAgain(20.0)
    assert decide(BULK, History(0.0, 1_000), SOON, "read", 280.1, 1.0) == GiveUp("deadline")


@pytest.mark.parametrize(
    ("fraction", "hint", "delay"),
    [(1.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.5, 0.2, 0.5), (0.5, 3.0, 3.0), (0.5, 60.0, 5.5)],
)
def test_a_hint_of_the_store_adds_five_seconds_at_most(
    fraction: float, hint: float, delay: float
) -> None:
    """The longer of our own wait and the hint."""
    fault = Fault(error=SLOWLY.error, again="slowly", hint=hint)

    assert decide(ONLINE, FIRST, fault, "read", 0.0, fraction) == TryAgain(delay)


def test_a_wait_that_passes_the_deadline_is_not_begun() -> None:
    """Sleeping is part of the time; a deadline that is given replaces the backoff's own."""
    assert decide(ONLINE, FIRST, SLOWLY, "read", 9.0, 1.0) == TryAgain(1.0)
    assert decide(ONLINE, FIRST, SLOWLY, "read", 9.1, 1.0) == GiveUp("deadline")
    assert decide(ONLINE, FIRST, SLOWLY, "read", 2.1, 1.0, deadline=3.0) == GiveUp("deadline")
    assert decide(ONLINE, FIRST, SLOWLY, "read", 9.1, 1.0, deadline=30.0) == TryAgain(1.0)


def test_an_attempt_that_would_end_too_late_is_not_begun() -> None:
    """A tenth of all the time is granted on top."""
    late = decide(ONLINE, FIRST, SOON, "read", 8.0, 0.0, longest=3.1)

    assert late == GiveUp("deadline")
    assert decide(ONLINE, FIRST, SOON, "read", 8.0, 0.0, longest=3.0) == TryAgain(0.0)


def test_doubt_stays() -> None:
    """A read is never doubtful; for a write one lost reply is enough."""
    assert not FIRST.after(LOST, "read").doubtful
    assert FIRST.after(LOST, "same").after(SOON, "same") == History(0.0, 3, doubtful=True)


@given(
    backoff=st.builds(
        Backoff,
        attempts=st.none() | st.integers(1, 100),
        deadline=st.none() | st.floats(0, 1e6),
        base=st.floats(0, 10),
        throttled=st.floats(0, 10),
        cap=st.floats(0, 100),
    ),
    again=st.sampled_from(AGAIN),
    kind=st.sampled_from(KINDS),
    ambiguous=st.booleans(),
    attempts=st.integers(0, 10_000),
    now=st.floats(0, 1e6),
    random=st.floats(0, 1),
    hint=st.floats(0, 1e9),
    longest=st.floats(0, 100),
)
def test_a_decision_is_total_and_bounded(
    backoff: Backoff,
    again: Again,
    kind: Repeat,
    ambiguous: bool,
    attempts: int,
    now: float,
    random: float,
    hint: float,
    longest: float,
) -> None:
    """A delay is never negative, passes the cap by 5 s at most, and ends before the deadline."""
    fault = Fault(error=AWAY, again=again, ambiguous=ambiguous, hint=hint)
    history = History(0.0, attempts)
    decision = decide(backoff, history, fault, kind, now, random, longest=longest)

    if isinstance(decision, TryAgain):
        assert 0 <= decision.delay <= backoff.cap + 5
        assert again != "no"
        assert not (ambiguous and kind == "once")
        assert backoff.attempts is None or attempts < backoff.attempts
        assert backoff.deadline is None or now + decision.delay <= backoff.deadline
