"""The command line for deadlines and lists of rights: answers, JSON, and exit code 2 with one sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_deadlines import SaveOutcome, deadlines_app, make_assets_app
from rules.deadlines.assets import AssetFacts

RUN = CliRunner()
AS_OF = ["--as-of", "2026-11-20"]


def test_compute_as_json() -> None:
    """Days, steps, amounts and citations, as the interface promises them."""
    pairs = ["right_type=invention", "filing=2020-04-15", "year=8"]
    result = RUN.invoke(deadlines_app, ["compute", "annuity", *pairs, *AS_OF, "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["nominal"], told["legal"], told["safe"]) == ("2027-04-15",) * 3
    assert (told["total_payable"], told["provisional"]) == (200000, True)
    assert told["citations"][0]["article"] == "第115条"


def test_compute_for_people() -> None:
    """The safe day first, the steps in words, the article last."""
    result = RUN.invoke(deadlines_app, ["compute", "oa1", "issue=2026-10-31", "delivery=electronic", *AS_OF])
    assert result.exit_code == 0
    assert result.stdout.index("安全日") < result.stdout.index("首日不计") < result.stdout.index("依据")
    assert "2027年2月26日（周五）" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["compute", "annuity", "right_type=invention", "filing=1985-03-31", "year=1"], "1985年4月1日"),
        (
            ["compute", "annuity", "right_type=invention", "filing=2020-04-15", "grant=2019-01-01"],
            "授权公告日",
        ),
        (["compute", "annuity", "right_type=invention", "filing=2020-04-15", "year=0"], "1到20"),
        (["compute", "annuity", "right_type=invention", "filing=2020-04-15", "year=21"], "1到20"),
        (["compute", "annuity", "right_type=utility_model", "filing=2020-04-15", "year=11"], "1到10"),
        (["compute", "annuity", "right_type=invention", "filing=2020-04-15", "reduction=90"], "减缴比例"),
        (["compute", "annuity", "filing=2020-04-15"], "专利类型"),
        (["compute", "annuity", "right_type=invention", "filing=2020-02-30"], "真实存在的日期"),
        (["compute", "annuity", "colour=red"], "colour"),
        (["compute", "annuityy"], "annuity"),
        (["compute", "oa1", "issue=2026-10-31"], "送达方式"),
        (["compute", "oa1", "issue"], "名称=值"),
        (["compute", "oa1", "issue=2026-10-31", "issue=2026-11-01"], "写了两次"),
        (["life", "spaceship", "filing=2020-04-15"], "权利种类"),
        (["life", "invention"], "申请日"),
        (["life", "invention", "filing=2020-04-15", "--to", "2019"], "2020年4月15日"),
        (["life", "invention", "filing=2020-04-15", "--give-up-year", "x"], "放弃"),
        (["life", "invention", "filing=2020-04-15", "reduction=85", "owners=2"], "70"),
    ],
)
def test_bad_input_exits_with_two_and_one_sentence(arguments: list[str], word: str) -> None:
    """The field and what is allowed, no trace."""
    result = RUN.invoke(deadlines_app, [*arguments, *AS_OF])
    assert result.exit_code == 2
    assert word in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


def test_kinds_are_listed_with_their_inputs() -> None:
    """For people and for programs."""
    assert "oa1" in RUN.invoke(deadlines_app, ["kinds"]).stdout
    views = json.loads(RUN.invoke(deadlines_app, ["kinds", "--json"]).stdout)
    annuity = next(view for view in views if view["id"] == "annuity")
    assert [item["name"] for item in annuity["inputs"] if item["required"]] == ["right_type", "filing"]


def test_life_with_a_what_if() -> None:
    """The example of the issue, and what lateness adds."""
    pairs = ["filing=2020-04-15", "grant=2022-08-02", "reduction=85"]
    result = RUN.invoke(
        deadlines_app, ["life", "invention", *pairs, "--to", "2040", *AS_OF, "--json", "--late-days", "70"]
    )
    told = json.loads(result.stdout)
    assert told["life"]["ends_on"] == "2040-04-14"
    assert told["what_if"]["total"] - told["life"]["total"] == 796_000
    assert "总计" in RUN.invoke(deadlines_app, ["life", "invention", *pairs, "--to", "2040", *AS_OF]).stdout


def test_import_previews_and_saves(tmp_path: Path) -> None:
    """A preview saves nothing; the import hands over what was understood."""
    kept: list[AssetFacts] = []

    def save(assets: Sequence[AssetFacts], _: str) -> SaveOutcome:
        new = [asset for asset in assets if asset not in kept]
        kept.extend(new)
        return SaveOutcome(len(new), 0, len(assets) - len(new))

    file = tmp_path / "清单.csv"
    file.write_text(
        "申请号,申请日\nZL202010293847.9,2020-04-15\nZL202010293847.X,2020-04-15\n", encoding="utf-8"
    )
    command = make_assets_app(save)
    preview = RUN.invoke(command, ["import", str(file), "--preview", *AS_OF])
    assert preview.exit_code == 0
    assert "第3行  没有收下" in preview.stdout
    assert "应当是9" in preview.stdout
    assert kept == []
    assert "新增1件" in RUN.invoke(command, ["import", str(file), *AS_OF]).stdout
    again = json.loads(RUN.invoke(command, ["import", str(file), *AS_OF, "--json"]).stdout)
    assert again["saved"].items() >= {"added": 0, "changed": 0, "unchanged": 1}.items()


def test_import_of_what_is_no_list(tmp_path: Path) -> None:
    """A missing file, a file without a header, and no place to save to: exit code 2."""
    command = make_assets_app(None)
    missing = RUN.invoke(command, ["import", str(tmp_path / "no.csv")])
    assert (missing.exit_code, "打不开文件" in missing.stderr) == (2, True)
    file = tmp_path / "a.csv"
    file.write_text("姓名,电话\nx,1\n", encoding="utf-8")
    assert "没有找到表头" in RUN.invoke(command, ["import", str(file)]).stderr
    file.write_text("申请号,申请日\nZL202010293847.9,2020-04-15\n", encoding="utf-8")
    assert "只能预览" in RUN.invoke(command, ["import", str(file)]).stderr
