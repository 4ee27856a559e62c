"""The next question decides most for its cost, is never asked twice, and can always say why."""

from __future__ import annotations

from datetime import date

from rules.assess import Status, assess
from rules.facts import Facts
from rules.questions import next_question
from tests.unit.rules.sample_documents import read_document
from tests.unit.rules.test_scores import DICTIONARY as SCORE_FACTS
from tests.unit.rules.test_tables import DICTIONARY as TABLE_FACTS

DAY = date(2026, 11, 20)


def _answers(sample, dictionary, index=0):
    return dictionary.facts(sample.tests[index].facts)


def test_asks_until_the_goal_is_decided_and_then_stops(sample, dictionary):
    answers, facts, asked = _answers(sample, dictionary), Facts(), []
    while question := next_question([sample], facts, DAY, dictionary):
        asked.append(question.fact)
        facts = facts.with_fact(question.fact, answers[question.fact])
    result = assess(sample, facts, DAY, dictionary)
    assert (result.status, result.amount) == (Status.ELIGIBLE, 6_000_000)
    assert len(asked) == len(set(asked)) == 7
    assert "贷款本金" not in asked  # the interest is so low that neither cap is reached
    assert asked[-1] == "实付利息"


def test_one_failing_answer_ends_it(sample, dictionary):
    facts = dictionary.facts({"注册地": "外地"})
    assert next_question([sample], facts, DAY, dictionary) is None


def test_cost_and_chance_decide(sample, dictionary):
    first = next_question([sample], Facts(), DAY, dictionary)
    assert first.fact == "经营异常"  # a half chance to decide, and cheap
    prior = {"经营异常": [False] * 98 + [True], "注册地": ["外地"] * 60 + ["示例市甲区"] * 40}
    assert next_question([sample], Facts(), DAY, dictionary, prior).fact == "注册地"


def test_declined_is_never_asked_again(sample, dictionary):
    facts = Facts()
    for _ in range(20):
        question = next_question([sample], facts, DAY, dictionary)
        if question is None:
            break
        assert facts.state(question.fact).value == "not_asked"
        facts = facts.declined(question.fact)
    assert next_question([sample], facts, DAY, dictionary) is None


def test_the_reason_names_the_condition_and_its_article(sample, dictionary):
    question = next_question([sample], Facts(), DAY, dictionary)
    assert question.text == dictionary["经营异常"].ask
    assert question.reasons[0].node == "信用"
    assert "第四条" in question.why


def test_outside_the_window_nothing_is_asked(sample, dictionary):
    assert next_question([sample], Facts(), date(2026, 6, 1), dictionary) is None


def test_tables_and_scores_ask_too():
    table, form = read_document("size.yaml"), read_document("value.yaml")
    assert next_question([table], Facts(), DAY, TABLE_FACTS).fact == "行业"
    facts = TABLE_FACTS.facts({"行业": "工业"})
    assert next_question([table], facts, DAY, TABLE_FACTS).fact == "人数"
    assert next_question([table], facts.with_value("人数", 5), DAY, TABLE_FACTS) is None
    assert next_question([form], Facts(), DAY, SCORE_FACTS).fact == "先进分"
