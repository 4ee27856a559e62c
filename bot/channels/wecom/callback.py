"""The callback of one WeCom account: proves the address to WeCom, opens what comes, refuses what is not WeCom's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter, Request, Response

from bot.channels.wecom import callback_xml
from bot.channels.wecom.crypto import CallbackCrypto
from bot.channels.wecom.errors import WecomCallbackError
from bot.channels.wecom.limits import CALLBACK_BYTES

log = structlog.get_logger()

Handler = Callable[[Mapping[str, str]], Awaitable[None]]


class Callback:
    """`router` must be served at the public address. `handle` is given a message's fields and stores them."""

    def __init__(self, path: str, crypto: CallbackCrypto, handle: Handler) -> None:
        self._crypto = crypto
        self._handle = handle
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route(path, self._verify, methods=["GET"])
        self.router.add_api_route(path, self._receive, methods=["POST"])

    async def _verify(self, request: Request) -> Response:
        """Return the secret word that WeCom sent, opened: the proof that the callback is ours."""
        try:
            word = self._open(request, request.query_params.get("echostr", ""))
        except WecomCallbackError as error:
            return _refused(403, error)
        return Response(word, media_type="text/plain")

    async def _receive(self, request: Request) -> Response:
        """Store one message. Not WeCom's 403; not its form 400; too long 413; not stored 500, and it comes again."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > CALLBACK_BYTES:
                return _refused(413, WecomCallbackError("the body is too long"))
        try:
            encrypted = callback_xml.read(bytes(body)).get("Encrypt", "")
        except WecomCallbackError as error:
            return _refused(400, error)
        try:
            message = self._open(request, encrypted)
        except WecomCallbackError as error:
            return _refused(403, error)
        try:
            fields = callback_xml.read(message)
        except WecomCallbackError as error:
            return _refused(400, error)
        try:
            await self._handle(fields)
        except Exception:
            log.exception("a callback could not be stored", kind=fields.get("MsgType", "")[:40])
            return Response(status_code=500)
        return Response(status_code=200)

    def _open(self, request: Request, encrypted: str) -> bytes:
        query = request.query_params
        return self._crypto.open(
            query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""), encrypted
        )


def _refused(status: int, error: WecomCallbackError) -> Response:
    log.warning("a callback was refused", status=status, reason=str(error))
    return Response(status_code=status)
