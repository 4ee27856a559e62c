"""A small server that speaks the chat-completions form on loopback, and can be made to behave badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from bot.understanding.intents import Intent


@dataclass
class ChatServer:
    """What the server answers, and what it was asked.

    `meant` is the intent whose number it says; `content` says something else instead; `raw` is a whole response.
    """

    names: dict[Intent, str]
    meant: Intent | None = None
    content: Any = None
    raw: Response | None = None
    seconds: float = 0.0
    drip: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        http = FastAPI()
        http.add_api_route("/v1/chat/completions", self._complete, methods=["POST"], response_model=None)
        return http

    @property
    def sent(self) -> str:
        """Everything that left the house, as text."""
        return json.dumps(self.asked, ensure_ascii=False)

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization", ""))
        await asyncio.sleep(self.seconds)
        if self.raw is not None:
            return self.raw
        answer = {"choices": [{"message": {"role": "assistant", "content": self._said(body)}}]}
        if self.drip:
            return StreamingResponse(_dripping(json.dumps(answer)), media_type="application/json")
        return JSONResponse(answer)

    def _said(self, body: dict[str, Any]) -> Any:
        if self.content is not None or self.meant is None:
            return self.content
        for line in body["messages"][-1]["content"].splitlines():
            number, _, name = line.partition(". ")
            if name == self.names[self.meant]:
                return number
        return "0"


async def _dripping(words: str) -> AsyncIterator[str]:
    for letter in words:
        yield letter
        await asyncio.sleep(0.2)
