"""What servicers do in WeCom itself, told to the case: they take a session, write, and end it.

A servicer is known by their WeCom user id, the same under which they are reached as a member.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.channels.texts import TEXTS
from bot.channels.wecom_kf.limits import SessionChange
from bot.channels.wecom_kf.updates import ServicerSaid, SessionMoved
from bot.handoff import flows, staff
from bot.handoff.errors import HandoffError
from bot.handoff.states import Event
from store.case_records import Case, CaseEventKind
from store.messages import Channel
from store.records import Person
from store.transaction import Transaction

log = structlog.get_logger()


async def session_moved(tx: Transaction, moved: SessionMoved, now: datetime) -> None:
    """Let the case follow its session. A session without a case is left alone: WeChat itself keeps the bot silent."""
    case = await _case(tx, moved.address)
    if case is None:
        log.info("a session without a case moved", change=moved.change.name)
        return
    try:
        if moved.change is SessionChange.ENDED:
            await _ended(tx, case, moved.old_servicer, now)
        else:
            await _taken(tx, case, moved.new_servicer, now)
    except HandoffError as error:
        log.warning("a case could not follow its session", case_id=case.id, error=type(error).__name__)


async def servicer_said(tx: Transaction, said: ServicerSaid, now: datetime) -> None:
    """Add a servicer's words to the case's timeline. They have arrived already."""
    case = await _case(tx, said.address)
    who = await _servicer(tx, said.servicer)
    if case is None or who is None or case.owner_id != who.id or not said.text:
        return
    data = {"text": said.text, "attachment_ids": [], "channel": str(Channel.WECOM_KF)}
    due = now + staff.OWNER_SILENT_FOR
    await flows.advance(tx, case, Event(CaseEventKind.AGENT_SAID, who.id, data=data), now, due)


async def _taken(tx: Transaction, case: Case, servicer: str, now: datetime) -> None:
    who = await _servicer(tx, servicer)
    if who is None:
        log.warning("a servicer whom we do not know took a session", case_id=case.id)
    elif not case.with_person:
        await staff.accept(tx, case, who, now)
    elif case.owner_id is not None and case.owner_id != who.id:
        await staff.reassign(tx, case, await tx.people.person(case.owner_id), who, now)


async def _ended(tx: Transaction, case: Case, servicer: str, now: datetime) -> None:
    who = await _servicer(tx, servicer)
    if case.with_person and who is not None and case.owner_id == who.id:
        await flows.give_back(tx, case, who.id, TEXTS.say("wecom_kf.ended"), now)


async def _case(tx: Transaction, address: str) -> Case | None:
    person = await tx.people.at(Channel.WECOM_KF, address)
    return None if person is None else await flows.active_case(tx, person.id)


async def _servicer(tx: Transaction, user_id: str) -> Person | None:
    return await tx.people.at(Channel.WECOM, user_id) if user_id else None
