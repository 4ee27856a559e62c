"""The fictitious sample policy and its fact dictionary, read from text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.document import RuleDocument, parse_document
from rules.facts import FactDictionary
from rules.yaml_text import read_yaml

DOCUMENTS = Path(__file__).parent / "documents"


@pytest.fixture(scope="session")
def dictionary() -> FactDictionary:
    """The sample's facts."""
    text = (DOCUMENTS / "facts.yaml").read_text(encoding="utf-8")
    return FactDictionary.parse(read_yaml(text, "facts.yaml").data)


@pytest.fixture(scope="session")
def sample_text() -> str:
    """The sample rule as text."""
    return (DOCUMENTS / "pledge-interest.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sample(sample_text: str) -> RuleDocument:
    """The sample rule."""
    document = parse_document(sample_text, "pledge-interest.yaml")
    assert isinstance(document, RuleDocument)
    return document
