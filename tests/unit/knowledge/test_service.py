"""The service keeps the last good content and says where broken content is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

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
