"""`zhituo knowledge`: what it prints and how it exits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_knowledge import SHIPPED, app

RUN = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped content that may be broken."""
    copy = tmp_path / "knowledge"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def test_shipped_content_is_clean_and_counted() -> None:
    result = RUN.invoke(app, ["check", "--today", "2026-11-20"])
    assert result.exit_code == 0, result.output
    assert "没有发现问题" in result.output
    assert "规则" in result.output


def test_a_broken_file_is_named_with_line_column_and_mend(folder: Path) -> None:
    path = folder / "pledge" / "copyright-check.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("kind: pledge", "knid: pledge"), encoding="utf-8"
    )
    result = RUN.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    assert re.search(r"pledge/copyright-check\.yaml:\d+:\d+ ", result.output)
    assert "kind" in result.output
    assert "建议" in result.output


def test_a_rule_that_its_tests_contradict_is_found(folder: Path) -> None:
    path = folder / "policies" / "tech-sme.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("从业人数 <= 500", "从业人数 <= 400"), encoding="utf-8"
    )
    result = RUN.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    assert "policies/tech-sme.yaml:" in result.output
    assert "刚好在线上" in result.output


def test_documents_are_listed_with_their_files() -> None:
    result = RUN.invoke(app, ["list"])
    assert result.exit_code == 0
    assert "pledge.patent-check\tpledge\t" in result.output
    assert "policies/sme-size.yaml" in result.output


@pytest.mark.parametrize("name", ["fee.reduction", "dispute.route-patent", "valuation.pvd", "guide.mandate"])
def test_a_document_is_shown_in_words(name: str) -> None:
    result = RUN.invoke(app, ["show", name])
    assert result.exit_code == 0
    assert len(result.output) > 100


def test_an_unknown_id_says_where_to_look() -> None:
    result = RUN.invoke(app, ["show", "nothing.here"])
    assert result.exit_code == 1
    assert "zhituo knowledge list" in result.output


def test_coverage_is_complete(tmp_path: Path) -> None:
    page = tmp_path / "coverage.md"
    result = RUN.invoke(app, ["coverage", "--write", str(page)])
    assert result.exit_code == 0, result.output
    assert "没有交代的 0 条" in page.read_text(encoding="utf-8")
