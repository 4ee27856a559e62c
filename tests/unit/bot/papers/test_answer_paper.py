"""An answer on paper: all of it, with what it rests on; selectable, small, and never half cut off by a page's end."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.papers.answer import PrintedAnswer, answer_pdf, title_of
from bot.papers.paper import NoFontError
from bot.pictures import fonts
from store.messages import CardPart, ChartPart, CitationPart, Outgoing, Part, TablePart, TextPart
from tests.pdf_text import pages_of, text_of
from tests.pdf_text import title_of as shown_title

QUESTION = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"
REVISION = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ANSWER = Outgoing(
    parts=(
        TextPart(text="最稳妥在2027年4月15日前缴，2,000元。\n\n现在不用急😀。"),
        CardPart(title="第8年年费", lines=(("权利", "发明专利"), ("金额", "2,000元")), note="三个日子不同。"),
        TablePart(
            title="晚缴要加多少",
            columns=("什么时候缴", "加收", "一共"),
            rows=(
                ("2027年4月16日—2027年5月17日", "0%", "2,000元"),
                ("2027年5月18日—2027年6月15日", "5%", "2,100元"),
            ),
        ),
        ChartPart(shape="radar", title="价值", labels=("法", "技", "经"), values=(80, 60, 70), alt="法80分"),
        CitationPart(citations=("专利法实施细则 第一百一十四条",), as_of="2026年11月20日"),
    )
)


def printed(*messages: Outgoing, question: str = QUESTION, revision: str = REVISION) -> PrintedAnswer:
    return PrintedAnswer(messages, date(2026, 11, 20), question, revision)


def test_all_of_the_answer_is_there_as_text_and_it_is_small(now: datetime) -> None:
    pdf = answer_pdf(printed(ANSWER), now)
    text = text_of(pdf)
    for words in (
        QUESTION,
        "最稳妥在2027年4月15日前缴，2,000元。",
        "现在不用急。",
        "第8年年费",
        "2027年5月18日—2027年6月15日5%2,100元",
        "法80分",
        "1.专利法实施细则第一百一十四条",
        "截至2026年11月20日有效",
        "规则库版本9f86d081884c",
        "不是法律意见",
        "1/1",
    ):
        assert words in text, words
    assert len(pdf) < 120_000
    assert shown_title(pdf) == "第8年年费"


def test_what_was_not_computed_names_no_revision(now: datetime) -> None:
    faq = Outgoing(
        parts=(TextPart(text="什么是知识产权托管\n把权利交给机构管。"), CitationPart(citations=("甲办法",)))
    )
    text = text_of(answer_pdf(printed(faq, question="", revision=""), now))
    assert "规则库版本" not in text
    assert "您问的" not in text
    assert "截至" not in text


def test_a_law_is_named_once_with_all_its_articles(now: datetime) -> None:
    cited = CitationPart(citations=("《专利法》第42条", "《民法典》第188条", "《专利法》第43条"))
    text = text_of(answer_pdf(printed(Outgoing(parts=(ANSWER.parts[0], cited))), now))
    assert "1.《专利法》第42条、第43条" in text
    assert "2.《民法典》第188条" in text


def test_it_goes_on_over_pages_without_losing_a_line(now: datetime) -> None:
    rows = tuple((f"第{number}行", f"{number},000元", "按实际支出的一半" * 3) for number in range(1, 90))
    long = Outgoing(
        parts=(
            TextPart(text="\n".join(f"第{number}句话。" for number in range(1, 120))),
            TablePart(title="长表", columns=("行", "钱", "说明"), rows=rows),
            *(ANSWER.parts[3],) * 4,
        )
    )
    pdf = answer_pdf(printed(long), now)
    text = text_of(pdf)
    assert all(f"第{number}句话。" in text for number in range(1, 120))
    assert all(f"第{number}行" in text for number in range(1, 90))
    pages = len(pages_of(pdf))
    assert pages > 5
    assert f"{pages}/{pages}" in text


def test_a_table_too_wide_for_the_paper_stands_row_by_row(now: datetime) -> None:
    cell = "20201029384752020102938475202010293847.9"
    wide = TablePart(columns=("甲栏", "乙栏", "丙栏", "丁栏"), rows=((cell,) * 4,))
    text = text_of(answer_pdf(printed(Outgoing(parts=(wide,))), now))
    assert text.count(cell) == 4
    assert "乙栏" in text


def test_no_character_is_missing_in_the_font_of_a_paper(
    now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    rare = Outgoing(parts=(TextPart(text="鄞州、象山、余姚：〔2024〕12号 §3 ½ ㎡ 𠮷"), *ANSWER.parts))
    answer_pdf(printed(rare), now)
    assert "missing" not in caplog.text


def test_what_it_is_called() -> None:
    assert title_of([ANSWER]) == "第8年年费"
    assert title_of([Outgoing.say("怎么申请专利？\n先查新。")]) == "怎么申请专利？"
    assert title_of([Outgoing.say("长" * 40)]) == "知托的回答"
    assert title_of([]) == "知托的回答"


def test_without_a_font_there_is_no_paper(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_PACKAGE", "there_is_no_such_package")
    fonts.font_file.cache_clear()
    try:
        with pytest.raises(NoFontError):
            answer_pdf(printed(ANSWER), now)
    finally:
        fonts.font_file.cache_clear()


_CELL = st.text(st.sampled_from("年费2,0元（）。 \n<&>😀a"), max_size=30)
_ROWS = st.lists(st.tuples(_CELL, _CELL, _CELL), max_size=4).map(tuple)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            _CELL.map(lambda text: TextPart(text=text)),
            _ROWS.map(lambda rows: TablePart(title="表", columns=("甲", "乙", "丙"), rows=rows)),
            st.lists(st.tuples(_CELL, _CELL), max_size=3).map(
                lambda lines: CardPart(title="", lines=tuple(lines))
            ),
        ),
        max_size=4,
    )
)
def test_whatever_the_answer_is_made_of_it_can_be_printed(now: datetime, parts: list[Part]) -> None:
    assert answer_pdf(printed(Outgoing(parts=tuple(parts))), now).startswith(b"%PDF")
