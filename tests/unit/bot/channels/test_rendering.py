"""Neutral messages in words: nothing is lost, nothing is too long, nothing is read as markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import (
    Emphasis,
    Line,
    lines_of,
    pack,
    plain_text,
    telegram_html,
    telegram_length,
    utf8_bytes,
    utf16_units,
)
from store.messages import (
    CardPart,
    ChartPart,
    CitationPart,
    DocumentPart,
    Outgoing,
    TablePart,
    TextPart,
)

EVERYTHING = Outgoing(
    parts=(
        CitationPart(citations=("专利法实施细则 第一百一十五条", "第75号公告"), as_of="2026年11月20日"),
        TextPart(text="先看金额。\n\n再看 <怎么> & 缴。"),
        CardPart(title="第8年年费", lines=(("金额", "2,000元"),), note="晚了要加滞纳金。"),
        TablePart(title="滞纳金", columns=("晚几个月", "金额"), rows=(("不满1个月", "0元"),)),
        TablePart(columns=("月", "加收", "合计"), rows=(("满1个月", "100元", "2,100元"),)),
        ChartPart(
            shape="bar", title="价值", labels=("法律", "市场"), values=(80, 40), unit="分", alt="法律80分"
        ),
        DocumentPart(attachment_id=1, filename="期限.ics", media_type="text/calendar"),
    )
)


def test_everything_a_person_reads_is_there_and_citations_come_last() -> None:
    assert plain_text(lines_of(EVERYTHING)).splitlines() == [
        "先看金额。",
        "",
        "再看 <怎么> & 缴。",
        "",
        "第8年年费",
        "金额：2,000元",
        "晚了要加滞纳金。",
        "",
        "滞纳金",
        "不满1个月：0元",
        "",
        "满1个月：加收100元，合计2,100元",
        "",
        "价值",
        "██████████ 法律 80分",
        "█████ 市场 40分",
        "",
        "［文件］期限.ics",
        "",
        "依据（截至2026年11月20日）：",
        "· 专利法实施细则 第一百一十五条",
        "· 第75号公告",
    ]


def test_telegrams_html_is_escaped_and_balanced() -> None:
    html = telegram_html(lines_of(EVERYTHING))
    assert "再看 &lt;怎么&gt; &amp; 缴。" in html
    assert "<b>第8年年费</b>" in html
    assert html.endswith("· 第75号公告</blockquote>")
    assert re.findall(r"<[^>]+>", html) == [
        *("<b>", "</b>") * 3,
        "<blockquote expandable>",
        "</blockquote>",
    ]


def test_a_narrow_table_keeps_its_columns_where_characters_have_a_fixed_width() -> None:
    table = TablePart(
        title="滞纳金",
        columns=("晚几个月", "加收", "合计"),
        rows=(("不满1个月", "0元", "2,000元"), ("满10个月", "1,000元", "3,000元")),
    )
    lines = [
        line for line in lines_of(Outgoing(parts=(table,)), aligned=True) if line.emphasis is Emphasis.TABLE
    ]
    assert [line.text for line in lines] == [
        "晚几个月    加收       合计",
        "不满1个月   0元　      2,000元",
        "满10个月　  1,000元　  3,000元",
    ]
    assert telegram_html(lines).startswith("<pre>晚几个月")
    too_wide = table.model_copy(update={"rows": (("不满1个月" * 4, "0元", "2,000元"),)})
    assert not any(
        line.emphasis is Emphasis.TABLE for line in lines_of(Outgoing(parts=(too_wide,)), aligned=True)
    )


@given(
    st.lists(st.tuples(*[st.text(st.sampled_from("年费2,0元 月"), max_size=5)] * 3), min_size=1, max_size=6)
)
def test_columns_begin_at_the_same_place_however_wide_a_chinese_character_is(
    rows: list[tuple[str, str, str]],
) -> None:
    table = TablePart(columns=("年", "月", "元"), rows=tuple(rows))
    lines = [line.text for line in lines_of(Outgoing(parts=(table,)), aligned=True)]
    if len(lines) != len(rows) + 1 or any("：" in line for line in lines):
        return  # too wide: one line a row
    for wide in (1.5, 1.8, 2.0):  # as many narrow characters, as phones differ
        begins = set()
        for line, row in zip(lines[1:], rows, strict=True):
            before = line[: len(line) - len(row[2].rstrip())] if row[2].strip() else None
            if before is not None:
                begins.add(round(sum(wide if ord(character) > 0x2E7F else 1 for character in before), 6))
        assert len(begins) <= 1


@pytest.mark.parametrize(
    ("text", "utf16", "utf8"), [("年费", 2, 6), ("a", 1, 1), ("😀", 2, 4), ("👍🏻", 4, 8)]
)
def test_lengths_are_counted_as_the_channel_counts(text: str, utf16: int, utf8: int) -> None:
    assert (utf16_units(text), utf8_bytes(text)) == (utf16, utf8)


def test_it_is_parted_where_paragraphs_end() -> None:
    message = Outgoing.say("甲" * 30 + "\n\n" + "乙" * 30 + "\n\n" + "丙" * 30)
    pieces = pack(lines_of(message), 70, telegram_length)
    assert [plain_text(piece) for piece in pieces] == ["甲" * 30 + "\n\n" + "乙" * 30, "丙" * 30]


def test_a_paragraph_too_long_is_parted_where_a_sentence_ends() -> None:
    pieces = pack(lines_of(Outgoing.say("一句话。" * 20)), 30, telegram_length)
    assert all(plain_text(piece).endswith("。") for piece in pieces)


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=("Cs", "Cc"))), st.sampled_from(Emphasis)),
        max_size=12,
    ),
    st.integers(60, 200),
)
def test_no_piece_is_too_long_and_no_character_is_lost(
    written: list[tuple[str, Emphasis]], limit: int
) -> None:
    lines = [Line(text, emphasis) for text, emphasis in written]
    pieces = pack(lines, limit, telegram_length)
    assert all(telegram_length(piece) <= limit for piece in pieces)
    assert "".join(line.text for piece in pieces for line in piece) == "".join(line.text for line in lines)


@pytest.mark.parametrize("sign", ["👨‍👩‍👧", "👍🏻", "❤️", "🇨🇳", "é", "1️⃣", "😀"])
def test_no_emoji_is_cut_through(sign: str) -> None:
    for before in range(12):
        text = "费" * before + sign * 300
        parts = [
            plain_text(piece)
            for piece in pack([Line(text)], 97, lambda lines: utf16_units(plain_text(lines)))
        ]
        assert "".join(parts) == text
        assert all(utf16_units(part) <= 97 for part in parts)
        if sign != "🇨🇳":  # of a row of flags nobody can tell from behind where one begins
            assert all(part.replace("费", "").replace(sign, "") == "" for part in parts)
    assert [
        plain_text(piece)
        for piece in pack([Line("费费费🇨🇳")], 5, lambda lines: utf16_units(plain_text(lines)))
    ] == [
        "费费费",
        "🇨🇳",
    ]
