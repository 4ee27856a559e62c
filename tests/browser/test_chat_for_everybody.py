"""The chat page as people meet it: narrow phones, keyboards, screen readers, bad networks, paper, the dark."""

from __future__ import annotations

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Running
from tests.browser.test_chat import QUESTION, open_chat, say

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

DEADLINES = "我有哪些期限"
_TOO_WIDE = """() => [...document.querySelectorAll('main *')].filter((element) =>
  element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === 'auto').map((element) => element.outerHTML.slice(0, 80))"""


async def complaints(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page for people who use it otherwise than by sight and mouse."""
    found = (await Axe().run(page)).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}" for one in found]


async def tab_to(page: Page, test_id: str, words: str = "", most: int = 60, *, back: bool = False) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        focused = await page.evaluate(
            "() => [document.activeElement?.dataset?.testid, document.activeElement?.textContent ?? '']"
        )
        if focused[0] == test_id and words in focused[1]:
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on {test_id} cannot be seen"
            return
    raise AssertionError(f"Tab does not lead to {test_id} {words!r}")


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_usable_at_every_width_in_light_and_dark(
    browser: Browser, running: Running, width: int, scheme: str
) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 700},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    await open_chat(page, running.url)
    assert await complaints(page) == []
    await open_chat(page, running.doors[0])
    for text, answered in ((QUESTION, "2,000元"), (DEADLINES, "我的期限")):
        await say(page, text)
        await expect(page.get_by_test_id("message-bot").last).to_contain_text(answered)
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(_TOO_WIDE) == []
    head = await page.locator("header").bounding_box()
    composer = await page.locator("#composer").bounding_box()
    assert head is not None
    assert composer is not None
    assert head["y"] == 0, "the head stays in sight"
    assert composer["y"] + composer["height"] == pytest.approx(700, abs=1), (
        "and what one writes in at the bottom"
    )
    await context.close()


async def test_a_long_label_leaves_the_value_beside_it_room(phone: Page, running: Running) -> None:
    await phone.set_viewport_size({"width": 360, "height": 700})
    await open_chat(phone, running.url)
    await say(phone, "商标要续展，2017年3月14日注册的")
    card = phone.get_by_test_id("card").last
    await expect(card).to_contain_text("商标续展注册费（网上办，1个类别）")
    heights = await card.locator("dd").evaluate_all("all => all.map((value) => value.offsetHeight)")
    assert max(heights) < 60, "no value takes more than two lines"


async def test_the_tour_by_keyboard_alone(browser: Browser, running: Running) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await open_chat(page, running.url)
    await tab_to(page, "topic", "年费")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-bot")).to_have_count(1)
    await tab_to(page, "text")
    await page.keyboard.type(QUESTION)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-bot").last).to_contain_text("2,000元")
    await tab_to(page, "choice", "记下这件专利", back=True)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-bot").last).to_contain_text("申请号")
    for text, answered in (
        ("帮我记下来 ZL202010293847.X", "202010293847"),
        ("有人在淘宝卖仿冒我们商标的东西怎么办", "商标"),
    ):
        await tab_to(page, "text")
        await page.keyboard.type(text)
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("message-bot").last).to_contain_text(answered)
    await tab_to(page, "person", back=True)
    await page.keyboard.press("Space")
    await expect(page.get_by_test_id("message-bot").last).to_contain_text("转")
    await tab_to(page, "choice", "同意")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-me").last).to_contain_text("同意")
    await context.close()


async def test_what_is_read_out(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    await say(phone, QUESTION)
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("2,000元")
    log = phone.get_by_role("log", name="对话")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("article", name="知托的回答")).to_have_count(1)
    await expect(phone.get_by_role("heading", name="第8年度年费")).to_be_visible()
    await expect(phone.get_by_role("textbox", name="消息")).to_be_focused()
    await expect(phone.get_by_role("button", name="添加照片或文件")).to_be_visible()
    await expect(phone.get_by_role("button", name="发送")).to_be_visible()


async def test_without_a_network_nothing_is_lost_and_nothing_doubled(
    browser: Browser, running: Running
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await open_chat(page, running.url)
    await say(page, "你好")
    await expect(page.get_by_test_id("message-bot")).to_have_count(1)
    await context.set_offline(True)
    await say(page, QUESTION)
    await expect(page.get_by_test_id("status")).to_contain_text("网络断开了，恢复后自动发送；您写的都留着。")
    await expect(page.get_by_test_id("message-me").last).to_contain_text("还没发出")
    await page.get_by_test_id("resend").click()
    await context.set_offline(False)
    await expect(page.get_by_test_id("message-bot").last).to_contain_text("2,000元", timeout=30_000)
    await expect(page.get_by_test_id("message-me")).to_have_count(2)
    await expect(page.get_by_test_id("status")).to_be_hidden()
    await page.reload()
    await expect(page.get_by_test_id("message-me")).to_have_count(2)
    await expect(page.get_by_test_id("message-bot")).to_have_count(2)
    await context.close()


async def test_two_tabs_without_a_network_lose_neithers_words(browser: Browser, running: Running) -> None:
    context = await browser.new_context()
    first, second = await context.new_page(), await context.new_page()
    await open_chat(first, running.url)
    await say(first, "你好")
    await expect(first.get_by_test_id("message-bot")).to_have_count(1)
    await open_chat(second, running.url)
    await context.set_offline(True)
    for page, words in ((first, "第一页写的话"), (second, QUESTION)):
        await say(page, words)
        await expect(page.get_by_test_id("message-me").last).to_contain_text("还没发出")
    await first.close()
    await second.close()
    await context.set_offline(False)
    again = await context.new_page()
    await open_chat(again, running.url)
    mine = again.get_by_test_id("message-me")
    await expect(mine).to_have_count(3)
    await expect(mine.nth(1)).to_contain_text("第一页写的话")
    await expect(mine.nth(2)).to_contain_text(QUESTION)
    await expect(again.get_by_test_id("message-bot")).to_have_count(3)
    await again.reload()
    await expect(again.get_by_test_id("message-bot")).to_have_count(3)
    await expect(mine).to_have_count(3)
    await context.close()


async def test_an_answer_lost_on_the_way_is_not_asked_for_twice(browser: Browser, running: Running) -> None:
    """The message arrives, the server's yes does not: the page sends it again and it is the same message."""
    context = await browser.new_context()
    page = await context.new_page()
    await open_chat(page, running.url)
    lost = 0

    async def lose_once(route: object) -> None:
        nonlocal lost
        from playwright.async_api import Route

        assert isinstance(route, Route)
        lost += 1
        if lost == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/chat/messages", lose_once)
    await say(page, "你好")
    await expect(page.get_by_test_id("message-bot")).to_have_count(1, timeout=30_000)
    await asyncio.sleep(2.5)
    assert lost >= 2
    await expect(page.get_by_test_id("message-bot")).to_have_count(1)
    await expect(page.get_by_test_id("message-me")).to_have_count(1)
    await context.close()


async def test_one_who_is_too_fast_is_told_and_goes_on_by_itself(browser: Browser, running: Running) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await open_chat(page, running.url)
    refused = 0

    async def refuse_once(route: object) -> None:
        nonlocal refused
        from playwright.async_api import Route

        assert isinstance(route, Route)
        refused += 1
        if refused == 1:
            sentence = '{"sentence": "您发得比我看得快，请稍等。"}'
            await route.fulfill(
                status=429, headers={"Retry-After": "2", "Content-Type": "application/json"}, body=sentence
            )
        else:
            await route.continue_()

    await page.route("**/chat/messages", refuse_once)
    await say(page, "你好")
    await expect(page.get_by_test_id("status")).to_have_text("您发得比我看得快，请稍等。")
    await expect(page.get_by_test_id("message-me").last).to_contain_text("还没发出")
    await expect(page.get_by_test_id("message-bot")).to_have_count(1)
    await expect(page.get_by_test_id("status")).to_be_hidden()
    await context.close()


async def test_files_go_in_and_come_out(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    await phone.get_by_test_id("file").set_input_files(
        {"name": "说明.txt", "mimeType": "text/plain", "buffer": "收据".encode()}
    )
    await expect(phone.get_by_test_id("message-me").last).to_contain_text("说明.txt")
    await expect(phone.get_by_test_id("message-bot")).to_have_count(1)
    await say(phone, QUESTION)
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("2,000元")
    await phone.get_by_test_id("choice").filter(has_text="存成PDF").click()
    document = phone.get_by_test_id("document")
    await expect(document).to_contain_text(".pdf", timeout=30_000)
    async with phone.expect_download() as downloading:
        await document.click()
    path = await (await downloading.value).path()
    assert path.read_bytes().startswith(b"%PDF")


async def test_on_paper_one_answer_with_all_it_rests_on(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    await say(phone, "你好")
    await expect(phone.get_by_test_id("message-bot")).to_have_count(1)
    await say(phone, QUESTION)
    await expect(phone.get_by_test_id("message-bot").last).to_contain_text("2,000元")
    await phone.evaluate("window.print = () => { window.printed = document.body.className; }")
    await phone.get_by_test_id("print").last.click()
    assert await phone.evaluate("window.printed") == "print-one"
    await phone.emulate_media(media="print")
    await phone.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    await expect(phone.get_by_test_id("citations").last.locator("li").first).to_be_visible()
    for hidden in ("text", "person", "choice", "attach"):
        await expect(phone.get_by_test_id(hidden).first).to_be_hidden()
