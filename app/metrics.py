"""Counts for operators, in the Prometheus text form. No company's data, and still not for everybody."""

from __future__ import annotations

import hmac
import re
from ipaddress import IPv6Address, ip_address

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from scheduler.clock import Health
from store.database import Database

_REFUSED = (
    "metrics are for this machine, or for who sends ZHITUO_METRICS_TOKEN as `Authorization: Bearer …`\n"
)
# How the headers begin that proxies add, each its own.
_OF_PROXIES = (
    "forwarded",
    "via",
    "x-forwarded",
    "x-original-f",
    "x-real-",
    "x-client-",
    "true-client-",
    "cf-",
)
_HOST = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<name>[^:\[\]]+))(?::\d+)?")


def metrics_router(database: Database, token: str, health: Health) -> APIRouter:
    """Return `GET /metrics`: for callers on this machine and for those who send the token, where one is set."""
    router = APIRouter(include_in_schema=False)

    async def metrics(request: Request) -> PlainTextResponse:
        if not _is_local(request) and not _is_sent(request.headers.get("authorization", ""), token):
            return PlainTextResponse(_REFUSED, 401, headers={"WWW-Authenticate": "Bearer"})
        return PlainTextResponse(await text(database, health), media_type=CONTENT_TYPE_LATEST)

    router.add_api_route("/metrics", metrics)
    return router


def _is_local(request: Request) -> bool:
    """Return whether the caller is on this machine and asks for it by its own name.

    What a proxy passes on is not of this machine: it may pass on a made-up address. Where one says nothing of itself, the
    name that was asked for still tells, as it does of a page elsewhere whose name was made to lead here.
    """
    passed_on = any(header.startswith(_OF_PROXIES) for header in request.headers)
    named = _HOST.fullmatch(request.headers.get("host", ""))
    own_name = named is not None and (
        named["name"] == "localhost" or is_loopback(named["v6"] or named["name"])
    )
    return not passed_on and own_name and request.client is not None and is_loopback(request.client.host)


def is_loopback(host: str) -> bool:
    """Return whether an address is this machine's own."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_sent(authorization: str, token: str) -> bool:
    scheme, _, sent = authorization.partition(" ")
    same = hmac.compare_digest(sent.strip().encode(), token.encode())  # takes as long whatever was sent
    return bool(token) and scheme.lower() == "bearer" and same


async def text(database: Database, health: Health) -> str:
    """Return how many messages stand in each state of the inbox and the outbox, and how the clock's ticks fare."""
    registry = CollectorRegistry()
    inbox = Gauge("zhituo_inbox_messages", "Messages received, by state", ["state"], registry=registry)
    outbox = Gauge("zhituo_outbox_messages", "Messages to people, by state", ["state"], registry=registry)
    ran = Gauge("zhituo_tick_last_run_seconds", "When a tick last ran whole", ["tick"], registry=registry)
    failed = Gauge("zhituo_tick_failures", "Failed runs since the start", ["tick"], registry=registry)
    for tick, at in health.last_run.items():
        ran.labels(tick).set(at.timestamp())
    for tick, count in health.failed.items():
        failed.labels(tick).set(count)
    async with database.reading() as tx:
        for state, count in (await tx.inbox.counts()).items():
            inbox.labels(state).set(count)
        for state, count in (await tx.outbox.counts()).items():
            outbox.labels(state).set(count)
    return generate_latest(registry).decode()
