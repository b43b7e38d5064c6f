"""Clients that have boto3's methods and nothing else of it: answers and errors as with boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import pytest
from botocore.exceptions import NoCredentialsError

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
    update,
)
from dalkit.result import (
    Ambiguous,
    ConditionFailed,
    Conflict,
    CredentialsMissing,
    NotFound,
    Throttled,
    TransactionCancelled,
    Unavailable,
)
from dalkit.run.backend import Backend
from dalkit.run.dynamodb import transport_of
from dalkit.run.faults import Fault
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.retry import Backoff
from dalkit.run.shaped import ShapedTransport
from dalkit.run.transport import Request, Response
from dalkit.schema.entity import key_class_of, record_class_of
from dalkit.testing.clock import FakeClock
from dalkit.testing.scratch import scratch_tables
from dalkit.testing.services import DynamoDBLocal
from dalkit.testing.zoo import zoo

ENTITY: Any = zoo()["number"]
KEY = key_class_of(ENTITY)


@final
class Shaped:
    """The methods of a client, and no hooks."""

    def __init__(self, client: Any) -> None:
        names = "get put update delete".split()
        every = [f"{name}_item" for name in names] + "query scan".split()
        every += "batch_get_item batch_write_item transact_get_items transact_write_items".split()
        for name in every:
            setattr(self, name, getattr(client, name))


@pytest.fixture
def db(dynamodb_local: DynamoDBLocal) -> Iterator[Backend]:
    """A backend on a real table, by way of the methods alone."""
    with scratch_tables(dynamodb_local, [ENTITY]) as held:
        shaped: Any = Shaped(held.client)
        yield dynamodb(shaped, prefix=held.prefix)


def key(number: int) -> Any:
    """A key with bytes in it."""
    return KEY(id=number, raw=b"\x00\xff")


def thing(number: int, title: str | None = "one") -> Any:
    """A record with that key."""
    return record_class_of(ENTITY)(id=number, raw=b"\x00\xff", title=title)


def test_every_verb_is_answered(db: Backend) -> None:
    """By the real store, bytes and all."""
    assert db.run(insert(ENTITY, thing(1))) == Success(thing(1))
    assert db.run(batch(*(put(ENTITY, thing(n)) for n in range(2, 40)))) == Success(None)
    assert db.run(get(ENTITY, key(1))) == Success(thing(1))
    assert db.run(update(ENTITY, key(2)).set(ENTITY.title, "two")) == Success(thing(2, "two"))
    assert db.run(get_many(ENTITY, [key(2), key(99)])) == Success({key(2): thing(2, "two")})
    assert db.run(find(ENTITY).where(ENTITY.id == 3)).unwrap().items == (thing(3),)
    assert db.run(transact(put(ENTITY, thing(3, "three")), delete(ENTITY, key(4)))) == Success(
        (key(3), key(4))
    )
    few = find(ENTITY).where(ENTITY.id < 40).allow_scan()
    assert len(db.run(few).unwrap().items) == 38


def test_every_refusal_is_what_it_is(db: Backend) -> None:
    """With the old record, and the reasons of a transaction."""
    db.run(put(ENTITY, thing(50)))
    refused: Any = db.run(insert(ENTITY, thing(50, "again"))).failure()
    cancelled: Any = db.run(transact(insert(ENTITY, thing(50)), put(ENTITY, thing(51)))).failure()

    assert isinstance(db.run(get(ENTITY, key(98))).failure(), NotFound)
    assert (type(refused), refused.record) == (ConditionFailed, thing(50))
    assert isinstance(cancelled, TransactionCancelled)
    assert [type(one) for one in cancelled.reasons] == [ConditionFailed, type(None)]
    assert isinstance(db.run(get(ENTITY, key(51))).failure(), NotFound)


class Answering:
    """A client whose every method ends the same."""

    def __init__(self, *ends: Any) -> None:
        self.ends = list(ends)

    def get_item(self, **_: Any) -> Any:
        """A reply, or what is raised."""
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    put_item = update_item = get_item


class ServiceError(Exception):
    """As such clients raise it: botocore's shape, whatever the class."""

    def __init__(self, code: str | None, status: int | None = None, **more: Any) -> None:
        super().__init__(f"{code} was said")
        told = {"Code": code, "Message": "no"} if code else {}
        self.response = {"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}, **more}


def ended(*ends: Any, query: Any = None) -> Any:
    """How a query ends on such a client."""
    client: Any = Answering(*ends)
    backoff = Backoff(attempts=1)
    backend = dynamodb(client, backoff=backoff, effects=FakeClock().effects)
    return backend.run(query or get(ENTITY, key(1)))


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (ServiceError("ThrottlingException"), Throttled),
        (ServiceError("TransactionConflictException", 400), Conflict),
        (ServiceError("InternalServerError", 500), Unavailable),
        (ServiceError("ConnectionException", 408), Unavailable),
        (ServiceError(None, 408), Unavailable),
        (ConnectionResetError("gone"), Unavailable),
        (TimeoutError("late"), Unavailable),
        (NoCredentialsError(), CredentialsMissing),
    ],
    ids=str,
)
def test_errors_are_read_by_their_codes(raised: Exception, error: type[Any]) -> None:
    """Never by their classes."""
    assert isinstance(ended(raised).failure(), error)


