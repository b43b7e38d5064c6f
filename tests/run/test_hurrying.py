"""The last request before a deadline is given no more time than there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve, frozen

from dalkit import get
from dalkit.result import Success
from dalkit.run.config import dynamodb_client
from dalkit.run.dynamo_faults import broken_reply
from dalkit.run.dynamo_sending import Sender
from dalkit.run.faults import Fault
from dalkit.run.guards import guards
from dalkit.run.hurrying import Hurrying
from dalkit.run.on_dynamodb import DynamoDB
from dalkit.run.retry import Effects
from dalkit.run.transport import Request, Response


@frozen
class Slow:
    """A transport that never gets a reply, and waits for it as long as it may."""

    longest: float
    waited: list[float]
    sleep: Callable[[float], None]

    def __call__(self, request: Request, /) -> Response | Fault:
        """Wait in vain."""
        self.waited.append(self.longest)
        self.sleep(self.longest)
        return broken_reply("no reply")


def hurrying(waited: list[float], sleep: Callable[[float], None] = lambda _: None) -> Hurrying:
    """Timeouts of 4 s, 1.2 s and 0.4 s."""
    usual = Slow(4.0, waited, sleep)
    return Hurrying(usual, lambda share: evolve(usual, longest=4.0 * share))


@pytest.mark.parametrize(
    ("within", "longest"),
    [(None, 4.0), (10.0, 4.0), (4.0, 4.0), (3.9, 1.2), (1.2, 1.2), (1.0, 0.4), (0.0, 0.4)],
)
def test_the_most_patient_one_that_ends_in_time_is_asked(
    within: float | None, longest: float
) -> None:
    """Where none ends in time, the least patient one."""
    waited: list[float] = []
    hurrying(waited)(Request("GetItem", b"{}", within))

    assert waited == pytest.approx([longest])


def test_each_is_made_when_it_is_needed_first() -> None:
    """And only once."""
    made: list[float] = []
    usual = Slow(4.0, [], lambda _: None)

    def make(share: float) -> Slow:
        made.append(share)
        return usual

    one = Hurrying(usual, make)
    for within in (10.0, 0.1, 0.1, 2.0):
        one(Request("GetItem", b"{}", within))

    assert made == [0.1, 0.3]


@pytest.mark.parametrize("deadline", [1.0, 3.0, 5.0, 10.0, 11.0])
def test_a_query_ends_with_its_deadline(records: Any, deadline: float) -> None:
    """Whatever the store does, within a tenth of the time after it."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    effects = Effects(now=lambda: clock[0], sleep=sleep, random=lambda: 0.5)
    sender = Sender(prefix="", checksums=True, exactly_once=False, token=lambda: "t")
    db = DynamoDB(
        lambda: Success(hurrying([], sleep)),
        sender,
        guards("DynamoDB", effects=effects),
        now=lambda: None,  # type: ignore[arg-type,return-value]  # nothing expires
        cursor_key=b"",
    )

    db.run(get(records.things, records.ThingKey(1)), deadline=deadline)

    assert clock[0] <= deadline * 1.1


def test_clients_can_be_made_less_patient() -> None:
    """Both timeouts shrink alike."""
    client = dynamodb_client(endpoint_url="http://127.0.0.1:1", patience=0.1).unwrap()

    assert client.meta.config.connect_timeout == pytest.approx(0.1)
    assert client.meta.config.read_timeout == pytest.approx(0.3)
