"""What the SDK would use, and from where: read before anything is sent."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Any, Final, final
from urllib.parse import urlsplit

from attrs import frozen

from dalkit.contract.problems import display
from dalkit.result import CredentialsMissing, Error, InvalidValue, Unsupported
from dalkit.run.redacted import redacted

__all__ = [
    "AwsFacts",
    "aws_facts",
    "dummy_key",
    "is_local",
    "key_of",
    "missing_credentials",
    "not_production",
    "retries_of",
]

_KEY_ID: Final = re.compile(r"[A-Z0-9]{16,128}")
_DUMMIES: Final = ("DUMMY", "EXAMPLE", "FAKE", "LOCAL", "MOCK", "TEST")


@final
@frozen(kw_only=True)
class AwsFacts:
    """What a client would be made of; no secret is in it. A text is empty where there is none."""

    region: str
    region_from: str
    credentials: str
    """The first letters of the access key's id."""
    credentials_from: str
    endpoint: str
    endpoint_from: str
    retries: str
    versions: str
    faults: tuple[Error, ...]


def aws_facts(
    *, region: str | None = None, endpoint_url: str | None = None, production: bool = False
) -> AwsFacts:
    """What `dynamodb` would use with these arguments, and what is wrong with it."""
    import boto3
    import botocore
    from botocore.exceptions import BotoCoreError

    faults: list[Error] = []
    found = key = None
    name = endpoint = retries = ""
    try:
        session = boto3.Session(region_name=region)
        name = str(session.region_name or "")
        found = session.get_credentials()
        key = key_of(found)
        endpoint, retries = _client_facts(session, endpoint_url, name)
    except (BotoCoreError, ValueError) as error:
        faults.append(InvalidValue("dynamodb", "configuration", redacted(str(error))))
    faults += _faults(key, endpoint, endpoint_url, production=production)
    return AwsFacts(
        region=name,
        region_from=_region_from(region, name),
        credentials="" if not key else f"{display(key[:4])}…",
        credentials_from="" if found is None else display(str(found.method)),
        endpoint=redacted(endpoint),
        endpoint_from=_endpoint_from(endpoint_url),
        retries=retries,
        versions=f"boto3 {boto3.__version__}, botocore {botocore.__version__}",
        faults=tuple(faults),
    )


def dummy_key(access_key: str) -> bool:
    """Whether an access key's id is none that AWS would give."""
    if _KEY_ID.fullmatch(access_key) is None:
        return True
    return access_key.startswith(_DUMMIES) or access_key.endswith(_DUMMIES)


def not_production(endpoint_url: str, access_key: str | None) -> Unsupported | None:
    """Why something is no configuration for production: where it is, or who asks."""
    if is_local(endpoint_url):
        reason = f"the endpoint {redacted(endpoint_url)} is on this machine"
        return Unsupported("production=True", reason, "leave the endpoint out, or production")
    if access_key is not None and dummy_key(access_key):
        reason = f"the access key {display(access_key[:4])}… is none that AWS would give"
        remedy = "take the credentials out of the environment or the profile that gives them"
        return Unsupported("production=True", reason, remedy)
    return None


def is_local(endpoint_url: str) -> bool:
    """Whether an endpoint is on this machine."""
    try:
        host = urlsplit(endpoint_url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def key_of(credentials: Any) -> str | None:
    """The access key's id of credentials as the SDK has them."""
    return None if credentials is None else str(credentials.access_key)


def missing_credentials() -> CredentialsMissing:
    """Where credentials were looked for."""
    return CredentialsMissing(
        "no AWS credentials were found (environment, shared files, instance role); "
        "`aws configure` or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY give them"
    )


def _client_facts(session: Any, endpoint_url: str | None, region: str) -> tuple[str, str]:
    anywhere = "us-east-1" if endpoint_url else None
    client = session.client("dynamodb", endpoint_url=endpoint_url, region_name=region or anywhere)
    return str(client.meta.endpoint_url), retries_of(client)


def retries_of(client: Any) -> str:
    """The retries of a boto3 client, which may not say how many attempts there are."""
    told = client.meta.config.retries or {}
    mode, number = told.get("mode", "standard"), told.get("total_max_attempts")
    return mode if number is None else f"{mode}, {number} attempt{'' if number == 1 else 's'}"


def _faults(key: str | None, endpoint: str, asked: str | None, *, production: bool) -> list[Error]:
    faults: list[Error] = []
    if endpoint and production and (refused := not_production(endpoint, key)) is not None:
        faults.append(refused)
    if key is None and not (asked and is_local(asked)):
        faults.append(missing_credentials())
    return faults


def _region_from(argument: str | None, found: str) -> str:
    if argument:
        return "the argument"
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if found and os.environ.get(name) == found:
            return name
    return f"the profile {_profile(os.environ)}" if found else ""


def _endpoint_from(argument: str | None) -> str:
    if argument:
        return "the argument"
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"):
        if os.environ.get(name):
            return name
    return "the region"


def _profile(environment: Mapping[str, str]) -> str:
    return display(environment.get("AWS_PROFILE") or "default")
