"""Which act a message names, narrower ones before wider ones, patents apart from marks."""

from __future__ import annotations

import pytest

from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.topics.acts_named import OF_DAY, OF_MARK_OFFICE, OF_PATENT_OFFICE, acts_of_office
from knowledge.base import KnowledgeBase


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("专利权终止通知书10月12日发的", "restore"),
        ("视为放弃取得专利权通知书", "restore"),
        ("办理登记手续通知书", "registration"),
        ("二通", "oa_next"),
        ("收到复审通知书", "reexam_notice"),
        ("复审决定下来了想起诉", "court_review"),
        ("驳回决定收到了", "reexam_request"),
        ("商标补正", "tm_correction"),
        ("收到异议答辩通知", "tm_opposition_answer"),
        ("商标驳回通知", "tm_refusal_review"),
        ("公告的牌子还能异议吗", "tm_opposition"),
        ("撤三的通知来了", "tm_nonuse_evidence"),
        ("实审费还没交", "exam_request"),
        ("进国家阶段", "pct_entry"),
        ("想上诉", "appeal"),
        ("海关通知我们扣了一批货", "customs_ex_officio"),
        ("什么时候交年费", None),
        ("专利授权以后能用多久", None),
    ],
)
def test_the_act_that_is_named(text: str, kind: str | None) -> None:
    acts = (*acts_of_office(text), *OF_DAY)
    assert next((named for named, words in acts if words.search(text)), None) == kind


def test_every_act_is_a_kind_of_the_law_tables(knowledge: KnowledgeBase) -> None:
    known = kinds_by_id(knowledge.law)
    assert {named for named, _ in (*OF_PATENT_OFFICE, *OF_MARK_OFFICE, *OF_DAY)} <= known.keys()


@pytest.mark.parametrize(
    "text",
    ["优势企业复审", "托管合同终止通知", "专利质押登记通知书", "代理协议终止书"],
)
def test_what_only_sounds_like_a_paper(text: str) -> None:
    assert not any(words.search(text) for _, words in OF_PATENT_OFFICE)
