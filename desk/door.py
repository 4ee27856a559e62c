"""Plain pages in front of the desk: sign in, change the password, sign out.

They are ordinary forms, because a cookie can only be set by an answer to a request. The cookie is `HttpOnly` and
`SameSite=Strict`: another site can neither read it nor have it sent along.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from math import ceil
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from desk.deps import DeskDeps
from desk.guessing import KNOWN_FOR
from desk.login import SESSION, change_password, sign_in, sign_out, signed_in
from desk.passwords import MIN_LENGTH
from desk.style import CSS
from desk.words import TEXTS, at

COOKIE: Final = "zhituo_desk"
BROWSER: Final = "zhituo_browser"  # outlives signing out
PREFIX: Final = "/desk"
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def door(deps: DeskDeps) -> APIRouter:
    """Return the routes; they must be added before the desk is mounted under the same prefix."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)

    @router.get("/login")
    async def login_page(said: str = "") -> HTMLResponse:
        known = {"changed": "password.changed", "ended": "login.ended"}
        return _login_form(TEXTS.say(known[said]) if said in known else "")

    @router.post("/login")
    async def login(
        request: Request, login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
    ) -> Response:
        address = request.client.host if request.client else ""
        entry = await sign_in(deps, login, password[:1000], address, request.cookies.get(BROWSER))
        if entry.refusal is not None or entry.person is None:
            until = at(_whole_minute(entry.barred_until)) if entry.barred_until else ""
            message = TEXTS.say(entry.refusal or "login.wrong", until=until)
            form = _login_form(message, login, status=429 if entry.barred_until else 401)
            if entry.barred_until:
                left = entry.barred_until - deps.clock()
                form.headers["Retry-After"] = str(max(1, ceil(left.total_seconds())))
            return form
        response = RedirectResponse(
            f"{PREFIX}/password" if entry.person.must_change_password else f"{PREFIX}/", 303
        )
        for name, value, lasts in (
            (COOKIE, entry.token, SESSION),
            (BROWSER, entry.browser, KNOWN_FOR),
        ):
            response.set_cookie(
                name,
                value,
                max_age=int(lasts.total_seconds()),
                path=PREFIX,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https" or deps.doors.page.startswith("https:"),
            )
        return response

    @router.get("/password")
    async def password_page(request: Request) -> Response:
        if await signed_in(deps, request.cookies.get(COOKIE)) is None:
            return RedirectResponse(f"{PREFIX}/login", 303)
        return _password_form("")

    @router.post("/password")
    async def password(
        request: Request,
        old: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        person = await signed_in(deps, request.cookies.get(COOKIE))
        if person is None:
            return RedirectResponse(f"{PREFIX}/login", 303)
        wrong = await change_password(deps, person, old[:1000], new[:1000], again[:1000])
        if wrong is not None:
            return _password_form(TEXTS.say(wrong), status=400)
        response = RedirectResponse(f"{PREFIX}/login?said=changed", 303)
        response.delete_cookie(COOKIE, path=PREFIX)
        return response

    @router.post("/logout")
    async def logout(request: Request) -> Response:
        await sign_out(deps, request.cookies.get(COOKIE, ""))
        response = RedirectResponse(f"{PREFIX}/login", 303)
        response.delete_cookie(COOKIE, path=PREFIX)
        return response

    return router


def _whole_minute(instant: datetime) -> datetime:
    """Return the next whole minute: who comes back at the time that the page names is let in."""
    return instant + timedelta(seconds=-instant.timestamp() % 60)


def missing_page() -> HTMLResponse:
    """Return the page for an address, or a file, that is not there or not theirs to see."""
    return _page(
        f'<p>{escape(TEXTS.say("page.missing"))}</p><p><a href="{PREFIX}/">{escape(TEXTS.say("page.home"))}</a></p>',
        404,
    )


def _page(body: str, status: int = 200) -> HTMLResponse:
    title = escape(TEXTS.say("login.title"))
    page = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><style>{CSS}</style></head><body class="door"><main><h1>{title}</h1>{body}</main>'
        "</body></html>"
    )
    return HTMLResponse(page, status, HEADERS)


def _said(message: str) -> str:
    return f'<p class="said" role="alert">{escape(message)}</p>' if message else ""


def _login_form(message: str, login: str = "", status: int = 200) -> HTMLResponse:
    return _page(
        f"<p>{escape(TEXTS.say('login.lead'))}</p>{_said(message)}"
        f'<form method="post" action="{PREFIX}/login">'
        f'<label>账号<input name="login" value="{escape(login[:100], quote=True)}" autocomplete="username" '
        "autocapitalize=none required autofocus></label>"
        '<label>密码<input name="password" type="password" autocomplete="current-password" required></label>'
        "<button>登录</button></form>",
        status,
    )


def _password_form(message: str, status: int = 200) -> HTMLResponse:
    lead = TEXTS.say("password.lead", length=MIN_LENGTH)
    return _page(
        f"<p>{escape(lead)}</p>{_said(message)}"
        f'<form method="post" action="{PREFIX}/password">'
        '<label>原密码<input name="old" type="password" autocomplete="current-password" required></label>'
        '<label>新密码<input name="new" type="password" autocomplete="new-password" required></label>'
        '<label>再输一次<input name="again" type="password" autocomplete="new-password" required></label>'
        "<button>保存</button></form>"
        f'<form method="post" action="{PREFIX}/logout"><button class="quiet">退出</button></form>',
        status,
    )
