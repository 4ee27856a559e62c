"""Loads what owners may say: one YAML file an intent under `intents/`, read at start to train understanding.

A file has `intent`, `name` (what a button says), `covers`, optional `aliases` (short terms that mean this intent on
their own) and `examples`, each a message as somebody might type it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rules.errors import DocumentError
from rules.yaml_text import check_text

FOLDER: Final = "intents"


class IntentExamplesError(Exception):
    """A file of intent examples cannot be used; the message names the file and what to mend."""

    def __init__(self, message: str, file: str = "", line: int = 1) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


class IntentExamples(BaseModel):
    """One intent: its name for people and how people ask for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent: str = Field(min_length=1)
    name: str = Field(min_length=1, max_length=20)
    covers: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = Field(min_length=1)

    @field_validator("aliases", "examples")
    @classmethod
    def _each_once_and_not_blank(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        if any(not text.strip() for text in texts):
            raise ValueError("a blank line among the examples")
        twice = (
            sorted({text for text in texts if texts.count(text) > 1}) if len(set(texts)) < len(texts) else []
        )
        if twice:
            raise ValueError(f"written twice: {twice[:5]}")
        return texts


def _parse_file(name: str, text: str) -> IntentExamples:
    path = PurePosixPath(name)
    try:
        check_text(text, name)
        loaded = IntentExamples.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
    except DocumentError as error:
        raise IntentExamplesError(f"{path.name}: {error}", name, error.line) from error
    except (yaml.YAMLError, ValidationError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise IntentExamplesError(f"{path.name}: {error}", name, line) from error
    if loaded.intent != path.stem:
        raise IntentExamplesError(
            f"{path.name}: says intent {loaded.intent!r}, but the file is named {path.stem!r}", name
        )
    return loaded


def load_intent_examples(root: Path) -> tuple[IntentExamples, ...]:
    """Return every intent's examples from `root/intents/*.yaml` (`root` is the knowledge folder), by file name.

    Raises IntentExamplesError when a file does not parse, a field is unknown, an example is written twice (also
    under two intents, which would teach the model a contradiction), or there is no file at all.
    """
    texts: dict[str, str] = {}
    for path in (root / FOLDER).glob("*.yaml"):
        name = f"{FOLDER}/{path.name}"
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise IntentExamplesError(f"{path.name}: {error}", name) from error
    if not texts:
        raise IntentExamplesError(f"no intent examples under {FOLDER}/")
    return parse_intent_examples(texts)


def parse_intent_examples(texts: Mapping[str, str]) -> tuple[IntentExamples, ...]:
    """Return the examples among content texts by relative path; none where there is no file of them.

    Raises IntentExamplesError like `load_intent_examples`.
    """
    names = sorted(name for name in texts if name.startswith(f"{FOLDER}/"))
    loaded = tuple(_parse_file(name, texts[name]) for name in names)
    home: dict[str, str] = {}
    for name, group in zip(names, loaded, strict=True):
        for text in group.examples:
            other = home.setdefault(text.strip(), group.intent)
            if other != group.intent:
                raise IntentExamplesError(f"{text!r} stands under both {other} and {group.intent}", name)
    return loaded
