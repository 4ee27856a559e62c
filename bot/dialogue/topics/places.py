"""Where a person is reached: add another chat, choose which is tried first, take one off, see them all."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import MailCode, OfferBinding, PutFirst, TakeOff
from bot.dialogue.goals.work import begin
from bot.dialogue.replies.places import (
    BINDABLE,
    bind_button,
    channel_name,
    list_button,
    place_line,
    place_name,
)
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, reply, say
from store.messages import Channel, Choice, Verb
from store.records import Address

LONGEST = 24  # a longer message asks something else
_CHANNEL = {
    Channel.WECOM_KF: r"微信|wechat",
    Channel.TELEGRAM: r"telegram|电报|纸飞机|\btg\b",
    Channel.EMAIL: r"邮箱|邮件|e-?mail",
    Channel.WEB: r"网页|电脑|浏览器|手机",
}
_ANY = "|".join(_CHANNEL.values())
_TAKE_OFF = re.compile(r"解绑|(解除|取消|断开|去掉|删掉).{0,4}绑定|(解除|断开|取消).{0,4}连接")
_LIST = re.compile(
    r"绑定?了?(哪些|哪几个|什么|谁|几个)|(哪些|哪几个)(地方|聊天|渠道|账号).{0,4}(绑|连)|连着(哪些|几个)|我的绑定"
)
_FIRST = re.compile(
    rf"提醒.{{0,4}}(发|收|送|改|换|走)(到|在|成)?.{{0,4}}(哪|{_ANY})|(提醒|消息).{{0,6}}先发|(换|改)个?(地方|渠道)收提醒",
    re.IGNORECASE,
)
_BIND = re.compile(
    rf"^((我?(想|要|怎么|怎样|如何|帮我)?.{{0,2}}绑定(另一个|别的|其他|一下|新)?.{{0,4}}({_ANY}|聊天|渠道|账号)?|"
    rf"换(个|台|一台|部|一部)?(手机|电脑|聊天|地方)(来|上)?(聊|用|说|问)|"
    rf"我?(想|要)?(在|用)({_ANY}).{{0,4}}也(想|要|能|可以)(用|聊|问|收|看|接)|"
    rf"(能不能|可以|能)(在|用)({_ANY})(上|里|里面)?(也)?(用|聊|问|收|接).{{0,6}}).{{0,6}}[吗呢吧。?? ]*$)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[^\s@,,;;::]+@[^\s@,,;;::]+\.[A-Za-z]{2,}")
_WITH_MAIL = re.compile(rf"(?:.{{0,8}}(?:绑定|邮箱|邮件).{{0,4}}?)?({_MAIL.pattern})[。.\s]*", re.IGNORECASE)


def asked(turn: Turn) -> Response | None:
    """Return the answer to a short message about places, or None when it is about something else."""
    mail = _WITH_MAIL.fullmatch(turn.heard.text.strip())
    if mail is not None:
        return to_mail(turn, mail[1])
    said = turn.text.strip()
    if not said or len(said) > LONGEST:
        return None
    if _TAKE_OFF.search(said):
        return which_to_take_off(turn)
    if _LIST.search(said):
        return show(turn)
    if _FIRST.search(said):
        return choose_first(turn, _channel_in(said))
    return bind(turn, _channel_in(said)) if _BIND.match(said) else None


def _channel_in(said: str) -> Channel | None:
    found = [channel for channel, words in _CHANNEL.items() if re.search(words, said, re.IGNORECASE)]
    return found[0] if len(found) == 1 else None


@step("places: bind")
def bind(turn: Turn, channel: Channel | None) -> Response:
    """Offer a one-time code for another chat. Who is asked nothing further: the code is told at once."""
    offered = turn.world.places.offered
    if channel is Channel.EMAIL:
        return reply(turn.conversation, say("bind.ask_mail" if channel in offered else "bind.mail_off"))
    if channel is not None and channel not in offered and offered:
        words = say("bind.not_offered", channel=channel_name(channel))
        return reply(turn.conversation, words, *_bind_buttons(turn))
    if not offered:
        return reply(turn.conversation, say("bind.nowhere"), PERSON_BUTTON)
    return Response(turn.conversation, (), (OfferBinding(channel),))


def _bind_buttons(turn: Turn) -> tuple[Choice, ...]:
    return tuple(
        button(say("places.bind_channel_button", channel=channel_name(each)), Verb.START, "bind", each.value)
        for each in BINDABLE
        if each in turn.world.places.offered
    )


@step("places: e-mail")
def to_mail(turn: Turn, address: str) -> Response:
    """An e-mail address was written: a code goes there."""
    if Channel.EMAIL not in turn.world.places.offered:
        return reply(turn.conversation, say("bind.mail_off"))
    return Response(turn.conversation, (), (MailCode(address),))


@step("places: list")
def show(turn: Turn) -> Response:
    """Say what is bound, where reminders go first, and what can be changed."""
    places = turn.world.places
    known = places.addresses
    if len(known) < 2:
        label = place_line(known[0], known, None) if known else channel_name(Channel.WEB)
        return reply(turn.conversation, say("places.only_one", label=label), bind_button())
    lines = "\n".join(say("places.line", label=place_line(each, known, places.here)) for each in known)
    words = say("places.list", count=len(known), lines=lines, first=place_name(known[0], known))
    choices = (
        bind_button(),
        button(say("places.first_button"), Verb.START, "first_place"),
        *(_take_off_button(each, known) for each in known),
    )
    return reply(turn.conversation, words, *choices)


def _take_off_button(address: Address, among: tuple[Address, ...]) -> Choice:
    label = place_name(address, among)
    return button(say("places.take_off_button", label=label), Verb.CONFIRM, "take_off", str(address.id))


@step("places: which first")
def choose_first(turn: Turn, channel: Channel | None = None) -> Response:
    """Ask where reminders go first, or take the channel that was named."""
    known = turn.world.places.addresses
    of_channel = [each for each in known if each.channel is channel]
    if len(of_channel) == 1:
        return put_first(turn, of_channel[0].id)
    if channel is not None and not of_channel:
        return bind(turn, channel)
    if len(known) < 2:
        label = place_name(known[0]) if known else channel_name(Channel.WEB)
        return reply(turn.conversation, say("places.first_alone", label=label), bind_button())
    choices = [
        button(
            say("places.first_choice_button", label=place_name(each, known)),
            Verb.CONFIRM,
            "first_place",
            str(each.id),
        )
        for each in known
    ]
    return reply(
        turn.conversation, say("places.first_ask", first=place_name(known[0], known)), *choices, bind_button()
    )


@step("places: put first")
def put_first(turn: Turn, address_id: int) -> Response:
    """Reminders go there first from now on."""
    return Response(turn.conversation, (), (PutFirst(address_id),))


@step("places: take off, which")
def which_to_take_off(turn: Turn) -> Response:
    """Ask which place is taken off."""
    known = turn.world.places.addresses
    if len(known) < 2:
        return reply(turn.conversation, say("places.last"), bind_button())
    choices = [_take_off_button(each, known) for each in known]
    return reply(turn.conversation, say("places.take_off_which"), *choices)


@step("places: take off, first step")
def ask_to_take_off(turn: Turn, address_id: int) -> Response:
    """Ask a second time before a place is taken off."""
    known = turn.world.places.addresses
    address = next((each for each in known if each.id == address_id), None)
    if address is None:  # a browser's, or none of the person's: the store knows
        return Response(turn.conversation, (), (TakeOff(address_id),))
    if len(known) < 2:
        return reply(turn.conversation, say("places.last"), bind_button())
    what = say("places.take_off_ask", label=place_name(address, known))
    goal = Goal(
        kind=GoalKind.CONFIRM,
        subject="take_off",
        targets=(str(address_id),),
        values={"what": what},
        intent="settings",
    )
    return begin(turn, goal)


@step("places: not me")
def not_me(turn: Turn, address_id: int) -> Response:
    """不是我: at once, because every minute counts."""
    return Response(turn.conversation, (), (TakeOff(address_id, not_me=True),))


def settings_buttons(turn: Turn) -> tuple[Choice, ...]:
    """Return what the settings offer about places."""
    first = button(say("places.first_button"), Verb.START, "first_place")
    more = (first, list_button()) if len(turn.world.places.addresses) > 1 else ()
    return (*more, bind_button()) if turn.world.places.offered else more
