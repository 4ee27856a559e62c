"""Broadcasts on their way: who would get one, approval, and writing one outbox row a recipient, resumable at any point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from knowledge.base import KnowledgeBase
from rules.document import RuleDocument
from scheduler.audience import audience, frozen
from scheduler.faults import Faults
from scheduler.hours import BROADCAST, next_within, today_in_ningbo, within
from scheduler.policy_message import compose
from store.asker import SYSTEM, Asker
from store.broadcast_records import (
    Broadcast,
    BroadcastError,
    BroadcastState,
    Draft,
    Fit,
    Member,
    Recipient,
    RecipientState,
)
from store.broadcasts import HELD
from store.database import Database
from store.errors import UnavailableError
from store.messages import Outgoing
from store.outbox import Letter
from store.reach import Reached
from store.records import Cause, Lane, Person
from store.transaction import Transaction

log = structlog.get_logger()
BATCH = 100


class UnknownRuleError(BroadcastError):
    """The rule of the broadcast is not in the published knowledge."""

    zh = "这条规则不在已发布的知识库里，请重新选择"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would get a broadcast today, before anything is frozen. `unreachable` are among those who would be written to."""

    members: tuple[Member, ...]
    unreachable: frozenset[int]  # companies nobody of which may be written to now
    unsubscribed: frozenset[int]  # companies that do not want policy messages

    def counts(self) -> Mapping[str, int]:
        """Return how many companies fit, may fit, do not fit, cannot be reached, and are unsubscribed."""
        by_fit = Counter(member.fit for member in self.members)
        return {
            **{fit.value: by_fit[fit] for fit in Fit},
            "unreachable": len(self.unreachable),
            "unsubscribed": len(self.unsubscribed),
        }


async def audience_of(tx: Transaction, draft: Draft, knowledge: KnowledgeBase, now: datetime) -> Audience:
    """Return the audience of a draft on what is known today. Raises UnknownRuleError."""
    members = await _members(tx, draft, knowledge, now)
    unreachable: set[int] = set()
    unsubscribed: set[int] = set()
    for member in members:
        if member.fit is Fit.DOES_NOT_FIT:
            continue
        person, reached = await _recipient(tx, member.company_id, now)
        if person is not None and reached is None:
            unreachable.add(member.company_id)
        elif person is None:
            owners = await tx.people.owners_of(member.company_id)
            (unsubscribed if owners else unreachable).add(member.company_id)
    return Audience(tuple(members), frozenset(unreachable), frozenset(unsubscribed))


async def _members(tx: Transaction, draft: Draft, knowledge: KnowledgeBase, now: datetime) -> list[Member]:
    companies = [company.id for company in await tx.people.companies()]
    facts = await tx.facts(SYSTEM).of_all()
    rule = rule_of(draft, knowledge)
    return audience(rule, knowledge.facts, companies, facts, today_in_ningbo(now))


def rule_of(draft: Draft, knowledge: KnowledgeBase) -> RuleDocument | None:
    """Return the rule of a draft, None for a plain text. Raises UnknownRuleError."""
    if draft.rule_id is None:
        return None
    rule = knowledge.rules.get(draft.rule_id)
    if rule is None:
        raise UnknownRuleError(draft.rule_id)
    return rule


async def preview(
    tx: Transaction, broadcast: Broadcast, company_id: int, knowledge: KnowledgeBase, now: datetime
) -> Outgoing:
    """Return what one company would read if it were sent now, without the name of the person."""
    draft = broadcast.draft()
    today = today_in_ningbo(now)
    known = {company_id: await tx.facts(SYSTEM).of(company_id)}
    (member,) = audience(rule_of(draft, knowledge), knowledge.facts, [company_id], known, today)
    shown = broadcast.model_copy(update={"as_of": today})
    if member.fit is Fit.DOES_NOT_FIT:
        return Outgoing(parts=())
    return compose(shown, member.fit, member.detail, "")


async def submit(
    tx: Transaction, asker: Asker, broadcast_id: int, knowledge: KnowledgeBase, now: datetime
) -> Broadcast:
    """Ask for approval under the present knowledge. Raises UnknownRuleError and the repository's errors."""
    broadcasts = tx.broadcasts(asker)
    rule_of((await broadcasts.get(broadcast_id)).draft(), knowledge)
    return await broadcasts.submit(broadcast_id, knowledge.hash, now)


async def approve(
    tx: Transaction,
    approver: Asker,
    broadcast_id: int,
    seen_hash: str,
    knowledge: KnowledgeBase,
    now: datetime,
) -> Broadcast:
    """Freeze the audience as it is now and let the broadcast go out. Raises the repository's errors."""
    broadcasts = tx.broadcasts(approver)
    draft = (await broadcasts.get(broadcast_id)).draft()
    members = frozen(await _members(tx, draft, knowledge, now), include_may_fit=draft.include_may_fit)
    return await broadcasts.approve(
        broadcast_id, approver.person_id or 0, seen_hash, knowledge.hash, members, today_in_ningbo(now), now
    )


