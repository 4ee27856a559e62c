"""Guides read part by part; plain questions answered, wishes checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.presses import pressed
from bot.dialogue.respond import respond
from bot.dialogue.topics import guides
from bot.dialogue.turn import Response, Turn
from bot.dialogue.world import Heard, World
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase
from store.messages import Action, CitationPart, IncomingKind, Verb

TODAY = date(2026, 11, 20)


@pytest.fixture
def turn(knowledge: KnowledgeBase, faq: FaqIndex) -> Turn:
    return Turn(Conversation(), Heard(IncomingKind.PRESS), World(knowledge, faq), TODAY)


def _open(turn: Turn, name: str) -> Response:
    return _pressed(turn, Action(verb=Verb.OPEN, about=name))


def _pressed(turn: Turn, action: Action) -> Response:
    return pressed(replace(turn, heard=Heard(IncomingKind.PRESS, action=action)), action)


def test_every_guide_can_be_read_part_by_part_with_its_sources(turn: Turn) -> None:
    for guide in turn.world.knowledge.guides.values():
        whole = _open(turn, guide.id)
        assert any(isinstance(part, CitationPart) and part.citations for part in whole.replies[0].parts)
        for section in guide.sections:
            shown = _open(turn, f"{guide.id}#{section.id}").replies[0].plain_text()
            assert section.title in shown
            assert all(item in shown for item in section.items)


def test_a_long_guide_is_a_list_of_its_parts(turn: Turn) -> None:
    message = _open(turn, "guide.targets-history").replies[0]
    assert "过去的情况" in message.plain_text()
    assert [choice.action.verb for choice in message.choices][:7] == [Verb.OPEN] * 7
    assert len(message.plain_text()) < guides.LONGEST


def test_a_guide_that_is_gone_is_said_so(turn: Turn) -> None:
    assert "查得到出处" in _open(turn, "guide.gone").replies[0].plain_text()


@pytest.mark.parametrize(
    ("text", "entry", "asks"),
    [
        ("质押登记要多久，收不收费", "专利质押登记要多久", False),
        ("专利能抵押贷款吗", "专利权人", True),
        ("保险出了事怎么理赔", "马上通知保险公司", False),
        ("想买个专利保险", "最担心", True),
        ("我们能申请什么补贴", "哪个区", True),
        ("知识产权补助什么时候申报", "一般一年一次", False),
        ("费减备案怎么办，每年都要备吗", "按自然年度有效", False),
    ],
)
def test_a_plain_question_is_answered_and_a_wish_is_checked(
    turn: Turn, understanding: Understanding, text: str, entry: str, asks: bool
) -> None:
    heard = Heard(IncomingKind.TEXT, text=text, understood=understanding.understand(text, TODAY))
    response = respond(Conversation(), heard, turn.world, TODAY)
    assert entry in response.replies[0].plain_text()
    assert (response.conversation.goal is not None) is asks
