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

Places = NDArray[np.int32]
Values = NDArray[np.float32]
_Counted = list[tuple[Places, Values]]
"""A block's columns and how often each occurs, for each block of one text."""


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of n-gram: its sizes and what the block weighs beside the others."""

    name: str
    shortest: int
    longest: int
    weight: float


CHARACTERS = Block("characters", 1, 2, 1.0)
PINYIN = Block("pinyin", 1, 2, 0.8)
LETTERS = Block("letters", 3, 5, 0.6)
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
    if block.name == CHARACTERS.name:
        units: Sequence[str] = f" {text} "
        join = "".join
    elif block.name == PINYIN.name:
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
        self._idf: Values = np.zeros(0, np.float32)

    @property
    def size(self) -> int:
        """The number of columns."""
        return len(self._idf)

    def fit(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Learn the vocabulary from `texts` and return their rows."""
        self._index = [{} for _ in self._blocks]
        frequencies: list[int] = []
        seen: list[_Counted] = []
        for text in texts:
            parts = []
            for block_number, grams in enumerate(self._count(text)):
                index = self._index[block_number]
                places = []
                for gram in grams:
                    place = index.get(gram)
                    if place is None:
                        place = index[gram] = len(frequencies)
                        frequencies.append(0)
                    frequencies[place] += 1
                    places.append(place)
                parts.append((np.array(places, np.int32), np.array(list(grams.values()), np.float32)))
            seen.append(parts)
        self._idf = (np.log((1 + len(texts)) / (1 + np.array(frequencies))) + 1.0).astype(np.float32)
        return self._matrix([self._weigh(parts) for parts in seen])

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the rows of `texts`; n-grams never seen in training count for nothing."""
        return self._matrix([self.row(text)[:2] for text in texts])

    def row(self, text: str) -> tuple[Places, Values, float]:
        """Return one text's columns and values, and which share of its n-grams was seen in training."""
        parts: _Counted = []
        hits = total = 0
        for index, grams in zip(self._index, self._count(text), strict=True):
            known = [(index[gram], number) for gram, number in grams.items() if gram in index]
            hits, total = hits + len(known), total + len(grams)
            places, numbers = zip(*known, strict=True) if known else ((), ())
            parts.append((np.array(places, np.int32), np.array(numbers, np.float32)))
        columns, values = self._weigh(parts)
        return columns, values, hits / total if total else 0.0

    def _count(self, text: str) -> list[Counter[str]]:
        text = shortened(text)
        sounds = syllables(text)
        return [Counter(_grams(block, text, sounds)) for block in self._blocks]

    def _weigh(self, parts: _Counted) -> tuple[Places, Values]:
        weighed = []
        for block, (places, numbers) in zip(self._blocks, parts, strict=True):
            values = (1.0 + np.log(numbers)) * self._idf[places]
            length = float(np.sqrt(values @ values))
            weighed.append(values * (block.weight / length) if length else values)
        return np.concatenate([places for places, _ in parts]), np.concatenate(weighed)

    def _matrix(self, rows: list[tuple[Places, Values]]) -> sparse.csr_matrix:
        ends = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
        columns = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return sparse.csr_matrix((values, columns, ends), shape=(len(rows), self.size))
