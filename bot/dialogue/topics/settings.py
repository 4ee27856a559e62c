"""设置: where reminders go, policy messages on or off, who else may see, delete my data."""

from __future__ import annotations

import re

from bot.dialogue.effects import WantBroadcasts
from bot.dialogue.steps import step
from bot.dialogue.topics import colleagues, docket_files, places, rights, stopping
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, reply, say
from store.messages import Verb

_OFF = re.compile(
    r"(退订|不再接收|别(再)?(推送|发)|不要(再)?(推送|发)|取消(订阅|推送)|(别|不要|不想)再?.{0,4}(发|推|收).{0,6}(政策|消息|推送)|关(闭|掉).{0,4}(推送|通知))"
)
_ON = re.compile(r"(重新|恢复|打开|开启|继续).{0,4}(订阅|推送|接收)|^订阅")
_FORGET = re.compile(
    r"(删除|删掉|删了|注销|清除|清空|清掉).{0,6}(数据|资料|信息|账号|记录)|(数据|资料|信息|记录)都?(删|清)"
)


def is_setting(turn: Turn) -> bool:
    """Return whether the words themselves ask for a setting."""
    return any(pattern.search(turn.text) for pattern in (_OFF, _ON, _FORGET))


@step("settings")
def answer(turn: Turn) -> Response:
    """Change what was asked for, or show what can be set."""
    if _FORGET.search(turn.text):
        return rights.ask_to_forget(turn)
    if _ON.search(turn.text):
        return reply(turn.conversation, say("settings.broadcasts_on"), effects=(WantBroadcasts(wanted=True),))
    if _OFF.search(turn.text):
        again = button(say("settings.on_button"), Verb.CONFIRM, "want_broadcasts")
        return reply(
            turn.conversation, say("settings.broadcasts_off"), again, effects=(WantBroadcasts(wanted=False),)
        )
    switch = (
        button(say("settings.off_button"), Verb.CONFIRM, "no_broadcasts")
        if turn.world.broadcasts_wanted
        else button(say("settings.on_button"), Verb.CONFIRM, "want_broadcasts")
    )
    forget = button(say("settings.forget_button"), Verb.CONFIRM, "forget")
    calendar = docket_files.feed_buttons(turn)
    wanted = turn.world.places.reminders_wanted
    words = [say("settings.overview")] if wanted else [say("settings.overview"), say("settings.overview_off")]
    resume = () if wanted else (stopping.reminders_button(),)
    where, who = places.settings_buttons(turn), colleagues.invite_button()
    return reply(
        turn.conversation, "\n".join(words), *resume, *where, switch, *calendar, who, forget, PERSON_BUTTON
    )
