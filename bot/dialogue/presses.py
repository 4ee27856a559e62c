"""What pressing a button does. Buttons of older messages still work; what no longer makes sense is said so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from bot.dialogue import control, corrections
from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import FileForm, Reopen, RestoreAsset, SilenceRung, Snooze, WantBroadcasts
from bot.dialogue.fields import definition_of, is_known
from bot.dialogue.goals.documents import PURPOSE
from bot.dialogue.goals.work import begin, decline, give, resume, why_asked
from bot.dialogue.right_types import PATENTS
from bot.dialogue.steps import step
from bot.dialogue.topics import (
    annuity,
    annuity_schedule,
    asset_list,
    colleagues,
    deadlines,
    docket_files,
    enough,
    faq,
    guides,
    my_deadlines,
    person,
    places,
    print_answer,
    renewal,
    rights,
    smalltalk,
    stopping,
    unclear,
)
from bot.dialogue.topics.rules import check_document, check_one_rule, check_subject, is_subject
from bot.dialogue.turn import Response, Turn, asking_for, button, reply, say
from rules.days import format_day
from rules.errors import FactError
from rules.facts import FactValue
from store.messages import Action, Channel, Verb
from store.records import StoredObligation

_ABOUT_PLACES: dict[str, Callable[[Turn, int], Response]] = {
    "first_place": places.put_first,
    "take_off": places.ask_to_take_off,
    "not_me": places.not_me,
    "let_in": partial(colleagues.decide, accepted=True),
    "turn_away": partial(colleagues.decide, accepted=False),
    "put_out": colleagues.ask_to_put_out,
}


def pressed(turn: Turn, action: Action) -> Response:
    """Return the response to a pressed button."""
    match action.verb:
        case Verb.ANSWER:
            return _answer(turn, action.about, action.value)
        case Verb.DECLINE:
            return _decline(turn, action.about)
        case Verb.WHY:
            return why_asked(turn)
        case Verb.START:
            return _start(turn, action)
        case Verb.CONFIRM:
            return _confirm(turn, action)
        case Verb.CANCEL:
            return _cancel(turn, action)
        case Verb.PAID | Verb.SEEN | Verb.LATER | Verb.GIVE_UP:
            return _about_obligation(turn, action)
        case Verb.OPEN:
            return guides.show(turn, action.about) or faq.show(turn, action.about)
        case Verb.HUMAN:
            return person.ask_consent(turn, topic=action.about)
        case Verb.RETURN:
            return reply(turn.conversation, say("person.already_bot"), *smalltalk.TOPICS)
        case Verb.SAY | Verb.CASE:  # what staff press is read before the dialogue
            return unclear.stale(turn)


@step("press: answer")
def _answer(turn: Turn, name: str, value: str) -> Response:
    """A value pressed under an older question corrects what was said then."""
    goal = turn.conversation.goal
    if not is_known(turn, name):
        return unclear.stale(turn)
    if goal is None or ((goal.question is None or goal.question.name != name) and name not in goal.asked):
        changed = corrections.change_settled(turn, name, value)
        return changed or unclear.stale(turn)
    try:
        fact = FactValue.read(definition_of(turn, name), value, source=say("fact.pressed"), day=turn.today)
    except FactError as error:
        return reply(turn.conversation, str(error))
    return give(turn, goal, name, fact)


def _decline(turn: Turn, name: str) -> Response:
    goal = turn.conversation.goal
    if goal is None or not is_known(turn, name):
        return unclear.stale(turn)
    return decline(turn, goal, name)


def _cancel(turn: Turn, action: Action) -> Response:
    if action.about == "case":
        return person.cancel_request(turn)
    if action.about == asset_list.CANCEL:
        return asset_list.cancelled(turn)
    return control.cancel(turn) if turn.conversation.goal else unclear.stale(turn)


def _start(turn: Turn, action: Action) -> Response:
    settled = turn.conversation.settled
    match action.about:
        case "add_asset":
            return keep_settled(turn)
        case "add_another_asset":
            return begin(turn, Goal(kind=GoalKind.ADD_ASSET, subject="new", intent="add_asset"))
        case "annuity_reduction" if settled is not None:
            again = settled.model_copy(update={"subject": "annuity", "question": None})
            conversation = turn.conversation.start(again)
            asked = conversation.replace(again.asking("年费减缴"))
            return resume(turn.with_conversation(asked))
        case "annuity" | "annuity_late" | "tm_renewal" if action.value.isdecimal():
            return _of_kept_right(turn, action)
        case "annuity_late" if settled is not None:
            return begin(turn, settled.without("年度").model_copy(update={"subject": "annuity_late"}))
        case "renewal_classes" if settled is not None and settled.subject == "tm_renewal":
            asked = turn.conversation.start(settled)
            return resume(turn.with_conversation(asked.replace(settled.asking("类别数"))))
        case "change_answer":
            return corrections.change_one(turn, action.value)
        case "change_answers":
            return corrections.offer_changes(turn)
        case "enough" if turn.conversation.goal is not None:
            return enough.so_far(turn, turn.conversation.goal)
        case "my_deadlines":
            return my_deadlines.answer(turn)
        case "export_ics":
            return docket_files.make(turn, FileForm.ICS)
        case "export_xlsx":
            return docket_files.make(turn, FileForm.XLSX)
        case annuity_schedule.SCHEDULE:
            return annuity_schedule.pressed(turn, action.value) or unclear.stale(turn)
        case print_answer.PRINT:
            return print_answer.make(turn)
        case "subscribe":
            return docket_files.subscribe(turn)
        case "bind":
            return places.bind(turn, _channel(action.value))
        case "places":
            return places.show(turn)
        case "first_place":
            return places.choose_first(turn)
        case "invite":
            return colleagues.invite(turn)
        case "document":
            return check_document(turn, action.value)
        case "purpose" if settled is not None and settled.kind is GoalKind.ASSESS:
            return begin(turn, settled.with_value(PURPOSE, action.value))
        case "kind":
            return deadlines.of_kind(turn, action.value)
        case about if is_subject(about):
            return check_one_rule(turn, action.value) if action.value else check_subject(turn, about)
    return unclear.stale(turn)


@step("asset: one of the list")
def _of_kept_right(turn: Turn, action: Action) -> Response:
    """Answer for the right of the list that was chosen."""
    asset = next((item for item in turn.world.assets if str(item.id) == action.value), None)
    if asset is None:
        return reply(turn.conversation, say("asset.not_yours"), *smalltalk.TOPICS)
    if asset.right_type in PATENTS:
        return annuity.of_kept_right(turn, action.about, asset)
    return renewal.of_kept_mark(turn, asset)


@step("asset: from an answer")
def keep_settled(turn: Turn) -> Response:
    """Keep the right that the last answer was about: at once with what is known, then ask for its number."""
    settled = turn.conversation.settled
    if settled is None:
        return begin(turn, Goal(kind=GoalKind.ADD_ASSET, subject="new", intent="add_asset"))
    values = dict(settled.values)
    if settled.subject == "tm_renewal":
        values["权利类型"] = "trademark"
    return begin(turn, Goal(kind=GoalKind.ADD_ASSET, subject="new", values=values, intent="add_asset"))


def _confirm(turn: Turn, action: Action) -> Response:
    match action.about:
        case "reopen" if action.value.isdecimal():
            return _reopened(turn, int(action.value))
        case "restore_asset" if action.value.isdecimal():
            return _restored(turn, int(action.value))
        case asset_list.KEEP:
            return asset_list.keep(turn, turn.heard.sheet)
        case "renew_feed":
            return docket_files.new_link(turn)
        case "close_feed":
            return docket_files.close_feed(turn)
        case "want_reminders":
            return stopping.resume_reminders(turn)
        case "keep_reminders":
            return stopping.keep_reminders(turn)
        case "stop_reminders":
            return stopping.ask_to_stop(turn)
        case about if about in _ABOUT_PLACES and action.value.isdecimal():
            return _ABOUT_PLACES[about](turn, int(action.value))
        case "want_broadcasts":
            return reply(
                turn.conversation, say("settings.broadcasts_on"), effects=(WantBroadcasts(wanted=True),)
            )
        case "no_broadcasts":
            return reply(
                turn.conversation,
                say("settings.broadcasts_off"),
                button(say("settings.on_button"), Verb.CONFIRM, "want_broadcasts"),
                effects=(WantBroadcasts(wanted=False),),
            )
        case "forget":
            return rights.ask_to_forget(turn)
        case "remove_asset" if action.value.isdecimal():
            return rights.ask_to_remove(turn, int(action.value))
        case "give_up_asset" if action.value.isdecimal():
            return rights.ask_to_give_up(turn, int(action.value))
    return unclear.stale(turn)


@step("asset: restored")
def _restored(turn: Turn, asset_id: int) -> Response:
    return reply(
        turn.conversation,
        say("asset.restored"),
        asking_for(say("asset.list_button"), say("asset.list_button")),
        effects=(RestoreAsset(asset_id),),
    )


@step("paid: undone")
def _reopened(turn: Turn, obligation_id: int) -> Response:
    return reply(turn.conversation, say("paid.reopened"), effects=(Reopen(obligation_id),))


def _about_obligation(turn: Turn, action: Action) -> Response:
    """The four buttons of a reminder. An obligation that is closed, or of nobody we know, is said so."""
    owed = next((item for item in turn.world.obligations if str(item.id) == action.about), None)
    if owed is None:
        return reply(turn.conversation, say("reminder.no_longer"), *smalltalk.TOPICS)
    match action.verb:
        case Verb.PAID:
            return begin(turn, Goal(kind=GoalKind.PAID, subject=action.about, intent="add_asset"))
        case Verb.SEEN:
            return _seen(turn, owed, action.value)
        case Verb.LATER:
            return _later(turn, owed, action.value)
        case _:
            return rights.ask_to_give_up(turn, owed.asset_id)


@step("reminder: seen")
def _seen(turn: Turn, owed: StoredObligation, others: str) -> Response:
    """Silence this rung of every obligation that the digest named: `others` holds the ids of those below the first."""
    ids = [owed.id, *(int(other) for other in others.split(",") if other.isdecimal())]
    mine = {item.id for item in turn.world.obligations}
    words = say("reminder.seen", title=owed.title, safe=format_day(owed.safe))
    return reply(turn.conversation, words, effects=[SilenceRung(each) for each in ids if each in mine])


@step("reminder: later")
def _later(turn: Turn, owed: StoredObligation, offered: str) -> Response:
    """Remind again on the day that the button offered, or tomorrow where that day has passed."""
    again = max(_day(offered) or turn.today, turn.today + timedelta(days=1))
    words = say("reminder.later", title=owed.title, day=format_day(again), safe=format_day(owed.safe))
    return reply(turn.conversation, words, effects=(Snooze(owed.id, again),))


def _channel(name: str) -> Channel | None:
    return Channel(name) if name in list(Channel) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
