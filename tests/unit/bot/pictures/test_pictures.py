"""Charts and tables as pictures: as wide as a phone, nothing over the edge, nothing cut, small enough for every vendor."""

from __future__ import annotations

import io
import math

import pytest
import structlog.testing
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.channels.telegram import limits as telegram
from bot.channels.wecom import limits as wecom
from bot.pictures import fonts, picture
from bot.pictures.canvas import INNER, PAPER
from bot.pictures.charts import _round_up, number
from bot.pictures.picture import MOST_PICTURES, Drawable, draw, drawables, picture_of
from bot.pictures.tables import MOST_ROWS, pages
from bot.pictures.typesetting import SCALE, Style, width, wrap
from store.messages import ChartPart, TablePart, TextPart

RADAR = ChartPart(
    shape="radar",
    title="这件专利的价值（按转让许可算）",
    labels=("法律稳定性", "技术先进性", "市场前景", "战略布局", "经济效益"),
    values=(80, 65.5, 90, 40, 72),
    unit="分",
    alt="法律稳定性80分",
)
YEARS = tuple(f"第{year}年" for year in range(1, 21))
FEES = (900.0,) * 3 + (1200.0,) * 3 + (2000.0,) * 3 + (4000.0,) * 3 + (6000.0,) * 3 + (8000.0,) * 5
BARS = ChartPart(shape="bar", title="20年年费", labels=YEARS, values=FEES, unit="元", alt="一年比一年高")
LINE = ChartPart(shape="line", title="20年年费", labels=YEARS, values=FEES, unit="元", alt="一年比一年高")
COLUMNS = ("年度", "最稳妥的一天", "官费", "减85%后")
SCHEDULE = TablePart(
    title="20年年费",
    columns=COLUMNS,
    rows=tuple((year, f"{2020 + at}年4月15日", "2,000元", "300元") for at, year in enumerate(YEARS)),
)


def opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB")


def rows_of(count: int, cell: str = "2,000元") -> TablePart:
    return TablePart(title="表", columns=COLUMNS, rows=((cell,) * 4,) * count)


@pytest.mark.parametrize("part", [RADAR, BARS, LINE, SCHEDULE], ids=lambda part: f"{part.kind} {part.title}")
def test_it_is_as_wide_as_a_phone_and_every_vendor_takes_it(part: ChartPart | TablePart) -> None:
    png = draw(Drawable(part, "2026年11月20日"))
    image = opened(png)
    assert image.width == 360 * SCALE
    assert image.width + image.height <= telegram.PHOTO_SIDES
    assert image.height / image.width <= min(telegram.PHOTO_RATIO, 3), (
        "taller, it could not be read on a phone"
    )
    assert len(png) < 200_000 < min(telegram.PHOTO_UPLOAD_BYTES, wecom.PHOTO_UPLOAD_BYTES)


@pytest.mark.parametrize("part", [RADAR, BARS, LINE, SCHEDULE], ids=lambda part: f"{part.kind} {part.title}")
def test_nothing_touches_the_edge_of_the_paper(part: ChartPart | TablePart) -> None:
    image = opened(draw(Drawable(part, "2026年11月20日")))
    wide, high = image.size
    border = 5 * SCALE
    paper = tuple(int(PAPER[at : at + 2], 16) for at in (1, 3, 5))
    for box in (
        (0, 0, wide, border),
        (0, high - border, wide, high),
        (0, 0, border, high),
        (wide - border, 0, wide, high),
    ):
        strip = image.crop(box)
        assert all(low >= shade - 3 for (low, _), shade in zip(strip.getextrema(), paper, strict=True))


def test_the_same_content_is_the_same_picture_and_the_day_belongs_to_it() -> None:
    assert draw(Drawable(RADAR)) == draw(Drawable(RADAR))
    assert draw(Drawable(RADAR)) != draw(Drawable(RADAR, "2026年11月20日"))


async def test_what_was_drawn_once_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    picture._drawn.cache_clear()
    first = await picture_of(Drawable(BARS))
    monkeypatch.setattr(picture, "draw", lambda _: pytest.fail("drawn again"))
    assert await picture_of(Drawable(BARS.model_copy())) == first


