"""`GET /feeds/{token}/deadlines.ics`: a company's deadlines for a calendar that follows the link by itself (RFC 5545).

Who has the link sees the deadlines: the token is the only key, 256 random bits, and only its hash is kept. A link that
was never given out, was ended or was replaced is answered alike: 404, and not a word except to a person in a browser.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from app.wiring import Clock
from bot.channels.plain_page import notice_page, wants_page
from bot.channels.texts import TEXTS
from bot.dialogue.replies.docket import docket_title
from rules.deadlines.docket_out import ics_feed
from store.asker import SYSTEM, Asker, Role
from store.database import Database
from store.docket_rows import open_docket

_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def feeds_router(database: Database, clock: Clock) -> APIRouter:
    """Return the route. It needs no sign-in: calendars can send none."""
    router = APIRouter(include_in_schema=False)

    async def feed(request: Request, token: str) -> Response:
        async with database.reading() as tx:
            company_id = await tx.feeds(SYSTEM).company_of(token)
            if company_id is None:
                if wants_page(request):
                    return notice_page(404, TEXTS.say("page.calendar"))
                return Response(status_code=404, headers=_HEADERS)
            company = await tx.people.company(company_id)
            # As the company's owner sees it: the store's own filter stands between this link and all other companies.
            rows = await open_docket(tx, Asker(Role.OWNER, company_id=company_id), company_id)
        data = await asyncio.to_thread(ics_feed, docket_title(company.name), rows, clock())
        return Response(
            data,
            media_type="text/calendar; charset=utf-8",
            headers=_HEADERS | {"Content-Disposition": 'inline; filename="deadlines.ics"'},
        )

    router.add_api_route("/feeds/{token}/deadlines.ics", feed, methods=["GET", "HEAD"])
    return router
