"""The sentences that channels themselves say."""

from __future__ import annotations

from pathlib import Path

from knowledge.catalogue import Catalogue

TEXTS = Catalogue.load(Path(__file__).with_name("texts.yaml"))
