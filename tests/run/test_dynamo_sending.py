"""What the end of a DynamoDB call means: repeated, resolved, or said to be unknown."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from dalkit import (
    Success,
    batch,
    delete,
    find,
    get,
    get_many,
    insert,
    put,
    transact,
    transact_get,
    update,
)
from dalkit.convert import items
from dalkit.result import (
    Ambiguous,
    ConditionFailed,
    Conflict,
    CredentialsMissing,
    DeadlineExceeded,
    NotFound,
    PartlyDone,
    Throttled,
    TransactionCancelled,
    Unavailable,
)
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.events import Event
from dalkit.run.on_dynamodb import DynamoDB, dynamodb
from dalkit.run.retry import Effects

Scripted = tuple[DynamoClient, Any]
Made = Callable[..., Any]

CCF = "ConditionalCheckFailedException"


class Clock:
    """A clock that only sleeping moves, and dice that always show the same."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        self.effects = Effects(now=lambda: self.time, sleep=self.sleep, random=lambda: 0.5)

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> Clock:
    """The backend's time."""
    return Clock()


@pytest.fixture
def opened(scripted: Scripted, clock: Clock) -> Callable[..., DynamoDB]:
    """A function that gives a backend on the scripted server."""
    return lambda **options: dynamodb(scripted[0], effects=clock.effects, **options)


@pytest.fixture
def db(opened: Callable[..., DynamoDB]) -> DynamoDB:
    """A backend on the scripted server."""
    return opened()


def lost(script: Any, times: int = 1) -> None:
    """Hang up instead of the next replies."""
    plain = {"body": b"{}", "status": 200, "crc": None, "drop": True, "headers": {}}
    script.replies += [SimpleNamespace(**plain)] * times


def wire(records: Any, record: Any) -> Any:
    """A record's item as the service writes it."""
    return items(records.things).encode(record).unwrap()


def test_a_lost_read_is_asked_again(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made, clock: Clock
) -> None:
    """Nothing can be ambiguous about it."""
    lost(scripted[1], 3)
    scripted[1].reply({"Item": wire(records, thing(1))})

    assert db.run(get(records.things, records.ThingKey(1))) == Success(thing(1))
    assert clock.slept == [0.0125, 0.025, 0.05]


def test_a_read_that_stays_lost_is_unavailable(
    db: DynamoDB, scripted: Scripted, records: Any
) -> None:
    """After four attempts, with the trace of what was asked; it is never a missing record."""
    lost(scripted[1], 4)

    error = db.run(get(records.things, records.ThingKey(1))).failure()

    assert isinstance(error, Unavailable)
    assert (error.trace.operation, error.trace.key, error.trace.attempts) == ("get", "id = 1", 4)


