"""The stores as containers: one Compose project per service, taken down with its owner."""

from __future__ import annotations

import functools
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

from attrs import field, frozen

from dalkit.testing.console import ServiceError, run, say
from dalkit.testing.process import answers_http, greeting, owned, scratch

__all__ = ["Place", "available", "compose_file", "service"]

_PORTS: Final = {"dynamodb": 8000, "mysql": 3306}


@final
@frozen(kw_only=True)
class Place:
    """Where a container's port is published on this machine."""

    host: str
    port: int
    password: str = field(repr=False)
    how: str


@functools.cache
def available() -> bool:
    """Whether Docker Compose is installed and its engine answers."""
    return all(_answers(*words) for words in (("compose", "version"), ("version",)))


def _answers(*words: str) -> bool:
    try:
        done = subprocess.run(["docker", *words], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def compose_file() -> Path:
    """The Compose file: beside this module in an installed package, in `docker/` in the source."""
    here = Path(__file__)
    places = (here.with_name("compose.yaml"), here.parents[2] / "docker" / "compose.yaml")
    for place in places:
        if place.is_file():
            return place
    raise ServiceError(f"compose.yaml is in none of {', '.join(str(place) for place in places)}")


@contextmanager
def service(name: str) -> Iterator[Place]:
    """One healthy service of the Compose file, on a free port of 127.0.0.1."""
    project = f"dalkit-{os.getpid()}-{secrets.token_hex(3)}"
    compose = ("docker", "compose", "-f", str(compose_file()), "-p", project)
    password = secrets.token_hex(12)
    say(f"starting {name} in Docker (an image that is not here yet is fetched first)")
    down = (*compose, "down", "--volumes", "--timeout", "1")
    with owned((), folder=scratch(), last=down):
        settings = {"DALKIT_MYSQL_PASSWORD": password}
        run((*compose, "up", "--detach", "--wait", name), environment=settings)
        published = run((*compose, "port", name, str(_PORTS[name]))).strip()
        host, _, port = published.rpartition(":")
        _check(name, host, int(port))
        how = f"Docker Compose project {project}, service {name}"
        yield Place(host=host, port=int(port), password=password, how=how)


def _check(name: str, host: str, port: int) -> None:
    answers = answers_http(host, port) if name == "dynamodb" else greeting(host, port)
    if not answers:
        raise ServiceError(f"Docker says that {name} is healthy, but {host}:{port} does not answer")
