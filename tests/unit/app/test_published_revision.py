"""The service starts from the last good revision when the folder is broken, and says where it is."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import knowledge
from app.wiring import Minds, open_knowledge
from bot.dialogue.conversation import Conversation
from bot.dialogue.respond import respond
from bot.dialogue.world import Heard, World
from bot.mind import Mind
from knowledge.problems import KnowledgeError
from rules.days import NINGBO
from store.messages import IncomingKind
from tests.trained_model import MODEL

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped content, to be broken."""
    shipped = Path(knowledge.__file__).parent
    root = tmp_path / "knowledge"
    shutil.copytree(shipped, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return root


def said(mind: Mind, text: str) -> str:
    today = NOW.astimezone(NINGBO).date()
    heard = Heard(IncomingKind.TEXT, text, mind.understanding.understand(text, today))
    response = respond(Conversation(), heard, World(mind.knowledge, mind.faq), today)
    return "\n".join(reply.plain_text() for reply in response.replies)


def test_a_restart_with_a_broken_folder_answers_from_the_last_good_revision(
    folder: Path, tmp_path: Path
) -> None:
    revisions = tmp_path / "revisions.json"
    question = "海关备案怎么做"
    good = Minds.of(open_knowledge(folder, revisions, NOW).content, MODEL)()
    answer = said(good, question)
    broken = min((folder / "policies").glob("*.yaml"))
    lines = broken.read_text(encoding="utf-8").splitlines()
    number = next(place for place, line in enumerate(lines, 1) if line.startswith("title:"))
    lines.insert(number - 1, "titel: 写错了字段")
    broken.write_text("\n".join(lines), encoding="utf-8")
    with capture_logs() as logs:
        service = open_knowledge(folder, revisions, NOW)
    again = Minds.of(service.content, MODEL)()
    assert said(again, question) == answer
    assert again.knowledge.hash == good.knowledge.hash
    named = [entry["problem"] for entry in logs if entry["log_level"] == "error"]
    assert len(named) == 1
    assert named[0].startswith(f"policies/{broken.name}:{number}:")
    assert "titel" in named[0]


def test_a_first_start_with_a_broken_folder_fails_with_the_place(folder: Path, tmp_path: Path) -> None:
    broken = next((folder / "intents").glob("*.yaml"))
    broken.write_text("intent: [\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=f"intents/{broken.name}:2"):
        open_knowledge(folder, tmp_path / "revisions.json", NOW)


def test_publishing_switches_answers_at_once(folder: Path, tmp_path: Path) -> None:
    service = open_knowledge(folder, tmp_path / "revisions.json", NOW)
    minds = Minds.of(service.content, MODEL)
    before = minds()
    texts = dict(service.content.documents)
    path = min(name for name in texts if name.startswith("policies/"))
    texts[path] += "# 复核过\n"
    service.publish(texts, "lin", "shen", NOW)
    minds.publish(service.knowledge)
    assert minds().knowledge.hash == service.knowledge.hash != before.knowledge.hash
    assert minds().understanding is before.understanding
