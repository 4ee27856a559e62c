"""Drafts: one person writes, another approves; any edit voids what was seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.drafts import (
    DraftChangedError,
    DraftClosedError,
    Drafts,
    DraftState,
    DraftTakenError,
    NotSubmittedError,
    OwnDraftError,
    UnknownDraftError,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
FILE = "policies/a.yaml"


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts.json")


def test_a_draft_is_kept_and_found_again(drafts: Drafts, tmp_path: Path) -> None:
    made = drafts.begin(FILE, "旧", "新", "lin", NOW, "补贴")
    again = Drafts(tmp_path / "drafts.json")
    assert again.get(made.number) == made
    assert again.of_path(FILE) == made
    assert again.of_path("policies/b.yaml") is None
    with pytest.raises(UnknownDraftError):
        again.get(2)


def test_an_edit_voids_the_submission_and_what_was_seen(drafts: Drafts) -> None:
    made = drafts.begin(FILE, "旧", "新", "lin", NOW)
    waiting = drafts.submit(made.number, made.fingerprint, NOW)
    seen = drafts.approvable(made.number, waiting.fingerprint, "shen").fingerprint
    edited = drafts.edit(made.number, seen, "更新", "lin", LATER)
    assert edited.state is DraftState.DRAFT
    with pytest.raises(NotSubmittedError):
        drafts.approvable(made.number, seen, "shen")
    drafts.submit(made.number, edited.fingerprint, LATER)
    with pytest.raises(DraftChangedError):
        drafts.approvable(made.number, seen, "shen")
    with pytest.raises(DraftChangedError):
        drafts.edit(made.number, seen, "从旧页面保存", "lin", LATER)


def test_whoever_wrote_in_it_does_not_approve_it(drafts: Drafts) -> None:
    made = drafts.begin(FILE, None, "新", "lin", NOW)
    touched = drafts.edit(made.number, made.fingerprint, "审批人改了一个字", "shen", NOW)
    touched = drafts.edit(made.number, touched.fingerprint, "再改", "lin", NOW)
    assert (touched.author, touched.authors) == ("lin", ("shen", "lin"))
    drafts.submit(made.number, touched.fingerprint, NOW)
    for login in ("lin", "shen"):
        with pytest.raises(OwnDraftError):
            drafts.approvable(made.number, touched.fingerprint, login)
    assert drafts.approvable(made.number, touched.fingerprint, "wu").number == made.number


def test_a_published_or_discarded_draft_is_closed(drafts: Drafts) -> None:
    first = drafts.begin(FILE, "旧", "新", "lin", NOW)
    drafts.submit(first.number, first.fingerprint, NOW)
    done = drafts.published(first.number, "shen", "abc", LATER)
    assert (done.state, done.approver, done.revision) == (DraftState.PUBLISHED, "shen", "abc")
    second = drafts.begin(FILE, "旧", "新", "lin", LATER)
    assert second.number == 2
    drafts.discard(second.number, LATER)
    for number in (1, 2):
        with pytest.raises(DraftClosedError):
            drafts.discard(number, LATER)
    assert drafts.of_path(FILE) is None
    assert [one.number for one in drafts.all()] == [2, 1]


def test_a_rejected_draft_goes_back_with_a_remark(drafts: Drafts) -> None:
    made = drafts.begin(FILE, "旧", "新", "lin", NOW)
    with pytest.raises(NotSubmittedError):
        drafts.reject(made.number, "shen", "没有提交", NOW)
    drafts.submit(made.number, made.fingerprint, NOW)
    back = drafts.reject(made.number, "shen", "请写明依据", LATER)
    assert (back.state, back.remark) == (DraftState.DRAFT, "请写明依据")
    assert drafts.submit(made.number, back.fingerprint, LATER).remark == ""


def test_a_file_has_one_open_draft(drafts: Drafts) -> None:
    made = drafts.begin(FILE, "旧", "新", "lin", NOW)
    with pytest.raises(DraftTakenError) as refused:
        drafts.begin(FILE, "旧", "另一个新", "wu", LATER)
    assert "同事已经为这份文件存了一份草稿" in refused.value.zh
    assert drafts.begin("other.yaml", "旧", "新", "wu", LATER).number == made.number + 1
    drafts.discard(made.number, LATER)
    assert drafts.begin(FILE, "旧", "另一个新", "wu", LATER).open
