"""The buttons that staff press on a case in a chat: which there are, and the reasons that some of them ask for."""

from __future__ import annotations

from enum import StrEnum

from bot.handoff.wording import TEXTS
from store.case_records import Case, CaseState
from store.messages import Action, Choice, Verb


class CaseButton(StrEnum):
    """What a button of a case asks for; the value of its action, followed by `:reason` where one was chosen."""

    ACCEPT = "accept"
    DECLINE = "decline"  # asks for a reason first
    WAIT = "wait"  # nothing to add: it is the owner's turn
    RETURN = "return"  # to the bot; asks for what the owner reads
    CLOSE = "close"  # for good; asks for what the owner reads
    BACK = "back"  # none of the reasons
    SHOW = "show"  # the dossier
    TAKE_OVER = "take_over"  # from the colleague who has it, while they are away
    SWITCH = "switch"  # what is said from now on is for this case


WITH_REASON = frozenset({CaseButton.DECLINE, CaseButton.RETURN, CaseButton.CLOSE})
CONFLICT = (
    "conflict"  # the reason to decline that is remembered: the agency is not asked for this company again
)


def choice(case: Case, button: CaseButton, reason: str = "") -> Choice:
    """Return one button; with a reason it says the reason."""
    if reason:
        text, value = TEXTS.say(f"group.reason.{button}.{reason}"), f"{button}:{reason}"
    else:
        text, value = TEXTS.say(f"group.button.{button}"), str(button)
    return Choice(text=text, action=Action(verb=Verb.CASE, about=str(case.id), value=value))


def choices(case: Case) -> tuple[Choice, ...]:
    """Return what may be done with the case now by the person whose it is, or could be."""
    if case.state is CaseState.OFFERED:
        buttons: tuple[CaseButton, ...] = (CaseButton.ACCEPT, CaseButton.DECLINE)
    elif case.with_person:
        buttons = (CaseButton.WAIT, CaseButton.RETURN, CaseButton.CLOSE)
    else:
        buttons = ()
    return tuple(choice(case, button) for button in buttons)


def offered(case: Case) -> tuple[Choice, ...]:
    """Return the buttons below the news of a case that is not shown yet."""
    return tuple(choice(case, button) for button in (CaseButton.SHOW, CaseButton.ACCEPT, CaseButton.DECLINE))


def reasons(case: Case, button: CaseButton) -> tuple[Choice, ...]:
    """Return the reasons among which a step asks to choose, and the way back."""
    prefix = f"group.reason.{button}."
    keys = [key.removeprefix(prefix) for key in TEXTS.in_order() if key.startswith(prefix)]
    return (*(choice(case, button, key) for key in keys), choice(case, CaseButton.BACK))


def read(value: str) -> tuple[CaseButton, str] | None:
    """Return the button and the chosen reason's key; None for what no button of ours says."""
    name, _, reason = value.partition(":")
    if name not in set(CaseButton) or (reason and f"group.reason.{name}.{reason}" not in TEXTS):
        return None
    return CaseButton(name), reason
