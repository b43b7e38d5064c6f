"""An HTTP proxy in front of DynamoDB Local that does to each request what a plan says."""

from __future__ import annotations

import io
import socket
from contextlib import ExitStack
from types import TracebackType
from typing import Self, final
from urllib.parse import urlsplit

from attrs import field, frozen

from dalkit.testing.faults.dynamodb_faults import FAULTS, Answer, possible
from dalkit.testing.faults.http_messages import Message, read_message
from dalkit.testing.faults.listening import Listener, dropped, left, reset
from dalkit.testing.faults.plan import CALM, Plan, Tally

__all__ = ["DynamoProxy"]

_PATIENCE = 60.0
_PAUSE = 0.005


@final
class DynamoProxy:
    """Forwards to a DynamoDB at `endpoint_url`; `plan` may be set anew at any time.

    `injected` counts faults by name; `seen` counts requests by operation, and all as "requests".
    """

    def __init__(self, endpoint_url: str, plan: Plan = CALM) -> None:
        parts = urlsplit(endpoint_url)
        self._place = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.plan = plan
        self.injected: Tally = Tally()
        self.seen: Tally = Tally()
        self._listener = Listener(self._serve, name="dynamodb-proxy")
        self.endpoint_url: str = f"http://{self._listener.host}:{self._listener.port}"

    @property
    def connections(self) -> int:
        """How many connections of clients are open."""
        return self._listener.connections

    def quiet(self, seconds: float = 5.0) -> int:
        """How many of them are open when none is, or so many seconds later."""
        return self._listener.quiet(seconds)

    def close(self) -> None:
        """End every connection."""
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _serve(self, client: socket.socket) -> None:
        with ExitStack() as stack:
            asked = stack.enter_context(client.makefile("rb"))
            store = stack.enter_context(socket.create_connection(self._place, timeout=_PATIENCE))
            store.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = stack.enter_context(store.makefile("rb"))
            while (request := read_message(asked)) is not None:
                answer = self._answer(_Exchange(request, client, store, answers, self.plan.hold))
                if answer.then == "reset":
                    asked.close()
                    reset(client)
                    return
                _send(client, answer)
                if answer.then == "close":
                    dropped(client)
                    return

    def _answer(self, one: _Exchange) -> Answer:
        self.seen.add(one.operation)
        name = self.plan.fault(self.seen.add("requests"), possible(one.operation))
        if not name:
            return Answer(bytes(one.forward()))
        self.injected.add(name)
        return FAULTS[name](one)


def _send(client: socket.socket, answer: Answer) -> None:
    size = -(-len(answer.data) // answer.pieces)
    client.sendall(answer.data[:size])
    for start in range(size, len(answer.data), size):
        left(client, _PAUSE)
        client.sendall(answer.data[start : start + size])


@final
@frozen
class _Exchange:
    """A request, and the sockets on both sides."""

    request: Message
    client: socket.socket
    store: socket.socket
    answers: io.BufferedReader
    patience: float
    operation: str = field(init=False)

    @operation.default
    def _named(self) -> str:
        return (self.request.header("x-amz-target") or "").rpartition(".")[2]

    def forward(self, request: Message | None = None) -> Message:
        self.store.sendall(bytes(request or self.request))
        answer = read_message(self.answers)
        if answer is None:
            raise ConnectionError("the store has closed the connection")
        return answer

    def hold(self) -> None:
        left(self.client, self.patience)
