"""How the page's server says no: a status for the browser and a Chinese sentence for the person.

Who opens a link, to a file say, reads the sentence as a page; the page's own script gets it as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from bot.channels.plain_page import notice_page, wants_page
from bot.channels.texts import TEXTS

log = structlog.get_logger()


class Refusal(Exception):
    """The request is refused; `sentence` says to the person what to do, `retry_after` to the page when (seconds)."""

    def __init__(self, status: int, sentence: str, *, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry_after = retry_after


class ChatRoute(APIRoute):
    """A route whose every failure is a sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's own handler, with its failures turned into sentences."""
        handle = super().get_route_handler()

        async def with_sentences(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                if wants_page(request):
                    return notice_page(refusal.status, refusal.sentence)
                return _sentence(refusal.status, refusal.sentence, refusal.retry_after)
            except Exception:
                log.exception("the chat page's request failed", path=request.url.path)
                return _sentence(500, TEXTS.say("web.broken"))

        return with_sentences


def _sentence(status: int, sentence: str, retry_after: int | None = None) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return JSONResponse({"sentence": sentence}, status, headers=headers)
