"""Staff who work on cases in a chat of their own (WeCom): take one from its card, then every line goes to its owner.

In one chat several cases could be meant. A line goes to the case that the person last took up or switched to, and to
none when that one is no longer in their hands: it is never guessed whose owner reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.handoff import case_steps, commands, pressed, staff, topics
from bot.handoff.case_steps import CaseButton
from bot.handoff.commands import Command, Word
from bot.handoff.day_queue import queue_text
from bot.handoff.dossier import as_card
from bot.handoff.dossier_reading import read_dossier
from bot.handoff.errors import HandoffError
from bot.handoff.letters import OWN_CHATS
from bot.handoff.pressed import Came
from bot.handoff.routing import AgencyProfile
from bot.handoff.wording import TEXTS
from rules.days import NINGBO
from store.asker import SYSTEM, Role
from store.case_records import Case
from store.cases import TAKEN_UP
from store.errors import NotVisibleError
from store.messages import Action, Choice, Incoming, IncomingKind, Outgoing, TextPart, Verb
from store.outbox import Letter
from store.records import Attachment, Cause, InboxItem, Person

if TYPE_CHECKING:
    from store.transaction import Transaction

_SENT_ON = (IncomingKind.TEXT, IncomingKind.PHOTO, IncomingKind.DOCUMENT)
_LINES = (*_SENT_ON, IncomingKind.VOICE, IncomingKind.OTHER)


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that a person of an agency did in their own chat."""

    tx: Transaction
    item: InboxItem
    person: Person
    agencies: Sequence[AgencyProfile]
    now: datetime

    @property
    def incoming(self) -> Incoming:
        return self.item.content

    async def reply(self, content: Outgoing, case: Case | None = None, *, taken_up: bool = False) -> None:
        """Answer in the same chat; what tells of a company goes only while the case is before the agency."""
        prefix = f"{TAKEN_UP}{case.id}" if case is not None and taken_up else "answer"
        letter = Letter(
            dedupe_key=f"{prefix}:{self.item.id}:case",
            channel=self.item.channel,
            address=self.item.address,
            content=content,
            person_id=self.person.id,
            cause=Cause.CASE,
            case_id=None if case is None else case.id,
            inbox_id=self.item.id,
        )
        await self.tx.outbox.write(letter, self.now)

    async def mark(self, key: str, **values: object) -> None:
        """Let the card whose button was pressed show what came of it, in the place of its buttons.

        A card that cannot be changed stays as it is: what was done is done.
        """
        card = await self.tx.edits.pressed(self.item)
        if card is None:
            return
        line = TextPart(text=TEXTS.say(f"own.card.{key}", **values))
        content = card.content.model_copy(update={"parts": (*card.content.parts, line), "choices": ()})
        letter = self.tx.edits.letter(card, content, f"press:{self.item.id}", press=self.item)
        if letter is not None:
            await self.tx.outbox.write(letter, self.now)

    async def refuse(self, key: str, **values: object) -> None:
        """Say why something was not done, or not sent to the owner."""
        await self.reply(Outgoing.say(TEXTS.say(key, **values)))


async def heard(
    tx: Transaction,
    item: InboxItem,
    person: Person,
    action: Action | None,
    agencies: Sequence[AgencyProfile],
    now: datetime,
) -> bool:
    """Do what a person of an agency wants of a case; return False for what is not about one: the bot answers that."""
    if person.role is not Role.AGENCY or item.channel not in OWN_CHATS:
        return False
    said = _Said(tx, item, person, agencies, now)
    if person.disabled:
        about_a_case = action is not None and action.verb is Verb.CASE
        if about_a_case or (action is None and item.content.kind in _LINES):
            await said.refuse("own.disabled")
            return True
        return False
    try:
        if action is not None:
            return action.verb is Verb.CASE and await _pressed(said, action)
        if item.content.kind not in _LINES:
            return False
        return await _line(said)
    except HandoffError as error:
        await said.refuse(error.text_key)
        return True


async def _pressed(said: _Said, action: Action) -> bool:
    step = case_steps.read(action.value)
    if step is None:
        return False
    try:
        case = await said.tx.cases(said.person.as_asker()).get(int(action.about))
    except NotVisibleError:
        await said.refuse("own.gone", case=action.about)
        await said.mark("gone")
        return True
    button, reason = step
    match button:
        case CaseButton.SHOW:
            await said.reply(await _dossier(said, case), case)
        case CaseButton.SWITCH:
            await _switch(said, case)
        case CaseButton.BACK:
            await said.reply(
                Outgoing.say(TEXTS.say("own.steps", case=case.id), *case_steps.choices(case)), case
            )
        case _:
            await _step(said, case, button, reason)
    return True


