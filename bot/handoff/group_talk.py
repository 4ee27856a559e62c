"""What is said and pressed in an agency's group: read, checked against who says it, and done by the steps of `staff`.

Who may do what stands in `staff`; here stands only who somebody is, and what they are told when it was not done. While a
person has the case whatever is not sent to the owner is said so each time; else once to each who writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.handoff import case_steps, commands, group_binding, pressed, staff, topics
from bot.handoff.case_steps import CaseButton
from bot.handoff.commands import Command, Word
from bot.handoff.day_queue import queue_text
from bot.handoff.errors import HandoffError
from bot.handoff.own_chat import files_for_owner
from bot.handoff.pressed import Came
from bot.handoff.routing import AgencyProfile
from bot.handoff.wording import TEXTS
from store.agency_groups import AgencyGroup
from store.asker import Role
from store.case_records import Case, CaseState
from store.case_topics import CaseTopic, record_of
from store.errors import NotVisibleError
from store.messages import Action, Channel, Incoming, IncomingKind, InGroup, Outgoing, Verb
from store.outbox import Letter
from store.records import Cause, InboxItem, OutboxItem, Person

if TYPE_CHECKING:
    from store.transaction import Transaction

_SENT_ON = (IncomingKind.TEXT, IncomingKind.PHOTO, IncomingKind.DOCUMENT)


@dataclass(frozen=True, slots=True)
class _Said:
    """One update of a group, with what is known around it."""

    tx: Transaction
    item: InboxItem
    where: InGroup
    agencies: Sequence[AgencyProfile]
    now: datetime

    @property
    def incoming(self) -> Incoming:
        return self.item.content

    @property
    def name(self) -> str:
        return self.incoming.sender_name or TEXTS.say("agent.unnamed")

    async def reply(self, text: str, key: str = "") -> None:
        """Answer where it was said; once for all updates that share a `key`."""
        letter = Letter(
            dedupe_key=f"group:{self.where.chat}:{key}" if key else f"answer:{self.item.id}:group",
            channel=Channel.TELEGRAM_FORUM,
            address=self.item.address,
            content=Outgoing.say(text),
            cause=Cause.NOTICE,
            inbox_id=self.item.id,
        )
        await self.tx.outbox.write(letter, self.now)

    async def refuse(self, why: str, key: str = "", **values: object) -> None:
        """Say why something was not done, or not sent to the owner."""
        await self.reply(TEXTS.say(f"group.refused.{why}", **values), key)


def apology() -> Outgoing:
    """Return what a group reads when its update could not be dealt with by a fault of ours."""
    return Outgoing.say(TEXTS.say("group.failed"))


async def heard(tx: Transaction, item: InboxItem, agencies: Sequence[AgencyProfile], now: datetime) -> None:
    """Do what was asked for in a group, or say why not. Words in a group that is nobody's are left alone."""
    where = item.content.group
    if where is None:
        return
    said = _Said(tx, item, where, agencies, now)
    group = await tx.agency_groups.at(where.chat)
    match item.content.kind:
        case IncomingKind.START:
            await said.reply(TEXTS.say("group.joined"))
        case IncomingKind.STOP:
            if group is not None:
                await group_binding.removed(tx, group, now)
        case IncomingKind.PRESS if group is not None:
            await _pressed(said, group)
        case IncomingKind.PRESS:
            await said.refuse("not_here", f"not here:{item.content.pressed}")
        case _:
            command = None if where.edited else commands.read(item.content.text)
            if command is not None and command.word in (Word.BIND, Word.UNBIND, Word.HELP):
                await _about_group(said, command, group)
            elif group is not None:
                await _in_bound_group(said, group, command)


