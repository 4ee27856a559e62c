"""The conversation as it runs, on the shipped content."""

from __future__ import annotations

import pytest

from app.settings import PROJECT
from app.wiring import Minds
from tests.trained_model import MODEL


@pytest.fixture(scope="session")
def minds() -> Minds:
    """The shipped content and the model trained on it."""
    return Minds.load(PROJECT / "knowledge", MODEL)
