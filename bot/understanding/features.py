"""Messages → weighted sparse rows: characters, pinyin syllables, pinyin letters, each a block of n-grams of its own.

Characters alone lose accuracy to homophone typos; the two pinyin blocks hold what the typist meant. Each block is TF-IDF
weighted and scaled to length one before its weight, so that a long story and a search fragment weigh alike.

An n-gram is a 64-bit number, not a string: a vocabulary of 90,000 strings in a dictionary would be 15 MB and slow to fill.
Two n-grams of ours that share a number are not to be expected (one chance in a thousand million).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.understanding.pinyin import syllables

Places = NDArray[np.int32]
Values = NDArray[np.float32]
Keys = NDArray[np.uint64]


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
_WEIGHTS = np.array([block.weight for block in BLOCKS], np.float32)

MOST_CHARACTERS = 400
"""What a message wants is said early; a longer one is read at both ends."""

_RUN = 100 * len(BLOCKS)
_STEP = np.uint64(0x9E37_79B9_7F4A_7C15)


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows: row `n` has `columns[starts[n]:starts[n + 1]]` with the `values` beside them."""

    starts: NDArray[np.int64]
    columns: Places
    values: Values

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row_numbers(self) -> Places:
        """Return which row each of the values stands in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))


def shortened(text: str) -> str:
    """Return `text`, or its first and last part when it is longer than a message needs to be."""
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return text[:half] + " " + text[-half:]


@lru_cache(maxsize=16_384)
def _code(unit: str) -> int:
    """Return a number of its own for a syllable (six letters at most) or a character."""
    return int.from_bytes(unit.encode("utf-8", "surrogatepass")[:8], "little")


def _codes(units: Sequence[str]) -> Keys:
    return np.fromiter(map(_code, units), np.uint64, len(units))


@lru_cache(maxsize=64)
def _salt(size: int, block: int) -> np.uint64:
    """Return what keeps n-grams of different sizes and blocks apart."""
    return np.uint64((size * 0xD6E8_FEB8_6659_FD93 + block) % 2**64)


def _grams(units: Keys, block: Block, number: int) -> tuple[Keys, NDArray[np.int64]]:
    """Return the block's n-grams of a text and how often each occurs."""
    found: list[Keys] = []
    grams = units
    for size in range(1, block.longest + 1):
        if size > 1:
            grams = grams[:-1] * _STEP + units[size - 1 :]
        if size >= block.shortest:
            found.append(grams * _STEP + _salt(size, number))
    return np.unique(np.concatenate(found), return_counts=True)


def _count(text: str) -> list[tuple[Keys, NDArray[np.int64]]]:
    text = shortened(text)
    sounds = syllables(text)
    units = (_codes(f" {text} "), _codes(("^", *sounds, "$")), _codes("".join(sounds)))
    return [
        _grams(codes, block, number) for number, (codes, block) in enumerate(zip(units, BLOCKS, strict=True))
    ]


class Features:
    """The vocabulary of n-grams with their weights, learnt from the training texts."""

    def __init__(self) -> None:
        self._keys: Keys = np.zeros(0, np.uint64)
        self._idf: Values = np.zeros(0, np.float32)

    @classmethod
    def of(cls, keys: Keys, idf: Values) -> Features:
        """Return the vocabulary of these n-grams, in order, with their weights."""
        made = cls()
        made._keys, made._idf = keys, idf
        return made

    @property
    def keys(self) -> Keys:
        """The numbers of the n-grams, in order."""
        return self._keys

    @property
    def idf(self) -> Values:
        """How much each n-gram tells."""
        return self._idf

    @property
    def size(self) -> int:
        """The number of columns."""
        return len(self._idf)

    def fit(self, texts: Sequence[str]) -> Rows:
        """Learn the vocabulary from `texts` and return their rows."""
        found, often, lengths = bytearray(), bytearray(), []
        for text in texts:
            for grams, times in _count(text):
                found += grams.tobytes()
                often += times.astype(np.float32).tobytes()
                lengths.append(len(grams))
        keys, numbers = np.frombuffer(found, np.uint64), np.frombuffer(often, np.float32)
        self._keys = np.unique(keys)
        sizes = np.array(lengths)
        starts = np.concatenate([[0], sizes.cumsum()])
        columns, values = np.empty(len(keys), np.int32), np.empty(len(keys), np.float32)
        # A few texts at a time: what is in between would otherwise be the most of training's memory.
        runs = [slice(first, first + _RUN) for first in range(0, len(sizes), _RUN)]
        parts = [slice(starts[run.start], starts[min(run.stop, len(sizes))]) for run in runs]
        for part in parts:
            columns[part] = np.searchsorted(self._keys, keys[part])
        holders = np.bincount(columns)
        self._idf = (np.log((1 + len(texts)) / (1 + holders)) + 1.0).astype(np.float32)
        for run, part in zip(runs, parts, strict=True):
            values[part] = self._weighed(columns[part], numbers[part], sizes[run])
        return Rows(starts[:: len(BLOCKS)], columns, values)

    def row(self, text: str) -> tuple[Places, Values, float]:
        """Return one text's columns and values, and which share of its n-grams was seen in training."""
        counted = _count(text)
        keys = np.concatenate([keys for keys, _ in counted])
        numbers = np.concatenate([number for _, number in counted]).astype(np.float32)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[places] == keys
        ends = np.cumsum([len(keys) for keys, _ in counted])[:-1]
        lengths = np.array([part.sum() for part in np.split(known, ends)])
        columns = places[known].astype(np.int32)
        share = len(columns) / len(keys) if len(keys) else 0.0
        return columns, self._weighed(columns, numbers[known], lengths), share

    def _weighed(self, columns: Places, numbers: Values, lengths: NDArray[np.int64]) -> Values:
        """Return the values of n-grams that occur `numbers` times; `lengths` says how many stand in each block of each text."""
        values = (1.0 + np.log(numbers)) * self._idf[columns]
        part = np.repeat(np.arange(len(lengths)), lengths)
        norms = np.sqrt(np.bincount(part, weights=values * values, minlength=len(lengths)))
        scales = np.tile(_WEIGHTS, len(lengths) // len(BLOCKS)) / np.maximum(norms, 1e-12)
        return (values * scales[part]).astype(np.float32)
