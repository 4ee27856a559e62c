"""A source is named once, and no place in it is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.loader import load_knowledge
from store.sources import by_source

RULES = "《专利法实施细则》（2023年修订）"
GUIDELINES = "《专利审查指南》（2023版，国家知识产权局令第84号修改）"


@pytest.mark.parametrize(
    ("citations", "lines"),
    [
        (
            (f"{RULES}第115条", f"{GUIDELINES}第五部分第九章4.2.1", f"{RULES}第6条", f"{RULES}第115条"),
            (f"{RULES}第115条、第6条", f"{GUIDELINES}第五部分第九章4.2.1"),
        ),
        (("《民法典》第188条", "《民法典》第195条"), ("《民法典》第188条、第195条",)),
        (
            ("《解释〈与《专利法》》第1条", "《解释〈与《专利法》》第2条"),
            ("《解释〈与《专利法》》第1条、第2条",),
        ),
        (
            ("《商标法》（2019年修正）第6条", "《商标法》（2026年修订）第6条"),
            ("《商标法》（2019年修正）第6条", "《商标法》（2026年修订）第6条"),
        ),
        (("《专利收费标准》", "《专利收费标准》年费"), ("《专利收费标准》", "《专利收费标准》年费")),
        (("第75号公告", "《没有写完", ""), ("第75号公告", "《没有写完", "")),
        ((), ()),
    ],
)
def test_places_of_one_source_stand_together(citations: tuple[str, ...], lines: tuple[str, ...]) -> None:
    assert by_source(citations) == lines


@given(st.lists(st.text("《》（）第1条、", max_size=12), max_size=8))
def test_whatever_a_citation_looks_like_it_is_there(citations: list[str]) -> None:
    told = by_source(citations)
    assert len(told) <= len(dict.fromkeys(citations))
    assert all(any(citation[-1:] in line for line in told) for citation in citations)


def test_no_place_that_the_knowledge_cites_is_lost_and_each_source_is_named_once() -> None:
    knowledge = load_knowledge(Path("knowledge"))
    citations = {citation for entry in knowledge.faq.values() for citation in entry.citations}
    lines = by_source(dict.fromkeys(str(citation) for citation in citations))
    told = {
        (source, place)
        for line in lines
        for source in {str(citation.model_copy(update={"article": ""})) for citation in citations}
        if line.startswith(source)
        for place in line.removeprefix(source).split("、")
    }
    assert told >= {(str(c.model_copy(update={"article": ""})), c.article) for c in citations}
    assert len(lines) < len(citations) / 3
