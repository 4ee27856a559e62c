"""What cannot be answered: said honestly, with the nearest topics and a way to a person. Nothing is invented."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import AttachReceipt, NoteUnclear
from bot.dialogue.fields import definition_of, is_known, label_of
from bot.dialogue.follow_ups import asks_again
from bot.dialogue.goals.work import go_on, resume
from bot.dialogue.own_words import asks_something
from bot.dialogue.steps import step
from bot.dialogue.topics import asset_list, faq
from bot.dialogue.topics.said import good_number
from bot.dialogue.topics.smalltalk import TOPICS, greet
from bot.dialogue.topics.stopping import reminders_button
from bot.dialogue.turn import PERSON_BUTTON, TEXTS, Response, Turn, asking_for, reply, say
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import SlotKind
from bot.understanding.understand import Verdict
from rules.facts import FactType
from store.attachments import MAX_BYTES
from store.messages import IncomingKind, Outgoing

MOST_TOPICS = 3
_NOT_OFFERED = frozenset({Intent.OUT_OF_SCOPE, Intent.HUMAN_AGENT})
_COMPLAINT = re.compile(
    r"骗子|骗人|垃圾|废物|没用(?!他|她|它|对方|别人|过|到|上)|傻|笨|滚|草泥|尼玛|妈的|他妈|有病|智障|脑残|气死|差劲|什么破|胡说|瞎说|sb\b",
    re.IGNORECASE,
)


@step("unclear: off topic")
def off_topic(turn: Turn) -> Response:
    """The message is about something that is not our field."""
    return reply(turn.conversation, say("unclear.off_topic"), *TOPICS, effects=noted(turn))


@step("unclear: nothing asked")
def nothing_asked(turn: Turn) -> Response:
    """A yes or no when nothing was asked."""
    return reply(turn.conversation, say("goal.nothing_asked"), *TOPICS)


@step("unclear: choose")
def choose(turn: Turn) -> Response:
    """Two or three wishes are equally likely: ask which. A number that was said goes with the choice."""
    understood = turn.heard.understood
    likely = [understood.intent, *(intent for intent, _ in understood.alternatives)] if understood else []
    named = [intent for intent in dict.fromkeys(likely) if intent not in _NOT_OFFERED][:MOST_TOPICS]
    about = good_number(turn)
    choices = [
        asking_for(
            say(f"topic.{intent.value}"), " ".join(filter(None, (about, say(f"topic.{intent.value}"))))
        )
        for intent in named
    ]
    return reply(turn.conversation, say("unclear.choose"), *choices, PERSON_BUTTON, effects=noted(turn))


@step("unclear: not understood")
def not_understood(turn: Turn) -> Response:
    """Nothing fits surely: offer what the words come close to, or a person."""
    found, snippets = faq.nearest(turn)
    understood = turn.heard.understood
    if understood is not None and understood.off_topic and not found:
        return off_topic(turn)
    choices = (*(found or TOPICS[:-1]), PERSON_BUTTON)
    words = "\n".join(filter(None, (say("unclear.not_understood"), snippets)))
    return reply(turn.conversation, words, *choices, effects=noted(turn))


@step("unclear: elliptic")
def elliptic(turn: Turn) -> Response:
    """那明年呢 with nothing before it that it could mean: ask for the whole question."""
    last = turn.conversation.last_intent
    known = last in Intent.__members__.values() and f"topic.{last}" in TEXTS
    about = (asking_for(say(f"topic.{last}"), say(f"topic.{last}")),) if known else ()
    return reply(turn.conversation, say("unclear.elliptic"), *about, *TOPICS[:MOST_TOPICS], PERSON_BUTTON)


def noted(turn: Turn) -> tuple[NoteUnclear, ...]:
    """Return the note for the editor, with the intents that came nearest."""
    understood = turn.heard.understood
    if understood is None or understood.verdict is Verdict.ANSWER:
        return ()
    nearest = tuple((intent.value, round(likely, 3)) for intent, likely in understood.alternatives)
    return (NoteUnclear(understood.verdict.value, nearest),)


@step("unclear: not an answer")
def not_an_answer(turn: Turn) -> Response:
    """A question is open and this answers it in no way we can read: ask it again."""
    if asks_again(turn):
        return resume(turn, lead=say("unclear.needs_this_first"))
    days = turn.slots(SlotKind.DATE)
    if days and not days[0].problem:
        return resume(turn, lead=_of_a_day(turn, days[0].text))
    if asks_something(turn.text):
        return resume(turn, lead=say("unclear.not_known_now"))
    return resume(turn, lead=say("unclear.not_an_answer"))


def _of_a_day(turn: Turn, said: str) -> str:
    """Return what is said of a day that the open question does not ask for."""
    goal = turn.conversation.goal
    name = goal.question.name if goal is not None and goal.question is not None else ""
    if name and is_known(turn, name) and definition_of(turn, name).type is FactType.DATE:
        return say("ask.another_day", said=said, name=label_of(turn, name))
    return say("unclear.day_heard", said=said)


def is_complaint(turn: Turn) -> bool:
    """Return whether the message only lets off steam."""
    return _COMPLAINT.search(turn.text) is not None


@step("unclear: complaint")
def complained(turn: Turn) -> Response:
    """Stay polite, and show the ways on."""
    return reply(turn.conversation, say("unclear.complaint"), *TOPICS)


@step("unclear: nothing to read")
def nothing_to_read(turn: Turn) -> Response:
    """An empty message, or one of signs that say nothing."""
    if turn.conversation.goal is not None:
        return resume(turn, lead=say("unclear.empty_in_goal"))
    return reply(turn.conversation, say("unclear.empty"), *TOPICS)


@step("unclear: stale button")
def stale(turn: Turn) -> Response:
    """A button of an older message that no longer means anything."""
    if turn.conversation.goal is not None:
        return resume(turn, lead=say("unclear.stale"))
    return reply(turn.conversation, say("unclear.stale"), *TOPICS)


def other_kind(turn: Turn) -> Response:
    """A photo, a file, a voice message, the opening of the chat, or something the channel knows and we do not."""
    goal = turn.conversation.goal
    match turn.heard.kind:
        case IncomingKind.START:
            return opened(turn)
        case IncomingKind.PRESS:
            return stale(turn)
        case IncomingKind.PHOTO | IncomingKind.DOCUMENT if _wants_receipt(goal) and turn.heard.attachment_id:
            return receipt(turn)
        case IncomingKind.DOCUMENT if turn.heard.sheet is not None:
            return asset_list.sent(turn, turn.heard.sheet)
        case IncomingKind.PHOTO | IncomingKind.DOCUMENT if turn.heard.attachment_id is None:
            return not_kept(turn)
        case IncomingKind.PHOTO | IncomingKind.DOCUMENT:
            return reply(turn.conversation, say("unclear.photo"), PERSON_BUTTON)
        case IncomingKind.VOICE:
            return voice(turn)
    return reply(turn.conversation, say("unclear.other_kind"), PERSON_BUTTON)


@step("start")
def opened(turn: Turn) -> Response:
    """The chat was opened: greet, and offer the reminders again to whoever had stopped them."""
    greeting = greet(turn)
    if turn.world.places.reminders_wanted:
        return greeting
    note = Outgoing.say(say("start.reminders_off"), reminders_button())
    return Response(greeting.conversation, (*greeting.replies, note))


@step("unclear: file not kept")
def not_kept(turn: Turn) -> Response:
    """A file that the channel could not fetch, or that is too large to keep: nothing of it is here."""
    return reply(
        turn.conversation, say("unclear.not_kept", limit=f"{MAX_BYTES // 1024 // 1024}MB"), PERSON_BUTTON
    )


@step("unclear: voice")
def voice(turn: Turn) -> Response:
    """A voice message: say that it must be typed, or offer a person."""
    return reply(turn.conversation, say("unclear.voice"), PERSON_BUTTON)


def _wants_receipt(goal: Goal | None) -> bool:
    return (
        goal is not None
        and goal.kind is GoalKind.PAID
        and goal.question is not None
        and goal.question.name == "缴费收据"
    )


@step("paid: receipt")
def receipt(turn: Turn) -> Response:
    """The picture that was asked for: it belongs to the payment."""
    goal, attachment = turn.conversation.goal, turn.heard.attachment_id
    if goal is None or attachment is None:
        return reply(turn.conversation, say("unclear.photo"), PERSON_BUTTON)
    conversation = turn.conversation.replace(goal.with_value("缴费收据", str(attachment)))
    response = go_on(turn.with_conversation(conversation))
    return Response(
        response.conversation,
        response.replies,
        (*response.effects, AttachReceipt(int(goal.subject), attachment)),
    )
