"""Texts for people, kept in YAML beside the code that uses them and found by a dotted key."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


class CatalogueError(Exception):
    """A text is missing, or a place in it is not filled: the code and its catalogue disagree."""


class Catalogue:
    """The texts of one part of the product: `texts.say("annuity.kept", number="ZL…")`."""

    def __init__(self, texts: Mapping[str, str], name: str = "") -> None:
        self._texts = dict(texts)
        self._name = name

    @classmethod
    def load(cls, path: Path) -> Catalogue:
        """Return the catalogue of a YAML file of nested mappings with text leaves."""
        return cls(dict(_flatten(yaml.safe_load(path.read_text(encoding="utf-8")))), path.name)

    def say(self, key: str, **values: object) -> str:
        """Return the text with its places filled. Raises CatalogueError when either is missing."""
        try:
            return self._texts[key].format(**values)
        except KeyError as error:
            raise CatalogueError(f"{self._name}: no {error} for {key}") from error

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def keys(self) -> frozenset[str]:
        """Return all keys."""
        return frozenset(self._texts)

    def in_order(self) -> tuple[str, ...]:
        """Return all keys as the file has them: where several texts are offered one after the other."""
        return tuple(self._texts)

    def places(self, key: str) -> frozenset[str]:
        """Return the names of the places that a text leaves open."""
        return frozenset(name for _, name, _, _ in string.Formatter().parse(self._texts[key]) if name)


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat += _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            flat.append((f"{prefix}{key}", value.rstrip("\n")))
        else:
            raise CatalogueError(f"{prefix}{key} is not a text")
    return flat
