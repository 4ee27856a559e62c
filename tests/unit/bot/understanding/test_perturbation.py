"""Messages typed otherwise: homophones sound the same, and the same typist types the same."""

from __future__ import annotations

from bot.understanding.perturbation import SLIPS, Perturbation, Typist
from bot.understanding.pinyin import letters

TEXTS = [
    "专利年费怎么交的呢",
    "商标要续展了吗",
    "费非飞肥，年念粘，标表彪，质志至，压押鸭，专砖转，利力立",
] * 20


def test_a_slip_sounds_the_same() -> None:
    typed = Typist(TEXTS).retyped(TEXTS, Perturbation.TYPOS)
    assert [letters(text) for text in typed] == [letters(text.replace("，", ",")) for text in TEXTS]
    changed = sum(
        a != b
        for old, new in zip(TEXTS, typed, strict=True)
        for a, b in zip(old, new, strict=True)
        if a != "，"
    )
    letters_typed = sum(len(text) for text in TEXTS)
    assert 0.3 * SLIPS < changed / letters_typed < 1.2 * SLIPS


def test_the_same_typist_types_the_same() -> None:
    assert Typist(TEXTS).retyped(TEXTS, Perturbation.TYPOS) == Typist(TEXTS).retyped(
        TEXTS, Perturbation.TYPOS
    )


def test_script_and_particles() -> None:
    typist = Typist(TEXTS)
    assert typist.retyped(["专利年费", "吗"], Perturbation.TRADITIONAL) == ["專利年費", "嗎"]
    assert typist.retyped(["年费怎么交的呢", "吗"], Perturbation.NO_PARTICLES) == ["年费怎么交", "吗"]
