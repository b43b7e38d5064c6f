"""The pool: each connection is one thread's own, and none is lost or lent when it is broken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, final

import pymysql
import pytest

from dalkit.result import AccessDenied, DeadlineExceeded, Unavailable
from dalkit.run.pool import Pool, Unlent
from dalkit.run.retry import Effects


@final
class Canned:
    """A connection as far as the pool looks at one."""

    def __init__(self) -> None:
        self.open = True
        self.server_status = 0
        self.rolled_back = 0
        self.alive = True

    def rollback(self) -> None:
        """Leave the transaction."""
        if not self.alive:
            raise pymysql.err.OperationalError(2006, "gone")
        self.rolled_back += 1
        self.server_status = 0

    def close(self) -> None:
        """Be closed."""
        self.open = False

    def cursor(self) -> Canned:
        """Itself, for a sign of life."""
        return self

    def __enter__(self) -> Canned:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, text: str) -> None:
        """Answer, or be gone."""
        if not self.alive:
            raise pymysql.err.OperationalError(2013, "lost")


@final
class World:
    """A pool over canned connections, and a clock that tests set."""

    def __init__(self, *, size: int = 2, opens: Callable[[], Any] = Canned) -> None:
        self.time = 0.0
        self.opened: list[Any] = []

        def connect(seconds: float) -> Any:
            assert seconds > 0
            self.opened.append(opens())
            return self.opened[-1]

        effects = Effects(now=lambda: self.time)
        self.pool = Pool(connect, size=size, idle=30, effects=effects)


def test_what_was_given_back_last_is_lent_first() -> None:
    """So that what is not needed grows old."""
    world = World()
    with world.pool.lease(1) as one, world.pool.lease(1) as two:
        assert one is not two
    with world.pool.lease(1) as last:
        assert last is one
    assert world.pool.open == 2


def test_no_more_are_lent_than_there_may_be() -> None:
    """Whoever waits in vain is told; what comes back in time is lent on."""
    world = World(size=1)
    with world.pool.lease(1) as held:
        with pytest.raises(Unlent) as caught, world.pool.lease(0):
            pass
        assert isinstance(caught.value.fault.error, DeadlineExceeded)
        got: list[Any] = []

        def wait() -> None:
            with world.pool.lease(60) as mine:
                got.append(mine)

        thread = threading.Thread(target=wait)
        thread.start()
    thread.join()

    assert got == [held]
    assert len(world.opened) == 1


def test_an_exception_closes_the_connection() -> None:
    """It may have been in the middle of anything."""
    world = World()
    with pytest.raises(KeyboardInterrupt), world.pool.lease(1):
        raise KeyboardInterrupt

    assert world.pool.open == 0
    assert not world.opened[0].open


def test_a_transaction_does_not_outlive_its_loan() -> None:
    """It is rolled back; where that cannot be, the connection is closed."""
    world = World()
    with world.pool.lease(1) as one:
        one.server_status = 1
    assert (one.rolled_back, one.server_status, world.pool.open) == (1, 0, 1)
    with world.pool.lease(1) as one:
        one.server_status, one.alive = 1, False

    assert world.pool.open == 0
    assert not one.open


def test_a_connection_that_was_closed_is_not_kept() -> None:
    """By the driver, or by whoever had it."""
    world = World()
    with world.pool.lease(1) as one:
        one.close()

    assert world.pool.open == 0


def test_an_old_connection_is_asked_for_a_sign_of_life() -> None:
    """Without one it is closed and another is lent; a young one is not asked."""
    world = World()
    with world.pool.lease(1) as old:
        old.alive = False
    world.time = 30
    with world.pool.lease(1) as young:
        assert young is old
    world.time = 61
    with world.pool.lease(1) as new:
        assert new is not old

    assert not old.open
    assert world.pool.open == 1


@pytest.mark.parametrize(
    ("raised", "error", "again"),
    [
        (pymysql.err.OperationalError(2003, "Can't connect"), Unavailable, "soon"),
        (pymysql.err.OperationalError(1040, "Too many connections"), Unavailable, "soon"),
        (pymysql.err.OperationalError(1045, "Access denied"), AccessDenied, "no"),
        (TimeoutError("QueuePool limit reached"), Unavailable, "soon"),
    ],
)
def test_what_cannot_be_opened_takes_no_place(raised: Exception, error: type, again: str) -> None:
    """Nothing was sent, so that nothing is in doubt."""

    def fail() -> Any:
        raise raised

    world = World(size=1, opens=fail)
    for _ in range(3):
        with pytest.raises(Unlent) as caught, world.pool.lease(1):
            pass
        fault = caught.value.fault
        assert isinstance(fault.error, error)
        assert (fault.again, fault.ambiguous) == (again, False)
    assert world.pool.open == 0


def test_a_closed_pool_lends_nothing() -> None:
    """What is lent at that moment is closed when it comes back; who waits is told."""
    world = World(size=1)
    told: list[object] = []

    def wait() -> None:
        try:
            with world.pool.lease(60):
                pass
        except Unlent as unlent:
            told.append(unlent.fault.error)

    with world.pool.lease(1) as held:
        thread = threading.Thread(target=wait)
        thread.start()
        world.pool.close()
        thread.join()
        assert held.open

    assert [type(one) for one in told] == [Unavailable]
    assert not held.open
    assert world.pool.open == 0


def test_threads_never_share() -> None:
    """However they come and go."""
    world = World(size=3)
    lent: set[int] = set()
    faults: list[str] = []
    lock = threading.Lock()

    def use() -> None:
        for turn in range(200):
            try:
                with world.pool.lease(60) as mine:
                    with lock:
                        if id(mine) in lent:
                            faults.append("shared")
                        lent.add(id(mine))
                    with lock:
                        lent.discard(id(mine))
                    if turn % 50 == 0:
                        raise RuntimeError
            except RuntimeError:
                pass

    threads = [threading.Thread(target=use) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert not faults
    assert world.pool.open <= 3
    assert sum(one.open for one in world.opened) == world.pool.open


def test_a_pool_has_room_for_one_at_least() -> None:
    """Anything else is a mistake."""
    with pytest.raises(ValueError, match="above 0"):
        World(size=0)
