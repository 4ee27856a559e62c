"""One way in: inbox → understanding → dialogue → state and outbox rows, in one transaction.

An update is stored before its channel is told so; answering it is a second transaction that either does everything or
nothing. Messages of one person are answered one after the other, in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from bot.arrivals import Arrival, arrive
from bot.carry_out import Docket, Situation, carry_out
from bot.channels.writers import known_writer
from bot.deep_links import Doors
from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import NoteUnclear
from bot.dialogue.respond import apology, respond
from bot.dialogue.topics.print_answer import is_wish
from bot.dialogue.turn import say
from bot.dialogue.world import Heard, Sheet, World
from bot.docket_file import DocketFile, FileFirstError, read_docket, write_docket
from bot.handoff import flows, group_talk, own_chat
from bot.handoff.group_binding import bind_member, said_staff_code, without_code
from bot.long_lists import (
    WORKING,
    KeepingLists,
    LongListFirstError,
    check_length,
    half_kept,
    keep_long_list,
)
from bot.mind import Mind, load_places, load_world
from bot.printing import PaperFile, answer_to_print, set_on_paper
from bot.reply_letters import SORRY, key_of, reply_to, sorry_for, write_all
from bot.sheets import read_sheet, sent_list
from bot.talks import conversation_of, respond_or_begin_anew
from bot.turns import Turns
from bot.understanding.intents import Intent
from bot.understanding.second_opinion import SecondOpinion
from bot.understanding.understand import Understood, Verdict
from rules.days import NINGBO
from store.addresses import Place
from store.database import Database
from store.errors import EarlierWaitsError, UnavailableError
from store.messages import Action, Channel, Incoming, IncomingKind, Outgoing, Verb
from store.one_time_codes import hidden
from store.reach import RULES, First
from store.records import InboxItem, Person
from store.speakers import Speaker
from store.transaction import Transaction

log = structlog.get_logger()
# Where a finger that taps twice is two updates; on our own pages a button is gone once it was pressed.
TAPPED = frozenset({Channel.TELEGRAM, Channel.WECOM})
PRESSED_TWICE = timedelta(seconds=3)
AT_ONCE = 1000  # messages that wait after a crash
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds between tries while the database is gone


@dataclass(frozen=True, slots=True)
class Files:
    """What a message brings, and what it wants made."""

    sheet: Sheet | None = None  # a list of rights
    paper: PaperFile | None = None  # an answer as a PDF
    docket: DocketFile | None = None  # the deadlines as a file


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What a second opinion took a message for that we had not understood, and what the editor is to learn of it."""

    intent: Intent
    notes: tuple[NoteUnclear, ...]


@dataclass(frozen=True, slots=True)
class _Beforehand:
    """What was found out before anything was locked."""

    files: Files
    opinion: _Opinion | None


@dataclass(frozen=True, slots=True)
class _Came:
    """One message on its way to the dialogue. `action` and `stale` are of a pressed button."""

    item: InboxItem
    speaker: Speaker
    action: Action | None
    stale: bool
    arrival: Arrival | None
    before: _Beforehand

    def as_the_dialogue_hears(self) -> tuple[Incoming, str]:
        """Return the message, or what the link that opened the chat asks instead, and what is said first."""
        incoming = self.item.content
        if self.arrival is None:
            return incoming, ""
        if self.arrival.text:
            incoming = incoming.model_copy(update={"kind": IncomingKind.TEXT, "text": self.arrival.text})
        return incoming, self.arrival.lead


