"""The service keeps the last good content and says where broken content is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from knowledge.learned import PATH, with_filed
from knowledge.problems import KnowledgeError
from knowledge.revisions import Revisions
from knowledge.service import KnowledgeService
from rules.assess import assess

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def break_rule(folder: Path) -> None:
    path = folder / "policies" / "sample.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("cite: S1#第一条", "cite: S9#第一条"), encoding="utf-8"
    )


def test_a_broken_folder_keeps_the_last_good_and_names_file_line_and_field(folder: Path) -> None:
    service = KnowledgeService(folder)
    good = service.start(NOW)
    break_rule(folder)
    result = service.reload(NOW)
    assert service.knowledge is good
    assert result.knowledge is good
    assert not result.changed
    (problem,) = result.problems
    assert (problem.file, problem.line) == ("policies/sample.yaml", 13)
    assert problem.field.endswith("cite")
    assert "S9" in problem.message
    assert service.problems == result.problems


def test_a_mended_folder_is_used_again(folder: Path) -> None:
    service = KnowledgeService(folder)
    service.start(NOW)
    path = folder / "policies" / "sample.yaml"
    text = path.read_text(encoding="utf-8")
    break_rule(folder)
    service.reload(NOW)
    path.write_text(text.replace("5000", "6000"), encoding="utf-8")
    result = service.reload(NOW)
    assert result.changed
    assert service.problems == ()
    rule = service.knowledge.rules["subsidy.sample"]
    facts = service.knowledge.facts.facts({"注册地": "甲区"})
    assert assess(rule, facts, date(2026, 11, 20), service.knowledge.facts).amount == 600_000


def test_a_broken_folder_at_start_falls_back_on_the_published_revision(folder: Path, tmp_path: Path) -> None:
    revisions = Revisions(tmp_path / "revisions.json")
    good = KnowledgeService(folder, revisions).start(NOW)
    break_rule(folder)
    service = KnowledgeService(folder, Revisions(tmp_path / "revisions.json"))
    assert service.start(NOW).hash == good.hash
    assert service.problems[0].file == "policies/sample.yaml"


def test_a_broken_folder_with_nothing_published_is_an_error(folder: Path) -> None:
    break_rule(folder)
    with pytest.raises(KnowledgeError, match=r"policies/sample\.yaml:13"):
        KnowledgeService(folder).start(NOW)


def test_an_old_revision_can_be_replayed(folder: Path, tmp_path: Path) -> None:
    service = KnowledgeService(folder, Revisions(tmp_path / "revisions.json"))
    old = service.start(NOW).hash
    path = folder / "policies" / "sample.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("5000", "6000"), encoding="utf-8")
    assert service.reload(NOW).changed
    replayed = service.at(old)
    facts = replayed.facts.facts({"注册地": "甲区"})
    assert (
        assess(replayed.rules["subsidy.sample"], facts, date(2026, 11, 20), replayed.facts).amount == 500_000
    )


def test_an_edited_document_is_published_only_when_it_loads(folder: Path, tmp_path: Path) -> None:
    revisions = Revisions(tmp_path / "revisions.json")
    service = KnowledgeService(folder, revisions)
    service.start(NOW)
    first = revisions.current()
    assert first is not None
    broken = {**first.documents, "policies/sample.yaml": "schema: rules/1\nid: x\n"}
    with pytest.raises(KnowledgeError):
        service.publish(broken, "小林", "老沈", NOW)
    edited = {name: text.replace("5000", "7000") for name, text in first.documents.items()}
    made = service.publish(edited, "小林", "老沈", NOW, "提高标准")
    assert service.knowledge.hash == made.hash == revisions.history()[0].hash


def published(folder: Path, tmp_path: Path) -> KnowledgeService:
    service = KnowledgeService(folder, Revisions(tmp_path / "revisions.json"))
    service.start(NOW)
    return service


def amount(service: KnowledgeService) -> int | None:
    knowledge = service.knowledge
    facts = knowledge.facts.facts({"注册地": "甲区"})
    return assess(knowledge.rules["subsidy.sample"], facts, date(2026, 11, 20), knowledge.facts).amount


def edit(folder: Path, old: str, new: str, name: str = "policies/sample.yaml") -> None:
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def desk_edit(service: KnowledgeService, old: str, new: str) -> None:
    texts = {name: text.replace(old, new) for name, text in service.content.documents.items()}
    service.publish(texts, "lin", "shen", NOW, "改标准")


def test_what_was_published_at_the_desk_survives_a_restart(folder: Path, tmp_path: Path) -> None:
    desk_edit(published(folder, tmp_path), "5000", "7000")
    again = published(folder, tmp_path)
    assert amount(again) == 700_000
    assert [one.number for one in again.revisions.history()] == [2, 1]


def test_a_changed_folder_at_start_becomes_a_revision(folder: Path, tmp_path: Path) -> None:
    published(folder, tmp_path)
    edit(folder, "5000", "6000")
    again = published(folder, tmp_path)
    assert amount(again) == 600_000
    assert again.revisions.history()[0].number == 2


def test_an_update_keeps_what_the_desk_changed_and_takes_the_rest(folder: Path, tmp_path: Path) -> None:
    desk_edit(published(folder, tmp_path), "5000", "7000")
    edit(folder, "5000", "6000")
    edit(folder, "在哪个区", "在宁波哪个区", "facts/company.yaml")
    again = published(folder, tmp_path)
    assert amount(again) == 700_000
    assert again.knowledge.facts["注册地"].ask == "在宁波哪个区？"
    assert again.clashes == ("policies/sample.yaml",)
    later = published(folder, tmp_path)
    assert later.clashes == ()
    assert amount(later) == 700_000
    assert later.revisions.history()[0].number == 3


def test_a_rollback_is_a_revision_with_two_people_behind_it(folder: Path, tmp_path: Path) -> None:
    service = published(folder, tmp_path)
    desk_edit(service, "5000", "7000")
    made = service.rollback(1, "shen", NOW)
    assert amount(service) == 500_000
    assert (made.number, made.author, made.approver, made.note) == (3, "shen", "system", "回退到第1版")
    made = service.rollback(2, "shen", NOW)
    assert (made.author, made.approver) == ("shen", "lin")
    assert amount(published(folder, tmp_path)) == 700_000


def test_messages_filed_at_the_desk_are_examples_of_the_revision(folder: Path, tmp_path: Path) -> None:
    (folder / "intents").mkdir()
    example = "intent: subsidy\nname: 补贴\ncovers: grants\nexamples: [有补贴吗]\n"
    (folder / "intents" / "subsidy.yaml").write_text(example, encoding="utf-8")
    service = published(folder, tmp_path)
    before = service.knowledge.hash
    texts = dict(service.content.documents)
    texts[PATH] = with_filed(texts, [("【日期】前还能报不", "subsidy")])
    service.publish(texts, "lin", "shen", NOW)
    again = published(folder, tmp_path)
    assert again.content.examples[0].examples == ("有补贴吗", "2025年3月1日前还能报不")
    assert again.knowledge.hash != before
    texts[PATH] = with_filed(texts, [("有补贴吗", "pledge")])
    with pytest.raises(KnowledgeError, match="没有“pledge”这个意图"):
        service.publish(texts, "lin", "shen", NOW)


def test_broken_examples_are_named_too(folder: Path, tmp_path: Path) -> None:
    (folder / "intents").mkdir()
    published(folder, tmp_path)
    (folder / "intents" / "subsidy.yaml").write_text("intent: subsidy\nname: [\n", encoding="utf-8")
    again = published(folder, tmp_path)
    assert amount(again) == 500_000
    assert again.problems[0].file == "intents/subsidy.yaml"
    assert again.problems[0].line == 3
