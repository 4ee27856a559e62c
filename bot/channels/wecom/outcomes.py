"""What WeCom's answers and errors mean for a message."""

from __future__ import annotations

from typing import Any

from bot.channels.wecom.errors import WecomApiError, WecomError, WecomUnreachableError
from bot.channels.wecom.limits import MINUTE_BLOCK, Meaning
from bot.delivery.port import Gone, Invalid, NotNow, Outcome, RetryLater, Unknown

_SETTINGS_WRONG_SECONDS = 60.0
_BUSY_SECONDS = 2.0


def outcome_of(error: WecomError) -> Outcome:
    """Return what the error means. What cannot be told for certain is `Unknown`."""
    match error:
        case WecomUnreachableError(never_sent=True):
            return RetryLater(1, str(error))
        case WecomApiError():
            return _refused(error)
        case _:
            return Unknown(str(error))


def unwritten(answer: dict[str, Any], member: str) -> Outcome | None:
    """Return what a success says of a member whom the message did not reach, None when it did.

    WeCom answers 0 and names, in small letters, those it did not write to.
    """
    if member.lower() in _names(answer, "invaliduser"):
        return Gone()
    if member.lower() in _names(answer, "unlicenseduser"):
        return Invalid("the member has no licence for this application")
    return None


def _refused(error: WecomApiError) -> Outcome:
    match error.meaning:
        case Meaning.BUSY:
            return RetryLater(_BUSY_SECONDS, str(error))
        case Meaning.TOO_FAST:
            return RetryLater(MINUTE_BLOCK.total_seconds(), str(error), hold=True)
        case Meaning.TOKEN | Meaning.CREDENTIALS:
            return RetryLater(_SETTINGS_WRONG_SECONDS, f"an operator must act: {error}", hold=True)
        case Meaning.NOBODY:
            return Gone()
        case Meaning.UNKNOWN_ADDRESS:
            return Invalid(str(error), address_unknown=True)
        case Meaning.WINDOW | Meaning.SESSION:
            return NotNow(str(error))
        case _:
            return Invalid(str(error))


def _names(answer: dict[str, Any], key: str) -> list[str]:
    value = answer.get(key)
    return value.lower().split("|") if isinstance(value, str) else []