async def broadcast(database: Database, now: datetime, batch: int = BATCH) -> int:
    """Work on every running broadcast; return how many messages were written.

    A batch is one transaction: killed anywhere, the recipients of an unfinished batch are still waiting, and the key
    of a message makes a second one impossible. Outside the hours for policy messages nothing is written and what
    is written waits for the morning.
    """
    async with database.reading() as tx:
        running = await tx.broadcasts(SYSTEM).running()
    written, faults = 0, Faults("broadcast")
    for one in running:
        with faults.apart(broadcast_id=one.id):
            written += await _work_on(database, one, now, batch, faults)
    return faults.end(written)


async def _work_on(database: Database, one: Broadcast, now: datetime, batch: int, faults: Faults) -> int:
    if one.state is BroadcastState.PAUSED or not within(now, BROADCAST):
        until = HELD if one.state is BroadcastState.PAUSED else next_within(now, BROADCAST)
        async with database.transaction() as tx:
            if (await tx.broadcasts(SYSTEM).get(one.id)).state is one.state:
                await tx.broadcasts(SYSTEM).hold(one.id, until)
        return 0
    if one.not_before is not None and now < one.not_before:
        return 0
    if one.state is BroadcastState.APPROVED and not await _start(database, one, now):
        return 0
    written, after = 0, 0
    while (done := await _batch(database, one.id, now, batch, after, faults)) is not None:
        written, after = written + done.written, done.last_id
    return written


async def _start(database: Database, one: Broadcast, now: datetime) -> bool:
    """Return whether it may be sent. One that differs from what was approved goes back to its author."""
    try:
        async with database.transaction() as tx:
            await tx.broadcasts(SYSTEM).start(one.id, now)
    except BroadcastError as error:
        log.error("a broadcast was not started", broadcast_id=one.id, reason=type(error).__name__)
        async with database.transaction() as tx:
            if (await tx.broadcasts(SYSTEM).get(one.id)).state is BroadcastState.APPROVED:
                await tx.broadcasts(SYSTEM).return_to_author(one.id, error.zh, now)
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Batch:
    """How many messages a batch came to, and the last recipient that it looked at."""

    written: int
    last_id: int


async def _batch(
    database: Database, broadcast_id: int, now: datetime, batch: int, after: int, faults: Faults
) -> _Batch | None:
    """Write one batch of those after `after` in one transaction; return None when there is nothing more to do.

    A recipient whose message cannot be written is tried again some times; then the broadcast ends without them, and
    says so.
    """
    async with database.transaction() as tx:
        broadcasts = tx.broadcasts(SYSTEM)
        current = await broadcasts.get(broadcast_id)
        if current.state is not BroadcastState.SENDING:  # paused or cancelled since the last batch
            return None
        if current.not_after is not None and now >= current.not_after:
            await broadcasts.end_waiting(broadcast_id, RecipientState.EXPIRED)
        recipients = await broadcasts.waiting(broadcast_id, batch, after)
        if not recipients:
            if not await broadcasts.waiting(broadcast_id, 1) and not await broadcasts.unsent(broadcast_id):
                await broadcasts.finish(broadcast_id, now)
            return None
        written = 0
        for recipient in recipients:
            with faults.apart(broadcast_id=broadcast_id, recipient_id=recipient.id):
                try:
                    async with tx.apart():
                        written += await _write(tx, current, recipient, now)
                except UnavailableError:
                    raise
                except Exception as error:  # its words may hold what the company said
                    await broadcasts.not_written(recipient.id, type(error).__name__)
                    raise
        return _Batch(written, recipients[-1].id)


async def _write(tx: Transaction, current: Broadcast, recipient: Recipient, now: datetime) -> int:
    broadcasts = tx.broadcasts(SYSTEM)
    person, reached = await _recipient(tx, recipient.company_id, now)
    if person is None or reached is None:
        owners: Sequence[Person] = await tx.people.owners_of(recipient.company_id)
        state = RecipientState.UNSUBSCRIBED if owners and person is None else RecipientState.UNREACHABLE
        await broadcasts.settle(recipient.id, state)
        return 0
    outbox_id = await tx.outbox.write(
        Letter(
            dedupe_key=f"broadcast:{current.id}:{recipient.company_id}",
            channel=reached.address.channel,
            address=reached.address.address,
            content=compose(current, recipient.fit, recipient.detail, person.name),
            person_id=person.id,
            lane=Lane.BULK,
            cause=Cause.BROADCAST,
            not_before=now,
            not_after=current.not_after,
            broadcast_id=current.id,
        ),
        now,
    )
    await broadcasts.settle(recipient.id, RecipientState.WRITTEN, person_id=person.id, outbox_id=outbox_id)
    return int(outbox_id is not None)


async def _recipient(tx: Transaction, company_id: int, now: datetime) -> tuple[Person | None, Reached | None]:
    """Return who of the company is written to: the first who wants policy messages and may be written to now."""
    willing = [person for person in await tx.people.owners_of(company_id) if person.broadcasts_wanted]
    for person in willing:
        reached = await tx.reach.of(person.id, now)
        if reached is not None:
            return person, reached
    return (willing[0] if willing else None), None
