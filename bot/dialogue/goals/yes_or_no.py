"""Goals that end with a yes or a no: consent to pass data on, and second steps before what is hard to undo."""

from __future__ import annotations

from datetime import date

from bot.dialogue.conversation import Goal
from bot.dialogue.effects import (
    Effect,
    ForgetCompany,
    GiveUpAsset,
    PutOut,
    RemoveAsset,
    RequestPerson,
    TakeOff,
    WantReminders,
)
from bot.dialogue.goals.port import Ask
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, button, say
from store.messages import Outgoing, Verb

CONSENT = "同意转交"
SURE = "确认"


class AskConsent:
    """转人工: what would be passed on, and whether it may be. `values` holds topic, summary and statutory day."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return the question for consent, with what would be passed on."""
        if CONSENT in goal.values or CONSENT in goal.declined:
            return None
        return Ask(CONSENT, lead=goal.values.get("handed_on", ""))

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return the request, or that nothing was passed on."""
        if goal.values.get(CONSENT) is not True:
            return _kept_here(turn)
        return _requested(turn, goal)


@step("person: no consent")
def _kept_here(turn: Turn) -> Response:
    return Response(turn.conversation.settle(), (Outgoing.say(say("person.kept_here")),))


@step("person: requested")
def _requested(turn: Turn, goal: Goal) -> Response:
    day = goal.values.get("statutory_day")
    effect = RequestPerson(
        topic=goal.values.get("topic", ""),
        summary=goal.values.get("summary", ""),
        statutory_day=date.fromisoformat(day) if day else None,
    )
    # What was being asked is put down: the request is told next, and a person takes the talk from here.
    asked = turn.conversation.settle().model_copy(update={"goals": ()})
    return Response(asked, (), (effect,))


class ConfirmStep:
    """The second yes. `subject` names the step; `targets` the asset, the place or the person that it is about."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return the question, with what would happen."""
        if SURE in goal.values or SURE in goal.declined:
            return None
        return Ask(SURE, lead=goal.values.get("what", ""))

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return that it is done, with the undo where there is one, or that nothing was changed."""
        if goal.values.get(SURE) is not True:
            return _unchanged(turn)
        return _done(turn, goal)


@step("confirm: no")
def _unchanged(turn: Turn) -> Response:
    return Response(turn.conversation.settle(), (Outgoing.say(say("confirm.unchanged")),))


@step("confirm: yes")
def _done(turn: Turn, goal: Goal) -> Response:
    effect: Effect
    if goal.subject == "forget":
        effect = ForgetCompany()
        return Response(turn.conversation.settle(), (Outgoing.say(say("confirm.forgotten")),), (effect,))
    if goal.subject == "stop_reminders":
        again = button(say("stop.reminders_button"), Verb.CONFIRM, "want_reminders")
        done = (Outgoing.say(say("stop.stopped"), again),)
        return Response(turn.conversation.settle(), done, (WantReminders(wanted=False),))
    if goal.subject in ("take_off", "put_out"):  # answered where it is carried out
        about = int(goal.targets[0])
        effect = TakeOff(about) if goal.subject == "take_off" else PutOut(about)
        return Response(turn.conversation.settle(), (), (effect,))
    asset_id = int(goal.targets[0])
    effect = GiveUpAsset(asset_id) if goal.subject == "give_up" else RemoveAsset(asset_id)
    words = say(f"confirm.{goal.subject}", name=goal.values.get("name", ""))
    undo = button(say("confirm.undo_button"), Verb.CONFIRM, "restore_asset", str(asset_id))
    return Response(turn.conversation.settle(), (Outgoing.say(words, undo),), (effect,))
