"""What is kept of a company as rules read it: what cannot be read is asked again, and keeps nobody else from a rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.facts import FactDictionary
from rules.yaml_text import read_yaml
from store.database import Damaged
from store.fact_values import from_stored
from store.records import StoredFact

DAY = date(2026, 11, 20)
FACTS = Path(__file__).parents[1] / "rules" / "documents" / "facts.yaml"


def kept(value: object, state: str = "value", name: str = "注册地") -> StoredFact:
    return StoredFact(name=name, state=state, value=value, source="企业自报", day=DAY)


@pytest.fixture
def dictionary() -> FactDictionary:
    return FactDictionary.parse(read_yaml(FACTS.read_text(encoding="utf-8"), "facts.yaml").data)


@pytest.mark.parametrize(
    "unreadable",
    [
        kept(Damaged()),
        kept({"of": "another form"}),
        kept("示例市甲区", state="of a newer version"),
        kept("示例市甲区", name="没有这个事实"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_the_rest_is_there(
    dictionary: FactDictionary, unreadable: StoredFact
) -> None:
    facts = from_stored([unreadable, kept("小型", name="企业规模")], dictionary, DAY)
    assert list(facts) == ["企业规模"]
