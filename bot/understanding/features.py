"""Messages → weighted sparse rows: characters, pinyin syllables, pinyin letters, each a block of n-grams of its own.

Characters alone lose accuracy to homophone typos; the two pinyin blocks hold what the typist meant. Each block is TF-IDF
weighted and scaled to length one before its weight, so that a long story and a search fragment weigh alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.understanding.pinyin import syllables


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of n-gram: its sizes and what the block weighs beside the others."""

    name: str
    shortest: int
    longest: int
    weight: float


CHARACTERS = Block("characters", 1, 4, 1.0)
PINYIN = Block("pinyin", 1, 3, 0.8)
LETTERS = Block("letters", 3, 6, 0.6)
BLOCKS: tuple[Block, ...] = (CHARACTERS, PINYIN, LETTERS)

MOST_CHARACTERS = 400
"""What a message wants is said early; a longer one is read at both ends."""


def shortened(text: str) -> str:
    """Return `text`, or its first and last part when it is longer than a message needs to be."""
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return text[:half] + " " + text[-half:]


def _grams(block: Block, text: str, sounds: Sequence[str]) -> Iterable[str]:
    if block is CHARACTERS:
        units: Sequence[str] = f" {text} "
        join = "".join
    elif block is PINYIN:
        units, join = ("^", *sounds, "$"), "'".join
    else:
        units, join = "".join(sounds), "".join
    for size in range(block.shortest, block.longest + 1):
        for start in range(len(units) - size + 1):
            yield join(units[start : start + size])


class Features:
    """The vocabulary of n-grams with their weights, learnt from the training texts."""

    def __init__(self, blocks: Sequence[Block] = BLOCKS) -> None:
        self._blocks = tuple(blocks)
        self._index: list[dict[str, int]] = [{} for _ in blocks]
        self._idf: NDArray[np.float64] = np.zeros(0)

    @property
    def size(self) -> int:
        """The number of columns."""
        return len(self._idf)

    def fit(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Learn the vocabulary from `texts` and return their rows."""
        counted = [self._count(text) for text in texts]
        offset = 0
        frequencies: list[int] = []
        for number, index in enumerate(self._index):
            found: Counter[str] = Counter()
            for row in counted:
                found.update(row[number].keys())
            for gram in sorted(found):
                index[gram] = offset
                frequencies.append(found[gram])
                offset += 1
        self._idf = np.log((1 + len(texts)) / (1 + np.asarray(frequencies, dtype=np.float64))) + 1.0
        return self._rows(counted)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the rows of `texts`; n-grams never seen in training count for nothing."""
        return self._rows([self._count(text) for text in texts])

    def row(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
        """Return one text's columns and values, and which share of its n-grams was seen in training."""
        columns, values, known = self._row(self._count(text))
        return np.asarray(columns, dtype=np.int64), np.asarray(values), known

    def _count(self, text: str) -> list[Counter[str]]:
        text = shortened(text)
        sounds = syllables(text)
        return [Counter(_grams(block, text, sounds)) for block in self._blocks]

    def _row(self, counts: list[Counter[str]]) -> tuple[list[int], list[float], float]:
        columns: list[int] = []
        values: list[float] = []
        seen = total = 0
        for block, index, grams in zip(self._blocks, self._index, counts, strict=True):
            hits = [(index[gram], number) for gram, number in grams.items() if gram in index]
            seen, total = seen + len(hits), total + len(grams)
            if not hits:
                continue
            places = [place for place, _ in hits]
            weighted = (1.0 + np.log([number for _, number in hits])) * self._idf[places]
            weighted *= block.weight / np.linalg.norm(weighted)
            columns.extend(places)
            values.extend(weighted)
        return columns, values, seen / total if total else 0.0

    def _rows(self, counted: list[list[Counter[str]]]) -> sparse.csr_matrix:
        indptr, indices, data = [0], [], []
        for counts in counted:
            columns, values, _ = self._row(counts)
            indices.extend(columns)
            data.extend(values)
            indptr.append(len(indices))
        return sparse.csr_matrix((data, indices, indptr), shape=(len(counted), self.size))