class Pipeline:
    """Receives updates of all channels and answers them."""

    def __init__(
        self,
        database: Database,
        mind: Callable[[], Mind],
        docket: Docket,
        clock: Callable[[], datetime],
        wake_delivery: Callable[[], None],
        base_url: str = "",
        second_opinion: SecondOpinion | None = None,
        doors: Doors | None = None,
    ) -> None:
        self._database = database
        self._doors = doors or Doors(page=base_url)
        self._mind = mind
        self._docket = docket
        self._clock = clock
        self._wake_delivery = wake_delivery
        self._base_url = base_url  # where links to this installation begin; empty where it has no address
        self._turns = Turns()
        self._second_opinion = second_opinion  # asked about what was not understood; None: nobody is
        self._running: set[asyncio.Task[bool]] = set()

    async def receive(self, incoming: Incoming) -> bool:
        """Store the update and begin to answer it; return False when it was already stored."""
        stored = await self.store(incoming)
        if stored is None:
            return False
        task = asyncio.create_task(self._answer_in_order(stored))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return True

    async def receive_and_answer(self, incoming: Incoming) -> bool:
        """Store the update and answer it before returning; return False when it was already stored."""
        stored = await self.store(incoming)
        if stored is None:
            return False
        await self._answer_in_order(stored)
        return True

    async def store(self, incoming: Incoming) -> InboxItem | None:
        """Store the update and return it, or None when it was already stored. A first-time writer becomes known."""
        now = self._clock()
        async with self._database.transaction() as tx:
            # In a group several people speak: who it was is looked up when it is read.
            if incoming.group is not None:
                return await tx.inbox.receive(incoming, None)
            person = await known_writer(
                tx, incoming.channel, incoming.address, incoming.sender_name[:100], now
            )
            if _is_said(incoming):
                await tx.people.heard_from(incoming.channel, incoming.address, now)
            return await tx.inbox.receive(incoming, person.id)

    async def answer_waiting(self) -> int:
        """Answer what was stored but not answered before a crash; return how many."""
        async with self._database.transaction() as tx:
            for lost in await tx.inbox.set_aside_unreadable(AT_ONCE):
                if lost.person_id is not None or lost.channel is Channel.TELEGRAM_FORUM:
                    await tx.outbox.write(sorry_for(lost), self._clock())
            waiting = await tx.inbox.waiting(AT_ONCE)
        for number, item in enumerate(waiting):
            if not await self._answer_in_order(item, pauses=()):
                return number
        return len(waiting)

    async def idle(self) -> None:
        """Return when everything received so far has been answered."""
        while self._running:
            await asyncio.gather(*self._running)

    async def _answer_in_order(self, item: InboxItem, pauses: Sequence[float] = WAITS) -> bool:
        """Answer the message, and return whether that was tried: not while the database is gone.

        It is waited for with these pauses, in seconds; what is left then is answered from the inbox.
        """
        group = item.content.group
        async with self._turns.of(item.person_id if group is None else group.chat):
            for pause in (*pauses, None):
                try:
                    await self._answer_with_earlier(item)
                    self._wake_delivery()
                    return True
                except UnavailableError as error:
                    log.warning("the database is gone", inbox_id=item.id, error=str(error), seconds=pause)
                    await asyncio.sleep(pause or 0)
        return False

    async def _answer_with_earlier(self, item: InboxItem) -> None:
        """Answer the message, and before it what its person said earlier and nobody has answered yet.

        Another process may be answering that: then it is waited for, and what it has done is not done again.
        """
        while not await self._try_to_answer(item):
            async with self._database.reading() as tx:
                earlier = await tx.inbox.waiting_before(item)
            for each in earlier:
                await self._try_to_answer(each)

    async def _try_to_answer(self, item: InboxItem) -> bool:
        """Answer the message, or say that it could not be; return False where an earlier one waits: nothing is done."""
        for attempt in range(3):
            try:
                files = await self._files(item)
                opinion = await self._opinion(item) if attempt == 0 else None
                await self._answer_with(item, _Beforehand(files, opinion))
                return True
            except EarlierWaitsError:
                return False
            except UnavailableError:
                raise  # no fault of the message's
            except Exception as error:
                log.exception("answering failed", inbox_id=item.id, channel=item.channel.value)
                await self._note_failure(item, error)
        return True

    async def _answer_with(self, item: InboxItem, before: _Beforehand) -> None:
        """Answer in one transaction. A file that the answer turns out to bring is made between two tries."""
        try:
            async with self._database.transaction() as tx:
                await self._answer(tx, item, before)
        except FileFirstError as wanted:
            now = self._clock()
            async with self._database.reading() as tx:
                docket = await read_docket(tx, wanted.person, wanted.form)
            file = await write_docket(docket, now.astimezone(NINGBO).date(), now)
            async with self._database.transaction() as tx:
                await self._answer(tx, item, replace(before, files=replace(before.files, docket=file)))
        except LongListFirstError as wanted:
            sheet = await self._keep_long_list(item, wanted)
            async with self._database.transaction() as tx:
                await self._answer(tx, item, replace(before, files=replace(before.files, sheet=sheet)))

    async def _keep_long_list(self, item: InboxItem, wanted: LongListFirstError) -> Sheet:
        now = self._clock()
        today = now.astimezone(NINGBO).date()
        async with self._database.reading() as tx:
            speaker = await tx.speakers.of(wanted.person.id)
            world = await load_world(tx, speaker, self._mind(), today)
        keeping = KeepingLists(self._database, self._docket.docket_assets, self._wake_delivery)
        working = partial(reply_to, item, number=WORKING)
        return await keep_long_list(keeping, item, wanted, world, working, today, now)

    async def _note_failure(self, item: InboxItem, error: Exception) -> None:
        """Count the failure; after the last attempt the person is told in a plain sentence, with a way to a person."""
        now = self._clock()
        async with self._database.transaction() as tx:
            # Only what kind of error: its words may be the person's, and the row is shown at the desk.
            if await tx.inbox.failed(item.id, type(error).__name__):
                await tx.outbox.write(reply_to(item, await self._apology(tx, item), SORRY), now)

    async def _apology(self, tx: Transaction, item: InboxItem) -> Outgoing:
        if item.content.group is not None:
            return group_talk.apology()
        begun = await tx.outbox.is_written(key_of(item, WORKING))
        return half_kept() if begun else apology()

    async def _files(self, item: InboxItem) -> Files:
        """Return the files that the message brings or wants, read and made before anything is locked."""
        incoming = item.content
        typed = incoming.text.strip() == say("list.keep_button")
        if item.person_id is None or not (
            incoming.kind in (IncomingKind.DOCUMENT, IncomingKind.PRESS) or typed or is_wish(incoming.text)
        ):
            return Files()
        async with self._database.reading() as tx:
            person = await tx.people.person(item.person_id)
            action, _ = await self._pressed(tx, incoming, person)
            if typed:
                stored = await tx.conversations.of(person.id, self._clock())
                named = conversation_of(stored).choice_named(incoming.text)
                action = named.action if named else None
            found = await sent_list(tx, person, incoming, action)
            answer = await answer_to_print(tx, person, incoming, action)
        sheet = None if found is None else await read_sheet(*found)
        if answer is None:
            return Files(sheet)
        answered_on = answer.answered_at.astimezone(NINGBO).date()
        return Files(sheet, await set_on_paper(answer, answered_on, self._clock()))

    async def _opinion(self, item: InboxItem) -> _Opinion | None:
        """Return what a second opinion sees in a message which would be answered with "not understood".

        What the message would come to is tried out first and thrown away; nothing is asked inside a transaction.
        """
        incoming = item.content
        if self._second_opinion is None or item.person_id is None or incoming.kind is not IncomingKind.TEXT:
            return None
        if incoming.group is not None or hidden(incoming.text) != incoming.text:
            return None  # a one-time code goes to nobody
        now, mind = self._clock(), self._mind()
        today = now.astimezone(NINGBO).date()
        understood = _read(mind, incoming.text, today)
        if understood is None or understood.verdict is Verdict.ANSWER:
            return None
        async with self._database.reading() as tx:
            speaker = await tx.speakers.of(item.person_id)
            case = await flows.active_case(tx, speaker.person.id)
            conversation = conversation_of(speaker.conversation)
            if (case is not None and case.with_person) or conversation.choice_named(incoming.text):
                return None
            world = await load_world(tx, speaker, mind, today, waiting_for_person=case is not None)
        tried = respond(conversation, Heard(incoming.kind, incoming.text, understood), world, today)
        notes = tuple(effect for effect in tried.effects if isinstance(effect, NoteUnclear))
        intent = await self._second_opinion.choose(understood, today) if notes else None
        if intent is None:
            return None
        log.info("second opinion followed", inbox_id=item.id, intent=intent.value)
        return _Opinion(intent, notes)

    async def _answer(self, tx: Transaction, item: InboxItem, before: _Beforehand) -> None:
        now = self._clock()
        today = now.astimezone(NINGBO).date()
        if item.content.group is not None:
            if await tx.inbox.done(item, now):
                await group_talk.heard(tx, item, self._mind().agencies, now)
            return
        if item.person_id is None:
            return
        await tx.speakers.hold(item.person_id)
        if not await tx.inbox.done(item, now):
            return
        if item.content.kind is IncomingKind.STOP:
            return
        if item.channel in TAPPED and await tx.inbox.is_pressed_again(item, PRESSED_TWICE):
            return
        staff_code = said_staff_code(item.content)
        if staff_code is not None:
            said = await bind_member(tx, item.channel, item.address, staff_code, self._mind().agencies, now)
            await tx.inbox.hide(item, without_code(item.content.text))
            await tx.outbox.write(reply_to(item, Outgoing.say(said), 0), now)
            return
        speaker = await tx.speakers.at(item.channel, item.address)
        if speaker is None:  # taken off since it was written: nothing of the company's is said there any more
            return
        person = speaker.person
        action, stale = await self._pressed(tx, item.content, person)
        case = await flows.active_case(tx, person.id)
        if await own_chat.heard(tx, item, person, action, self._mind().agencies, now):
            return
        arrival = await arrive(tx, item, person, now, asked=_is_asked(speaker))
        if arrival is not None and arrival.answered:
            await write_all(tx, arrival.letters, now)
            return
        if case is not None and case.with_person:
            if action is not None and action.verb is Verb.RETURN:
                letters = await flows.owner_returns(tx, person, now)
            else:
                letters = await flows.customer_said(tx, person, item.content, now)
            await write_all(tx, letters, now)
        else:
            if person.id != item.person_id:  # bound since it was written: what was made was another's
                before = _Beforehand(Files(), None)
            item = item.model_copy(update={"person_id": person.id})
            came = _Came(item, speaker, action, stale, arrival, before)
            await self._talk(tx, came, case is not None, today, now)

    async def _pressed(
        self, tx: Transaction, incoming: Incoming, person: Person
    ) -> tuple[Action | None, bool]:
        """Return what the pressed button means, and whether it is one we no longer know or that was never theirs."""
        if incoming.kind is not IncomingKind.PRESS:
            return None, False
        outbox_id, _, index = incoming.pressed.partition(":")
        if not (outbox_id.isdecimal() and index.isdecimal() and len(outbox_id) < 18 and len(index) < 4):
            return None, True
        shown = await tx.outbox.get(int(outbox_id))
        if shown is None or shown.person_id != person.id or int(index) >= len(shown.content.choices):
            return None, True
        return shown.content.choices[int(index)].action, False

    async def _talk(
        self,
        tx: Transaction,
        came: _Came,
        waiting: bool,
        today: date,
        now: datetime,
    ) -> None:
        item, person, action = came.item, came.speaker.person, came.action
        mind = self._mind()
        stored = came.speaker.conversation or await tx.conversations.of(person.id, now)
        conversation = conversation_of(stored)
        typed = conversation.choice_named(item.content.text) if action is None else None
        incoming, lead = came.as_the_dialogue_hears()
        pressed = typed.action if typed else action
        heard = replace(_hear(mind, incoming, pressed, came.stale, today, came.before), lead=lead)
        check_length(person, heard)
        if heard.sheet is not None and heard.sheet.kept is not None:
            world = World(
                mind.knowledge, mind.faq
            )  # what is told stands already: thousands of rights are not read
        else:
            world = await load_world(
                tx, came.speaker, mind, today, waiting_for_person=waiting, feed_links=bool(self._base_url)
            )
        place = Place(item.channel, item.address, item.content.since)
        world = replace(world, places=await load_places(tx, person, place, self._doors, now))
        response = respond_or_begin_anew(stored, conversation, heard, world, today)
        situation = Situation(
            person=person,
            inbox_id=item.id,
            question=heard.text or _named(conversation, pressed),
            intent=response.conversation.last_intent,
            revision=mind.knowledge.hash,
            agencies=mind.agencies,
            today=today,
            now=now,
            reply=partial(reply_to, item),
            place=place,
            base_url=self._base_url,
            paper=came.before.files.paper,
            docket_file=came.before.files.docket,
            doors=self._doors,
        )
        letters = [reply_to(item, reply, number) for number, reply in enumerate(response.replies)]
        for effect in (*response.effects, *(came.before.opinion.notes if came.before.opinion else ())):
            letters += await carry_out(tx, effect, situation, self._docket)
        await write_all(tx, letters, now)
        await tx.conversations.save(stored, response.conversation.model_dump(mode="json"), now)


