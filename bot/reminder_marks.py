"""What was said of a reminder stands on it: 知道了, 已缴费 with its day, and the buttons that still make sense."""

from __future__ import annotations

from datetime import date

from bot.dialogue import effects as wanted
from bot.dialogue.turn import say
from rules.days import format_day
from store.messages import Choice, Outgoing, TextPart, Verb
from store.outbox import Letter
from store.records import Person
from store.transaction import Transaction

_ABOUT_IT = frozenset({Verb.PAID, Verb.SEEN, Verb.LATER, Verb.GIVE_UP})
_NONE_GONE: frozenset[Verb] = frozenset()


async def marks(
    tx: Transaction, effect: wanted.Effect, person: Person, inbox_id: int, today: date
) -> list[Letter]:
    """Return the changes of the person's reminders that the effect leads to, not yet written: at most one each.

    Only the newest reminder of an obligation is changed: the older ones say already that they were replaced.
    """
    mark = _mark(effect, today)
    if mark is None:
        return []
    text, gone = mark
    press = await tx.inbox.get(inbox_id)
    pressed = None if press is None else await tx.edits.pressed(press)
    letters = []
    for obligation_id in await _obligations(tx, effect, person):
        messages = await tx.reminders(person.as_asker()).messages(obligation_id, person.id)
        if messages:
            content = marked(messages[0].content, text, gone)
            by = press if pressed is not None and pressed.id == messages[0].id else None
            letters.append(tx.edits.letter(messages[0], content, f"said:{inbox_id}", press=by))
    return [letter for letter in letters if letter is not None]


def marked(message: Outgoing, text: str, gone: frozenset[Verb]) -> Outgoing:
    """Return the message with a line before it, and without the buttons of these verbs."""
    kept: tuple[Choice, ...] = tuple(choice for choice in message.choices if choice.action.verb not in gone)
    return message.model_copy(update={"parts": (TextPart(text=text), *message.parts), "choices": kept})


def _mark(effect: wanted.Effect, today: date) -> tuple[str, frozenset[Verb]] | None:
    """Return the line and the verbs that no longer make sense; None for effects that no reminder shows."""
    match effect:
        case wanted.SilenceRung():
            return say("reminder.mark.seen", today=format_day(today)), frozenset({Verb.SEEN})
        case wanted.Snooze(until=until):
            return say("reminder.mark.later", day=format_day(until)), frozenset({Verb.SEEN, Verb.LATER})
        case wanted.MarkPaid(paid_on=paid_on):
            return say("reminder.mark.paid", day=format_day(paid_on)), _ABOUT_IT
        case wanted.Reopen():
            return say("reminder.mark.reopened"), _NONE_GONE
        case wanted.GiveUpAsset():
            return say("reminder.mark.given_up"), _ABOUT_IT
        case wanted.RestoreAsset():
            return say("reminder.mark.restored"), _NONE_GONE
        case _:
            return None


async def _obligations(tx: Transaction, effect: wanted.Effect, person: Person) -> list[int]:
    match effect:
        case (
            wanted.SilenceRung(obligation_id)
            | wanted.Snooze(obligation_id)
            | wanted.MarkPaid(obligation_id)
            | wanted.Reopen(obligation_id)
        ):
            return [obligation_id]
        case wanted.GiveUpAsset(asset_id) | wanted.RestoreAsset(asset_id):
            return [owed.id for owed in await tx.obligations(person.as_asker()).of_asset(asset_id)]
        case _:
            return []
