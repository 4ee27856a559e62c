"""Take the pictures of the README: the chat on a phone and a case at the desk, from a fresh service with demo data.

Run: `make pictures`. Needs Chromium and a Chinese font (on Debian: fonts-noto-cjk).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "docs" / "pictures"
PASSWORD = "只为拍照用的密码2026"


async def say(page: Page, text: str) -> None:
    """Send a message and wait for the answer to stand still."""
    before = await page.get_by_test_id("message-bot").count()
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("textbox").press("Enter")
    await page.get_by_test_id("message-bot").nth(before).wait_for()
    await page.wait_for_timeout(600)


async def sign_in(page: Page, url: str, login: str, once: str) -> None:
    """Sign in with the one-time password, set another, and sign in with that."""
    await page.goto(f"{url}/desk/login")
    for password in (once, PASSWORD):
        await page.locator("input[name=login]").fill(login)
        await page.locator("input[name=password]").fill(password)
        await page.get_by_role("button", name="登录").click()
        if password == once:
            for name, value in (("old", once), ("new", PASSWORD), ("again", PASSWORD)):
                await page.locator(f"input[name={name}]").fill(value)
            await page.get_by_role("button", name="保存").click()


async def take(url: str, door: str, once: str) -> None:
    """Walk through the main job and take both pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        phone = await (await browser.new_context(viewport={"width": 390, "height": 844})).new_page()
        await phone.goto(door)
        await say(phone, "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？")
        await phone.screenshot(path=FOLDER / "chat.png")
        await say(phone, "我的专利被同行提了无效，情况很复杂")
        await say(phone, "转人工")
        await phone.get_by_test_id("choice").get_by_text("同意", exact=True).click()
        await phone.get_by_text("有人接手").first.wait_for()
        desk = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
        await sign_in(desk, url, "agency", once)
        await desk.get_by_text("（演示）甬星模具有限公司").first.click()
        await desk.get_by_role("button", name="接手").click()
        await desk.get_by_role("textbox").last.fill(
            "您好，我是经办人小周，无效的材料我看过了，先别急着答复。"
        )
        await desk.get_by_role("button", name="发送").click()
        await desk.wait_for_timeout(7000)  # until the notes at the bottom are gone
        await desk.screenshot(path=FOLDER / "desk.png")
        await browser.close()


def main() -> None:
    """Start a service of its own on a free port and take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "serve", "--port", "0"],
            cwd=PROJECT,  # the code beside this script, whichever checkout is installed
            env={**os.environ, "ZHITUO_DATA_DIR": folder, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        url = once = door = ""
        assert process.stdout is not None
        for line in process.stdout:
            if "企业主聊天" in line:
                url = line.split()[-1].rstrip("/")
            if match := re.search(r"用户名 agency　密码 (\S+)", line):
                once = match[1]
            if "/demo/" in line:
                door = line.split("　")[-1].strip()
                break
        try:
            asyncio.run(take(url, door, once))
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
