"""The rule library shows every kind of document in words, with its sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk import words
from desk.document_prose import in_words
from desk.library import matches
from desk.words import CASE_EVENTS, CASE_STATES, OUTBOX_STATES, TEXTS
from rules.facts import FactDictionary
from rules.yaml_text import read_yaml
from store.asker import Role
from store.case_records import CaseEventKind, CaseState
from store.contact_tasks import WhyNot
from store.records import OutboxState
from tests.unit.desk.conftest import Office, SignIn
from tests.unit.rules.sample_documents import DOCUMENTS, read_document


@pytest.fixture
def facts() -> FactDictionary:
    text = (DOCUMENTS / "facts.yaml").read_text(encoding="utf-8")
    return FactDictionary.parse(read_yaml(text, "facts.yaml").data)


@pytest.mark.parametrize("name", ["pledge-interest.yaml", "size.yaml", "value.yaml"])
def test_every_kind_of_document_is_said_in_words_with_its_sources(name: str, facts: FactDictionary) -> None:
    document = read_document(name)
    prose = in_words(document, facts)
    assert "有效期：" in prose
    assert re.search("〔《.+》", prose)
    for technical in ("Condition(", "Decimal(", "{'", "None"):
        assert technical not in prose


async def test_a_rule_is_read_and_leads_to_a_broadcast(
    office: Office, sign_in: SignIn, facts: FactDictionary
) -> None:
    document = read_document("pledge-interest.yaml")
    office.shelf = {document.id: document}
    office.facts = facts
    await office.hire("lin", Role.EDITOR)
    editor, agency = await sign_in("lin"), await sign_in("zhou")
    await editor.open("/library")
    await editor.should_see(document.title)
    await editor.open(f"/rule/{document.id}")
    await editor.should_see("有效期：")
    await editor.should_see("来源")
    await editor.should_see("用这条规则新建推送")
    await editor.open(f"/broadcast/new?rule={document.id}")
    await editor.should_see("新建推送")
    await agency.open(f"/rule/{document.id}")
    await agency.should_see(document.title)
    await agency.should_not_see("用这条规则新建推送")
    await agency.open("/rule/no-such-rule")
    await agency.should_see("找不到这一条")


def test_rules_are_found_by_any_word_of_their_head() -> None:
    document = read_document("pledge-interest.yaml")
    assert matches(document, "")
    assert matches(document, f"{document.title[:2]} {document.id}")
    assert not matches(document, "没有这样的词")


def test_every_sentence_is_used_and_can_be_said() -> None:
    folder = Path(words.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    built = {f"contacts.why.{why.value}" for why in WhyNot} | {"group.code_group", "group.code_member"}
    built |= {key for key in TEXTS.keys() if key.startswith(("broadcasts.next.", "broadcasts.result."))}  # noqa: SIM118
    assert built <= TEXTS.keys()
    for key in sorted(TEXTS.keys()):
        assert key in built or re.search(f"['\"]{re.escape(key)}['\"]", code), key
        TEXTS.say(key, **dict.fromkeys(TEXTS.places(key), "X"))


def test_every_state_has_a_label() -> None:
    assert set(CASE_STATES) == set(CaseState)
    assert set(CASE_EVENTS) == set(CaseEventKind)
    assert set(OUTBOX_STATES) == set(OutboxState)
