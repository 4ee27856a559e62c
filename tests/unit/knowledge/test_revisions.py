"""Revisions: published once, found again by hash, rolled back, never approved by their author."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.revisions import (
    SYSTEM,
    Change,
    Revisions,
    SamePersonError,
    UnknownRevisionError,
    difference,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FIRST = {"policies/a.yaml": "甲", "policies/b.yaml": "乙"}
SECOND = {"policies/a.yaml": "甲改", "policies/b.yaml": "乙", "policies/c.yaml": "丙"}


@pytest.fixture
def revisions(tmp_path: Path) -> Revisions:
    return Revisions(tmp_path / "revisions.json")


def test_nothing_is_published_at_first(revisions: Revisions) -> None:
    assert revisions.current() is None
    assert revisions.history() == ()


def test_a_published_revision_is_current_and_found_by_its_hash(revisions: Revisions) -> None:
    made = revisions.publish(FIRST, "小林", "老沈", NOW, "第一版")
    assert (made.number, made.author, made.approver, made.published) == (1, "小林", "老沈", NOW)
    assert revisions.current() == made
    assert revisions.get(made.hash).documents == FIRST


def test_publishing_what_is_current_adds_no_revision(revisions: Revisions) -> None:
    first = revisions.publish(FIRST, SYSTEM, SYSTEM, NOW)
    again = revisions.publish(dict(reversed(FIRST.items())), SYSTEM, SYSTEM, NOW + timedelta(days=1))
    assert again == first
    assert len(revisions.history()) == 1


def test_nobody_approves_their_own_revision(revisions: Revisions) -> None:
    with pytest.raises(SamePersonError):
        revisions.publish(FIRST, "小林", "小林", NOW)
    assert revisions.current() is None


def test_rollback_publishes_the_old_documents_as_the_newest_revision(revisions: Revisions) -> None:
    first = revisions.publish(FIRST, SYSTEM, SYSTEM, NOW)
    second = revisions.publish(SECOND, "小林", "老沈", NOW)
    back = revisions.rollback(first.hash, "老沈", "小林", NOW + timedelta(hours=1))
    assert back.hash == first.hash
    assert back.documents == FIRST
    assert [revision.number for revision in revisions.history()] == [3, 2, 1]
    assert revisions.get(second.hash).documents == SECOND


def test_an_unknown_revision_is_refused(revisions: Revisions) -> None:
    with pytest.raises(UnknownRevisionError, match="0000"):
        revisions.get("0000")


def test_a_text_shared_by_revisions_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "revisions.json"
    revisions = Revisions(path)
    long = "长" * 50_000
    for number in range(10):
        revisions.publish({"policies/a.yaml": long, "policies/b.yaml": str(number)}, "小林", "老沈", NOW)
    assert path.stat().st_size < 3 * len(long.encode())


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    made = Revisions(tmp_path / "r.json").publish(FIRST, SYSTEM, SYSTEM, NOW)
    assert Revisions(tmp_path / "r.json").current() == made


def test_the_difference_names_documents() -> None:
    assert difference(FIRST, SECOND) == Change(("policies/c.yaml",), (), ("policies/a.yaml",))
    assert difference(SECOND, FIRST) == Change((), ("policies/c.yaml",), ("policies/a.yaml",))
