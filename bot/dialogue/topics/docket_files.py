"""The deadlines handed out: as a calendar, as a spreadsheet, and as a link that a calendar follows by itself."""

from __future__ import annotations

import re

from bot.dialogue.effects import CloseFeed, FileForm, MakeFile, OpenFeed
from bot.dialogue.steps import step
from bot.dialogue.topics import my_deadlines
from bot.dialogue.turn import Response, Turn, button, reply, say
from rules.days import format_day
from store.messages import Choice, Outgoing, Verb

_MAKE = r"(导出|下载|导成|生成|发我|发给我)"
_ICS = re.compile(rf"{_MAKE}.{{0,10}}(日历|ics)", re.IGNORECASE)
_XLSX = re.compile(
    rf"{_MAKE}.{{0,10}}(表格|清单|excel|xlsx|期限表)|期限.{{0,6}}{_MAKE}|{_MAKE}.{{0,6}}期限", re.IGNORECASE
)
_CLOSE = re.compile(r"(停用|取消|关闭|停掉|撤销|删除|不要).{0,4}(日历)")
_RENEW = re.compile(r"(换|更新|重新|新).{0,6}日历.{0,4}(链接|地址)")
_FEED = re.compile(r"订阅.{0,4}日历|日历.{0,4}(订阅|链接|地址)")
LONGEST = 24  # a longer message asks something else


def asked(turn: Turn) -> Response | None:
    """Return the answer to a short message that asks for the file or the link, or None when it does not."""
    said = turn.text.strip()
    if not said or len(said) > LONGEST:
        return None
    if _CLOSE.search(said):
        return close_feed(turn)
    if _RENEW.search(said):
        return new_link(turn)
    if _FEED.search(said):
        return subscribe(turn)
    if _ICS.search(said):
        return make(turn, FileForm.ICS)
    return make(turn, FileForm.XLSX) if _XLSX.search(said) else None


@step("docket file")
def make(turn: Turn, form: FileForm) -> Response:
    """Hand out the open obligations. A calendar comes with a link that keeps it up to date."""
    if not turn.world.assets:
        return my_deadlines.nothing_kept(turn)
    if not turn.world.obligations:
        return my_deadlines.nothing_due(turn)
    file = Response(turn.conversation, (), (MakeFile(form),))
    if form is not FileForm.ICS or not turn.world.feed_links:
        return file
    if turn.world.feed_since is None:
        return Response(turn.conversation, (), (MakeFile(form), OpenFeed()))
    return file


@step("feed: subscribe")
def subscribe(turn: Turn) -> Response:
    """订阅日历: a link where there is none; a link is shown once, so a second time only a new one can be."""
    if not turn.world.feed_links:
        return reply(turn.conversation, say("feed.no_address"), *my_deadlines.export_buttons())
    if turn.world.feed_since is None:
        return Response(turn.conversation, (), (OpenFeed(),))
    words = say("feed.already", day=format_day(turn.world.feed_since))
    return reply(turn.conversation, words, *feed_buttons(turn))


@step("feed: new link")
def new_link(turn: Turn) -> Response:
    """换新链接: the old one ends at once."""
    if not turn.world.feed_links:
        return reply(turn.conversation, say("feed.no_address"), *my_deadlines.export_buttons())
    return Response(turn.conversation, (), (OpenFeed(),))


@step("feed: closed")
def close_feed(turn: Turn) -> Response:
    """停用: the link leads nowhere from now on. Reminders here go on."""
    if turn.world.feed_since is None:
        return reply(turn.conversation, say("feed.none"), *my_deadlines.export_buttons())
    return Response(
        turn.conversation, (Outgoing.say(say("feed.closed"), _subscribe_button()),), (CloseFeed(),)
    )


def feed_buttons(turn: Turn) -> tuple[Choice, ...]:
    """Return what can be done about the link: open it, or renew and end it."""
    if not turn.world.feed_links:
        return ()
    if turn.world.feed_since is None:
        return (_subscribe_button(),)
    return (
        button(say("feed.renew_button"), Verb.CONFIRM, "renew_feed"),
        button(say("feed.close_button"), Verb.CONFIRM, "close_feed"),
    )


def _subscribe_button() -> Choice:
    return button(say("feed.subscribe_button"), Verb.START, "subscribe")