async def _about_group(said: _Said, command: Command, group: AgencyGroup | None) -> None:
    if command.word is Word.HELP:
        await said.reply(TEXTS.say("group.joined" if group is None else "group.help"))
    elif command.word is Word.BIND:
        answer = await group_binding.bind(said.tx, said.where, command.rest, said.agencies, said.now)
        await said.reply(answer)
        await said.tx.inbox.hide(said.item, group_binding.without_code(said.incoming.text))
    elif group is None:
        await said.reply(TEXTS.say("group.not_bound"))
    elif not said.where.administrator:
        await said.reply(TEXTS.say("group.unbind_not_admin"))
    else:
        await said.reply(TEXTS.say("group.unbound"))
        await group_binding.unbind(said.tx, group, said.now)


async def _in_bound_group(said: _Said, group: AgencyGroup, command: Command | None) -> None:
    topic = None
    if said.where.thread is not None:
        topic = await said.tx.case_topics.at(said.where.chat, said.where.thread)
    if command is not None and command.word is Word.QUEUE:
        if await _member(said, group) is not None:
            await said.reply(await queue_text(said.tx, group.agency_id, said.now))
    elif topic is None:
        if command is not None:
            await said.refuse("no_topic")
    else:
        person = await _member(said, group)
        if person is not None:
            await _in_topic(said, topic, person, command)


async def _member(said: _Said, group: AgencyGroup) -> Person | None:
    """Return the person of this agency who writes; somebody else is told once what to do, and stays unheard."""
    place = f"{said.item.address}:{said.where.sender}"
    if not said.where.sender:
        await said.refuse("anonymous", f"anonymous:{said.item.address}")
        return None
    person = await said.tx.people.at(Channel.TELEGRAM, said.where.sender)
    if person is None or person.role is not Role.AGENCY or person.disabled:
        await said.refuse("unbound", f"unbound:{place}", name=said.name)
        return None
    if person.agency_id != group.agency_id:
        await said.refuse("other_agency", f"other:{place}", name=said.name)
        return None
    return person


async def _in_topic(said: _Said, topic: CaseTopic, person: Person, command: Command | None) -> None:
    """Do what the command asks for, else send the words to the owner."""
    case = await _case(said, topic, person)
    if case is None:
        return
    try:
        if command is not None:
            await _command(said, case, person, command)
        elif said.where.edited:
            await _edited(said, case, person)
        else:
            await _to_owner(said, topic, case, person)
    except HandoffError as error:
        await said.reply(TEXTS.say(error.text_key))


async def _case(said: _Said, topic: CaseTopic, person: Person) -> Case | None:
    """Return the topic's case as the person sees it now; told once, None when it is no longer before their agency."""
    try:
        return await said.tx.cases(person.as_asker()).get(topic.case_id)
    except NotVisibleError:
        await said.refuse("not_here", f"gone:{topic.id}:{topic.times_made}:{said.where.sender}")
        return None


async def _command(said: _Said, case: Case, person: Person, command: Command) -> None:
    tx, now = said.tx, said.now
    match command.word:
        case Word.NOTE if not command.rest:
            await said.refuse("note_empty")
        case Word.NOTE:
            await staff.note(tx, case, person, command.rest, now, in_topic=True)
            await said.reply(TEXTS.say("topic.noted_here"))
        case Word.WAIT:
            await staff.await_owner(tx, case, person, now)
        case Word.RETURN:
            await staff.return_to_bot(tx, case, person, command.rest, now)
        case Word.CLOSE:
            await staff.close(tx, case, person, command.rest, now)


async def _edited(said: _Said, case: Case, person: Person) -> None:
    """Keep what a line that was sent now says: the owner has read what it said before."""
    if case.owner_id != person.id or not said.incoming.text or commands.read(said.incoming.text) is not None:
        return
    await staff.note(said.tx, case, person, said.incoming.text, said.now, in_topic=True)
    await said.refuse("edited")


