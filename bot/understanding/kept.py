"""The last trained model, kept in a file: a start does not train again what was trained before.

The file is good for the very same examples, the very same code and the same libraries; anything else, and any file that
cannot be read, trains anew. Nothing in it is executed: it holds numbers and texts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.understanding.intents import Intent
from bot.understanding.model import Example, IntentModel

_LIBRARIES = ("numpy", "pypinyin", "opencc", "python-stdnum")
_log = structlog.get_logger(__name__)


class KeptModel:
    """One file with one trained model."""

    def __init__(self, file: Path, trained_from: Iterable[object]) -> None:
        """`trained_from` is everything that training depends on besides code and libraries."""
        self._file = file
        self._mark = _fingerprint(trained_from)

    def read(self) -> tuple[list[Example], IntentModel] | None:
        """Return the training texts as the model reads them and the model; None when there is none to be used."""
        try:
            with self._file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
                if str(kept["mark"]) != self._mark:
                    return None
                texts = json.loads(kept["texts"].tobytes())
                return [Example(text, Intent(intent)) for text, intent in texts], IntentModel.of(dict(kept))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            _log.warning("kept model cannot be read; training anew", error=repr(error))
            return None

    def write(self, training: Sequence[Example], model: IntentModel) -> None:
        """Keep the model; a folder that cannot be written to only means that the next start trains again."""
        texts = json.dumps([(example.text, example.intent.value) for example in training]).encode()
        arrays: dict[str, NDArray[Any]] = {
            **model.arrays(),
            "mark": np.array(self._mark),
            "texts": np.frombuffer(texts, np.uint8),
        }
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.npz")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(beside, allow_pickle=False, **arrays)
            beside.replace(self._file)
        except OSError as error:
            _log.warning("the trained model cannot be kept", error=repr(error))
            with suppress(OSError):
                beside.unlink()


def _fingerprint(trained_from: Iterable[object]) -> str:
    found = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        found.update(source.read_bytes())
    for part in (*(version(name) for name in _LIBRARIES), *map(repr, trained_from)):
        found.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return found.hexdigest()
