"""While a question is open: a statement that only resembles another wish, and a wish that asks nothing."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.conversation import Conversation, Goal, GoalKind, OpenQuestion
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.respond import respond
from bot.dialogue.turn import Response
from bot.dialogue.world import Heard, World
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase
from store.messages import IncomingKind

TODAY = date(2026, 11, 20)
PLEDGE = Goal(
    kind=GoalKind.ASSESS,
    subject="pledge",
    targets=("pledge.patent-check",),
    intent="pledge",
    question=OpenQuestion(name="登记权利人是出质人"),
)


@pytest.fixture
def say_while_open(knowledge: KnowledgeBase, faq: FaqIndex, understanding: Understanding):  # type: ignore[no-untyped-def]
    def saying(text: str) -> Response:
        heard = Heard(kind=IncomingKind.TEXT, text=text, understood=understanding.understand(text, TODAY))
        return respond(Conversation(goals=(PLEDGE,)), heard, World(knowledge, faq), TODAY)

    return saying


@pytest.mark.parametrize(
    "text",
    [
        "没那回事",
        "我们自己开的厂子",
        "去年刚换过",
        "也不晓得对不对的",
        "没找过别人",
        "2年",
        "两个人一起申请的",
    ],
)
def test_a_statement_begins_nothing_else(say_while_open, text: str) -> None:  # type: ignore[no-untyped-def]
    response = say_while_open(text)
    assert response.conversation.goals[-1].subject == "pledge"
    assert "专利权人" in response.replies[-1].plain_text()


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("年费什么时候交", "annuity"),
        ("我们的商标也被人仿了", "route_trademark"),
        ("收到传票了", "accused"),
        ("帮我记一件专利", "new"),
    ],
)
def test_a_question_a_command_and_a_trouble_are_wishes(say_while_open, text: str, subject: str) -> None:  # type: ignore[no-untyped-def]
    assert say_while_open(text).conversation.goals[-1].subject == subject


def test_what_answers_another_question_is_kept_and_the_open_one_asked_again(say_while_open) -> None:  # type: ignore[no-untyped-def]
    response = say_while_open("年费一直交，没过期")
    goal = response.conversation.goals[-1]
    assert (goal.values["年费已缴清"], goal.values["专利现在有效"]) == (True, True)
    assert goal.question == PLEDGE.question


def test_what_contradicts_itself_is_not_kept(say_while_open) -> None:  # type: ignore[no-untyped-def]
    assert say_while_open("交了，没交").conversation.goals[-1].values == {}


def test_the_words_of_another_yes_or_no_are_not_taken_for_the_one_asked(say_while_open) -> None:  # type: ignore[no-untyped-def]
    assert say_while_open("没有质押过").conversation.goals[-1].values == {"专利已质押": False}
