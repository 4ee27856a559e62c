"""The FAQ as content: every answer is cited, short, dated where the law changes, and free of what may not be said."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.forms import Answer
from knowledge.law_tables import FOLDERS as LAW_FOLDERS
from knowledge.loader import build_knowledge
from rules.citation import Confidence

ROOT = Path(__file__).parents[3] / "knowledge"
DIALOGUE = {"out_of_scope", "smalltalk", "my_deadlines", "add_asset", "human_agent", "settings"}
NEW_TRADEMARK_LAW = date(2027, 1, 1)

BANNED = {
    "a promise": r"保证(?!保险|金)|一定能|肯定能|绝对|稳拿|必胜|百分之百能|包过",
    "a hotline that was only recalled or is out of date": r"(?<![\d,])(?:12345|12315|12312|12330|12360)(?!\d)",
    "a telephone number": r"0574|(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\d,])\d{7,8}(?!\d)",
    "an e-mail or web address": r"@|https?:|www\.",
    "an unwritten place": r"TODO|FIXME|待补|暂缺|xxx|××",
    "a date that is not written out": r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
    "money without thousands separators": r"(?<![\d,])\d{4,}万?元",
    "misplaced thousands separators": r"\d,\d{1,2}(?!\d)|\d,\d{4,}",
    "an article number where the citation belongs": r"第[一二三四五六七八九十百\d]+条",
}


@cache
def knowledge() -> KnowledgeBase:
    """Return a base of the FAQ and the law tables alone: other folders have tests of their own."""
    folders = ("faq", *LAW_FOLDERS)
    return build_knowledge(
        {
            f"{folder}/{path.name}": path.read_text(encoding="utf-8")
            for folder in folders
            for path in sorted((ROOT / folder).glob("*.yaml"))
        }
    )


def answers() -> list[Answer]:
    """Return all answers in a stable order."""
    return [answer for _, answer in sorted(knowledge().faq.items())]


def ids() -> list[str]:
    """Return the names of all answers."""
    return [answer.id for answer in answers()]


@pytest.fixture(params=ids())
def answer(request: pytest.FixtureRequest) -> Answer:
    """Return each answer in turn."""
    return knowledge().faq[request.param]


def keys_of(answer: Answer) -> set[str]:
    titles = {(source.title, source.doc_no): key for key, source in knowledge().sources.items()}
    return {titles[citation.title, citation.doc_no] for citation in answer.citations}


def test_there_are_enough_answers_for_every_intent_that_asks_for_knowledge() -> None:
    intents = {path.stem for path in (ROOT / "intents").glob("*.yaml")} - DIALOGUE
    counted = Counter(answer.intent for answer in answers())
    assert sum(counted.values()) >= 150
    assert {intent: counted[intent] for intent in intents if counted[intent] < 8} == {}
    assert not set(counted) & DIALOGUE


def test_an_answer_is_named_after_its_intent_and_lives_in_its_file(answer: Answer) -> None:
    assert answer.id.partition(".")[0] == answer.intent
    assert f"id: {answer.id}\n" in (ROOT / "faq" / f"{answer.intent}.yaml").read_text(encoding="utf-8")


def test_an_answer_is_cited_and_short_enough_to_read_on_a_phone(answer: Answer) -> None:
    assert answer.citations
    assert 60 <= len(answer.text) <= 260
    assert "\n" not in answer.text
    assert answer.text.endswith("。")


def test_an_answer_can_be_found_by_several_ways_to_ask(answer: Answer) -> None:
    assert answer.question.endswith("？")
    assert 2 <= len(answer.aliases) <= 6
    assert len({answer.question, *answer.aliases}) == len(answer.aliases) + 1


@pytest.mark.parametrize("what", BANNED)
def test_nothing_that_may_not_be_said_is_said(what: str) -> None:
    pattern = re.compile(BANNED[what])
    said = {
        answer.id: found.group()
        for answer in answers()
        for text in (answer.text, answer.question, *answer.aliases)
        if (found := pattern.search(text))
    }
    assert said == {}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a promise", "我们保证授权"),
        ("a hotline that was only recalled or is out of date", "请打12330"),
        ("a telephone number", "电话55330646"),
        ("a date that is not written out", "到2026-12-31为止"),
        ("money without thousands separators", "年费1200元"),
        ("misplaced thousands separators", "年费12,00元"),
    ],
)
def test_the_ban_bites(what: str, text: str) -> None:
    assert re.search(BANNED[what], text)


def test_the_ban_spares_names_of_products_and_right_amounts() -> None:
    text = "质押融资保证保险，担保金之外交1,200元，最多3,000万元，2027年1月1日起"
    assert not [what for what, pattern in BANNED.items() if re.search(pattern, text)]


def test_answers_to_one_question_follow_each_other_day_by_day() -> None:
    same: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers():
        same[answer.question].append(answer)
    versions = {question: found for question, found in same.items() if len(found) > 1}
    assert versions
    for question, found in versions.items():
        assert len({answer.intent for answer in found}) == 1, question
        ordered = sorted(found, key=lambda answer: answer.valid.start or date.min)
        assert ordered[0].valid.start is None, question
        assert ordered[-1].valid.end is None, question
        for before, after in pairwise(ordered):
            assert before.valid.end is not None, question
            assert after.valid.start == before.valid.end + timedelta(days=1), question


def test_an_answer_from_one_trademark_law_ends_or_begins_with_it() -> None:
    for answer in answers():
        keys = keys_of(answer)
        if "TM19" in keys and "TM26" not in keys:
            assert answer.valid.end == NEW_TRADEMARK_LAW - timedelta(days=1), answer.id
        if "TM26" in keys and "TM19" not in keys:
            assert answer.valid.start == NEW_TRADEMARK_LAW, answer.id


@pytest.mark.parametrize(
    ("today", "period"), [(date(2026, 12, 31), "之日起3个月内"), (date(2027, 1, 1), "之日起2个月内")]
)
def test_the_time_to_oppose_a_mark_changes_with_the_new_law(today: date, period: str) -> None:
    question = "别人申请的商标和我的近似，怎么异议？"
    found = [answer for answer in answers() if answer.question == question and answer.valid.holds(today)]
    assert len(found) == 1
    assert period in found[0].text


def test_a_way_to_ask_leads_to_one_question_only() -> None:
    leads: dict[str, set[str]] = defaultdict(set)
    for answer in answers():
        for words in (answer.question, *answer.aliases):
            leads[words].add(answer.question)
    assert {words: questions for words, questions in leads.items() if len(questions) > 1} == {}


def test_confidence_is_never_better_than_the_weakest_source() -> None:
    order = list(Confidence)
    for answer in answers():
        weakest = max(order.index(citation.confidence) for citation in answer.citations)
        assert order.index(answer.confidence) >= weakest, answer.id


def test_every_registered_source_is_dated_and_titled() -> None:
    sources = knowledge().sources
    assert {key for key, source in sources.items() if source.fetched is None} == set()
    named = Counter((source.title, source.doc_no) for source in sources.values())
    assert [name for name, count in named.items() if count > 1] == []


def test_what_an_answer_points_to_exists() -> None:
    documents = {
        found.group(1)
        for path in ROOT.glob("*/*.yaml")
        if (found := re.search(r"^id: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE))
    }
    known = documents | set(knowledge().law.kinds)
    assert {answer.id: answer.see for answer in answers() if not set(answer.see) <= known} == {}


def test_an_answer_that_does_not_know_says_whom_to_ask() -> None:
    unknown = ("没有查到", "没有收录", "没有核", "没有读到")
    asks = re.compile(
        r"请[^。；]*(?:问|核|看|以|告诉)|[问看]清|向[^。；]+(?:问|核实)|告诉我|按2个月准备|先别只靠"
    )
    unsure = [answer for answer in answers() if any(words in answer.text for words in unknown)]
    assert len(unsure) >= 20
    assert [answer.id for answer in unsure if not asks.search(answer.text)] == []
