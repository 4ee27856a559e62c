"""Plain pages for who follows a link in a browser: one sentence that says what to do next, and the ways on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.channels.rendering import escape
from bot.channels.texts import TEXTS

_STYLE: Final = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#faf7f1;color:#26302e;"
    'font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;line-height:1.7}'
    "main{width:min(24rem,88vw);box-sizing:border-box;background:#fff;border:1px solid #e6dfd2;"
    "border-radius:16px;padding:1.5rem}h1{margin:0 0 .5rem;font-size:1.3rem;color:#0f6b5c}a{color:#0f6b5c}"
    "button{width:100%;font:inherit;padding:.7rem;border:0;border-radius:8px;background:#0f6b5c;color:#fff}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
}


def wants_page(request: Request) -> bool:
    """Return whether a person waits in a browser: programs, pictures and scripts of pages do not ask for HTML."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")


def plain_page(status: int, title: str, body: str) -> HTMLResponse:
    """Return a page; `body` is HTML, whose words are escaped already."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    )
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head>{head}</head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status,
        headers=dict(_HEADERS),
    )


def notice_page(status: int, sentence: str) -> HTMLResponse:
    """Return a page with one sentence and the ways to the chat and to the desk."""
    ways = "".join(
        f'<p><a href="{target}">{escape(TEXTS.say(key))}</a></p>'
        for target, key in (("/", "page.chat"), ("/desk", "page.desk"))
    )
    return plain_page(status, TEXTS.say("page.title"), f"<p>{escape(sentence)}</p>{ways}")
