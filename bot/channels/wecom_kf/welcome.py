"""The greeting when a customer opens the chat for the first time: the one message that needs no window."""

from __future__ import annotations

from datetime import datetime

from bot.channels.texts import TEXTS
from bot.channels.wecom.updates import menu
from bot.channels.wecom_kf.limits import WELCOME_LASTS
from store.messages import Action, Channel, Choice, Outgoing, Verb
from store.outbox import Letter
from store.records import Cause, OutboxItem

_KEY = "wecom_kf:welcome:"


def welcome(address: str, code: str, person_id: int, now: datetime) -> Letter:
    """Return the greeting, to be sent with WeChat's code for it while that is good."""
    said = [TEXTS.say(f"wecom.menu.{entry['key']}.says") for entry in menu()]
    choices = tuple(Choice(text=text, action=Action(verb=Verb.SAY, value=text)) for text in said)
    return Letter(
        dedupe_key=f"{_KEY}{code}"[:200],
        channel=Channel.WECOM_KF,
        address=address,
        content=Outgoing.say(TEXTS.say("wecom_kf.welcome"), *choices),
        person_id=person_id,
        cause=Cause.NOTICE,
        not_after=now + WELCOME_LASTS,
    )


def welcome_code(item: OutboxItem) -> str:
    """Return WeChat's code that the greeting is sent with, empty for any other message."""
    return item.dedupe_key.removeprefix(_KEY) if item.dedupe_key.startswith(_KEY) else ""