async def _to_owner(said: _Said, topic: CaseTopic, case: Case, person: Person) -> None:
    """Send the line to the owner, or say why it was not sent."""
    if case.state is CaseState.OFFERED:
        await said.refuse("not_accepted", f"early:{case.id}:{case.ownership}:{person.id}", name=said.name)
    elif not case.with_person:
        await said.refuse("ended", f"ended:{case.id}:{case.ownership}:{person.id}")
    elif case.owner_id != person.id:
        await _not_holder(said, topic, case)
    elif said.incoming.kind not in _SENT_ON:
        await said.refuse("kind")
    elif said.incoming.kind is not IncomingKind.TEXT and said.incoming.attachment_id is None:
        await said.refuse("file")
    else:
        files = await files_for_owner(said.tx, said.incoming, case)
        await staff.agent_says(
            said.tx, case, person, said.incoming.text, said.now, attachments=files, in_topic=True
        )


async def _not_holder(said: _Said, topic: CaseTopic, case: Case) -> None:
    """Say whose case it is, with the button by which a colleague takes it over: never by a line alone."""
    words = TEXTS.say("group.refused.not_holder", holder=await topics.holder(said.tx, case))
    button = case_steps.choice(case, CaseButton.TAKE_OVER)
    await topics.say(
        said.tx,
        topic,
        Outgoing.say(words, button),
        f"not_holder:{said.item.id}",
        said.now,
        case_id=case.id,
        case_version=case.ownership,
    )


async def _pressed(said: _Said, group: AgencyGroup) -> None:
    """Take the step that a button of a case's topic asks for. A step taken already is not taken again."""
    found = await _button(said)
    if found is None:
        return
    shown, topic, action = found
    person = await _member(said, group)
    step = case_steps.read(action.value)
    if person is None or step is None:
        return
    case = await _case(said, topic, person)
    if case is None:
        return
    try:
        await _step(said, case, person, shown, *step)
    except HandoffError as error:
        await said.reply(TEXTS.say(error.text_key))


async def _button(said: _Said) -> tuple[OutboxItem, CaseTopic, Action] | None:
    """Return the message, its topic and what the button asks for; None where it is no button of this group."""
    number, _, index = said.incoming.pressed.partition(":")
    if not (number.isdecimal() and index.isdecimal() and len(number) < 18 and len(index) < 4):
        return None
    shown = await said.tx.outbox.get(int(number))
    if (
        shown is None
        or shown.channel is not Channel.TELEGRAM_FORUM
        or int(index) >= len(shown.content.choices)
    ):
        return None
    record = record_of(shown.address)
    topic = None if record is None else await said.tx.case_topics.get(record)
    action = shown.content.choices[int(index)].action
    if topic is None or topic.chat != said.where.chat or action.verb is not Verb.CASE:
        return None
    return shown, topic, action


async def _step(
    said: _Said, case: Case, person: Person, shown: OutboxItem, button: CaseButton, reason: str
) -> None:
    if button is CaseButton.BACK:
        await _change_buttons(said, shown, case, None)
        return
    if button is CaseButton.TAKE_OVER and shown.case_version != case.ownership and case.owner_id != person.id:
        why = "moved" if case.with_person else "ended"
        await said.refuse(why, holder=await topics.holder(said.tx, case))
        return
    came = await pressed.take(said.tx, case, person, button, reason, said.agencies, said.now)
    if came is Came.DONE and button is CaseButton.TAKE_OVER:
        bare = shown.content.model_copy(update={"choices": ()})
        await said.tx.edits.change(shown, bare, f"taken over:{said.item.id}", said.now, case_id=case.id)
    elif came is Came.TAKEN:
        await said.refuse("taken", holder=await topics.holder(said.tx, case))
    elif came is Came.REASON:
        await _change_buttons(said, shown, case, button)


async def _change_buttons(said: _Said, shown: OutboxItem, case: Case, button: CaseButton | None) -> None:
    """Ask for the reason below the same message, or offer its steps again."""
    message = await said.tx.edits.original(shown)
    content = message.content
    if button is not None:
        ask = Outgoing.say(TEXTS.say(f"group.ask.{button}")).parts
        content = content.model_copy(
            update={"parts": (*content.parts, *ask), "choices": case_steps.reasons(case, button)}
        )
    else:
        content = content.model_copy(update={"choices": case_steps.choices(case)})
    await said.tx.edits.change(message, content, f"press:{said.item.id}", said.now, case_id=case.id)