def test_numbers_that_cannot_be_drawn_are_said_so() -> None:
    odd = ChartPart(
        shape="bar", title="", labels=("甲", "乙", "丙", "丁"), values=(math.nan, math.inf, -5, 0), alt="x"
    )
    for shape in ("bar", "line", "radar"):
        assert draw(Drawable(odd.model_copy(update={"shape": shape})))
    assert draw(Drawable(ChartPart(shape="radar", title="两个", labels=("甲", "乙"), values=(1, 2), alt="x")))
    assert draw(Drawable(ChartPart(shape="line", title="一个", labels=("甲",), values=(1,), alt="x")))


@pytest.mark.parametrize(
    ("value", "written"), [(2000, "2,000"), (65.5, "65.5"), (0, "0"), (1 / 3, "0.33"), (100, "100")]
)
def test_numbers_are_written_as_people_write_them(value: float, written: str) -> None:
    assert number(value) == written


@given(st.floats(1e-6, 1e12))
def test_an_axis_ends_above_the_greatest_value_and_not_far(value: float) -> None:
    assert value <= _round_up(value) * (1 + 1e-9) <= value * 2.6


def test_only_wide_tables_and_charts_are_drawn() -> None:
    assert drawables(RADAR, "今天") == (Drawable(RADAR, "今天"),)
    assert drawables(SCHEDULE) == (Drawable(SCHEDULE),)
    assert drawables(TablePart(columns=("甲", "乙", "丙"), rows=(("1", "2", "3"),))) == ()
    assert drawables(TablePart(columns=COLUMNS, rows=())) == ()
    assert drawables(TextPart(text="年费")) == ()


def test_a_long_table_is_parted_and_one_without_end_stays_text() -> None:
    parted = pages(rows_of(MOST_ROWS + 1))
    assert [len(page.rows) for page in parted] == [12, 11]
    assert [page.title for page in parted] == ["表（1/2）", "表（2/2）"]
    assert len(drawables(rows_of(MOST_ROWS * MOST_PICTURES))) == MOST_PICTURES
    assert drawables(rows_of(MOST_ROWS * MOST_PICTURES + 1)) == ()


def test_a_table_too_wide_for_columns_stands_in_blocks_and_is_parted_earlier() -> None:
    wordy = rows_of(9, "鄞州区市场监督管理局知识产权科受理的质押融资贴息")
    assert [len(page.rows) for page in pages(wordy)] == [5, 4]
    assert opened(draw(Drawable(pages(wordy)[0]))).height <= 3 * 360 * SCALE


def test_without_a_font_words_go_out_and_an_operator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_PACKAGE", "there_is_no_such_package")
    fonts.font_file.cache_clear()
    try:
        with structlog.testing.capture_logs() as logs:
            assert drawables(RADAR) == ()
            assert drawables(SCHEDULE) == ()
        assert [entry["log_level"] for entry in logs] == ["warning"], "told once a font, not once a message"
        assert "no Chinese font" in logs[0]["event"]
    finally:
        fonts.font_file.cache_clear()


async def test_a_picture_that_fails_is_none_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Drawable) -> bytes:
        raise OSError("no memory")

    monkeypatch.setattr(picture, "_drawn", fail)
    with structlog.testing.capture_logs() as logs:
        assert await picture_of(Drawable(RADAR)) is None
    assert [entry["log_level"] for entry in logs] == ["error"]


def test_a_number_a_date_and_closing_marks_are_not_torn() -> None:
    style = Style(14)
    lines = wrap("要在2027年4月15日前缴清2,000元（含滞纳金），不然失效。", style, 88)
    assert all(width(line, style) <= 88 for line in lines)
    assert "2,000元" in " ".join(lines)
    assert not any(line[0] in "，。）" or line.endswith("（") for line in lines)


@settings(deadline=None)
@given(
    st.text(st.sampled_from("年费2026,元（）。 a-鄞州区%"), max_size=60),
    st.sampled_from([40.0, 90.0, INNER]),
)
def test_lines_fit_and_no_character_is_lost(text: str, room: float) -> None:
    style = Style(14)
    lines = wrap(text, style, room)
    assert all(width(line, style) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_what_the_font_does_not_hold_leaves_no_box() -> None:
    assert fonts.printable("年费😀到期") == "年费到期"
    assert fonts.printable("姓\U00020bb7") == "姓〓"
    assert fonts.printable("一\n二") == "一 二"
