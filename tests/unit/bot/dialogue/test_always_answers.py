"""Whatever is said, pressed or stored: the dialogue never raises, always answers, and shows nothing of another company."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.conversation import Conversation, Goal, GoalKind, OpenQuestion
from bot.dialogue.effects import (
    AttachReceipt,
    Effect,
    GiveUpAsset,
    MarkPaid,
    RemoveAsset,
    Reopen,
    RestoreAsset,
)
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.respond import respond
from bot.dialogue.turn import Response
from bot.dialogue.world import Heard, World
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase
from rules.facts import Facts
from store.messages import Action, IncomingKind, Verb
from store.records import Asset, AssetStatus, ObligationStatus, StoredObligation

TODAY = date(2026, 11, 20)
OURS, OURS_TOO, THEIRS = 7, 8, 99
WORDS = (
    "我的专利年费多少", "商标要续展", "我们能申请什么补贴", "专利能抵押贷款吗", "想买个专利保险", "取消", "返回",
    "重新开始", "为什么问这个", "转人工", "不清楚", "是", "没有", "不对", "不对，是2021年", "不对，是3月15日",
    "注册地改成鄞州", "2022年3月", "8号", "2026年2月30日", "2030年1月1日", "五百万", "-5", "1000000000000000",
    "三十来件", "发明专利", "实用新型呢", "ZL202010293847.9", "帮我记下来 ZL202010293847.9，申请日2020年4月15日",
    "第7年的年费已经交了", "我第二件专利什么时候交年费", "我有哪些期限", "收到一通，发文日2026年11月2日，几天内答",
    "别人的商标初审公告2026年11月6日，想提异议，截止哪天", "年费忘了交", "第25年年费多少", "3个类", "有85%费减",
    "把那件专利删掉", "那件商标不要了", "删除我的资料", "设置", "别再推送了", "有人在淘宝卖仿冒我们商标的东西怎么办",
    "收到律师函说我们侵权", "专利费用能不能减缴", "先看结果", "谢谢", "滚", "'; DROP TABLE asset; --", "😀😀", "第五个",
)  # fmt: skip
SUBJECTS = (
    "subsidy", "pledge", "insurance", "annuity", "annuity_late", "tm_renewal", "tm_opposition", "oa1", "new", "person",
    "forget", "remove", "give_up", "premium", "7", "99", "nothing known by this name", "",
)  # fmt: skip
NAMES = (
    "专利类型", "申请日", "申请号", "商标注册日", "商标注册号", "年费减缴", "年度", "类别数", "缴费日", "缴费收据",
    "确认", "同意转交", "注册地", "主体类型", "上年应纳税所得额", "发文日", "收到日", "送达方式", "初步审定公告日",
    "权利类型", "已登记", "未缴年度", "期限_issue", "期限_nothing", "先看结果", "没有这一项", "",
)  # fmt: skip
ABOUTS = (
    *SUBJECTS, *NAMES, "add_asset", "add_another_asset", "annuity_reduction", "change_answers", "change_answer",
    "enough", "my_deadlines", "document", "renewal_classes", "reopen", "restore_asset", "remove_asset",
    "give_up_asset", "want_broadcasts", "no_broadcasts", "case", "export_ics", "subscribe", "renew_feed",
    "close_feed", "keep_list", "cancel_list",
)  # fmt: skip

said = st.one_of(
    st.sampled_from(WORDS), st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map("，".join)
)
odd_text = st.one_of(
    st.sampled_from(ABOUTS), st.text(max_size=12), st.just("2026-11-20"), st.just("²"), st.just("٣")
)
pressed = st.builds(Action, verb=st.sampled_from(Verb), about=odd_text, value=odd_text)
kept_value = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**15), st.just("2022-03-08"), st.just("发明专利"), st.just("trademark"),
    st.just("2022-02-30"), st.text(max_size=6), st.just(["一", "二"]),
)  # fmt: skip
goals = st.builds(
    Goal,
    kind=st.sampled_from(GoalKind),
    subject=st.sampled_from(SUBJECTS),
    targets=st.lists(
        st.sampled_from(["7", "99", "x", "pledge.patent-check", "fee.reduction", "insurance.product-choice"]),
        max_size=2,
    ).map(tuple),
    values=st.dictionaries(st.sampled_from(NAMES), kept_value, max_size=5),
    declined=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    asked=st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
    question=st.one_of(
        st.none(),
        st.builds(OpenQuestion, name=st.sampled_from(NAMES), partly=st.sampled_from(["", "2022-3--", "x"])),
    ),
    intent=st.sampled_from(["annuity_fee", "subsidy", ""]),
)
conversations = st.builds(
    Conversation,
    goals=st.lists(goals, max_size=3).map(tuple),
    settled=st.one_of(st.none(), goals),
    later=st.sampled_from(["", "subsidy", "annuity_fee"]),
)


class Scene:
    """The world and the understanding, told in one word when an example fails."""

    def __init__(self, world: World, understanding: Understanding) -> None:
        self.world = world
        self.understanding = understanding

    def __repr__(self) -> str:
        return "Scene()"


@pytest.fixture(scope="module")
def scene(world: World, understanding: Understanding) -> Scene:
    return Scene(world, understanding)


@pytest.fixture(scope="module")
def world(knowledge: KnowledgeBase, faq: FaqIndex) -> World:
    assets = (
        _asset(OURS, "invention", "202010293847.9", {"filing": "2020-04-15"}),
        _asset(OURS_TOO, "trademark", "", {"registration": "2017-03-14"}),
    )
    return World(
        knowledge=knowledge,
        faq=faq,
        facts=knowledge.facts.facts({"注册地": "鄞州区"}, source="工商登记", day=TODAY),
        assets=assets,
        obligations=(_owed(OURS, OURS, "annuity:8"), _owed(OURS_TOO, OURS_TOO, "tm_renewal:1")),
        company_name="甲公司",
    )


def _asset(id_: int, kind: str, number: str, dates: dict[str, str]) -> Asset:
    return Asset(
        id=id_, company_id=1, right_type=kind, number=number, name="", dates=dates, details={},
        status=AssetStatus.ACTIVE, version=1,
    )  # fmt: skip


def _owed(id_: int, asset_id: int, key: str) -> StoredObligation:
    day = date(2027, 4, 15)
    return StoredObligation(
        id=id_, company_id=1, asset_id=asset_id, kind=key.partition(":")[0], key=key, title="第8年度年费",
        due_revision=1, nominal=day, legal=day, safe=day, grace_end=day + timedelta(days=180), amount_fen=200000,
        provisional=False, citations=[], details={}, status=ObligationStatus.OPEN, snoozed_until=None, paid_on=None,
        receipt_id=None, next_at=None,
    )  # fmt: skip


def _text(text: str, understanding: Understanding) -> Heard:
    understood = understanding.understand(text, TODAY) if text.strip() else None
    return Heard(kind=IncomingKind.TEXT, text=text, understood=understood)


def _is_answer(response: Response) -> None:
    assert response.replies or response.effects, "nothing was answered"
    for reply in response.replies:
        assert reply.plain_text().strip()
        assert all(choice.text.strip() for choice in reply.choices)
    again = Conversation.model_validate(response.conversation.model_dump(mode="json"))
    assert again == response.conversation


def _only_ours(effects: tuple[Effect, ...]) -> None:
    """A forged button must not reach what is not the company's."""
    for effect in effects:
        if isinstance(effect, RemoveAsset | GiveUpAsset):
            assert effect.asset_id in (OURS, OURS_TOO)
        if isinstance(effect, MarkPaid | AttachReceipt):
            assert effect.obligation_id in (OURS, OURS_TOO)


