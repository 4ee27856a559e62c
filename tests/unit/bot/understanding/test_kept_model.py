"""The trained model kept in a file: the same answers without training, and never a wrong or a broken one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from bot.understanding.model import IntentModel
from bot.understanding.understand import Understanding

TODAY = date(2026, 11, 20)
ASKED = ("年费什么时候交", "有人仿冒我们的商标", "今天天气怎么样", "zlnf", "想拿专利去贷款,年费没交")


@pytest.fixture
def trainings(monkeypatch):
    """How often a model was trained."""
    counted: list[int] = []
    train = IntentModel.train

    def counting(examples):
        counted.append(len(examples))
        return train(examples)

    monkeypatch.setattr(IntentModel, "train", staticmethod(counting))
    return counted


@pytest.fixture
def few(intent_examples):
    """Some of the examples of each intent: enough to train, quickly."""
    return [group.model_copy(update={"examples": group.examples[:12]}) for group in intent_examples]


def _said(understanding: Understanding):
    return [understanding.understand(text, TODAY) for text in ASKED]


def test_the_second_start_trains_nothing_and_says_the_same(few, tmp_path, trainings):
    file = tmp_path / "new" / "understanding.npz"
    first = Understanding.load(few, kept=file)
    second = Understanding.load(few, kept=file)
    assert len(trainings) == 1
    assert _said(first) == _said(second)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_other_examples_train_anew(few, tmp_path, trainings):
    file = tmp_path / "understanding.npz"
    Understanding.load(few, kept=file)
    more = few[-1].model_copy(update={"examples": (*few[-1].examples, "新的一句话")})
    Understanding.load([*few[:-1], more], kept=file)
    assert len(trainings) == 2


@pytest.mark.parametrize("spoil", ["empty", "cut", "other", "folder"])
def test_a_broken_file_trains_anew_and_is_replaced(few, tmp_path, trainings, spoil):
    file = tmp_path / "understanding.npz"
    Understanding.load(few, kept=file)
    whole = file.read_bytes()
    if spoil == "empty":
        file.write_bytes(b"")
    elif spoil == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif spoil == "other":
        np.savez(file, mark=np.array("another"))
    else:
        file.unlink()
        file.mkdir()
    assert _said(Understanding.load(few, kept=file))
    assert len(trainings) == 2


def test_a_folder_that_cannot_be_written_to_only_costs_the_next_start(few, tmp_path, trainings):
    blocked = tmp_path / "a-file"
    blocked.write_text("not a folder")
    Understanding.load(few, kept=blocked / "understanding.npz")
    assert len(trainings) == 1
