"""Figures are computed right, and never on what was trained on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.understanding.errors import LeakedEvaluationError
from bot.understanding.evaluate import (
    EvaluationFileError,
    Report,
    check_not_trained_on,
    compared,
    evaluate,
    read_labelled,
    rendered,
    retyped,
)
from bot.understanding.perturbation import Perturbation, Typist
from bot.understanding.understand import Understanding
from knowledge.intent_examples import IntentExamples

TODAY = date(2026, 11, 20)
SHARED = Path(__file__).parents[5] / "shared" / "real-questions" / "dev.csv"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_figures(tmp_path: Path, understanding: Understanding) -> None:
    path = written(
        tmp_path,
        "text,intent,slots\n"
        '我那件外观的年费今年得交多少呀,annuity_fee,"{""right_type"": ""外观""}"\n'
        "厨房水管爆了找谁修理呢,out_of_scope,\n"
        "我想拿专利去银行贷一笔款,insurance|pledge,\n"
        "我想拿专利去银行贷一笔款子,customs,\n",
    )
    report = evaluate(understanding, read_labelled(path), TODAY)
    assert (report.rows, report.in_scope) == (4, 3)
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.false_refusals == 0.0
    assert report.out_of_scope_recall == 1.0
    assert report.auroc == 1.0
    assert report.slots_found == (1, 1)
    assert [(right.value, got.value, number) for right, got, number in report.confusion] == [
        ("customs", "pledge", 1)
    ]
    assert "customs → pledge" in rendered(report)


def test_a_trained_text_is_refused(tmp_path: Path, intent_examples: tuple[IntentExamples, ...]) -> None:
    trained = intent_examples[0].examples[0]
    rows = read_labelled(written(tmp_path, f"text,intent\n{trained}？？,out_of_scope\n"))
    with pytest.raises(LeakedEvaluationError):
        check_not_trained_on(rows, intent_examples)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b\n1,2\n", "columns"),
        ("text,intent\n年费,no_such\n", "line 2"),
        ("text,intent,slots\n年费,pledge,[1]\n", "object"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(EvaluationFileError, match=reason):
        read_labelled(written(tmp_path, content))


@pytest.mark.skipif(not SHARED.exists(), reason="the real questions lie beside the project, not in it")
def test_real_questions(understanding: Understanding, intent_examples: tuple[IntentExamples, ...]) -> None:
    rows = read_labelled(SHARED)
    check_not_trained_on(rows, intent_examples)
    report = evaluate(understanding, rows, TODAY)
    assert report.accuracy >= 0.85
    assert report.top_three >= 0.95
    assert report.false_refusals <= 0.05
    assert report.out_of_scope_recall >= 0.85
    typist = Typist(text for group in intent_examples for text in group.examples)
    for how in Perturbation:
        other = evaluate(understanding, retyped(rows, typist.retyped([row.text for row in rows], how)), TODAY)
        assert other.accuracy >= report.accuracy - 0.03, how
        assert other.top_three >= report.top_three - 0.03, how
        assert other.false_refusals <= 0.05, how
        assert other.recall_at_five_percent >= 0.85, how


def test_what_loses_more_than_three_points_is_marked() -> None:
    plain = Report(100, 80, 0.9, 0.9, 0.97, 0.9, 0.01, 0.9, 0.95, 0.99, (0, 0), 1.0, 2.0, ())
    worse = replace(plain, accuracy=0.86, top_three=0.95, false_refusals=0.05)
    table = compared(plain, {"typed badly": worse}).splitlines()
    assert table[1].split()[3:] == ["0.900", "0.970", "0.990", "0.900", "0.950"]
    assert table[2].split()[2:] == ["0.860!", "0.950", "0.950!", "0.900", "0.950"]
