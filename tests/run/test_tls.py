"""TLS contexts are made once for the same options and files."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dalkit.run.tls import TlsContexts


def make(_: Mapping[str, Any]) -> ssl.SSLContext:
    """A context of its own each time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def test_the_same_options_share_a_context() -> None:
    """Whatever their order, and with files that are not there."""
    contexts = TlsContexts()
    first = contexts.of({"ca": "/none", "verify_mode": True}, make)

    assert contexts.of({"verify_mode": True, "ca": "/none"}, make) is first


def test_other_options_have_a_context_of_their_own() -> None:
    """One that verifies is never used where another was asked for."""
    contexts = TlsContexts()
    first = contexts.of({"verify_mode": False}, make)

    assert contexts.of({"verify_mode": True}, make) is not first
    assert contexts.of({}, make) is not first


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    """A renewed certificate is used from the next connection on."""
    contexts, file = TlsContexts(), tmp_path / "ca.pem"
    file.write_text("old")
    first = contexts.of({"ca": str(file)}, make)
    kept = contexts.of({"ca": str(file)}, make)
    os.utime(file, ns=(1, 1))

    assert kept is first
    assert contexts.of({"ca": str(file)}, make) is not first
