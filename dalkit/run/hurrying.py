"""Transports with ever shorter timeouts, so that the last request ends when the deadline does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import final

from attrs import evolve

from dalkit.run.faults import Fault
from dalkit.run.transport import Request, Response, Transport

__all__ = ["Hurrying"]


@final
class Hurrying:
    """The most patient transport whose request ends in time, else the least patient.

    `make` gives the transport of a share of the usual timeouts, when it is needed first.
    """

    def __init__(
        self,
        usual: Transport,
        make: Callable[[float], Transport],
        shares: Sequence[float] = (0.3, 0.1),
    ) -> None:
        self._usual = usual
        self._make = make
        self._shares = tuple(shares)
        self._made: dict[float, Transport] = {1.0: usual}
        self._lock = Lock()

    @property
    def longest(self) -> float:
        """Seconds that a request takes at most when there is little time."""
        return self._usual.longest * self._shares[-1]

    def __call__(self, request: Request, /) -> Response | Fault:
        """The reply to one request, waited for as long as it is of use."""
        began = time.monotonic()
        transport = self._of(self._share(request.within))
        if request.within is not None:  # a client that had to be made first took some of it
            left = request.within - (time.monotonic() - began)
            request = evolve(request, within=max(0.0, left))
        return transport(request)

    def _share(self, within: float | None) -> float:
        if within is None:
            return 1.0
        every = (1.0, *self._shares)
        fit = (one for one in every if self._usual.longest * one <= within)
        return next(fit, every[-1])

    def _of(self, share: float) -> Transport:
        with self._lock:
            if share not in self._made:
                self._made[share] = self._make(share)
            return self._made[share]
