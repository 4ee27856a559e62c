"""The same Telegram side against telemelya, a Bot API server that is not ours.

It runs from an environment of its own (`make telemelya`), with fakeredis and moto standing in for Redis and S3. It sends
no secret header, so a relay in front of our webhook adds it; our own server covers what it lacks.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.telegram.receiver import TelegramReceiver
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import Mode, TelegramSettings
from bot.delivery.delivery import Delivery
from store.asker import SYSTEM
from store.database import Database
from store.messages import IncomingKind
from tests.e2e.bot_api_server import Served
from tests.echo_pipeline import EchoPipeline

BIN = Path(__file__).resolve().parents[2] / ".venv-telemelya" / "bin"
TOKEN = "987654321:AAF-test-token-of-nobody-111111111111"
SECRET = "a-secret-of-the-webhook"
REDIS = "import sys; from fakeredis import TcpFakeServer; TcpFakeServer(('127.0.0.1', int(sys.argv[1]))).serve_forever()"

pytestmark = pytest.mark.skipif(
    not (BIN / "telemelya-server").exists(),
    reason="telemelya is not installed in .venv-telemelya: run `make telemelya`",
)


def clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def program(*command: str, **environment: str) -> Iterator[None]:
    """Run a program of telemelya's environment for as long as the block lasts."""
    inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    process = subprocess.Popen(
        command,
        env=inherited | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=BIN.parent,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass
class Telemelya:
    """The server seen from a test: what a person does, and what the bot called."""

    url: str
    client: httpx.AsyncClient
    session: str

    async def person(self, **does: Any) -> dict[str, Any]:
        """Let a person send a text, a command, a photo or a pressed button, and return the webhook's answer."""
        answer = await self.client.post(
            "/api/v1/test/send_update",
            params={"bot_token": TOKEN, "session_id": self.session},
            json={"chat_id": 77, **does},
        )
        answer.raise_for_status()
        return answer.json()["delivery"]  # type: ignore[no-any-return]

    async def photo(self, data: bytes) -> str:
        """Put a photo where `getFile` finds it and return its id."""
        answer = await self.client.post(
            "/api/v1/test/upload_media",
            params={"session_id": self.session},
            files={"file": ("receipt.jpg", data, "image/jpeg")},
        )
        return str(answer.json()["file_id"])

    async def until_called(self, method: str, count: int) -> list[dict[str, Any]]:
        """Return the bot's calls of a method when there are so many."""
        async with asyncio.timeout(10):
            while True:
                answer = await self.client.get("/api/v1/test/responses", params={"session_id": self.session})
                calls = [call for call in answer.json()["responses"] if call["method"] == method]
                if len(calls) >= count:
                    return calls
                await asyncio.sleep(0.05)


async def _until_healthy(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/api/v1/test/health")).json().get("ok"):
                    return
            except (httpx.HTTPError, ValueError):
                pass
            await asyncio.sleep(0.2)


@pytest.fixture
async def telemelya(free_ports: list[int]) -> AsyncIterator[Telemelya]:
    redis, s3, port = free_ports
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as running:
        running.enter_context(program(str(BIN / "python"), "-c", REDIS, str(redis)))
        running.enter_context(program(str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(s3)))
        await _until_listening(redis)
        await _until_listening(s3)
        running.enter_context(
            program(
                str(BIN / "telemelya-server"),
                MOCK_SERVER_HOST="127.0.0.1",
                MOCK_SERVER_PORT=str(port),
                MOCK_SERVER_URL=url,
                REDIS_URL=f"redis://127.0.0.1:{redis}/0",
                MINIO_ENDPOINT=f"127.0.0.1:{s3}",
            )
        )
        headers = {"Authorization": "Bearer any"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=10) as client:
            await _until_healthy(client)
            yield Telemelya(url, client, secrets.token_hex(4))


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            await writer.wait_closed()
            return


class WithSecret:
    """An ASGI relay that adds the secret header which Telegram sends and telemelya does not."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        header = (b"x-telegram-bot-api-secret-token", SECRET.encode())
        await self._app(scope | {"headers": [*scope.get("headers", []), header]}, receive, send)


async def test_a_conversation_by_webhook(telemelya: Telemelya, database: Database) -> None:
    """A start, a question, a pressed button and a photo, each delivered once and answered once."""
    ours = FastAPI()
    async with Served(WithSecret(ours)) as service:
        settings = TelegramSettings(TOKEN, telemelya.url, SECRET, Mode.WEBHOOK, service.url)
        sender = TelegramSender(settings, database)
        delivery = Delivery(database, [sender], clock)
        pipeline = EchoPipeline(database, clock, delivery.wake)
        receiver = TelegramReceiver(settings, database, pipeline, clock)
        ours.include_router(receiver.router)
        tasks = [asyncio.create_task(receiver.run()), asyncio.create_task(delivery.run())]
        try:
            await _until_webhook_is_set(telemelya)
            assert (await telemelya.person(command="/start bureau"))["status_code"] == 200
            (start,) = await telemelya.until_called("sendMessage", 1)
            assert start["text"] == "听到：bureau"

            await telemelya.person(text="年费什么时候交")
            answer = (await telemelya.until_called("sendMessage", 2))[1]
            assert answer["text"] == "听到：年费什么时候交"
            button = answer["reply_markup"]["inline_keyboard"][0][0]

            await telemelya.person(
                callback_data=button["callback_data"], callback_message_id=answer["message_id"]
            )
            pressed = (await telemelya.until_called("sendMessage", 3))[2]
            assert pressed["text"] == f"听到：{button['callback_data']}"
            assert len(await telemelya.until_called("answerCallbackQuery", 1)) == 1

            data = b"\xff\xd8\xff receipt"
            await telemelya.person(photo_file_id=await telemelya.photo(data), photo_caption="缴费凭证")
            await telemelya.until_called("sendMessage", 4)
            photo = pipeline.received[-1]
            assert (photo.kind, photo.text) == (IncomingKind.PHOTO, "缴费凭证")
            assert photo.attachment_id is not None
            async with database.reading() as tx:
                assert (await tx.attachments(SYSTEM).read(photo.attachment_id))[1] == data
            assert len(pipeline.received) == 4
        finally:
            receiver.stop()
            delivery.stop()
            await asyncio.gather(*tasks)
            await sender.close()


async def _until_webhook_is_set(telemelya: Telemelya) -> None:
    async with asyncio.timeout(10):
        while True:
            answer = await telemelya.client.post(f"/bot{TOKEN}/getWebhookInfo")
            if answer.json()["result"]["url"]:
                return
            await asyncio.sleep(0.05)
