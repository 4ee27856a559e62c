"""Learning: from words that were not understood to a revision that understands them, and never to a worse one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from nicegui import ui
from nicegui.testing import User

from bot.understanding.evaluate import check_not_trained_on
from bot.understanding.understand import Understanding, Verdict
from desk.relearn import _lost, compare, hold_out
from knowledge.drafts import DraftState
from knowledge.intent_examples import IntentExamples, parse_intent_examples
from knowledge.learned import PATH, with_filed
from knowledge.problems import KnowledgeError
from store.unclear import UnclearState
from tests.unit.desk.conftest import Office, SignIn, press
from tests.unit.desk.newsroom import SHIPPED, Newsroom

TODAY = date(2026, 11, 20)
SAID = "咱这小证儿明年还喂钱不"  # nobody says so in the examples
EXAMPLES = 25


async def see(user: User, text: str) -> None:
    await user.should_see(text)


def teach(root: Path) -> None:
    """Lay out a few shipped examples of every intent: enough to train on, quick to train."""
    (root / "intents").mkdir()
    for path in (SHIPPED / "intents").glob("*.yaml"):
        group = yaml.safe_load(path.read_text(encoding="utf-8"))
        group["examples"] = group["examples"][:EXAMPLES]
        text = yaml.safe_dump(group, allow_unicode=True)
        (root / "intents" / path.name).write_text(text, encoding="utf-8")


@pytest.fixture
def school(bureau: Office) -> Newsroom:
    room = bureau.room
    assert room is not None
    teach(room.root / "knowledge")
    room.open()
    return room


async def note(office: Office, *texts: str) -> None:
    async with office.database.transaction() as tx:
        for text in texts:
            await tx.unclear.note(text, "refuse", [("annuity_fee", 0.41), ("pledge", 0.2)], TODAY)


async def test_one_click_files_a_message_and_another_takes_it_back(
    school: Newsroom, bureau: Office, sign_in: SignIn
) -> None:
    examples = school.editorial.service.content.examples
    assert Understanding.load(examples).understand(SAID, TODAY).verdict is not Verdict.ANSWER
    await note(bureau, SAID)
    editor = await sign_in("lin")
    await editor.open("/unclear")
    await editor.should_see("待归类（1）")
    name = next(group.name for group in examples if group.intent == "annuity_fee")
    editor.find(kind=ui.button, content=f"{name} 41%").click()
    await see(editor, "待归类（0）")
    async with bureau.database.reading() as tx:
        filed = await tx.unclear.in_state(UnclearState.FILED)
    assert [(one.text, one.intent) for one in filed] == [(SAID, "annuity_fee")]
    editor.find(kind=ui.button, content="收回").click()
    await see(editor, "待归类（1）")


async def file_only(office: Office, text: str, intent: str) -> None:
    async with office.database.transaction() as tx:
        for one in await tx.unclear.in_state(UnclearState.OPEN):
            if one.text == text:
                await tx.unclear.file(one.id, intent, office.people["lin"].id, office.now)
            else:
                await tx.unclear.dismiss(one.id, office.people["lin"].id, office.now)


async def test_filed_messages_are_tried_out_and_published_by_a_second_person(
    school: Newsroom, bureau: Office, sign_in: SignIn
) -> None:
    await note(bureau, SAID, "今天天气不错")
    await file_only(bureau, SAID, "annuity_fee")
    editor, approver = await sign_in("lin"), await sign_in("shen")
    await editor.open("/unclear")
    await editor.should_see("已归类、还没发布（1）")
    press(editor, "重新训练并比较")
    await see(editor, "直接答对")
    press(editor, "存为草稿，交另一位同事批准")
    await editor.open("/draft/1")
    await see(editor, "新增1句说法")
    await see(editor, SAID)
    press(editor, "提交审批")
    await see(editor, "待审批")
    await approver.open("/draft/1")
    press(approver, "批准并发布")
    await see(approver, "批准后立即按新内容回答")
    press(approver, "确定批准")
    await see(approver, "已批准并发布为第")
    assert school.editorial.drafts.get(1).state is DraftState.PUBLISHED
    (retrained,) = school.retrained
    understood = retrained.understand(SAID, TODAY)
    assert (understood.intent.value, understood.verdict) == ("annuity_fee", Verdict.ANSWER)
    assert not (school.root / "knowledge" / PATH).exists()  # it lives in the revision
    await editor.open("/unclear")
    await editor.should_see("已归类、还没发布（0）")
    async with bureau.database.reading() as tx:
        assert [one.text for one in await tx.unclear.in_state(UnclearState.PUBLISHED)] == [SAID]


def test_what_is_compared_on_was_trained_on_by_neither(school: Newsroom) -> None:
    examples = parse_intent_examples(school.editorial.service.content.documents)
    kept, rows = hold_out(examples)
    assert sum(len(group.examples) for group in kept) + len(rows) == sum(
        len(group.examples) for group in examples
    )
    assert len(rows) > 100
    assert {intent.value for row in rows for intent in row.intents} == {group.intent for group in examples}
    distinct = [row for row in rows if row.text not in {text for group in kept for text in group.aliases}]
    check_not_trained_on(distinct[:1], kept)


def test_a_harmful_set_is_seen_to_be_worse(school: Newsroom) -> None:
    content = school.editorial.service.content
    _, rows = hold_out(content.examples)
    poison = [
        (f"{row.text}呀{place}", "smalltalk")
        for place, row in enumerate(rows)
        if row.intents.isdisjoint({"smalltalk", "out_of_scope"})
    ]
    compared = compare(content, poison, TODAY)
    assert compared.added == len(poison)
    assert compared.worse
    assert f"新增{len(poison)}句说法" in compared.note()


def test_a_small_shift_of_few_rows_is_chance_and_a_large_one_is_not() -> None:
    assert not _lost(0.788, 0.756, 78)
    assert _lost(0.788, 0.70, 78)
    assert not _lost(0.85, 0.845, 10_000)
    assert _lost(0.85, 0.83, 10_000)
    assert not _lost(0.5, 0.6, 100)


def test_what_contradicts_an_example_is_refused_before_training(school: Newsroom) -> None:
    content = school.editorial.service.content
    group: IntentExamples = next(one for one in content.examples if one.intent == "pledge")
    with pytest.raises(KnowledgeError, match=f"已经是“{group.name}”的例句"):
        compare(content, [(group.examples[0], "customs")], TODAY)


def test_a_message_filed_anew_moves(school: Newsroom) -> None:
    documents = dict(school.editorial.service.content.documents)
    documents[PATH] = with_filed(documents, [(SAID, "pledge"), ("另一句话", "pledge")])
    moved = with_filed(documents, [(SAID, "annuity_fee")])
    assert yaml.safe_load(moved) == {"annuity_fee": [SAID], "pledge": ["另一句话"]}


async def test_only_the_bureau_sees_what_was_not_understood(bureau: Office, sign_in: SignIn) -> None:
    await note(bureau, SAID)
    user = await sign_in("zhou")
    await user.open("/unclear")
    await user.should_see("不能看这个页面")
    await user.should_not_see(SAID)