async def _step(said: _Said, case: Case, button: CaseButton, reason: str) -> None:
    came = await pressed.take(said.tx, case, said.person, button, reason, said.agencies, said.now)
    if came is Came.REASON:
        ask = TEXTS.say(f"group.ask.{button}")
        await said.reply(Outgoing.say(ask, *case_steps.reasons(case, button)), case)
    elif came is Came.TAKEN:
        holder = await topics.holder(said.tx, case)
        await said.refuse("group.refused.taken", holder=holder)
        await said.mark("taken", name=holder)
    else:
        if came is Came.DONE:
            await _done(said, case, button)
        name = said.person.name or TEXTS.say("agent.unnamed")
        await said.mark("done", step=TEXTS.say(f"group.button.{button}"), name=name)


async def _done(said: _Said, case: Case, button: CaseButton) -> None:
    if button is not CaseButton.ACCEPT:
        await said.refuse("own.done", case=case.id)
        return
    case = await said.tx.cases(said.person.as_asker()).get(case.id)
    dossier = await _dossier(said, case)
    words = TEXTS.say("own.taken", case=case.id)
    content = dossier.model_copy(update={"parts": (TextPart(text=words), *dossier.parts)})
    await said.reply(content, case, taken_up=True)


async def _dossier(said: _Said, case: Case) -> Outgoing:
    today = said.now.astimezone(NINGBO).date()
    dossier = await read_dossier(said.tx, case, said.person.as_asker(), today)
    return Outgoing(parts=(as_card(dossier, today),), choices=case_steps.choices(case))


async def _switch(said: _Said, case: Case) -> None:
    if case.owner_id != said.person.id:
        await said.refuse("error.not_yours")
        return
    company = await said.tx.people.company(case.company_id)
    words = TEXTS.say("own.switched", case=case.id, company=company.name or TEXTS.say("own.unnamed"))
    await said.reply(Outgoing.say(words, *case_steps.choices(case)), case, taken_up=True)


async def _line(said: _Said) -> bool:
    """Send the line to the owner of the case taken up; with none in hand it is not for us."""
    command = commands.read(said.incoming.text)
    in_hand = await said.tx.cases(said.person.as_asker()).in_hand()
    mine = [case for case in in_hand if case.owner_id == said.person.id]
    if command is not None and command.word is Word.QUEUE:
        await said.reply(Outgoing.say(await queue_text(said.tx, said.person.agency_id or "", said.now)))
        return True
    if command is not None and command.word is Word.SWITCH:
        await _switch_to(said, mine, command.rest)
        return True
    if not mine:
        if command is None or command.word not in _ABOUT_A_CASE:
            return False
        await said.refuse("own.none")
        return True
    taken_up = await said.tx.cases(SYSTEM).last_taken_up(said.person.id)
    case = next((one for one in mine if one.id == taken_up), None)
    if case is None and taken_up is None and len(mine) == 1:
        case = mine[0]
    if case is None:
        await _ask_which(said, mine)
    elif command is not None and command.word in _ABOUT_A_CASE:
        await _command(said, case, command)
    else:
        await _to_owner(said, case)
    return True


_ABOUT_A_CASE = frozenset({Word.NOTE, Word.WAIT, Word.RETURN, Word.CLOSE})


async def _switch_to(said: _Said, mine: Sequence[Case], rest: str) -> None:
    case = next((one for one in mine if str(one.id) == rest), None)
    if case is not None:
        await _switch(said, case)
    elif mine:
        await _ask_which(said, mine)
    else:
        await said.refuse("own.none")


async def _ask_which(said: _Said, mine: Sequence[Case]) -> None:
    choices = [_switch_choice(case) for case in mine]
    await said.reply(Outgoing.say(TEXTS.say("own.which", count=len(mine)), *choices))


def _switch_choice(case: Case) -> Choice:
    action = Action(verb=Verb.CASE, about=str(case.id), value=CaseButton.SWITCH)
    return Choice(text=TEXTS.say("own.switch_button", case=case.id), action=action)


async def _command(said: _Said, case: Case, command: Command) -> None:
    tx, person, now = said.tx, said.person, said.now
    match command.word:
        case Word.NOTE:
            await staff.note(tx, case, person, command.rest, now)
        case Word.WAIT:
            await staff.await_owner(tx, case, person, now)
        case Word.RETURN:
            await staff.return_to_bot(tx, case, person, command.rest, now)
        case _:
            await staff.close(tx, case, person, command.rest, now)
    await said.refuse("own.done", case=case.id)


async def _to_owner(said: _Said, case: Case) -> None:
    if said.incoming.kind not in _SENT_ON:
        await said.refuse("group.refused.kind")
    elif said.incoming.kind is not IncomingKind.TEXT and said.incoming.attachment_id is None:
        await said.refuse("group.refused.file")
    else:
        files = await files_for_owner(said.tx, said.incoming, case)
        await staff.agent_says(said.tx, case, said.person, said.incoming.text, said.now, attachments=files)


async def files_for_owner(tx: Transaction, incoming: Incoming, case: Case) -> list[Attachment]:
    """Return what was sent along, now the owner's, so that they may open it."""
    if incoming.attachment_id is None:
        return []
    files = tx.attachments(SYSTEM)
    await files.hand_to(incoming.attachment_id, case.person_id)
    return [await files.about(incoming.attachment_id)]
