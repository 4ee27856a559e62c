"""The dialogue: `respond(conversation, heard, world, today)` is pure and answers every message somehow.

A message is tried, in this order, as: a pressed button; a word that works at any point (停止, 取消, 返回, 重新开始,
为什么问这个, 人工); 先看结果; a short wish for the last answer or the deadlines as a file, for all annuities ahead, or about where and
with whom one talks to us; an answer to the open question; a correction of what was said before; a
follow-up of the last answer; a new wish. What none of them can use is answered honestly, with the nearest topics and a way to a person.
"""

from __future__ import annotations

from datetime import date

from bot.dialogue import control, corrections, presses
from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import RecordAnswer
from bot.dialogue.follow_ups import follow_up
from bot.dialogue.goals.work import answer_goal
from bot.dialogue.steps import step
from bot.dialogue.still_valid import still_valid
from bot.dialogue.topics import (
    annuity_schedule,
    colleagues,
    docket_files,
    enough,
    places,
    print_answer,
    served,
    stopping,
    unclear,
)
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, say
from bot.dialogue.wishes import answer_wish, second_wish
from bot.dialogue.world import Heard, World
from bot.understanding.intents import Intent
from store.messages import IncomingKind, Outgoing

MOST_CHOICES_KEPT = 20


def respond(conversation: Conversation, heard: Heard, world: World, today: date) -> Response:
    """Return the answer to one message: the new state, the replies and what is to be done."""
    turn = Turn(conversation, heard, world, today)
    turn = turn.with_conversation(still_valid(turn))
    response = _then_the_second(_to_be_printed(served.with_answer_due(turn, _answer(turn))))
    intent = response.conversation.last_intent
    choices = tuple(choice for reply in response.replies for choice in reply.choices)
    kept = response.conversation.model_copy(
        update={
            "choices": choices[:MOST_CHOICES_KEPT] or response.conversation.choices,
            "last_question": _question(turn) or conversation.last_question,
            "last_day": today,
        }
    )
    if heard.lead:
        response = response.led_by(heard.lead)
    replies = tuple(reply.model_copy(update={"intent": reply.intent or intent}) for reply in response.replies)
    return Response(kept, replies, response.effects)


def _answer(turn: Turn) -> Response:
    if turn.heard.kind is not IncomingKind.TEXT and turn.heard.action is None:
        return unclear.other_kind(turn)
    if turn.heard.stale_button:
        return unclear.stale(turn)
    if turn.heard.action is not None:
        return presses.pressed(turn, turn.heard.action)
    if not turn.text.strip():
        return unclear.nothing_to_read(turn)
    return (
        stopping.asked(turn)
        or control.word(turn)
        or enough.asked(turn)
        or print_answer.asked(turn)
        or docket_files.asked(turn)
        or annuity_schedule.asked(turn)
        or places.asked(turn)
        or colleagues.asked(turn)
        or served.told(turn)
        or answer_goal(turn)
        or corrections.corrected(turn)
        or follow_up(turn)
        or answer_wish(turn)
    )


@step("wish: the second one")
def _offer_second(response: Response, intent: str) -> Response:
    offer = second_wish(Intent(intent))
    note = Outgoing.say(say("wish.second", topic=offer.text), offer)
    done = response.conversation.model_copy(update={"later": ""})
    return Response(done, (*response.replies, note), response.effects)


def _then_the_second(response: Response) -> Response:
    """Two wishes in one message: the second is offered as soon as nothing of the first is open."""
    later = response.conversation.later
    if not later or response.conversation.goal is not None or not response.replies:
        return response
    return _offer_second(response, later)


def _to_be_printed(response: Response) -> Response:
    """A computed answer can be put on paper: the last of its messages has the button."""
    if not response.replies or not any(isinstance(effect, RecordAnswer) for effect in response.effects):
        return response
    *before, last = response.replies
    return Response(response.conversation, (*before, print_answer.with_button(last)), response.effects)


def _question(turn: Turn) -> str:
    """Return the person's words as the dossier quotes them; that they want a person is no question, nor is 取消."""
    said = turn.heard.text
    return "" if turn.intent is Intent.HUMAN_AGENT or control.is_word(said) else said[:500]


def apology() -> Outgoing:
    """Return what a person is told when answering failed three times: nothing is lost, a person looks."""
    return Outgoing.say(say("unclear.failed"), PERSON_BUTTON)
