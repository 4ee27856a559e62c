"""Counts for operators, in the Prometheus text form. No company's data."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from store.database import Database


async def text(database: Database) -> str:
    """Return how many messages stand in each state of the inbox and the outbox."""
    registry = CollectorRegistry()
    inbox = Gauge("zhituo_inbox_messages", "Messages received, by state", ["state"], registry=registry)
    outbox = Gauge("zhituo_outbox_messages", "Messages to people, by state", ["state"], registry=registry)
    async with database.reading() as tx:
        for state, count in (await tx.inbox.counts()).items():
            inbox.labels(state).set(count)
        for state, count in (await tx.outbox.counts()).items():
            outbox.labels(state).set(count)
    return generate_latest(registry).decode()
