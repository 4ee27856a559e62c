"""Sentences of the handoff, filled from `texts.yaml`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Final

from bot.handoff.promise import format_promise
from bot.handoff.routing import days_left
from knowledge.catalogue import Catalogue
from rules.days import NINGBO, format_day
from store.case_records import Case
from store.messages import Action, Choice, Outgoing, Verb

TEXTS: Final = Catalogue.load(Path(__file__).parent / "texts.yaml")
URGENT_DAYS: Final = 3

RETURN: Final = Choice(text=TEXTS.say("button.return"), action=Action(verb=Verb.RETURN))
CANCEL: Final = Choice(text=TEXTS.say("button.cancel"), action=Action(verb=Verb.CANCEL, about="case"))
HUMAN: Final = Choice(text=TEXTS.say("button.human"), action=Action(verb=Verb.HUMAN))

_STOPS: Final = "。！？!?.…"


def requested(case: Case, agency_name: str, open_now: bool, now: datetime) -> Outgoing:
    """Return what the owner reads when an agency was asked."""
    assert case.promised_by is not None
    key = "request.promised" if open_now else "request.promised_later"
    text = TEXTS.say(key, agency=agency_name, promise=format_promise(case.promised_by))
    warning = urgency(case.statutory_day, now.astimezone(NINGBO).date())
    return Outgoing.say(f"{text}\n{warning}" if warning else text, CANCEL)


def urgency(statutory_day: date | None, today: date) -> str:
    """Return the warning for a day that is near or past; empty when there is time."""
    left = days_left(statutory_day, today)
    if statutory_day is None or left is None or left > URGENT_DAYS:
        return ""
    key = "request.overdue" if left < 0 else "request.today" if left == 0 else "request.urgent"
    return TEXTS.say(key, day=format_day(statutory_day), days=left)


def left_text(statutory_day: date | None, today: date) -> str:
    """Return how many days are left, as staff read it."""
    left = days_left(statutory_day, today)
    if left is None:
        return TEXTS.say("staff.left_none")
    if left == 0:
        return TEXTS.say("staff.left_today")
    return TEXTS.say("staff.left" if left > 0 else "staff.left_passed", days=abs(left))


def as_sentence(reason: str) -> str:
    """Return the reason ending as a sentence; a plain one where none was given."""
    reason = reason.strip()
    if not reason:
        return TEXTS.say("reason.none")
    return reason if reason[-1] in _STOPS else TEXTS.say("reason.stop", reason=reason)
