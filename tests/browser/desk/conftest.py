"""The desk served alone, on a database of its own, and a Chromium before it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
import uvicorn
from fastapi import FastAPI
from nicegui.testing.general import nicegui_reset_globals
from playwright.async_api import Browser, Page, async_playwright

from desk.setup import mount
from store.database import Database
from tests.unit.desk.conftest import PASSWORD, Office, staffed_office

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def kind_of_database() -> str:
    """What is seen is about pages; the same steps run on both databases without a browser (tests/unit/desk)."""
    return "sqlite"


@pytest.fixture
async def office(database: Database, now: datetime) -> Office:
    return await staffed_office(database, now)


@pytest.fixture
async def served(office: Office) -> AsyncIterator[str]:
    """Serve the desk and return its address."""
    modules = dict(sys.modules)
    with nicegui_reset_globals():
        app = FastAPI()
        mount(app, office.deps)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            config = uvicorn.Config(app, log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve([listening]))
            while not server.started:  # noqa: ASYNC110 - the server has no event to wait for
                await asyncio.sleep(0.02)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.should_exit = True
            await running
    sys.modules.update(modules)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield started
        await started.close()


@asynccontextmanager
async def signed_in(browser: Browser, served: str, login: str, size: dict[str, int]) -> AsyncIterator[Page]:
    """Open a page and sign in; fail when the page reports an error of its scripts."""
    page = await browser.new_page(viewport={"width": size["width"], "height": size["height"]}, locale="zh-CN")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{served}/desk/")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    yield page
    assert errors == []
    await page.close()


async def nothing_wider_than_the_screen(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"
        )
    )
