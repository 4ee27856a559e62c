"""Files and copies in the chat page: pictures that no browser shows, what is pasted, an answer to pass on."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Running
from tests.browser.test_chat import QUESTION, open_chat, say

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2000)  # as an iPhone's begins
_PASTE = """([kind, words]) => {
  const carried = new DataTransfer();
  if (words) carried.setData("text/plain", words);
  carried.items.add(new File([new Uint8Array([137, 80, 78, 71])], "image.png", { type: kind }));
  const event = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
  return document.getElementById("text").dispatchEvent(event);
}"""


def photo(size: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(out, "JPEG")
    return out.getvalue() + bytes(max(0, size - out.tell()))


async def send(page: Page, *files: tuple[str, str, bytes]) -> None:
    await page.get_by_test_id("file").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    )


@pytest.mark.parametrize(("name", "kind"), [("IMG_0042.HEIC", "image/heic"), ("收据.jpg", "image/jpeg")])
async def test_a_picture_that_the_browser_cannot_show_is_a_file_by_its_name(
    phone: Page, running: Running, name: str, kind: str
) -> None:
    await open_chat(phone, running.url)
    await send(phone, (name, kind, HEIC))
    mine = phone.get_by_test_id("message-me").last
    await expect(mine).to_contain_text(f"📄 {name}")
    await expect(phone.get_by_test_id("message-bot")).to_have_count(1)
    await phone.reload()
    await expect(mine).to_contain_text(f"📄 {name}")
    assert await mine.locator("img").count() == 0


async def test_several_pictures_at_once_one_of_the_greatest_size_and_one_too_large(
    phone: Page, running: Running
) -> None:
    most = 10 * 1024 * 1024
    await open_chat(phone, running.url)
    await send(phone, ("一.jpg", "image/jpeg", photo()), ("二.jpg", "image/jpeg", photo(most)))
    await expect(phone.get_by_test_id("message-bot")).to_have_count(2)
    await send(phone, ("三.jpg", "image/jpeg", photo(most + 1)))
    await expect(phone.get_by_test_id("status")).to_contain_text("文件超过10MB")
    await phone.reload()
    await expect(phone.get_by_test_id("message-me").locator("img")).to_have_count(2)
    for shown in await phone.get_by_test_id("message-me").locator("img").all():
        await expect(shown).to_have_js_property("naturalWidth", 60)


async def test_a_pasted_picture_is_sent_and_pasted_words_are_words(phone: Page, running: Running) -> None:
    await open_chat(phone, running.url)
    assert await phone.evaluate(_PASTE, ["image/png", "专利号\t申请日"]), "left to the browser"
    await expect(phone.get_by_test_id("message-me")).to_have_count(0)
    assert not await phone.evaluate(_PASTE, ["image/png", ""])
    await expect(phone.get_by_test_id("message-me")).to_have_count(1)


async def test_an_answer_is_copied_with_what_it_rests_on(browser: Browser, running: Running) -> None:
    for allowed in (["clipboard-read", "clipboard-write"], []):
        context = await browser.new_context()
        await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=running.url)
        page = await context.new_page()
        await open_chat(page, running.url)
        await say(page, QUESTION)
        await expect(page.get_by_test_id("message-bot").last).to_contain_text("2,000元")
        if not allowed:
            await page.evaluate(
                "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no https')); }"
            )
        await page.get_by_test_id("copy").last.click()
        await expect(page.get_by_test_id("copy").last).to_have_text("已复制")
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert "2,000元" in copied
        assert "专利法实施细则" in copied, "the sources, though they are folded"
        await expect(page.get_by_test_id("citations").last.locator("li").first).to_be_hidden()
        await context.close()


async def test_two_pages_and_the_way_back_show_one_talk(browser: Browser, running: Running) -> None:
    context = await browser.new_context()
    first = await context.new_page()
    await open_chat(first, running.url)
    await say(first, "你好")
    await expect(first.get_by_test_id("message-bot")).to_have_count(1)
    second = await context.new_page()
    await open_chat(second, running.url)
    await first.goto("about:blank")
    await say(second, QUESTION)
    await expect(second.get_by_test_id("message-bot")).to_have_count(2)
    await first.go_back()
    await expect(first.get_by_test_id("message-bot")).to_have_count(2)
    await second.get_by_test_id("choice").filter(has_text="存成PDF").click()
    await second.reload()  # while the paper is being made
    for page in (first, second):
        await expect(page.get_by_test_id("document")).to_have_count(1)
        await expect(page.get_by_test_id("message-me")).to_have_count(3)
        await expect(page.get_by_test_id("message-bot")).to_have_count(3)
    await context.close()