def _hear(
    mind: Mind, incoming: Incoming, action: Action | None, stale: bool, today: date, before: _Beforehand
) -> Heard:
    text = incoming.text
    if action is not None and action.verb is Verb.SAY:
        text, action = action.value, None
    understood = _read(mind, text, today)
    if understood is not None and before.opinion is not None:
        understood = understood.settled_on(before.opinion.intent)
    pressed_words = incoming.kind is IncomingKind.PRESS and action is None
    return Heard(
        kind=IncomingKind.TEXT if pressed_words else incoming.kind,
        text=text,
        understood=understood,
        action=action,
        attachment_id=incoming.attachment_id,
        sheet=before.files.sheet,
        stale_button=stale,
    )


def _named(conversation: Conversation, pressed: Action | None) -> str:
    """Return the words of the pressed button, empty where it is none of those last offered."""
    return next((choice.text for choice in conversation.choices if choice.action == pressed), "")


def _read(mind: Mind, text: str, today: date) -> Understood | None:
    return mind.understanding.understand(text, today) if text.strip() else None


def _is_said(incoming: Incoming) -> bool:
    """Return whether the person wrote: leaving does not count, nor does opening a chat whose window opens by words only."""
    if incoming.kind is IncomingKind.STOP:
        return False
    return incoming.kind is not IncomingKind.START or RULES[incoming.channel].first is not First.WINDOW


def _is_asked(speaker: Speaker) -> bool:
    """Return whether a question is open that a bare word may answer."""
    goal = conversation_of(speaker.conversation).goal
    return goal is not None and goal.question is not None
