"""How a message answers an open question: what counts as yes and no, which words are no answer, days said in two parts."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.answers_to_facts import read_answer
from bot.dialogue.conversation import Conversation, Goal, GoalKind, OpenQuestion
from bot.dialogue.effects import KeepAsset
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.fields import FIELDS
from bot.dialogue.partly_said import Partly
from bot.dialogue.readings import Declined, Given, Reading, Unusable
from bot.dialogue.respond import respond
from bot.dialogue.turn import Turn
from bot.dialogue.world import Heard, World
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase
from rules.facts import FactDefinition, FactType
from store.messages import Action, IncomingKind, Verb

TODAY = date(2026, 11, 20)
REGISTERED = FactDefinition(name="商标已注册", type=FactType.BOOL, ask="这个商标注册下来了吗（有注册证）？")
UNPLEDGED = FactDefinition(name="没有质押", type=FactType.BOOL, ask="这件专利没有质押给别人吧？")
PROFIT = FactDefinition(
    name="所得额", type=FactType.MONEY, unit="元", minimum=0, ask="上年所得额是多少？", help="亏损按 0 填。"
)


@pytest.fixture
def read(knowledge: KnowledgeBase, faq: FaqIndex, understanding: Understanding):  # type: ignore[no-untyped-def]
    def reading(definition: FactDefinition, text: str, partly: str = "") -> Reading:
        question = OpenQuestion(name=definition.name, partly=partly)
        goal = Goal(kind=GoalKind.DEADLINE, subject="annuity", question=question)
        heard = Heard(kind=IncomingKind.TEXT, text=text, understood=understanding.understand(text, TODAY))
        return read_answer(definition, Turn(Conversation(goals=(goal,)), heard, World(knowledge, faq), TODAY))

    return reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是的", True),
        ("注册了的", True),
        ("已注册", True),
        ("没注册", False),
        ("还没有注册", False),
        ("不是", False),
    ],
)
def test_the_words_of_the_question_are_a_yes_or_a_no(read, text: str, value: bool) -> None:  # type: ignore[no-untyped-def]
    reading = read(REGISTERED, text)
    assert isinstance(reading, Given)
    assert reading.fact.value is value


@pytest.mark.parametrize("text", ["商标", "注册商标要多久", "谢谢", "注册证丢了", "别人注册的"])
def test_other_words_are_no_answer(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert read(REGISTERED, text) is None


def test_a_question_that_denies_is_not_answered_by_its_words(read) -> None:  # type: ignore[no-untyped-def]
    assert read(UNPLEDGED, "没有质押") is None


@pytest.mark.parametrize("text", ["不清楚", "我也不知道啊", "真的不太清楚", "忘了"])
def test_not_known(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(read(REGISTERED, text), Declined)


@pytest.mark.parametrize(
    ("text", "yuan"), [("差不多4500", 4500), ("亏损了", 0), ("五十万", 500000), ("4500块", 4500)]
)
def test_money_in_words(read, text: str, yuan: int) -> None:  # type: ignore[no-untyped-def]
    reading = read(PROFIT, text)
    assert isinstance(reading, Given)
    assert reading.fact.value == yuan


@pytest.mark.parametrize("text", ["-5", "1000000000000000", "50万到80万", "负五万"])
def test_money_that_cannot_be(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert not isinstance(read(PROFIT, text), Given)


@pytest.mark.parametrize(
    ("text", "partly", "day"),
    [
        ("8号", "2022-3--", date(2022, 3, 8)),
        ("3月8日", "2022----", date(2022, 3, 8)),
        ("2022年", "--3-8", date(2022, 3, 8)),
        ("2021年5月6日", "2022-3--", date(2021, 5, 6)),
    ],
)
def test_a_day_in_two_parts(read, text: str, partly: str, day: date) -> None:  # type: ignore[no-untyped-def]
    reading = read(FIELDS["申请日"], text, partly)
    assert isinstance(reading, Given)
    assert reading.fact.value == day


def test_half_a_day_is_asked_for_with_what_it_may_mean(read) -> None:  # type: ignore[no-untyped-def]
    reading = read(FIELDS["发文日"], "11月2日")
    assert isinstance(reading, Unusable)
    assert reading.readings == (date(2026, 11, 2),)
    assert Partly.read(reading.partly) == Partly(None, 11, 2)


@pytest.mark.parametrize("name", ["申请日", "发文日", "商标注册日"])
def test_a_day_ahead_is_refused(read, name: str) -> None:  # type: ignore[no-untyped-def]
    reading = read(FIELDS[name], "2030年1月5日")
    assert isinstance(reading, Unusable)
    assert "还没有到" in reading.problem


@pytest.mark.parametrize("text", ["谢谢", "abc", "什么时候交", "202220123456", "202010293847.X"])
def test_what_is_no_number_is_not_kept_as_one(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert not isinstance(read(FIELDS["申请号"], text), Given)


@pytest.mark.parametrize("text", ["谢谢", "发票在财务那里", "2026年11月18日"])
def test_words_are_no_receipt(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert not isinstance(read(FIELDS["缴费收据"], text), Given)


def test_a_button_of_a_policy_message_checks_that_one_rule(knowledge: KnowledgeBase, faq: FaqIndex) -> None:
    rule = next(iter(knowledge.rules_of_kind("subsidy")))
    heard = Heard(kind=IncomingKind.PRESS, action=Action(verb=Verb.START, about="subsidy", value=rule.id))
    response = respond(Conversation(), heard, World(knowledge, faq), TODAY)
    goal = response.conversation.goal or response.conversation.settled
    assert goal is not None
    assert goal.targets == (rule.id,)


def test_a_right_is_kept_before_its_number_is_known(
    knowledge: KnowledgeBase, faq: FaqIndex, understanding: Understanding
) -> None:
    text = "帮我记一件实用新型，2022年3月8日申请的"
    heard = Heard(kind=IncomingKind.TEXT, text=text, understood=understanding.understand(text, TODAY))
    response = respond(Conversation(), heard, World(knowledge, faq), TODAY)
    assert "提醒已经先开着" in response.replies[0].plain_text()
    assert KeepAsset("utility_model", "", {"filing": date(2022, 3, 8)}) in response.effects


PLACE = FactDefinition(
    name="所在区",
    type=FactType.ENUM,
    values=("鄞州区", "余姚市", "江北工业园", "江北高新园", "前湾新区"),
    ask="注册在哪个区？",
)


@pytest.mark.parametrize(
    ("text", "place"), [("yuyao", "余姚市"), ("银州", "鄞州区"), ("前弯", "前湾新区"), ("余要市", "余姚市")]
)
def test_a_misspelt_name_is_known(read, text: str, place: str) -> None:  # type: ignore[no-untyped-def]
    found = read(PLACE, text)
    assert isinstance(found, Given)
    assert found.fact.value == place


@pytest.mark.parametrize("text", ["江北", "jiangbei", "江背"])
def test_two_names_that_may_be_meant_are_asked_back(read, text: str) -> None:  # type: ignore[no-untyped-def]
    found = read(PLACE, text)
    assert isinstance(found, Unusable)
    assert "江北工业园" in found.problem
    assert "江北高新园" in found.problem
    assert "余姚市" not in found.problem


@pytest.mark.parametrize("text", ["年费多少钱", "转人工", "今天天气"])
def test_other_words_name_nothing(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert read(PLACE, text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是的呀", True),
        ("就是", True),
        ("对头", True),
        ("当然", True),
        ("嗯有的吧", True),
        ("没有吧", False),
        ("应该没有", False),
        ("还没呢", False),
        ("好像没有", False),
    ],
)
def test_bare_yes_and_no_in_other_words(read, text: str, value: bool) -> None:  # type: ignore[no-untyped-def]
    reading = read(REGISTERED, text)
    assert isinstance(reading, Given)
    assert reading.fact.value is value


@pytest.mark.parametrize("text", ["是的，不过只注册了一半", "没问题", "没啥问题", "注册了，没注册"])
def test_what_leaves_yes_and_no_open_is_asked_again(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert not isinstance(read(REGISTERED, text), Given)


@pytest.mark.parametrize("text", ["没有", "应该没有", "还没"])
def test_a_none_to_a_question_that_says_none_itself_is_asked_again(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(read(UNPLEDGED, text), Unusable)


@pytest.mark.parametrize(
    ("text", "given"), [("好的", True), ("没问题", True), ("应该可以吧", False), ("好像是", False)]
)
def test_a_guess_is_no_consent(read, text: str, given: bool) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(read(FIELDS["同意转交"], text), Given) is given


@pytest.mark.parametrize("name", ["专利类型", "申请日", "类别数"])
def test_a_bare_yes_asks_which(read, name: str) -> None:  # type: ignore[no-untyped-def]
    reading = read(FIELDS[name], "有的")
    assert isinstance(reading, Unusable)
    assert reading.problem.startswith("好的，那是")


def test_a_small_part_of_a_long_name_is_not_that_name(read, knowledge: KnowledgeBase) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(read(knowledge.facts["被指方式"], "专利"), Unusable)
    assert isinstance(read(knowledge.facts["注册地"], "鄞州"), Given)


@pytest.mark.parametrize("text", ["月薪4500", "去年营收500万", "利润80万", "注册资本100万"])
def test_an_amount_that_is_told_to_be_another_is_not_taken(read, text: str) -> None:  # type: ignore[no-untyped-def]
    reading = read(PROFIT, text)
    assert isinstance(reading, Unusable)
    assert "所得额" in reading.problem


def test_an_amount_by_the_name_that_is_asked_for_is_taken(read, knowledge: KnowledgeBase) -> None:  # type: ignore[no-untyped-def]
    for name, text in (
        ("上年月均收入", "月薪4500"),
        ("年营业收入", "营收500万"),
        ("质押贷款本息", "贷款500万"),
    ):
        assert isinstance(read(knowledge.facts[name], text), Given), name


@pytest.mark.parametrize("text", ["没有质押过", "有专利的", "有商标了"])
def test_words_that_only_describe_or_name_a_thing_are_no_answer(
    read, knowledge: KnowledgeBase, text: str
) -> None:  # type: ignore[no-untyped-def]
    assert read(knowledge.facts["登记权利人是出质人"], text) is None


@pytest.mark.parametrize(
    ("name", "text", "taken"),
    [
        ("有效发明专利数", "30件", True),
        ("有效发明专利数", "30个", True),
        ("有效发明专利数", "30个人", False),
        ("从业人数", "30个人", True),
        ("从业人数", "30个", True),
        ("从业人数", "30件", False),
    ],
)
def test_persons_are_not_counted_as_patents(  # type: ignore[no-untyped-def]
    read, knowledge: KnowledgeBase, name: str, text: str, taken: bool
) -> None:
    assert isinstance(read(knowledge.facts[name], text), Given) is taken
