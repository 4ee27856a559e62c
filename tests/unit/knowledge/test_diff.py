"""A change in words: lines, values by their place, and which documents may say something else."""

from __future__ import annotations

from knowledge.diff import Change, affected, fields_changed, lines_changed, prose_changed
from knowledge.loader import build_knowledge
from tests.unit.knowledge.conftest import FACTS, RULE, SHIPPED

LAW = {
    f"{folder}/{path.name}": path.read_text(encoding="utf-8")
    for folder in ("deadlines", "fees", "calendar")
    for path in (SHIPPED / folder).glob("*.yaml")
}
TEXTS = {**LAW, "facts/company.yaml": FACTS, "policies/sample.yaml": RULE}


def test_lines_show_what_went_what_came_and_a_neighbour() -> None:
    lines = lines_changed("甲\n乙\n丙\n丁", "甲\n乙\n丙改\n丁")
    assert [(line.change, line.text) for line in lines] == [
        (Change.SAME, "乙"),
        (Change.REMOVED, "丙"),
        (Change.ADDED, "丙改"),
        (Change.SAME, "丁"),
    ]
    assert lines_changed("甲", "甲") == ()


def test_values_are_named_by_their_place_in_words() -> None:
    changed = RULE.replace('"5000"', '"6000"').replace("fail: 不在甲区", "fail: 登记地不在甲区")
    found = [(one.where, one.before, one.after) for one in fields_changed(RULE, changed)]
    assert ("版本 · 第1项 · 金额 · 公式", "5000", "6000") in found
    assert ("版本 · 第1项 · 条件 · 同时满足 · “属地” · 不通过时说", "不在甲区", "登记地不在甲区") in found
    assert len(found) == 2


def test_an_inserted_item_leaves_its_neighbours_alone() -> None:
    node = "        - {id: 规模, if: \"注册地 != '乙区'\", cite: S1, pass: 行, fail: 不行}\n"
    changed = RULE.replace("      all:\n", "      all:\n" + node)
    places = {one.where for one in fields_changed(RULE, changed)}
    assert all("“规模”" in place for place in places)
    assert len(places) == 5


def test_a_day_that_comes_and_goes() -> None:
    changed = RULE.replace("from: 2026-01-01", "from: 2026-01-01, to: 2027-12-31")
    (one,) = fields_changed(RULE, changed)
    assert (one.where, one.before, one.after) == ("版本 · 第1项 · 有效期 · 止", None, "2027年12月31日")
    assert fields_changed(RULE, "versions: [") == ()


def test_what_may_say_something_else() -> None:
    before = build_knowledge(TEXTS)
    assert affected(before, build_knowledge(TEXTS)) == ()
    commented = build_knowledge({**TEXTS, "policies/sample.yaml": RULE + "# 只是一句注释\n"})
    assert affected(before, commented) == ()
    redefined = build_knowledge({**TEXTS, "facts/company.yaml": FACTS.replace("在哪个区", "登记在哪个区")})
    assert affected(before, redefined) == ("subsidy.sample",)
    raised = build_knowledge({**TEXTS, "policies/sample.yaml": RULE.replace('"5000"', '"6000"')})
    assert affected(before, raised) == ("subsidy.sample",)
    prose = prose_changed(before, raised, "subsidy.sample")
    assert any(line.change is Change.ADDED and "6,000" in line.text for line in prose)
