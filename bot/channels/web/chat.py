"""The chat page's routes: the page itself, what it sends, and the events it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from bot.channels.picture_type import picture_type
from bot.channels.port import Intake
from bot.channels.texts import TEXTS
from bot.channels.web import limits, messages, requests, visitors
from bot.channels.web.refusal import ChatRoute, Refusal
from bot.channels.web.sender import OpenPages, WebSender
from bot.channels.web.stream import events, is_working
from bot.channels.web.visitors import Visitor
from store.database import Database
from store.errors import NotVisibleError
from store.messages import Channel, Incoming, IncomingKind
from store.transaction import Transaction

_PAGE = Path(__file__).resolve().parent.parent / "web_page"
_MEDIA = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class WebChat:
    """The web channel. `router` goes to the HTTP server at `/`, `sender` and its `settled` to delivery."""

    def __init__(
        self,
        database: Database,
        intake: Intake,
        clock: Callable[[], datetime],
        *,
        topics: Callable[[], Sequence[str]] = tuple,
        public_url: str = "",
    ) -> None:
        self._database = database
        self._intake = intake
        self._clock = clock
        self._topics = topics
        self._public_url = public_url
        self._pages = OpenPages()
        self.sender = WebSender(self._pages)
        self.router = self._routes()

    def close(self) -> None:
        """Let open pages end, so that the server can stop."""
        self._pages.close()

    def _routes(self) -> APIRouter:
        router = APIRouter(route_class=ChatRoute, include_in_schema=False)
        router.add_api_route("/", self._index, methods=["GET"])
        router.add_api_route("/chat/static/{name}", self._static, methods=["GET"])
        router.add_api_route("/chat/session", self._session, methods=["POST"])
        router.add_api_route("/chat/history", self._history, methods=["GET"])
        router.add_api_route("/chat/events", self._events, methods=["GET"])
        router.add_api_route("/chat/messages", self._message, methods=["POST"])
        router.add_api_route("/chat/press", self._press, methods=["POST"])
        router.add_api_route("/chat/start", self._start, methods=["POST"])
        router.add_api_route("/chat/files", self._upload, methods=["POST"])
        router.add_api_route("/chat/files/{attachment_id}", self._file, methods=["GET"])
        return router

    async def _index(self, request: Request) -> Response:
        return _page_file(request, "index.html")

    async def _static(self, request: Request, name: str) -> Response:
        return _page_file(request, name)

    async def _session(self, request: Request) -> Response:
        """Let the browser in. It asks before its first message, so that a lost answer loses no message."""
        requests.require_our_page(request, self._public_url)
        now = self._clock()
        response = JSONResponse({}, headers={"Cache-Control": "no-store"})
        async with self._database.transaction() as tx:
            if await visitors.visitor_of(tx, request, now) is None:
                await limits.count_new_visitor(tx, request.client.host if request.client else "", now)
                visitors.set_cookie(response, await visitors.welcome(tx, now), secure=self._secure(request))
        return response

    async def _history(self, request: Request) -> Response:
        body: dict[str, object] = {"messages": [], "cursor": "0", "working": False, "known": False}
        now = self._clock()
        async with self._database.transaction() as tx:
            visitor = await visitors.visitor_of(tx, request, now)
            if visitor is not None:
                await tx.addresses.seen(Channel.WEB, visitor.address, now)
                shown, cursor = await messages.history(tx, visitor.person.id, visitor.address)
                working = await is_working(tx, visitor.person.id)
                body = {"messages": shown, "cursor": cursor, "working": working, "known": True}
        body["topics"] = list(self._topics())
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def _events(self, request: Request) -> Response:
        async with self._database.reading() as tx:
            visitor = await visitors.visitor_of(tx, request, self._clock())
        if visitor is None:
            return Response(status_code=204)  # the browser does not ask again
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")

        async def present(tx: Transaction) -> Visitor | None:
            return await visitors.visitor_of(tx, request, self._clock())

        return StreamingResponse(
            events(self._database, self._pages, visitor, last, present),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _message(self, request: Request) -> Response:
        visitor = await self._visitor(request)
        written = await requests.read_message(request)
        return await self._receive(visitor, written.message_id, IncomingKind.TEXT, text=written.text)

    async def _press(self, request: Request) -> Response:
        visitor = await self._visitor(request)
        pressed = await requests.read_press(request)
        return await self._receive(visitor, pressed.message_id, IncomingKind.PRESS, pressed=pressed.pressed)

    async def _start(self, request: Request) -> Response:
        visitor = await self._visitor(request)
        opened = await requests.read_start(request)
        return await self._receive(visitor, opened.message_id, IncomingKind.START, payload=opened.payload)

    async def _upload(self, request: Request) -> Response:
        visitor = await self._visitor(request)
        uploaded = await requests.read_file(request)
        async with self._database.transaction() as tx:
            await limits.count_file(tx, visitor.person, self._clock())
            kept = await tx.attachments(visitor.person.as_asker()).keep(
                uploaded.data, uploaded.filename, uploaded.media_type, visitor.person.id, self._clock()
            )
        photo = uploaded.media_type.startswith("image/")
        kind = IncomingKind.PHOTO if photo else IncomingKind.DOCUMENT
        return await self._receive(visitor, uploaded.message_id, kind, attachment_id=kept.id)

    async def _file(self, request: Request, attachment_id: str) -> Response:
        number = int(attachment_id) if attachment_id.isdecimal() and len(attachment_id) < 18 else 0
        try:
            async with self._database.reading() as tx:
                visitor = await visitors.visitor_of(tx, request, self._clock())
                if visitor is None:
                    raise Refusal(404, TEXTS.say("web.no_such_file"))
                kept, data = await tx.attachments(visitor.person.as_asker()).read(number)
        except NotVisibleError as error:
            raise Refusal(404, TEXTS.say("web.no_such_file")) from error
        picture = picture_type(data)
        shown = "inline" if picture else f"attachment; filename*=UTF-8''{quote(kept.filename, safe='')}"
        return Response(
            data,
            media_type=picture or "application/octet-stream",
            headers=_SAFE | {"Content-Disposition": shown, "Cache-Control": "private, max-age=86400"},
        )

    async def _visitor(self, request: Request) -> Visitor:
        requests.require_our_page(request, self._public_url)
        now = self._clock()
        async with self._database.reading() as tx:
            visitor = await visitors.visitor_of(tx, request, now)
            if visitor is None:
                raise Refusal(401, TEXTS.say("web.no_session"))
            await limits.require_calm(tx, visitor.person, now)
        return visitor

    async def _receive(
        self,
        visitor: Visitor,
        message_id: str,
        kind: IncomingKind,
        *,
        text: str = "",
        pressed: str = "",
        payload: str = "",
        attachment_id: int | None = None,
    ) -> Response:
        """Store what came and only then say so. The same message sent again is answered the same, and stored once."""
        incoming = Incoming(
            channel=Channel.WEB,
            address=visitor.address,
            update_id=f"{visitor.person.id}:{message_id}",
            kind=kind,
            received_at=self._clock(),
            text=text,
            pressed=pressed,
            payload=payload,
            attachment_id=attachment_id,
            since=visitor.since,
        )
        new = await self._intake.receive(incoming)
        self._pages.tell(visitor.address)
        body = {"id": message_id, "new": new, "file": attachment_id}
        return JSONResponse(body, 202, headers={"Cache-Control": "no-store"})

    def _secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or self._public_url.startswith("https:")


def _page_file(request: Request, name: str) -> Response:
    """Return a file of the page. The browser asks each time and gets it only when it has changed."""
    path = _PAGE / name
    if path.parent != _PAGE or path.suffix not in _MEDIA or not path.is_file():
        return Response(status_code=404)
    data = path.read_bytes()
    tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    headers = _SAFE | {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=f"{_MEDIA[path.suffix]}; charset=utf-8", headers=headers)