slow = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@slow
@given(text=st.one_of(said, st.text(max_size=60)), conversation=conversations)
def test_any_text_in_any_state(text: str, conversation: Conversation, scene: Scene) -> None:
    response = respond(conversation, _text(text, scene.understanding), scene.world, TODAY)
    _is_answer(response)
    _only_ours(response.effects)


@slow
@given(action=pressed, conversation=conversations)
def test_any_button_in_any_state(action: Action, conversation: Conversation, scene: Scene) -> None:
    response = respond(conversation, Heard(kind=IncomingKind.PRESS, action=action), scene.world, TODAY)
    _is_answer(response)
    _only_ours(response.effects)


@slow
@given(
    kind=st.sampled_from(IncomingKind),
    attachment=st.one_of(st.none(), st.just(5)),
    conversation=conversations,
)
def test_any_kind_of_message_in_any_state(
    kind: IncomingKind, attachment: int | None, conversation: Conversation, scene: Scene
) -> None:
    response = respond(conversation, Heard(kind=kind, attachment_id=attachment), scene.world, TODAY)
    _is_answer(response)
    _only_ours(response.effects)


@settings(parent=slow, max_examples=60)
@given(steps=st.lists(st.one_of(said, st.integers(0, 30)), min_size=3, max_size=9))
def test_a_talk_of_words_and_of_its_own_buttons(steps: list[str | int], scene: Scene) -> None:
    conversation = Conversation()
    for step in steps:
        if isinstance(step, int):
            if not conversation.choices:
                continue
            action = conversation.choices[step % len(conversation.choices)].action
            heard = (
                _text(action.value, scene.understanding)
                if action.verb is Verb.SAY
                else Heard(kind=IncomingKind.PRESS, action=action)
            )
        else:
            heard = _text(step, scene.understanding)
        response = respond(conversation, heard, scene.world, TODAY)
        _is_answer(response)
        conversation = response.conversation


