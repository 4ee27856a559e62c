"""`zhituo eval understanding`: every figure is printed, and what was trained on is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from app.cli_eval import app
from bot.understanding.intents import Intent

HEADER = "text,intent,slots\n"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge folder with a handful of examples of each intent, so that it trains at once."""
    root = tmp_path_factory.mktemp("knowledge")
    (root / "intents").mkdir()
    for number, intent in enumerate(Intent):
        words = "".join(chr(0x4E00 + 40 * number + place) for place in range(4))
        content = {
            "intent": intent.value,
            "name": f"意图{number}",
            "covers": intent.value,
            "examples": [f"{words}怎么办{place}" for place in "甲乙丙丁戊"],
        }
        (root / "intents" / f"{intent.value}.yaml").write_text(
            yaml.safe_dump(content, allow_unicode=True), encoding="utf-8"
        )
    return root


def run(knowledge: Path, file: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["understanding", str(file), "--knowledge", str(knowledge), *more])
    return result.exit_code, result.output


def written(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_every_figure_is_printed(knowledge: Path, tmp_path: Path) -> None:
    words = "".join(chr(0x4E00 + place) for place in range(4))
    code, said = run(
        knowledge,
        written(tmp_path, f'{words}怎么弄呢,annuity_fee,"{{""count"": ""3件""}}"', "天气真好,out_of_scope,"),
    )
    assert code == 0, said
    for figure in (
        "accuracy in scope           1.000", "macro-F1", "out-of-scope recall", "at 5% false refusals", "AUROC", "p50 / p99",
        "slots found                 0 of 1", "10% homophone typos", "traditional script", "particles dropped", "load time",
    ):  # fmt: skip
        assert figure in said
    (memory,) = [line for line in said.splitlines() if line.startswith("memory")]
    assert 20 < int(memory.split()[1]) < 150
    assert "typos" not in run(knowledge, written(tmp_path, "天气真好,out_of_scope,"), "--no-perturb")[1]


def test_what_was_trained_on_is_refused(knowledge: Path, tmp_path: Path) -> None:
    words = "".join(chr(0x4E00 + place) for place in range(4))
    code, said = run(knowledge, written(tmp_path, f"{words}怎么办甲！,annuity_fee,"))
    assert code == 1
    assert "stand in the training examples" in said


@pytest.mark.parametrize(
    ("content", "reason"), [("文字,意图\n", "columns"), (HEADER + "年费,nothing,\n", "line 2")]
)
def test_a_file_that_cannot_be_read_is_named(
    knowledge: Path, tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    code, said = run(knowledge, path)
    assert code == 1
    assert reason in said


def test_no_file_and_no_knowledge(knowledge: Path, tmp_path: Path) -> None:
    assert run(knowledge, tmp_path / "none.csv")[0] == 1
    assert run(tmp_path, written(tmp_path, "年费,annuity_fee,"))[0] == 1
