"""Runs a transcript through the whole pipeline, on a fresh database and a simulated clock."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from app.transcripts.form import Expected, Step, Transcript, channel_of, read_span
from app.wiring import Minds, Service
from bot.deep_links import Doors
from bot.handoff import flows, staff
from rules.days import NINGBO
from rules.errors import FactError
from scheduler.reminders import remind
from store.asker import SYSTEM, Role
from store.database import Database
from store.fact_values import to_stored
from store.messages import Channel, CitationPart, Incoming, IncomingKind, Outgoing
from store.records import AddressState, OutboxItem, OutboxState, Person

ADDRESS = "transcript"
MORNING = time(10, 0)
BASE_URL = "https://zhituo.example"
DOORS = Doors(
    page=BASE_URL,
    channels=frozenset({Channel.TELEGRAM, Channel.WECOM_KF, Channel.WEB, Channel.EMAIL}),
    telegram_name="zhituo_bot",
    customer_service="https://work.weixin.qq.com/kf/kfc1?enc_scene=E",
)
_CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}")


@dataclass
class Outcome:
    """How one transcript went. `problems` is empty when it passed."""

    transcript: Transcript
    problems: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


BETWEEN_MESSAGES = timedelta(seconds=10)  # people read before they press the same button again


class SimulatedClock:
    """A clock that only moves when told to."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now


async def run_transcript(transcript: Transcript, minds: Minds) -> Outcome:
    """Return what the transcript found. The knowledge and the trained model are shared between transcripts."""
    with tempfile.TemporaryDirectory(prefix="zhituo-transcript-") as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'transcript.sqlite3'}")
        try:
            await database.migrate()
            return await _Run(transcript, database, minds).run()
        finally:
            await database.close()


