"""What would be used to reach both stores, from where it comes, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

from attrs import frozen

from dalkit.result import Failure, Success
from dalkit.run.aws import AwsFacts, aws_facts, key_of, not_production, retries_of
from dalkit.run.redacted import redacted
from dalkit.run.retry import ONLINE

__all__ = ["Finding", "diagnose_client", "diagnose_dynamodb", "diagnose_mysql", "warnings"]


@final
@frozen
class Finding:
    """One thing that would be used, and from where; `wrong` says what is the matter with it."""

    what: str
    value: str
    source: str = ""
    wrong: str = ""

    def __str__(self) -> str:
        said = f"{self.what}: {self.value or 'none'}"
        if self.source:
            said += f" (from {self.source})"
        return f"{said}\n  wrong: {self.wrong}" if self.wrong else said


def diagnose_dynamodb(
    *,
    region: str | None = None,
    endpoint_url: str | None = None,
    production: bool = False,
    facts: Callable[..., AwsFacts] = aws_facts,
) -> tuple[Finding, ...]:
    """What `dynamodb` would use with these arguments; no secret is told."""
    found = facts(region=region, endpoint_url=endpoint_url, production=production)
    return (
        Finding("DynamoDB region", found.region, found.region_from),
        Finding("DynamoDB credentials", found.credentials, found.credentials_from),
        Finding("DynamoDB endpoint", found.endpoint, found.endpoint_from),
        Finding("DynamoDB timeouts", "1 s to connect, 3 s for each reply, 10 s for a query"),
        Finding(
            "DynamoDB retries",
            f"dalkit's own, {ONLINE.attempts} attempts within the deadline",
        ),
        Finding(
            "the SDK's own retries",
            f"{found.retries or 'unknown'}, which dalkit's requests never meet",
        ),
        Finding("the SDK", found.versions),
        *(Finding("DynamoDB", "not usable as it is", wrong=str(one)) for one in found.faults),
    )


def diagnose_client(
    client: Any, *, production: bool = False, deadline: float | None = ONLINE.deadline
) -> tuple[Finding, ...]:
    """What a boto3 client would bring along, and what is wrong with it for queries online."""
    config, place = client.meta.config, str(client.meta.endpoint_url)
    connect, read = float(config.connect_timeout or 0), float(config.read_timeout or 0)
    late = deadline is not None and connect + read > deadline
    key = key_of(getattr(getattr(client, "_request_signer", None), "_credentials", None))
    refused = not_production(place, key) if production else None
    return (
        Finding("DynamoDB region", str(client.meta.region_name), "the client"),
        Finding("DynamoDB endpoint", redacted(place), "the client", str(refused or "")),
        Finding(
            "DynamoDB timeouts",
            f"{connect:g} s to connect, {read:g} s for each reply",
            "the client",
            f"a request may last longer than the {deadline:g} s of a query: give the client "
            "Config(connect_timeout=1, read_timeout=3)"
            if late
            else "",
        ),
        Finding(
            "the SDK's own retries", f"{retries_of(client)}, which dalkit's requests never meet"
        ),
    )


def warnings(client: Any, *, deadline: float | None) -> tuple[str, ...]:
    """What a backend tells, once, of a boto3 client that it is given."""
    config = client.meta.config
    found = diagnose_client(client, deadline=deadline)
    wrong = tuple(f"{one.what}: {one.value}: {one.wrong}" for one in found if one.wrong)
    if (config.retries or {}).get("total_max_attempts") == 1:
        return wrong
    return (*wrong, *(str(one) for one in found if one.what == "the SDK's own retries"))


def diagnose_mysql(url: str, *, environment: Mapping[str, str]) -> tuple[Finding, ...]:
    """What a connection to this URL would use; the password is not told, but whence it comes."""
    from dalkit.run.config import mysql_address

    match mysql_address(url, environment=environment):
        case Failure(error):
            return (Finding("MySQL", "not usable as it is", wrong=str(error)),)
        case Success(address):
            pass
    plain = mysql_address(url, environment={})
    in_url = isinstance(plain, Success) and plain.unwrap().password is not None
    sources = {
        "the URL": in_url,
        "DALKIT_MYSQL_PASSWORD": "DALKIT_MYSQL_PASSWORD" in environment,
        "the option file": address.option_file is not None,
    }
    source = next((name for name, there in sources.items() if there), "")
    return (
        Finding("MySQL", str(address)),
        Finding("MySQL password", "given" if source else "none", source),
        Finding("MySQL TLS", _tls(address.ssl_ca, disabled=address.ssl_disabled)),
        Finding(
            "MySQL timeouts",
            f"at most 3 s for each message of a connect, {ONLINE.deadline:g} s for a query",
        ),
        Finding(
            "MySQL retries",
            f"dalkit's own, {ONLINE.attempts} attempts within the deadline; PyMySQL has none",
        ),
        Finding("MySQL session", "UTC, strict, utf8mb4, REPEATABLE READ, nothing cut in groups"),
    )


def _tls(ca: str | None, *, disabled: bool) -> str:
    if disabled:
        return "off"
    return f"verified by {ca}" if ca else "as the server offers it, not verified"
