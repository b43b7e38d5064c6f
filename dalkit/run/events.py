"""What a backend tells of itself while it works, for logs, metrics and traces.

| kind         | one for                      | beyond the common fields                       |
|--------------|------------------------------|------------------------------------------------|
| `operation`  | a query, when it is answered | `attempt`, how many there were; units          |
| `attempt`    | a request that was sent      | `request`, `attempt`, its number; units        |
| `retry`      | a wait before a next attempt | `delay`; `outcome` says what failed            |
| `breaker`    | a circuit that changes       | `detail`: `closed -> open`                     |
| `page`       | a page that was read         | `returned`, `examined`                         |
| `cache hit`  | an answer from the cache     |                                                |
| `cache miss` | one that had to be asked for |                                                |
| `warning`    | a setting that may do harm   | `detail`                                       |
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal, TypeAlias, final

from attrs import field, frozen

from dalkit.result import Error

__all__ = ["Event", "Hook", "Kind", "correlated", "correlation", "every", "tell"]

Kind: TypeAlias = Literal[
    "operation", "attempt", "retry", "breaker", "page", "cache hit", "cache miss", "warning"
]


@final
@frozen(kw_only=True)
class Event:
    """Something that happened; what does not apply is empty."""

    kind: Kind
    store: str = ""
    correlation: str = ""
    """The same for all events of one query, or of a block of `correlated`."""
    operation: str = ""
    """The query's verb: `get`, `find`, `transact`."""
    entity: str = ""
    table: str = ""
    key: str = ""
    """As queries print it, without its secret parts."""
    request: str = ""
    """What was sent: `PutItem`, `SELECT`."""
    outcome: str = ""
    """`ok`, or the name of the error's class."""
    error: Error | None = field(default=None, repr=False)
    duration: float = 0.0
    """Seconds."""
    attempt: int = 0
    delay: float = 0.0
    """Seconds."""
    read_units: float = 0.0
    write_units: float = 0.0
    returned: int = 0
    """Records."""
    examined: int = 0
    """Records."""
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether something did not work; that a record does not exist is an answer."""
        return self.outcome not in ("", "ok", "NotFound")


Hook: TypeAlias = Callable[[Event], object]
"""Is told every event, by the thread that it happens in; what it raises is logged and left."""

_LOG: Final = logging.getLogger("dalkit")
_CURRENT: ContextVar[str] = ContextVar("dalkit correlation", default="")


@contextmanager
def correlated(name: str = "") -> Generator[str]:
    """Give all queries of the block this one name in their events, or a new one."""
    chosen = name or uuid.uuid4().hex
    token = _CURRENT.set(chosen)
    try:
        yield chosen
    finally:
        _CURRENT.reset(token)


def correlation() -> str:
    """The name of the block of `correlated` that this is in, or a new one."""
    return _CURRENT.get() or uuid.uuid4().hex


def tell(hook: Hook | None, event: Event) -> None:
    """Tell a hook, whose failing harms nobody else."""
    if hook is None:
        return
    try:
        hook(event)
    except Exception:
        _LOG.exception("a hook failed at an event of kind %s", event.kind)


def every(*hooks: Hook) -> Hook:
    """Several hooks as one; each is told, whatever the others do."""

    def told(event: Event) -> None:
        for hook in hooks:
            tell(hook, event)

    return told
