"""From a draft to a revision, and back: nothing unsound, nothing by one person, nothing over somebody else's change."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from desk.editorial import HasProblemsError
from desk.impact import ABSENT, impact
from knowledge.drafts import (
    Draft,
    DraftConflictError,
    DraftState,
    NothingChangedError,
    OwnDraftError,
)
from store.records import StoredFact
from tests.unit.desk.newsroom import FILE, NOW, RULE_ID, TABLE, TABLE_FILE, Newsroom, newsroom
from tests.unit.knowledge.conftest import RULE

TODAY = date(2026, 11, 20)
RAISED = RULE.replace("5000", "6000")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    return newsroom(tmp_path)


def submitted(room: Newsroom, text: str = RAISED, author: str = "lin") -> Draft:
    published = room.editorial.service.content.documents.get(FILE)
    draft = room.editorial.drafts.begin(FILE, published, text, author, NOW)
    return room.editorial.submit(draft.number, draft.fingerprint, NOW, TODAY)


def test_a_second_person_publishes_and_the_service_answers_from_it_at_once(room: Newsroom) -> None:
    draft = submitted(room)
    with pytest.raises(OwnDraftError):
        room.editorial.approve(draft.number, draft.fingerprint, "lin", NOW, TODAY)
    revision = room.editorial.approve(draft.number, draft.fingerprint, "shen", NOW, TODAY)
    assert (revision.number, revision.author, revision.approver) == (2, "lin", "shen")
    assert room.answers_from == [room.editorial.service.knowledge]
    assert room.answers_from[0].hash == revision.hash
    assert room.retrained == []
    assert room.editorial.drafts.get(draft.number).state is DraftState.PUBLISHED
    room.open()
    assert room.editorial.service.knowledge.hash == revision.hash


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (RULE.replace("    require:", "   require:"), 11, "YAML"),
        (RULE.replace("注册地 ==", "注册处 =="), 13, "注册处"),
        (RULE.replace("amount: 5000", "amount: 4000"), 16, "应为 4000，得到 5000"),
        (RULE.replace("  - {name: 未知", "  # - {name: 未知"), 13, "没有未知的测试"),
        (RULE.replace("id: subsidy.sample", "id: route.sample"), 2, "已经用了"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_not_submitted(
    room: Newsroom, text: str, line: int, said: str
) -> None:
    checked = room.editorial.check(FILE, text)
    assert not checked.sound
    assert any(problem.file == FILE and problem.line == line and said in problem.message
               for problem in checked.problems), checked.problems  # fmt: skip
    draft = room.editorial.drafts.begin(FILE, RULE, text, "lin", NOW)
    with pytest.raises(HasProblemsError):
        room.editorial.submit(draft.number, draft.fingerprint, NOW, TODAY)


def test_a_fact_that_other_documents_use_is_not_taken_away(room: Newsroom) -> None:
    checked = room.editorial.check(
        "facts/company.yaml", "注册地: {type: enum, values: [甲区], ask: 在哪？}\n"
    )
    assert {problem.file for problem in checked.problems} == {FILE, TABLE_FILE}


def test_nothing_changed_is_nothing_to_submit(room: Newsroom) -> None:
    with pytest.raises(NothingChangedError):
        submitted(room, RULE)


def test_a_draft_on_what_was_rolled_back_since_is_refused(room: Newsroom) -> None:
    first = submitted(room)
    room.editorial.approve(first.number, first.fingerprint, "shen", NOW, TODAY)
    second = submitted(room, RULE.replace("5000", "6500").replace("6000", "6500"))
    room.editorial.rollback(1, "shen", NOW)
    with pytest.raises(DraftConflictError):
        room.editorial.approve(second.number, second.fingerprint, "shen", NOW, TODAY)
    assert room.editorial.service.content.documents[FILE] == RULE


def test_killed_between_revision_and_draft_the_step_is_finished_later(room: Newsroom) -> None:
    draft = submitted(room)
    texts = {**room.editorial.service.content.documents, FILE: RAISED}
    room.editorial.service.publish(texts, "lin", "shen", NOW)
    revision = room.editorial.approve(draft.number, draft.fingerprint, "shen", NOW, TODAY)
    assert revision.number == 2
    assert room.editorial.drafts.get(draft.number).revision == revision.hash


def test_a_rollback_answers_from_the_older_one_at_once(room: Newsroom) -> None:
    first = room.editorial.service.knowledge.hash
    draft = submitted(room)
    room.editorial.approve(draft.number, draft.fingerprint, "shen", NOW, TODAY)
    made = room.editorial.rollback(1, "shen", NOW + timedelta(hours=1))
    assert (made.number, made.hash) == (3, first)
    assert room.answers_from[-1].hash == first


def company(**values: object) -> list[StoredFact]:
    return [
        StoredFact(name=name, state="value", value=value, source="企业", day=TODAY)
        for name, value in values.items()
    ]


KNOWN = {
    1: company(注册地="甲区", 人数=10),
    2: company(注册地="乙区", 人数=10),
    3: company(人数=30),
}


def moves(room: Newsroom, path: str, text: str, name: str) -> dict[tuple[str, str], tuple[int, ...]]:
    checked = room.editorial.check(path, text)
    assert checked.content is not None
    assert checked.affected == (name,)
    (moved,) = impact(
        checked.before.knowledge, checked.content.knowledge, checked.affected, [1, 2, 3], KNOWN, TODAY
    )
    assert moved.counted == 3
    return dict(moved.companies)


def test_who_moves_when_a_condition_changes(room: Newsroom) -> None:
    text = RULE.replace("'甲区'\"", "'乙区'\"")
    assert moves(room, FILE, text, RULE_ID) == {("符合", "不符合"): (1,), ("不符合", "符合"): (2,)}


def test_who_moves_when_only_the_amount_changes(room: Newsroom) -> None:
    assert moves(room, FILE, RAISED, RULE_ID) == {("符合", "符合，金额有变"): (1,)}


def test_who_moves_when_a_rule_ends_or_waits_for_its_window(room: Newsroom) -> None:
    ended = RULE.replace("from: 2026-01-01,", "from: 2025-01-01, to: 2025-12-31,")
    assert moves(room, FILE, ended, RULE_ID) == {
        ("不符合", "不在有效期"): (2,),
        ("可能符合", "不在有效期"): (3,),
        ("符合", "不在有效期"): (1,),
    }
    window = "    windows: [{name: 明年, from: 2027-03-01, to: 2027-04-01, cite: S1}]\n    require:\n"
    waits = RULE.replace("    require:\n", window)
    assert moves(room, FILE, waits, RULE_ID) == {
        ("可能符合", "可能符合，窗口未开"): (3,),
        ("符合", "符合，窗口未开"): (1,),
    }


def test_a_new_rule_moves_everybody_from_no_rule(room: Newsroom) -> None:
    text = RULE.replace("subsidy.sample", "subsidy.other")
    assert moves(room, "policies/other.yaml", text, "subsidy.other")[ABSENT, "符合"] == (1,)


def test_who_moves_in_a_table_is_told_without_their_facts(room: Newsroom) -> None:
    text = TABLE.replace('"< 20"', '"< 5"').replace('">= 20"', '">= 5"')
    assert moves(room, TABLE_FILE, text, "route.sample") == {("有结论", "有结论，内容有变"): (1,)}
