"""One process starts the stores, when one of its workers first asks for them."""

from __future__ import annotations

import secrets
import threading
from contextlib import ExitStack, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, final

from attrs import Factory, define, field

from dalkit.testing import services
from dalkit.testing.console import ServiceError

__all__ = ["Sharing", "ask"]

_STARTERS = {
    "dynamodb_local": services.dynamodb_local,
    "mysql_server": services.mysql_server,
}
_LOST = (OSError, EOFError, AuthenticationError)


@final
@define
class Sharing:
    """Answers workers' questions from a thread, and ends what it started when closed."""

    address: tuple[str, str]
    """Where to ask, and the word that lets one in (in hexadecimal digits)."""
    _listener: Listener
    _stores: ExitStack = Factory(ExitStack)
    _answers: dict[str, Any] = field(factory=dict, repr=False)

    @classmethod
    def open(cls) -> Sharing:
        """Listen on a private socket of the system's choice, and answer until closed."""
        word = secrets.token_bytes(16)
        listener = Listener(family="AF_UNIX", authkey=word)
        sharing = cls((str(listener.address), word.hex()), listener)
        threading.Thread(target=sharing._serve, name="dalkit-services", daemon=True).start()
        return sharing

    def close(self) -> None:
        """End the stores and answer no more."""
        with suppress(*_LOST):
            ask(self.address, "")
        self._listener.close()
        self._stores.close()

    def _serve(self) -> None:
        while True:
            with suppress(*_LOST), self._listener.accept() as connection:
                name = connection.recv()
                if not name:
                    return
                connection.send(self._answer(name))

    def _answer(self, name: str) -> Any:
        """The store's value, or the ServiceError with which it did not start."""
        if name not in self._answers:
            try:
                self._answers[name] = self._stores.enter_context(_STARTERS[name]())
            except ServiceError as error:
                self._answers[name] = error
            except Exception as error:  # a worker that gets no answer would wait for ever
                self._answers[name] = ServiceError(f"{name}: {type(error).__name__}: {error}")
        return self._answers[name]


def ask(address: tuple[str, str], name: str) -> Any:
    """The store of this name, started if it is not yet; raises the ServiceError if it cannot."""
    place, word = address
    connection: Connection[Any, Any]
    with Client(place, family="AF_UNIX", authkey=bytes.fromhex(word)) as connection:
        connection.send(name)
        answer = connection.recv() if name else None
    if isinstance(answer, ServiceError):
        raise answer
    return answer
