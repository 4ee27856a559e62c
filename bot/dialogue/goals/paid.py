"""The goal "this is paid": the day it was paid, then a picture of the receipt. Only then does an obligation close."""

from __future__ import annotations

from bot.dialogue.conversation import Goal
from bot.dialogue.effects import MarkPaid
from bot.dialogue.goals.inputs import known_day
from bot.dialogue.goals.port import Ask
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from rules.days import format_day
from store.messages import Outgoing, Verb
from store.records import StoredObligation

EARLIEST_SLACK_DAYS = 400


class RecordPayment:
    """Works on goals of the kind PAID; `subject` is the obligation's id."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return the day paid, until it is a day that can be."""
        owed = obligation(turn, goal)
        if owed is None:
            return None
        paid_on = known_day(goal.values, "缴费日")
        if paid_on is None:
            return (
                None if "缴费日" in goal.declined else Ask("缴费日", lead=say("paid.ask", title=owed.title))
            )
        if paid_on > turn.today:
            return Ask("缴费日", lead=say("paid.in_future", day=format_day(paid_on)))
        if (owed.nominal - paid_on).days > EARLIEST_SLACK_DAYS:
            return Ask("缴费日", lead=say("paid.too_early", day=format_day(paid_on)))
        if "缴费收据" not in goal.values and "缴费收据" not in goal.declined:
            return Ask("缴费收据")
        return None

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return the thanks, with the way back."""
        owed = obligation(turn, goal)
        paid_on = known_day(goal.values, "缴费日")
        if owed is None:
            return Response(turn.conversation.settle(), (Outgoing.say(say("paid.unknown")),))
        if paid_on is None:
            return _still_open(turn, owed)
        return _closed(turn, goal, owed)


def obligation(turn: Turn, goal: Goal) -> StoredObligation | None:
    """Return the obligation that the goal is about, if it is the company's."""
    return next((item for item in turn.world.obligations if str(item.id) == goal.subject), None)


@step("paid: day not known")
def _still_open(turn: Turn, owed: StoredObligation) -> Response:
    words = say("paid.still_open", title=owed.title)
    return Response(turn.conversation.settle(), (Outgoing.say(words),))


@step("paid: closed")
def _closed(turn: Turn, goal: Goal, owed: StoredObligation) -> Response:
    paid_on = known_day(goal.values, "缴费日") or turn.today
    key = "paid.closed_with_receipt" if goal.values.get("缴费收据") else "paid.closed"
    words = [say(key, title=owed.title, day=format_day(paid_on))]
    if paid_on > owed.legal:
        words.append(say("paid.was_late", legal=format_day(owed.legal)))
    choices = (
        asking_for(say("asset.list_button"), say("asset.list_button")),
        button(say("paid.undo_button"), Verb.CONFIRM, "reopen", str(owed.id)),
    )
    message = Outgoing.say("\n".join(words), *choices)
    return Response(turn.conversation.settle(), (message,), (MarkPaid(owed.id, paid_on),))
