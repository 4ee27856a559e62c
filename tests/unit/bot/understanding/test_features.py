"""Messages become rows: the same n-grams in training and in asking, homophones nearly alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

from bot.understanding.features import BLOCKS, Features
from bot.understanding.pinyin import initials, letters, syllables

TEXTS = ("年费多少钱", "商标续展", "a年b年a", "年费", "专利 质押")


@pytest.fixture(scope="module")
def features() -> Features:
    made = Features()
    made.fit(TEXTS)
    return made


def test_a_row_is_the_one_of_training() -> None:
    made = Features()
    rows = made.fit(TEXTS)
    for number, text in enumerate(TEXTS):
        part = slice(rows.starts[number], rows.starts[number + 1])
        columns, values, known = made.row(text)
        assert known == 1.0
        assert (columns == rows.columns[part]).all()
        assert np.allclose(values, rows.values[part])


def test_each_block_weighs_what_it_says(features: Features) -> None:
    _, values, _ = features.row("年费多少钱")
    assert float(values @ values) == pytest.approx(sum(block.weight**2 for block in BLOCKS), rel=1e-5)


def test_a_stranger_is_unknown_and_a_homophone_half_known(features: Features) -> None:
    assert features.row("猫狗")[2] < 0.2
    assert features.row("年非")[2] > 0.5


def test_the_vocabulary_counts_different_n_grams() -> None:
    made = Features()
    made.fit(["甲乙"])
    # characters: 2 blanks alike + 2, 3 pairs; syllables ^ jia yi $ and 3 pairs; letters of jiayi: 3 + 2 + 1
    assert made.size == (3 + 3) + (4 + 3) + 6


@given(st.text(max_size=1000))
def test_any_text_has_a_row(text: str) -> None:
    made = Features()
    made.fit(TEXTS)
    columns, values, known = made.row(text)
    assert len(columns) == len(values)
    assert 0.0 <= known <= 1.0
    assert np.isfinite(values).all()


def test_every_character_is_read_as_the_library_reads_it() -> None:
    assert [syllables(chr(code))[0] for code in pinyin_dict] == [
        lazy_pinyin(chr(code))[0] for code in pinyin_dict
    ]


def test_what_is_no_character_stays_itself() -> None:
    assert syllables("Z 1年😀女") == ("Z", "1", "nian", "😀", "nv")
    assert letters("年费") == "nianfei"
    assert initials("专利年费") == "zlnf"