def test_a_write_that_was_lost_on_the_way_is_in_doubt() -> None:
    """As with any client."""
    writing = put(ENTITY, thing(1))

    assert isinstance(ended(ConnectionResetError(), query=writing).failure(), Ambiguous)
    assert isinstance(ended(ServiceError(None), query=writing).failure(), Ambiguous)


def test_a_reply_without_an_item_is_no_record() -> None:
    """And metadata is no part of it."""
    assert isinstance(ended({"ResponseMetadata": {}}).failure(), NotFound)


def test_a_fault_of_the_program_is_raised() -> None:
    """It is nothing that a store does."""
    with pytest.raises(TypeError, match="no such argument"):
        ended(TypeError("no such argument"))


def test_reasons_are_found_where_dax_has_them() -> None:
    """Beside the response, not in it."""
    raised: Any = ServiceError("TransactionCanceledException", 400)
    raised.cancellation_reasons = [{"Code": "ConditionalCheckFailed", "Message": "no"}]
    sent = ShapedTransport(Answering(raised))(Request("GetItem", b"{}"))

    assert isinstance(sent, Response)
    assert b'"CancellationReasons":[{"Code":"ConditionalCheckFailed"' in sent.body


def test_boto3s_own_client_goes_the_fast_way(dynamodb_local: DynamoDBLocal) -> None:
    """Only others go by their methods."""
    with scratch_tables(dynamodb_local, []) as held:
        assert not isinstance(transport_of(held.client), ShapedTransport)
        assert isinstance(transport_of(Shaped(held.client)), ShapedTransport)
        assert transport_of(Shaped(held.client)).longest == 0.0


def test_bytes_arrive_as_bytes() -> None:
    """In arguments of every shape; a text that looks like base64 stays a text."""
    seen: dict[str, Any] = {}

    class Seeing:
        def put_item(self, **arguments: Any) -> Any:
            seen.update(arguments)
            return {}

    body = (
        b'{"Item":{"B":{"B":"AP8="},"S":{"S":"AP8="},"L":{"L":[{"BS":["AP8="]},{"SS":["AP8="]}]}},'
        b'"ExpressionAttributeNames":{"#n":"B"}}'
    )
    assert not isinstance(ShapedTransport(Seeing())(Request("PutItem", body)), Fault)
    assert seen == {
        "Item": {
            "B": {"B": b"\x00\xff"},
            "S": {"S": "AP8="},
            "L": {"L": [{"BS": [b"\x00\xff"]}, {"SS": ["AP8="]}]},
        },
        "ExpressionAttributeNames": {"#n": "B"},
    }