@pytest.mark.parametrize(
    "text", ["专利" * 10_000, "1" * 20_000, "2020年" * 5_000, "年费\x00多少", "\ud83d", "\u202e年费"]
)
@pytest.mark.parametrize("asked", ["", "申请日", "申请号", "注册地"])
def test_long_and_broken_texts(text: str, asked: str, world: World, understanding: Understanding) -> None:
    question = OpenQuestion(name=asked) if asked else None
    goal = Goal(kind=GoalKind.DEADLINE, subject="annuity", question=question, asked=(asked,))
    conversation = Conversation(goals=(goal,)) if asked else Conversation()
    response = respond(conversation, _text(text, understanding), world, TODAY)
    _is_answer(response)
    assert all(len(reply.plain_text()) < 2_000 for reply in response.replies)


@pytest.mark.parametrize("about", [str(THEIRS), "annuity", "x"])
@pytest.mark.parametrize("verb", [Verb.PAID, Verb.SEEN, Verb.LATER, Verb.GIVE_UP])
def test_a_button_about_anothers_obligation_does_nothing(verb: Verb, about: str, world: World) -> None:
    heard = Heard(kind=IncomingKind.PRESS, action=Action(verb=verb, about=about))
    response = respond(Conversation(), heard, world, TODAY)
    assert response.effects == ()
    assert "已经办结" in response.replies[0].plain_text()


@pytest.mark.parametrize("about", ["remove_asset", "give_up_asset", "restore_asset", "reopen"])
def test_a_button_about_anothers_right_shows_nothing_of_it(about: str, world: World) -> None:
    action = Action(verb=Verb.CONFIRM, about=about, value=str(THEIRS))
    response = respond(Conversation(), Heard(kind=IncomingKind.PRESS, action=action), world, TODAY)
    assert not any(isinstance(effect, RemoveAsset | GiveUpAsset) for effect in response.effects)
    # What was closed is no longer in the world: the store filters by who asks and refuses the rest.
    assert all(isinstance(effect, RestoreAsset | Reopen) for effect in response.effects)


def test_a_fact_whose_values_changed_is_asked_again(knowledge: KnowledgeBase, faq: FaqIndex) -> None:
    """A revision may take a value away that a conversation still holds."""
    goal = Goal(
        kind=GoalKind.ASSESS, subject="fee_reduction", targets=("fee.reduction",), values={"费减主体": "没有这一种"},
        asked=("费减主体",), question=OpenQuestion(name="费减主体"), intent="fee_reduction",
    )  # fmt: skip
    world = World(knowledge=knowledge, faq=faq, facts=Facts())
    action = Action(verb=Verb.ANSWER, about="费减主体", value="企业")
    heard = Heard(kind=IncomingKind.PRESS, action=action)
    response = respond(Conversation(goals=(goal,)), heard, world, TODAY)
    assert "应纳税所得额" in response.replies[-1].plain_text()


def test_no_reply_names_anything_but_what_the_world_holds(world: World, understanding: Understanding) -> None:
    for text in ("我有哪些期限", "我的专利年费多少", "年费我已经交了", "把那件专利删掉"):
        response = respond(Conversation(), _text(text, understanding), world, TODAY)
        shown: list[Any] = [reply.plain_text() for reply in response.replies]
        assert str(THEIRS) not in "".join(shown).replace("1999", "")