def test_a_lost_put_is_sent_again(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """The second time is the same as the first."""
    lost(scripted[1])
    scripted[1].reply({})

    assert db.run(put(records.things, thing(1))) == Success(thing(1))
    assert len(scripted[1].requests) == 2


def test_a_write_that_stays_lost_is_ambiguous(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """It may have been done at any of the attempts."""
    lost(scripted[1], 4)

    error = db.run(put(records.things, thing(1))).failure()

    assert isinstance(error, Ambiguous)
    assert isinstance(error.cause, Unavailable)


def test_an_insert_that_meets_its_own_record_succeeded(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """The condition fails on what the first attempt wrote, numbers as the store writes them."""
    mine = thing(1, n=100, raw=b"\x00")
    held = {**wire(records, mine), "n": {"N": "1E+2"}, "raw": {"B": "AA=="}}
    lost(scripted[1])
    scripted[1].error(CCF, Item=held)

    assert db.run(insert(records.things, mine)) == Success(mine)


def test_an_insert_that_meets_another_record_is_ambiguous(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """Its own may have been there before another writer changed it; the cause tells the record."""
    lost(scripted[1])
    scripted[1].error(CCF, Item=wire(records, thing(1, n=2)))

    error = db.run(insert(records.things, thing(1))).failure()

    assert isinstance(error, Ambiguous)
    assert isinstance(error.cause, ConditionFailed)
    assert error.cause.record == thing(1, n=2)


def test_an_insert_that_is_answered_at_once_is_not_resolved(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """Only an attempt that was lost can have written the same record."""
    scripted[1].error(CCF, Item=wire(records, thing(1)))

    assert isinstance(db.run(insert(records.things, thing(1))).failure(), ConditionFailed)


@pytest.mark.parametrize(("name", "done"), [("new", True), ("old", False)])
def test_an_update_that_sets_is_resolved_by_the_item(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made, name: str, done: bool
) -> None:
    """What it sets stands in the item; if it does not, another writer may have come since."""
    things = records.things
    query = update(things, records.ThingKey(1)).set(things.name, "new").when(things.name == "x")
    lost(scripted[1])
    scripted[1].error(CCF, Item=wire(records, thing(1, name=name)))

    answer = db.run(query)

    if done:
        assert answer == Success(thing(1, name="new"))
    else:
        assert isinstance(answer.failure(), Ambiguous)


def test_a_lost_addition_is_ambiguous_at_once(
    db: DynamoDB, scripted: Scripted, records: Any
) -> None:
    """It is not sent a second time, as it would be done twice."""
    lost(scripted[1])

    query = update(records.things, records.ThingKey(1)).add(records.things.n, 1)

    assert isinstance(db.run(query).failure(), Ambiguous)
    assert len(scripted[1].requests) == 1


def test_a_throttled_addition_is_sent_again(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """What was refused was not done."""
    scripted[1].error("ThrottlingException")
    scripted[1].reply({"Attributes": wire(records, thing(1, n=1))})

    query = update(records.things, records.ThingKey(1)).add(records.things.n, 1)

    assert db.run(query) == Success(thing(1, n=1))


def test_an_addition_can_be_made_exactly_once(
    opened: Callable[..., DynamoDB], scripted: Scripted, records: Any, thing: Made
) -> None:
    """As a transaction with a token it is repeated, and then read."""
    script = scripted[1]
    lost(script)
    script.reply({})
    script.reply({"Item": wire(records, thing(1, n=1))})
    query = update(records.things, records.ThingKey(1)).add(records.things.n, 1)

    assert opened(exactly_once=True).run(query) == Success(thing(1, n=1))
    (_, first), (_, second), (read, said) = script.requests
    assert first == second
    assert "ReturnValues" not in first["TransactItems"][0]["Update"]
    assert (read, said["ConsistentRead"]) == ("GetItem", True)


def test_the_condition_of_an_exact_addition_is_told_as_ever(
    opened: Callable[..., DynamoDB], scripted: Scripted, records: Any, thing: Made
) -> None:
    """The reasons of the transaction are those of the one update."""
    things, key = records.things, records.ThingKey(1)
    query = update(things, key).add(things.n, 1).when(things.n < 3)
    failed: dict[str, Any] = {"Code": "ConditionalCheckFailed"}
    kept = {"Code": "ConditionalCheckFailed", "Item": wire(records, thing(1, n=3))}
    for reason in (failed, kept):
        scripted[1].error("TransactionCanceledException", CancellationReasons=[reason])
    db = opened(exactly_once=True)

    assert isinstance(db.run(query).failure(), NotFound)
    error = db.run(query).failure()
    assert isinstance(error, ConditionFailed)
    assert error.record == thing(1, n=3)


@pytest.mark.parametrize("gone", [False, True])
def test_an_addition_that_was_done_but_cannot_be_read_is_ambiguous(
    opened: Callable[..., DynamoDB], scripted: Scripted, records: Any, gone: bool
) -> None:
    """No error may say that nothing was written."""
    scripted[1].reply({})
    if gone:
        scripted[1].reply({})
    else:
        lost(scripted[1], 4)
    query = update(records.things, records.ThingKey(1)).add(records.things.n, 1)

    error = opened(exactly_once=True).run(query).failure()

    assert isinstance(error, Ambiguous)
    assert "it was done" in str(error)


@pytest.mark.parametrize("conditional", [False, True])
def test_a_lost_delete_that_then_finds_nothing_is_ambiguous(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made, conditional: bool
) -> None:
    """The record is gone, but not whether it was there; found, it was there."""
    things, query = records.things, delete(records.things, records.ThingKey(1))
    lost(scripted[1])
    if conditional:
        query = query.when(things.n == 0)
        scripted[1].error(CCF)
    else:
        scripted[1].reply({})
    error = db.run(query).failure()
    lost(scripted[1])
    scripted[1].reply({"Attributes": wire(records, thing(1))})

    assert isinstance(error, Ambiguous)
    assert db.run(query) == Success(True)


def test_a_transaction_in_conflict_is_sent_again(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """Iff every reason may pass; else the reasons are told."""
    write = transact(put(records.things, thing(1)), insert(records.things, thing(2)))
    fine, conflict, failed = ({"Code": one} for one in ("None", "TransactionConflict", CCF[:22]))
    code = "TransactionCanceledException"
    scripted[1].error(code, CancellationReasons=[conflict, fine])
    scripted[1].reply({})
    scripted[1].error(code, CancellationReasons=[conflict, failed])

    assert isinstance(db.run(write), Success)
    error = db.run(write).failure()
    assert isinstance(error, TransactionCancelled)
    assert len(scripted[1].requests) == 3


def test_leftovers_are_waited_for(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made, clock: Clock
) -> None:
    """Each time alone; without progress longer and longer."""
    every = [put(records.things, thing(at)) for at in range(3)]
    puts = [{"PutRequest": {"Item": wire(records, thing(at))}} for at in range(3)]
    for left in (puts[1:], puts[1:], puts[2:]):
        scripted[1].reply({"UnprocessedItems": {"Things": left}})
    scripted[1].reply({"UnprocessedItems": {}})

    assert db.run(batch(*every)) == Success(None)
    assert [len(body["RequestItems"]["Things"]) for _, body in scripted[1].requests] == [3, 2, 2, 1]
    assert clock.slept == [0.0125, 1.0, 0.0125]


def test_a_batch_that_is_left_over_to_the_end_is_partly_done(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """The writes that were not done are told, each with its reason."""
    every = [put(records.things, thing(at)) for at in range(30)]
    left = [{"PutRequest": {"Item": wire(records, thing(at))}} for at in (3, 4)]
    for _ in range(5):
        scripted[1].reply({"UnprocessedItems": {"Things": left}})

    error = db.run(batch(*every)).failure()

    assert isinstance(error, PartlyDone)
    assert isinstance(error.reasons[3], Throttled)
    assert error.left == (3, 4)
    assert len(scripted[1].requests) == 5


def test_a_lost_batch_tells_what_may_have_been_done(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """What was sent is ambiguous, what was not is not done, what was answered is done."""
    scripted[1].reply({"UnprocessedItems": {}})
    lost(scripted[1], 4)

    error = db.run(batch(*(put(records.things, thing(at)) for at in range(51)))).failure()

    assert isinstance(error, PartlyDone)
    kinds = [type(one).__name__ for one in error.reasons]
    assert kinds == ["NoneType"] * 25 + ["Ambiguous"] * 25 + ["Unavailable"]


def test_keys_left_over_are_waited_for(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made, clock: Clock
) -> None:
    """A get of many gives every record, however often the store leaves keys over."""
    keys = [records.ThingKey(at) for at in (1, 2)]
    left = {"Keys": [{"PK": {"S": "2"}}]}
    first = {"Things": [wire(records, thing(1))]}
    scripted[1].reply({"Responses": first, "UnprocessedKeys": {"Things": left}})
    scripted[1].reply({"Responses": {}, "UnprocessedKeys": {"Things": left}})
    scripted[1].reply({"Responses": {"Things": [wire(records, thing(2))]}, "UnprocessedKeys": {}})

    assert db.run(get_many(records.things, keys)) == Success(
        dict(zip(keys, map(thing, (1, 2)), strict=True))
    )
    assert clock.slept == [0.0125, 1.0]


@pytest.mark.parametrize("reasons", [[{"Code": "TransactionConflict"}], [{"Code": "None"}], []])
def test_a_cancelled_transaction_of_reads_is_a_failure(
    db: DynamoDB, scripted: Scripted, records: Any, reasons: Any
) -> None:
    """It has no answers that could be read."""
    for _ in range(4):
        scripted[1].error("TransactionCanceledException", CancellationReasons=reasons)

    error = db.run(transact_get(get(records.things, records.ThingKey(1)))).failure()

    assert isinstance(error, Conflict)


def test_replies_that_lack_what_was_asked_for_are_asked_for_again(
    db: DynamoDB, scripted: Scripted, records: Any, thing: Made
) -> None:
    """Fewer answers than questions, and a page that counts wrongly, are broken."""
    held = wire(records, thing(1))
    for answers in ([], [{"Item": held}]):
        scripted[1].reply({"Responses": answers})
    for items_ in ([], [held]):
        scripted[1].reply({"Items": items_, "Count": 1, "ScannedCount": 1})

    both = transact_get(get(records.things, records.ThingKey(1)))
    assert db.run(both) == Success((thing(1),))
    assert db.run(find(records.things).allow_scan()).unwrap().items == (thing(1),)


def test_an_update_that_does_not_answer_its_record_is_ambiguous(
    db: DynamoDB, scripted: Scripted, records: Any
) -> None:
    """It may have been done; the reply is broken, and an addition is not repeated."""
    scripted[1].reply({})

    query = update(records.things, records.ThingKey(1)).add(records.things.n, 1)

    assert isinstance(db.run(query).failure(), Ambiguous)


def test_a_store_that_does_not_get_on_is_no_endless_loop(
    db: DynamoDB, scripted: Scripted, records: Any
) -> None:
    """The same LastEvaluatedKey twice is an error."""
    for _ in range(2):
        scripted[1].reply({"Count": 0, "Items": [], "LastEvaluatedKey": {"PK": {"S": "a"}}})

    error = db.run(find(records.things).allow_scan()).failure()

    assert isinstance(error, Unavailable)
    assert "do not get on" in str(error)


def test_the_deadline_bounds_what_is_waited(
    db: DynamoDB, scripted: Scripted, records: Any, clock: Clock
) -> None:
    """The time of a query may be given with it."""
    for _ in range(4):
        scripted[1].error("ThrottlingException")

    error = db.run(get(records.things, records.ThingKey(1)), deadline=6.0).failure()

    assert isinstance(error, DeadlineExceeded)
    assert isinstance(error.cause, Throttled)
    assert clock.time <= 6.0


def test_capacity_and_pages_are_told(
    opened: Callable[..., DynamoDB], scripted: Scripted, records: Any, thing: Made
) -> None:
    """Every request asks for what it consumes, and the listeners hear it."""
    events: list[Event] = []
    used = {"TableName": "Things", "CapacityUnits": 1.5}
    page = {"Count": 1, "ScannedCount": 4, "Items": [wire(records, thing(1))]}
    scripted[1].reply({**page, "ConsumedCapacity": used})
    scripted[1].reply({"UnprocessedItems": {}, "ConsumedCapacity": [used]})
    db = opened(on_event=events.append)

    db.run(find(records.things).allow_scan()).unwrap()
    db.run(batch(put(records.things, thing(1)))).unwrap()

    assert all(body["ReturnConsumedCapacity"] == "TOTAL" for _, body in scripted[1].requests)
    told = [(one.read_units, one.write_units) for one in events if one.kind == "operation"]
    assert told == [(1.5, 0), (0, 1.5)]
    pages = [(one.returned, one.examined) for one in events if one.kind == "page"]
    assert pages == [(1, 4)]


def test_without_credentials_a_query_is_answered_all_the_same(
    monkeypatch: pytest.MonkeyPatch, records: Any, tmp_path: Any
) -> None:
    """The backend is made; what is missing is the answer of every query."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    db = dynamodb(region="eu-west-1", production=True)

    error = db.run(get(records.things, records.ThingKey(1))).failure()

    assert isinstance(error, CredentialsMissing)
