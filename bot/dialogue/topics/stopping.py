"""停止, 退订, /stop: policy messages end at once; statutory reminders only after a second yes that names what is missed."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import WantBroadcasts, WantReminders
from bot.dialogue.goals.add_asset import told_apart
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, reply, say
from rules.days import format_day
from store.messages import Choice, Verb

SHOWN = 5
_STOP = re.compile(
    r"^(/?stop|停止|停止接收(消息|提醒)?|停止接收或恢复消息|(请)?(都)?(别|不要|不用)再?(给我)?发了|退订|全部?退订|取消关注|别烦我|不要再?(联系|打扰)我?)[吧了啊。!!~ ]*$",
    re.IGNORECASE,
)
_NO_REMINDERS = re.compile(
    r"^我?(想|要)?(停止|停掉|停|关闭|关掉|取消|不要|不用|别)(所有|全部)?的?(期限|法定|年费|到期)?提醒(我)?了?[吧啊。!! ]*$"
)
_RESUME = re.compile(r"^(请)?(恢复|重新?(打开|开启|开始)|打开|开启|继续).{0,4}(期限|年费|法定)?提醒")
LONGEST = 16


def asked(turn: Turn) -> Response | None:
    """Return the answer to a short message that wants no more messages, or wants them again."""
    said = turn.text.strip()
    if not said or len(said) > LONGEST:
        return None
    if _RESUME.search(said):
        return resume_reminders(turn)
    if turn.conversation.goal is None and _STOP.match(said):
        return stop(turn)
    return ask_to_stop(turn) if _NO_REMINDERS.search(said) else None


@step("stop")
def stop(turn: Turn) -> Response:
    """Policy messages stop at once. What of the reminders, with the nearest days, is asked."""
    lines = [say("stop.broadcasts")]
    effects = (WantBroadcasts(wanted=False),)
    if not turn.world.places.reminders_wanted:
        lines.append(say("stop.already"))
        return reply(turn.conversation, "\n".join(lines), reminders_button(), effects=effects)
    lines.append(say("stop.reminders_on"))
    due = _due(turn, 3)
    lines.append(say("stop.due", lines="\n".join(due)) if due else say("stop.nothing_due"))
    choices = (
        button(say("stop.keep_button"), Verb.CONFIRM, "keep_reminders"),
        button(say("stop.all_button"), Verb.CONFIRM, "stop_reminders"),
        button(say("stop.again_button"), Verb.CONFIRM, "want_broadcasts"),
    )
    return reply(turn.conversation, "\n".join(lines), *choices, effects=effects)


@step("stop: reminders, first step")
def ask_to_stop(turn: Turn) -> Response:
    """Ask a second time, naming what will be missed; not from a chat that was bound a moment ago."""
    if not turn.world.places.settled:
        return reply(turn.conversation, say("places.not_settled"), PERSON_BUTTON)
    if not turn.world.places.reminders_wanted:
        return reply(turn.conversation, say("stop.already"), reminders_button())
    due = _due(turn, SHOWN)
    what = say("stop.ask", lines="\n".join(due)) if due else say("stop.ask_nothing")
    goal = Goal(kind=GoalKind.CONFIRM, subject="stop_reminders", values={"what": what}, intent="settings")
    return begin(turn, goal)


@step("stop: reminders kept")
def keep_reminders(turn: Turn) -> Response:
    """保留期限提醒."""
    return reply(turn.conversation, say("stop.kept"))


@step("stop: resumed")
def resume_reminders(turn: Turn) -> Response:
    """恢复提醒."""
    key = "stop.resumed_all" if turn.world.broadcasts_wanted else "stop.resumed"
    return reply(turn.conversation, say(key), effects=(WantReminders(wanted=True),))


def reminders_button() -> Choice:
    """Return the button that lets statutory reminders come again."""
    return button(say("stop.reminders_button"), Verb.CONFIRM, "want_reminders")


def _due(turn: Turn, most: int) -> list[str]:
    """Return the nearest obligations in words, and how many more there are."""
    assets = {asset.id: asset for asset in turn.world.assets}
    owed = sorted(turn.world.obligations, key=lambda item: item.safe)
    lines = [
        say(
            "stop.due_line",
            name=told_apart(assets[item.asset_id]),
            title=item.title,
            safe=format_day(item.safe),
        )
        for item in owed[:most]
        if item.asset_id in assets
    ]
    return [*lines, say("stop.more", count=len(owed) - most)] if len(owed) > most else lines
