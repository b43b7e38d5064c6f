"""Replies in endless pieces, and words that nobody asked for: no call outlasts its deadline."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from dalkit import get, put, update
from dalkit.result import Ambiguous, DeadlineExceeded, Unavailable
from dalkit.run.config import MysqlAddress, dynamodb_client, mysql_connect
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.on_mysql import mysql
from dalkit.run.retry import Backoff
from dalkit.run.timely import TimelySocket, hasten, unhurried, unread
from dalkit.testing.faults.ledger import ledger

WORLD = ledger()
KEY = WORLD.SumKey(1)
SOON = Backoff(deadline=0.4)

Pair = tuple[socket.socket, socket.socket]
Endless = Callable[[bytes, bytes], int]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def endless() -> Iterator[Endless]:
    """A function that starts a server which says one thing, then bytes until the client leaves."""
    left = threading.Event()
    threads: list[threading.Thread] = []
    listeners: list[socket.socket] = []

    def talk(one: socket.socket, first: bytes, then: bytes) -> None:
        with one, suppress(OSError):
            one.sendall(first)
            while not left.wait(0.02):
                one.sendall(then)

    def serve(listener: socket.socket, first: bytes, then: bytes) -> None:
        with suppress(OSError):
            while True:
                one = listener.accept()[0]
                threads.append(threading.Thread(target=talk, args=(one, first, then)))
                threads[-1].start()

    def started(first: bytes, then: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=serve, args=(listener, first, then)))
        threads[-1].start()
        port: int = listener.getsockname()[1]
        return port

    yield started
    left.set()
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for one in threads:
        one.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("own", [True, False], ids=["own-client", "patient-client"])
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (OK, b"x"),
        (OK + b"Content-Length: 100000\r\n\r\n", b" "),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["header", "body", "chunks", "continue"],
)
def test_an_endless_reply_ends_with_the_deadline(
    endless: Endless, first: bytes, then: bytes, own: bool
) -> None:
    """In any part of it, whatever the client's own timeouts are; a write is then in doubt."""
    url = f"http://127.0.0.1:{endless(first, then)}"
    client = None if own else dynamodb_client(endpoint_url=url, bulk=True).unwrap()
    db = dynamodb(client, endpoint_url=url, region="us-east-1", backoff=SOON)

    assert isinstance(db.run(get(WORLD.sums, KEY)).failure(), DeadlineExceeded | Unavailable)
    add = update(WORLD.sums, KEY).add(WORLD.sums.total, 1)
    assert isinstance(db.run(add).failure(), Ambiguous | DeadlineExceeded)


def test_an_endless_greeting_ends_with_the_deadline(endless: Endless) -> None:
    """A connection that is being made is waited for no longer; no thread is left."""
    port = endless(b"\x00\x01\x00\x00\x0a", b"x")
    address = MysqlAddress(
        user="u", password="p", host="127.0.0.1", port=port, database="d", ssl_disabled=True
    )
    with mysql(mysql_connect(address).unwrap(), backoff=SOON) as db:
        for query in (get(WORLD.sums, KEY), put(WORLD.sums, WORLD.Sum(id=1, total=1, said=None))):
            error = db.run(query).failure()
            assert isinstance(error, DeadlineExceeded | Unavailable)

    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


def test_nothing_is_read_after_the_end(pair: Pair) -> None:
    """Even of what has come; before it, reading is as ever, and the timeout stays as it was."""
    ours, theirs = pair
    ours.settimeout(7)
    ends = [math.inf]
    file = TimelySocket(ours, lambda: ends[0]).makefile()
    theirs.sendall(b"abcd")

    assert file.read(1) == b"a"
    assert file.read(3) == b"bcd"
    ends[0] = time.monotonic() + 60
    theirs.sendall(b"e")
    assert file.read(1) == b"e"
    assert ours.gettimeout() == 7
    theirs.sendall(b"f")
    ends[0] = time.monotonic()
    with pytest.raises(TimeoutError, match="in time"):
        file.read(1)


def test_a_socket_is_what_it_was_but_for_its_file(pair: Pair) -> None:
    """Its file keeps it open, as a socket's own file does."""
    ours, theirs = pair
    timely = TimelySocket(ours, lambda: math.inf)
    assert timely.fileno() == ours.fileno()
    file = timely.makefile("rb")
    timely.close()
    theirs.sendall(b"still here")

    assert file.read(10) == b"still here"
    file.close()
    assert ours.fileno() == -1


def driven(ours: socket.socket) -> Any:
    """A connection as far as its reading goes."""
    found = SimpleNamespace(_rfile=ours.makefile("rb"), _sock=ours)
    hasten(found, 60.0)
    return found


def test_words_that_nobody_asked_for_are_seen(pair: Pair) -> None:
    """Whether they came just now, or with an answer, or it is the end."""
    ours, theirs = pair
    connection = driven(ours)
    assert not unread(connection)
    theirs.sendall(b"ab")
    assert unread(connection)
    assert connection._rfile.read(1) == b"a"
    assert unread(connection)
    assert connection._rfile.read(1) == b"b"
    assert not unread(connection)
    theirs.close()
    assert unread(connection)


def test_what_is_no_driver_of_ours_is_left_alone() -> None:
    """Then there is nothing to be seen either."""
    other = SimpleNamespace()
    hasten(other, 1.0)
    unhurried(other)

    assert not unread(other)


def test_a_connection_is_hurried_for_one_block(pair: Pair) -> None:
    """And then reads as long as its timeout says."""
    ours, theirs = pair
    connection = driven(ours)
    hasten(connection, 0.0)
    theirs.sendall(b"a")
    with pytest.raises(TimeoutError):
        connection._rfile.read(1)
    unhurried(connection)

    assert connection._rfile.read(1) == b"a"
