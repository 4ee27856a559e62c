"""The files that people sent, and small pictures of them, to staff who may see whose they are."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.channels.picture_type import picture_type
from desk.deps import DeskDeps
from desk.door import COOKIE, HEADERS, PREFIX, missing_page
from desk.login import signed_in
from desk.previews import Previews
from store.errors import NotVisibleError
from store.records import Attachment, Person

_NAMES_OF_PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp")


def may_be_picture(file: Attachment) -> bool:
    """Return whether a preview is worth asking for, by what the sender said of the file."""
    by_type = file.media_type.startswith("image/") and "svg" not in file.media_type
    return by_type or file.filename.lower().endswith(_NAMES_OF_PICTURES)


def preview_link(number: int) -> str:
    """Return the address of a file's preview, as a page's `img` asks for it."""
    return f"{PREFIX}/files/{number}/preview"


def files(deps: DeskDeps) -> APIRouter:
    """Return the routes; they must be added before the desk is mounted under the same prefix."""
    router = APIRouter(prefix=f"{PREFIX}/files", include_in_schema=False)
    previews = Previews()

    async def entered(request: Request) -> Person | None:
        person = await signed_in(deps, request.cookies.get(COOKIE))
        return None if person is None or person.must_change_password else person

    @router.get("/{attachment_id}")
    async def file(request: Request, attachment_id: str) -> Response:
        person = await entered(request)
        if person is None:
            return RedirectResponse(f"{PREFIX}/login", 303)
        try:
            async with deps.database.reading() as tx:
                kept, data = await tx.attachments(person.as_asker()).read(_number(attachment_id))
        except NotVisibleError:
            return missing_page()
        picture = picture_type(data)
        how = "inline" if picture else "attachment"
        disposition = f"{how}; filename*=UTF-8''{quote(kept.filename, safe='')}"
        return Response(
            data,
            media_type=picture or "application/octet-stream",
            headers={**HEADERS, "Content-Disposition": disposition},
        )

    @router.get("/{attachment_id}/preview")
    async def preview(request: Request, attachment_id: str) -> Response:
        person = await entered(request)
        if person is None:
            return Response(status_code=401, headers=HEADERS)
        number, asker = _number(attachment_id), person.as_asker()

        async def read() -> bytes:
            async with deps.database.reading() as tx:
                return (await tx.attachments(asker).read(number))[1]

        try:
            async with deps.database.reading() as tx:
                kept = await tx.attachments(asker).about(number)
            small = await previews.of(kept.sha256, read)
        except NotVisibleError:
            small = None
        if small is None:
            return Response(status_code=404, headers=HEADERS)
        return Response(small, media_type="image/jpeg", headers=HEADERS)

    return router


def _number(attachment_id: str) -> int:
    """Return the number of the file, 0 for what can be none: there is no such file."""
    return int(attachment_id) if attachment_id.isdecimal() and len(attachment_id) < 10 else 0
