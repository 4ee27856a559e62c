"""Which short messages are about places, colleagues and stopping, and which only look like it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import AboutReach, MailCode, MakeInvite, OfferBinding, WantBroadcasts, WantReminders
from bot.dialogue.topics import colleagues, places, stopping
from bot.dialogue.turn import Response, Turn
from bot.dialogue.world import Heard, Places, World
from bot.understanding.intents import Intent
from bot.understanding.understand import Understood, Verdict
from store.messages import Channel, IncomingKind

ALL = frozenset({Channel.TELEGRAM, Channel.WECOM_KF, Channel.WEB, Channel.EMAIL})


def asked(text: str, offered: frozenset[Channel] = ALL) -> Response | None:
    understood = Understood.__new__(Understood)
    for name, value in {
        "text": text,
        "intent": Intent.SETTINGS,
        "verdict": Verdict.CHOOSE,
        "slots": (),
    }.items():
        object.__setattr__(understood, name, value)
    world = World(None, None, places=Places(offered=offered))  # type: ignore[arg-type]
    turn = Turn(Conversation(), Heard(IncomingKind.TEXT, text, understood), world, date(2026, 11, 20))
    return stopping.asked(turn) or places.asked(turn) or colleagues.asked(turn)


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("绑定", OfferBinding(None)),
        ("绑定另一个聊天", OfferBinding(None)),
        ("绑定微信", OfferBinding(Channel.WECOM_KF)),
        ("怎么绑定telegram", OfferBinding(Channel.TELEGRAM)),
        ("我在微信上也想用", OfferBinding(Channel.WECOM_KF)),
        ("能不能用电报聊", OfferBinding(Channel.TELEGRAM)),
        ("换个手机聊", OfferBinding(Channel.WEB)),
        ("wang@example.cn", MailCode("wang@example.cn")),
        ("绑定邮箱 wang@example.cn", MailCode("wang@example.cn")),
        ("邀请同事", MakeInvite()),
        ("让会计也能看", MakeInvite()),
        ("恢复提醒", WantReminders(wanted=True)),
        ("停止", WantBroadcasts(wanted=False)),
        ("退订", WantBroadcasts(wanted=False)),
        ("别再发了", WantBroadcasts(wanted=False)),
        ("/stop", WantBroadcasts(wanted=False)),
    ],
)
def test_what_is_meant(text: str, effect: AboutReach) -> None:
    response = asked(text)
    assert response is not None
    assert response.effects == (effect,)


@pytest.mark.parametrize(
    "text",
    [
        "商标注册要绑定手机号吗",
        "给员工看专利奖励怎么算",
        "请问怎么退出专利池",
        "取消关联企业怎么办",
        "解除专利质押登记",
        "手机壳外观专利怎么申请",
        "微信上有人卖我们的假货",
        "电子邮件能当证据吗",
        "停止侵权怎么要求对方",
        "提醒对方停止侵权的函怎么写",
        "这件不要提醒了",
        "谁能看到我的专利申请",
        "我的邮箱收到了缴费通知书，怎么办",
        "对方邮箱 a@b.cn 发来律师函，怎么办",
        "",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert asked(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [("绑定微信", "没有可以绑定的"), ("绑定邮箱", "还没有开通邮件"), ("wang@example.cn", "还没有开通邮件")],
)
def test_where_nothing_is_on_it_is_said_so(text: str, says: str) -> None:
    response = asked(text, frozenset())
    assert response is not None
    assert says in response.replies[0].plain_text()


def test_a_channel_that_is_not_on_leads_to_those_that_are() -> None:
    response = asked("绑定Telegram", frozenset({Channel.WECOM_KF, Channel.WEB}))
    assert response is not None
    assert [choice.text for choice in response.replies[0].choices] == ["绑定微信", "绑定网页"]
