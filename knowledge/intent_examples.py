"""Loads what owners may say: one YAML file an intent under `intents/`, read at start to train understanding.

A file has `intent`, `name` (what a button says), `covers`, optional `aliases` (short terms that mean this intent on
their own) and `examples`, each a message as somebody might type it.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class IntentExamplesError(Exception):
    """A file of intent examples cannot be used; the message names the file and what to mend."""


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


def _load_file(path: Path) -> IntentExamples:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        loaded = IntentExamples.model_validate(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise IntentExamplesError(f"{path.name}: {error}") from error
    if loaded.intent != path.stem:
        raise IntentExamplesError(
            f"{path.name}: says intent {loaded.intent!r}, but the file is named {path.stem!r}"
        )
    return loaded


def load_intent_examples(root: Path) -> tuple[IntentExamples, ...]:
    """Return every intent's examples from `root/intents/*.yaml` (`root` is the knowledge folder), by file name.

    Raises IntentExamplesError when a file does not parse, a field is unknown, an example is written twice (also
    under two intents, which would teach the model a contradiction), or there is no file at all.
    """
    folder = root / "intents"
    loaded = tuple(_load_file(path) for path in sorted(folder.glob("*.yaml")))
    if not loaded:
        raise IntentExamplesError(f"no intent examples under {folder.name}/")
    home: dict[str, str] = {}
    for group in loaded:
        for text in group.examples:
            other = home.setdefault(text.strip(), group.intent)
            if other != group.intent:
                raise IntentExamplesError(f"{text!r} stands under both {other} and {group.intent}")
    return loaded