class _Run:
    def __init__(self, transcript: Transcript, database: Database, minds: Minds) -> None:
        self._transcript = transcript
        self._outcome = Outcome(transcript)
        self._clock = SimulatedClock(
            datetime.combine(transcript.today, MORNING, tzinfo=NINGBO).astimezone(UTC)
        )
        self._service = Service.for_terminal(
            database, minds, self._clock, BASE_URL, also=DOORS.channels, doors=DOORS
        )
        self._database = database
        self._updates = 0
        self._last: Incoming | None = None
        self._chat = ""
        self._seen: dict[str, int] = {}
        self._offered: dict[str, list[OutboxItem]] = {}
        self._code = ""

    async def run(self) -> Outcome:
        try:
            await self._become_known()
            await self._hire()
        except FactError as error:
            self._outcome.problems.append(f"facts: {error}")
            return self._outcome
        for number, step in enumerate(self._transcript.steps, start=1):
            self._chat = step.at
            problem = await self._take(step)
            await self._service.deliver()
            said = await self._new_messages(step.at)
            self._log(step, said)
            problems = [problem] if problem else check(step.bot, said)
            for chat, expected in step.elsewhere.items():
                told = await self._new_messages(chat)
                problems += [f"{chat or 'terminal'}: {found}" for found in check(expected, told)]
            self._outcome.problems += [f"step {number} ({step.words[:60]}): {found}" for found in problems]
            if problem:
                break
        return self._outcome

    async def _become_known(self) -> None:
        """Make the owner and their company known, with the facts that the transcript takes as known."""
        knowledge = self._service.mind().knowledge
        now = self._clock.now
        today = self._transcript.today
        facts = knowledge.facts.facts(self._transcript.facts, source="企业资料", day=today)
        async with self._database.transaction() as tx:
            company = await tx.people.add_company("测试企业", now, demo=True)
            person = await tx.people.add_person(Role.OWNER, now, company_id=company.id)
            await tx.people.add_address(person.id, Channel.TERMINAL, ADDRESS, now)
            await tx.facts(SYSTEM).remember(company.id, to_stored(facts, today), now)

    async def _take(self, step: Step) -> str:
        """Let the step happen; return why it could not, or nothing."""
        self._clock.now += BETWEEN_MESSAGES
        if step.user is not None:
            await self._receive(IncomingKind.TEXT, text=step.user.replace("{code}", self._code))
        elif step.start is not None:
            await self._receive(
                IncomingKind.START, payload=step.start.replace("{code}", self._code.replace("-", ""))
            )
        elif step.leaves:
            await self._leave()
        elif step.press is not None:
            return await self._press(step.press)
        elif step.photo is not None:
            await self._send(IncomingKind.PHOTO, step.photo, step.photo.encode(), "image/jpeg")
        elif step.file is not None:
            await self._send(
                IncomingKind.DOCUMENT, step.file.name, step.file.content(), "application/octet-stream"
            )
        elif step.voice:
            await self._receive(IncomingKind.VOICE)
        elif step.again and self._last is not None:
            await self._service.pipeline.receive_and_answer(self._last)
        elif step.advance is not None:
            await self._advance(read_span(step.advance))
        else:
            return await self._agency(step)
        return ""

    async def _receive(
        self,
        kind: IncomingKind,
        *,
        text: str = "",
        pressed: str = "",
        payload: str = "",
        attachment_id: int | None = None,
    ) -> None:
        self._updates += 1
        self._last = Incoming(
            channel=channel_of(self._chat),
            address=_address(self._chat),
            update_id=f"{ADDRESS}:{self._updates}",
            kind=kind,
            received_at=self._clock.now,
            text=text,
            pressed=pressed,
            payload=payload,
            attachment_id=attachment_id,
        )
        await self._service.pipeline.receive_and_answer(self._last)

    async def _leave(self) -> None:
        """Block us, as a channel tells it."""
        await self._receive(IncomingKind.STOP)
        async with self._database.transaction() as tx:
            await tx.people.set_address_state(
                channel_of(self._chat), _address(self._chat), AddressState.BLOCKED
            )

    async def _press(self, words: str) -> str:
        offered_here = self._offered.get(self._chat, [])
        for item in reversed(offered_here):
            for index, choice in enumerate(item.content.choices):
                if choice.text == words:
                    await self._receive(IncomingKind.PRESS, pressed=f"{item.id}:{index}")
                    return ""
        offered = [choice.text for item in offered_here for choice in item.content.choices]
        return f"there is no button {words!r}; offered: {offered}"

    async def _send(self, kind: IncomingKind, filename: str, data: bytes, media_type: str) -> None:
        async with self._database.transaction() as tx:
            person = await self._owner()
            kept = await tx.attachments(person.as_asker()).keep(
                data, filename, media_type, person.id, self._clock.now
            )
        await self._receive(kind, attachment_id=kept.id)

    async def _owner(self) -> Person:
        async with self._database.reading() as tx:
            person = await tx.people.at(channel_of(self._chat), _address(self._chat))
        if person is None:
            raise AssertionError("the owner of the transcript is not known")
        return person

    async def _advance(self, span: timedelta) -> None:
        """Let time pass a day at a time; every morning what is due is sent."""
        end = self._clock.now + span
        while self._clock.now < end:
            self._clock.now = min(end, self._clock.now + timedelta(days=1))
            await remind(self._database, self._service.mind().knowledge.law, self._clock.now)
            await self._service.deliver()

    async def _agency(self, step: Step) -> str:
        """Let a person of the agency that has the case act, taking it over if nobody has."""
        now = self._clock.now
        owner = await self._owner()
        async with self._database.transaction() as tx:
            case = await flows.active_case(tx, owner.id)
            if case is None or case.agency_id is None:
                return "no case is waiting: nobody asked for a person"
            worker = await tx.people.at(Channel.DESK, case.agency_id)
            if worker is None:
                return f"nobody of {case.agency_id} can sign in"
            if not case.with_person:
                case = await staff.accept(tx, case, worker, now)
            if step.agent is not None:
                await staff.agent_says(tx, case, worker, step.agent, now)
            elif step.agent_returns is not None:
                await staff.return_to_bot(tx, case, worker, step.agent_returns, now)
            elif step.agent_closes is not None:
                await staff.close(tx, case, worker, step.agent_closes, now)
        return ""

    async def _hire(self) -> None:
        """Let one person of every agency that takes cases be able to sign in."""
        async with self._database.transaction() as tx:
            for agency in self._service.mind().agencies:
                worker = await tx.people.add_person(
                    Role.AGENCY, self._clock.now, name="经办人", agency_id=agency.id, login=agency.id
                )
                await tx.people.add_address(worker.id, Channel.DESK, agency.id, self._clock.now)

    async def _new_messages(self, chat: str) -> list[OutboxItem]:
        async with self._database.reading() as tx:
            items = await tx.outbox.for_address(
                channel_of(chat), _address(chat), after=self._seen.get(chat, 0)
            )
        items = [item for item in items if item.state is OutboxState.SENT]
        if items:
            self._seen[chat] = items[-1].id
            self._offered.setdefault(chat, []).extend(items)
        for item in items:
            for code in _CODE.findall(item.content.plain_text()):
                self._code = code
        return items

    def _log(self, step: Step, said: Sequence[OutboxItem]) -> None:
        self._outcome.log.append(f"> {step.words}")
        for item in said:
            self._outcome.log.append(item.content.plain_text())
            if item.content.choices:
                self._outcome.log.append(
                    "  " + " ".join(f"[{choice.text}]" for choice in item.content.choices)
                )


def _address(chat: str) -> str:
    return f"{chat}-of-transcript" if chat else ADDRESS


def check(expected: Expected, said: Sequence[OutboxItem]) -> list[str]:
    """Return how what was said differs from what was expected."""
    messages = [item.content for item in said]
    text = "\n".join(message.plain_text() for message in messages)
    offered = [choice.text for message in messages for choice in message.choices]
    cited = "；".join(_citations(messages))
    problems = [f"does not contain {words!r}" for words in expected.contains if words not in text]
    problems += [f"contains {words!r}" for words in expected.not_contains if words in text]
    problems += [f"does not cite {words!r}: {cited!r}" for words in expected.cites if words not in cited]
    problems += [f"no button {words!r}: {offered}" for words in expected.choices if words not in offered]
    problems += [f"button {words!r} is offered" for words in expected.not_choices if words in offered]
    if expected.intent and expected.intent not in {message.intent for message in messages}:
        problems.append(f"intent {[message.intent for message in messages]}, expected {expected.intent!r}")
    if expected.silent and messages:
        problems.append(f"is not silent: {text[:80]!r}")
    if expected.messages is not None and len(messages) != expected.messages:
        problems.append(f"{len(messages)} messages, expected {expected.messages}")
    if problems and text:
        problems[0] += f"\n      said: {text[:600]}"
    return problems


def _citations(messages: Sequence[Outgoing]) -> list[str]:
    return [
        citation
        for message in messages
        for part in message.parts
        if isinstance(part, CitationPart)
        for citation in part.citations
    ]
