"""A small server that speaks WeCom's API on loopback, written from its documentation: members and customer service.

It keeps its own rules, so that a client that breaks one is refused: the five messages of a window, msgids and task ids
used twice, session states, lengths. It calls the service's callbacks with Tencent's encryption, written here anew.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.e2e.bot_api_server import Served

CORP = "wxcorp0000000001"
SECRET = "secret-of-the-application"
KF_SECRET = "secret-of-customer-service"
AGENT = 1000002
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
KFID = "wkAccount0001"
_MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}")

__all__ = ["Served", "Wecom"]


@dataclass(frozen=True)
class Call:
    """One call: its path, body, files, and when it came (monotonic seconds)."""

    path: str
    body: dict[str, Any]
    query: dict[str, str]
    at: float


@dataclass
class Wecom:
    """The server's state, and what a test makes it do."""

    calls: list[Call] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)  # token → secret it was given for
    tokens_given: int = 0
    tokens_asked: int = 0
    seconds_until_a_token: float = 0.0
    gone: set[str] = field(default_factory=set)
    unlicensed: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    codes: deque[int] = field(default_factory=deque)  # error codes to answer with, one a send
    broken: deque[str] = field(default_factory=deque)  # "500", "html", "empty", "cut", "lost": one a send
    refuse_pictures: bool = False
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    media_broken: bool = False
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    task_ids: set[str] = field(default_factory=set)
    response_codes: dict[str, str] = field(default_factory=dict)  # code that came with a press → who pressed
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)  # who pressed → the last change of a card
    msgids: set[str] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)  # customer → messages that the window still takes
    states: dict[str, tuple[int, str]] = field(default_factory=dict)  # customer → session state, servicer
    welcome_codes: set[str] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)
    page: int = 1000

    # What a test does in the place of people.

    def customer_writes(self, customer: str, **content: Any) -> dict[str, Any]:
        """Let a customer write; their window opens and an ended session begins anew."""
        self.left[customer] = 5
        if self.states.get(customer, (4, ""))[0] == 4:
            self.states[customer] = (0, "")
        kind = content.pop("msgtype", "text")
        body = {"content": content["text"]} if "text" in content else content.get("part", {})
        if "menu_id" in content:
            body["menu_id"] = content["menu_id"]
        return self.happens(origin=3, msgtype=kind, external_userid=customer, **{kind: body})

    def happens(self, **message: Any) -> dict[str, Any]:
        """Add a message or an event to what `sync_msg` returns."""
        told = {
            "msgid": f"m{secrets.token_hex(8)}",
            "open_kfid": KFID,
            "send_time": int(time.time()),
            **message,
        }
        self.events.append(told)
        return told

    def press(self, member: str, key: str, at: int = 1) -> dict[str, str]:
        """Return the fields of a press of a card's button, with the code for one change of the card."""
        code = f"code-{secrets.token_urlsafe(24)}"
        self.response_codes[code] = member
        return {
            "FromUserName": member,
            "AgentID": str(AGENT),
            "MsgType": "event",
            "CreateTime": str(at),
            "Event": "template_card_event",
            "EventKey": key,
            "TaskId": "t",
            "CardType": "button_interaction",
            "ResponseCode": code,
        }

    def event(self, kind: str, customer: str, **more: Any) -> dict[str, Any]:
        """Add an event of customer service."""
        told = {"event_type": kind, "open_kfid": KFID, "external_userid": customer, **more}
        return self.happens(origin=4, msgtype="event", event=told)

    def sends(self, to: str | None = None) -> list[dict[str, Any]]:
        """Return the bodies of the calls that sent something."""
        return [
            call.body
            for call in self.calls
            if call.path in ("message/send", "kf/send_msg", "kf/send_msg_on_event")
            and (to is None or call.body.get("touser") == to)
        ]

    def expire_tokens(self) -> None:
        """Take all access tokens back, as WeCom may."""
        self.tokens.clear()

    # What the service calls.

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/cgi-bin/gettoken", self._gettoken, methods=["GET"])
        app.add_api_route("/cgi-bin/{path:path}", self._called, methods=["GET", "POST"])
        return app

    async def _gettoken(self, request: Request) -> Response:
        query = dict(request.query_params)
        self.tokens_asked += 1
        await asyncio.sleep(self.seconds_until_a_token)
        if query.get("corpid") != CORP or query.get("corpsecret") not in (SECRET, KF_SECRET):
            return error(40001, "invalid credential")
        self.tokens_given += 1
        token = f"token-{self.tokens_given}-{secrets.token_hex(8)}"
        self.tokens[token] = query["corpsecret"]
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})

    async def _called(self, path: str, request: Request) -> Response:
        query = dict(request.query_params)
        secret = self.tokens.get(query.get("access_token", ""))
        if secret is None:
            return error(40014 if query.get("access_token") else 41001, "invalid access_token")
        if path.startswith("kf/") is not (secret == KF_SECRET) and not path.startswith("media/"):
            return error(48002, "api forbidden")
        body = await _body(request)
        self.calls.append(Call(path, body, query, time.monotonic()))
        handler = getattr(self, "_do_" + path.replace("/", "_"), None)
        if handler is None:
            return error(404, "no such api")
        answer = await handler(body, query)
        return (
            answer if isinstance(answer, Response) else JSONResponse({"errcode": 0, "errmsg": "ok", **answer})
        )

    async def _do_menu_create(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        if not 1 <= len(body["button"]) <= 3 or any(len(b["name"].encode()) > 16 for b in body["button"]):
            return error(40018, "invalid button name size")
        return {}

    async def _do_media_upload(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        filename, data = body["media"]
        if self.refuse_pictures and query["type"] == "image":
            return error(40009, "invalid image size")
        if len(data) <= 5:
            return error(40006, "invalid media size")
        media_id = f"media{len(self.uploads)}"
        self.uploads[media_id] = (filename, data)
        return {"type": query["type"], "media_id": media_id, "created_at": "1"}

    async def _do_media_get(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        if self.media_broken:
            return Response("<html>Bad Gateway</html>", 502, media_type="text/html")
        found = self.media.get(query.get("media_id", ""))
        if found is None:
            return error(40007, "invalid media_id")
        named = {"Content-Disposition": 'attachment; filename="MEDIA_ID"'}
        return Response(found[1], media_type=found[0], headers=named)

    async def _do_message_send(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        broken = self._break()
        if broken is not None:
            return broken
        member = body["touser"]
        if member in self.unknown:
            return error(81013, "user & party & tag all invalid")
        if member in self.gone:
            return {"invaliduser": member.lower(), "msgid": "x"}
        if member in self.unlicensed:
            return {"unlicenseduser": member.lower(), "msgid": "x"}
        if body["agentid"] != AGENT:
            return error(40056, "invalid agentid")
        wrong = self._wrong_content(body)
        return wrong or {"invaliduser": "", "msgid": secrets.token_hex(8)}

    async def _do_message_update_template_card(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        broken = self._break()
        if broken is not None:
            return broken
        member = self.response_codes.pop(body["response_code"], None)
        if member is None or body["agentid"] != AGENT or body["userids"] != [member]:
            return error(42044, "invalid response_code")
        if ("button" in body) == ("template_card" in body):
            return error(40058, "either button or template_card")
        if "button" in body and not body["button"]["replace_name"]:
            return error(40058, "empty replace_name")
        wrong = self._wrong_content({"msgtype": "template_card", **body}) if "template_card" in body else None
        if wrong is None:
            self.cards[member] = body
        return wrong or {"invaliduser": ""}

    def _wrong_content(self, body: dict[str, Any]) -> Response | None:
        kind = body["msgtype"]
        if kind == "text" and not 1 <= len(body["text"]["content"].encode()) <= 2048:
            return error(45002, "content size out of limit")
        if kind in ("image", "file") and body[kind]["media_id"] not in self.uploads:
            return error(40007, "invalid media_id")
        if kind == "template_card":
            card = body["template_card"]
            if card["task_id"] in self.task_ids or not re.fullmatch(r"[\w@-]{1,128}", card["task_id"]):
                return error(42045, "invalid task_id")
            self.task_ids.add(card["task_id"])
            keys = [button["key"] for button in card["button_list"]]
            if not 1 <= len(keys) <= 6 or len(set(keys)) != len(keys):
                return error(42043, "invalid button_list")
        return None

    async def _do_kf_sync_msg(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        start = int(body.get("cursor") or 0)
        end = min(start + min(body.get("limit", 1000), self.page), len(self.events))
        return {
            "next_cursor": str(end),
            "has_more": int(end < len(self.events)),
            "msg_list": self.events[start:end],
        }

    async def _do_kf_send_msg(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        broken = self._break()
        if broken is not None and broken is not LOST:
            return broken
        customer, msgid = body["touser"], body["msgid"]
        if body["open_kfid"] != KFID:
            return error(95000, "invalid open_kfid")
        if not _MSGID.fullmatch(msgid) or msgid in self.msgids:
            return (
                error(40058, "invalid msgid") if not _MSGID.fullmatch(msgid) else error(95999, "msgid exists")
            )
        if customer not in self.left:
            return error(95002, "send msg time limit")
        if self.states.get(customer, (4, ""))[0] not in (0, 1):
            return error(95018, "send msg session status invalid")
        if self.left[customer] <= 0:
            return error(95001, "send msg count limit")
        wrong = self._wrong_content(body) or self._wrong_menu(body)
        if wrong is not None:
            return wrong
        self.left[customer] -= 1
        self.msgids.add(msgid)
        return Response(status_code=502) if broken is LOST else {"msgid": msgid}

    def _wrong_menu(self, body: dict[str, Any]) -> Response | None:
        if body["msgtype"] != "msgmenu":
            return None
        menu = body["msgmenu"]
        fits = len(menu["head_content"].encode()) <= 1024 and 1 <= len(menu["list"]) <= 10
        entries = all(
            1 <= len(each["click"]["id"].encode()) <= 64
            and 1 <= len(each["click"]["content"].encode()) <= 128
            for each in menu["list"]
        )
        return None if fits and entries else error(40058, "invalid msgmenu")

    async def _do_kf_add_contact_way(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        if body["open_kfid"] != KFID or not re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", body["scene"]):
            return error(40058, "invalid scene")
        return {"url": "https://work.weixin.qq.com/kf/kfc1?enc_scene=E"}

    async def _do_kf_send_msg_on_event(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        broken = self._break()
        if broken is not None and broken is not LOST:
            return broken
        if body["code"] not in self.welcome_codes:
            return error(95007, "invalid code")
        self.welcome_codes.discard(body["code"])
        return broken or {"msgid": body["msgid"]}

    async def _do_kf_service_state_get(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        state, servicer = self.states.get(body["external_userid"], (4, ""))
        return {"service_state": state, "servicer_userid": servicer}

    async def _do_kf_service_state_trans(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        allowed = {0: (1, 2, 3, 4), 1: (2, 3, 4), 2: (3, 4), 3: (3, 4), 4: ()}
        present = self.states.get(body["external_userid"], (4, ""))[0]
        if body["service_state"] not in allowed[present]:
            return error(95013, "conversation ended")
        self.states[body["external_userid"]] = (body["service_state"], body.get("servicer_userid", ""))
        return {"msg_code": "code"}

    def _break(self) -> Response | None:
        if self.codes and (code := self.codes.popleft()):
            return error(code, "as the test wants")
        how = self.broken.popleft() if self.broken else ""
        match how:
            case "500":
                return Response(status_code=500)
            case "html":
                return Response("<html>Bad Gateway</html>", 502, media_type="text/html")
            case "empty":
                return Response(b"", 200)
            case "cut":
                return Response('{"errcode": 0, "errm', media_type="application/json")
            case "lost":
                return LOST
        return None


LOST = Response(status_code=502)  # done, but the answer does not arrive


class Caller:
    """WeCom calling back."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def verify(self) -> tuple[int, str]:
        """Prove the address, as WeCom does when the callback is set up; return status and what came back."""
        sealed = seal(b"the secret word")
        async with httpx.AsyncClient() as client:
            answer = await client.get(self.url, params={**signed(sealed), "echostr": sealed})
        return answer.status_code, answer.text

    async def tell(self, times: int = 1, **fields: str) -> list[int]:
        """Call back with a message of these fields; return the statuses."""
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
        return await self.send(f"<xml><ToUserName>{CORP}</ToUserName>{inside}</xml>".encode(), times)

    async def send(self, message: bytes, times: int = 1, **wrong: str) -> list[int]:
        """Call back with this plain text; `wrong` replaces parameters of the query."""
        sealed = seal(message)
        body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return await self.raw(body.encode(), {**signed(sealed), **wrong}, times)

    async def raw(self, body: bytes, query: dict[str, str], times: int = 1) -> list[int]:
        """Call back with this body."""
        async with httpx.AsyncClient() as client:
            return [
                (await client.post(self.url, params=query, content=body)).status_code for _ in range(times)
            ]


def seal(message: bytes) -> str:
    """Return the message encrypted as Tencent's description says."""
    key = base64.b64decode(AES_KEY + "=")
    plain = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + CORP.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def signed(sealed: str) -> dict[str, str]:
    """Return the query of a callback with this encrypted part."""
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
    parts = "".join(sorted([TOKEN, timestamp, nonce, sealed]))
    signature = hashlib.sha1(parts.encode()).hexdigest()
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def error(code: int, message: str) -> JSONResponse:
    """Return an error in WeCom's form: status 200, the code in the body."""
    return JSONResponse({"errcode": code, "errmsg": message})


async def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form() as form:
            return {
                key: (value.filename, await value.read())
                for key, value in form.items()
                if not isinstance(value, str)
            }
    raw = await request.body()
    if rb"\u" in raw:
        return {}
    return json.loads(raw) if raw else {}
