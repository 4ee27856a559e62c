"""Weighted scores: exact totals, bounds while facts are missing, grades as soon as they are sure."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from rules.checks import check_document
from rules.document import parse_document
from rules.errors import DocumentError, RulesError
from rules.facts import FactDictionary
from rules.scores import ScoreStatus, score
from rules.selftest import run_tests
from tests.unit.rules.sample_documents import DOCUMENTS, read_document

POINTS = {"type": "number", "min": 0, "max": 10, "ask": "几分？"}
DICTIONARY = FactDictionary.parse(
    {"稳定分": POINTS, "先进分": POINTS, "剩余年限": {"type": "int", "unit": "年", "ask": "还剩几年？"}}
)
FORM = read_document("value.yaml")
TEXT = (DOCUMENTS / "value.yaml").read_text(encoding="utf-8")


def test_the_sample_score_is_clean_and_its_tests_pass():
    assert run_tests(FORM, DICTIONARY) == []
    assert [str(item) for item in check_document(FORM, DICTIONARY)] == []


def test_each_dimension_is_an_axis_with_its_indicators_and_articles():
    facts = DICTIONARY.facts({"稳定分": 8, "剩余年限": 12, "先进分": 9})
    result = score(FORM, facts, date(2026, 1, 1), DICTIONARY, "质押")
    assert result.total == Fraction("88.4")
    assert [(axis.title, axis.points) for axis in result.dimensions] == [
        ("法律价值度", 88),
        ("技术价值度", 90),
    ]
    assert result.dimensions[0].indicators[1].points == 10
    assert {citation.article for citation in result.citations} == {"", "表1", "表2", "分级"}


def test_the_grade_is_given_only_when_the_bounds_allow_one():
    facts = DICTIONARY.facts({"稳定分": 10, "先进分": 10})
    result = score(FORM, facts, date(2026, 1, 1), DICTIONARY)
    assert result.total_range == (84, 100)
    assert result.level.id == "高"
    unsure = score(FORM, DICTIONARY.facts({"稳定分": 9, "先进分": 9}), date(2026, 1, 1), DICTIONARY)
    assert unsure.level is None


def test_a_declined_indicator_leaves_bounds():
    facts = DICTIONARY.facts({"稳定分": 10, "剩余年限": 10}).declined("先进分")
    result = score(FORM, facts, date(2026, 1, 1), DICTIONARY)
    assert (result.status, result.declined, result.askable) == (ScoreStatus.UNKNOWN, ("先进分",), ())


def test_an_unknown_purpose_is_an_error_and_time_counts():
    with pytest.raises(RulesError):
        score(FORM, DICTIONARY.facts({}), date(2026, 1, 1), DICTIONARY, "收藏")
    assert score(FORM, DICTIONARY.facts({}), date(2019, 1, 1), DICTIONARY).status is ScoreStatus.NOT_YET


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("weight: 0.6", "weight: 0.5"),
        ("法律: 0.8, 技术: 0.2", "法律: 0.8, 技术: 0.3"),
        ("法律: 0.8, 技术: 0.2", "法律: 1"),
        ("from: 80", "from: 0"),
        ("{else: true, then: 2, cite: S1#表1}", "{if: '剩余年限 > 1', then: 2, cite: S1#表1}"),
        ("id: 有效期", "id: 稳定性"),
    ],
)
def test_weights_that_do_not_add_up_are_refused(written, changed):
    assert written in TEXT
    with pytest.raises(DocumentError):
        parse_document(TEXT.replace(written, changed, 1), "x")
