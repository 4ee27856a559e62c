"""A small server that speaks Telegram's Bot API on loopback, written from its documentation.

It has what an independent one lacks: the secret header, 429 with `retry_after`, 403 for who blocked the bot, forum topics,
changed messages, long polling with acknowledgement by offset, and a record of every call with its time.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

TOKEN = "123456789:AAF-test-token-of-nobody-000000000000"
BOT = {"id": 123456789, "is_bot": True, "first_name": "知托", "username": "zhituo_test_bot"}


@dataclass(frozen=True)
class Call:
    """One call of the bot: its method, parameters, files, and when it came (monotonic seconds)."""

    method: str
    parameters: dict[str, Any]
    files: dict[str, bytes]
    at: float

    @property
    def chat(self) -> str:
        return str(self.parameters.get("chat_id", ""))

    @property
    def text(self) -> str:
        return str(self.parameters.get("text", ""))


@dataclass
class Topic:
    """A topic of a forum as its members see it."""

    name: str
    closed: bool = False


@dataclass
class Shown:
    """A message as its chat shows it now."""

    text: str
    markup: Any
    topic: int | None
    times_changed: int = 0

    @property
    def buttons(self) -> dict[str, str]:
        """Return the data of each button by its text."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return {button["text"]: button["callback_data"] for row in rows for button in row}


@dataclass
class BotApi:
    """The server's state, and what a test makes it do."""

    calls: list[Call] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    topics: dict[str, set[int]] = field(default_factory=dict)
    forum: dict[tuple[str, int], Topic] = field(default_factory=dict)
    administrators: dict[str, set[int]] = field(default_factory=dict)
    topics_allowed: bool = True  # whether the bot may manage topics where it is an administrator
    shown: dict[tuple[str, int], Shown] = field(default_factory=dict)
    kicked: set[str] = field(default_factory=set)
    floods: deque[int] = field(default_factory=deque)  # seconds to ask for, one a send
    broken: deque[str] = field(default_factory=deque)  # "500", "html", "cut", "hang": one a send
    refuse_pictures: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    wrong_secret: bool = False
    seconds_until_an_answer: float = 0.0
    waiting: dict[int, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    _next_message: int = 100
    _next_update: int = 5000
    _something: asyncio.Event = field(default_factory=asyncio.Event)

    # What a test does in the place of a person.

    def update(self, **content: Any) -> dict[str, Any]:
        """Return a new update of this content, not yet delivered."""
        self._next_update += 1
        return {"update_id": self._next_update, **content}

    def message(self, text: str | None = None, chat: int = 77, **more: Any) -> dict[str, Any]:
        """Return an update with a private message."""
        self._next_message += 1
        said = {} if text is None else {"text": text}
        return self.update(
            message={
                "message_id": self._next_message,
                "from": person(chat),
                "chat": {"id": chat, "type": "private", "first_name": "王"},
                "date": int(time.time()),
                **said,
                **more,
            }
        )

    def press(self, data: str, chat: int = 77) -> dict[str, Any]:
        """Return an update with a pressed button."""
        return self.update(
            callback_query={
                "id": f"q{self._next_update}",
                "from": person(chat),
                "chat_instance": "1",
                "data": data,
                "message": {
                    "message_id": 1,
                    "from": BOT,
                    "chat": {"id": chat, "type": "private"},
                    "date": int(time.time()),
                    "text": "…",
                },
            }
        )

    def blocks(self, chat: int = 77) -> dict[str, Any]:
        """Return the update that Telegram sends when a person blocks the bot."""
        self.blocked.add(str(chat))
        return self.update(
            my_chat_member={
                "chat": {"id": chat, "type": "private"},
                "from": person(chat),
                "date": int(time.time()),
                "old_chat_member": {"status": "member", "user": BOT},
                "new_chat_member": {"status": "kicked", "user": BOT, "until_date": 0},
            }
        )

    def in_group(
        self, text: str | None, chat: int, sender: int, topic: int | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return an update with what a member says in a forum: in the general topic, or in another."""
        self._next_message += 1
        said = {} if text is None else {"text": text}
        where = {} if topic is None else {"message_thread_id": topic, "is_topic_message": True}
        message = {
            "message_id": self._next_message,
            "from": person(sender),
            "chat": forum(chat),
            "date": int(time.time()),
            **where,
            **said,
            **more,
        }
        return self.update(message=message)

    def press_in_group(self, data: str, chat: int, sender: int, topic: int) -> dict[str, Any]:
        """Return an update with a button that a member pressed in a topic."""
        update = self.press(data, sender)
        update["callback_query"]["message"] |= {
            "chat": forum(chat),
            "message_thread_id": topic,
            "is_topic_message": True,
        }
        return update

    def membership(self, chat: int, was: str, is_now: str) -> dict[str, Any]:
        """Return the update that Telegram sends when the bot is added to a group, or taken out of it."""
        if is_now in ("left", "kicked"):
            self.kicked.add(str(chat))
        change = {"chat": forum(chat), "from": person(99), "date": int(time.time())}
        for key, status in (("old_chat_member", was), ("new_chat_member", is_now)):
            change[key] = {"status": status, "user": BOT} | (
                {"until_date": 0} if status == "kicked" else RIGHTS if status == "administrator" else {}
            )
        return self.update(my_chat_member=change)

    def delete_topic(self, chat: int, topic: int) -> None:
        """Let a member delete a topic with everything in it."""
        self.topics[str(chat)].discard(topic)
        del self.forum[str(chat), topic]
        for key in [key for key, shown in self.shown.items() if key[0] == str(chat) and shown.topic == topic]:
            del self.shown[key]

    def words(self, chat: int | str, topic: int | None = None) -> str:
        """Return all the words that a chat, or a topic of it, shows now."""
        return "\n".join(
            shown.text
            for (where, _), shown in self.shown.items()
            if where == str(chat) and (topic is None or shown.topic == topic)
        )

    def buttons(self, chat: int | str) -> dict[str, str]:
        """Return the buttons that a chat shows now, the newest of each text."""
        found: dict[str, str] = {}
        for (where, _), shown in self.shown.items():
            if where == str(chat):
                found |= shown.buttons
        return found

    def offer(self, *updates: dict[str, Any]) -> None:
        """Let the next poll have these updates, until they are acknowledged."""
        self.waiting.update({update["update_id"]: update for update in updates})
        self._something.set()

    async def deliver(self, update: dict[str, Any], times: int = 1) -> list[int]:
        """Call the bot's webhook with the update and return the answers' statuses."""
        secret = "wrong-secret" if self.wrong_secret else self.webhook.get("secret_token", "")
        async with httpx.AsyncClient() as client:
            answers = [
                await client.post(
                    self.webhook["url"], json=update, headers={"X-Telegram-Bot-Api-Secret-Token": secret}
                )
                for _ in range(times)
            ]
        return [answer.status_code for answer in answers]

    def sends(self, chat: str | int | None = None) -> list[Call]:
        """Return the calls that sent something, to one chat where one is named."""
        return [
            call
            for call in self.calls
            if call.method.startswith("send") and (chat is None or call.chat == str(chat))
        ]

    async def until_sent(self, count: int, chat: str | int | None = None, seconds: float = 10) -> list[Call]:
        """Return the first `count` sends when there are as many."""
        await until(lambda: len(self.sends(chat)) >= count, seconds)
        return self.sends(chat)

    # What the bot calls.

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/file/bot{token}/{path:path}", self._file, methods=["GET"])
        app.add_api_route("/bot{token}/{method}", self._method, methods=["GET", "POST"])
        return app

    async def _file(self, token: str, path: str) -> Response:
        if token != TOKEN or path not in self.files:
            return Response(status_code=404)
        return Response(self.files[path])

    async def _method(self, token: str, method: str, request: Request) -> Response:
        if token != TOKEN:
            return error(401, "Unauthorized")
        parameters, files = await _parameters(request)
        self.calls.append(Call(method, parameters, files, time.monotonic()))
        handler = getattr(self, f"_do_{method}", None)
        if handler is None:
            return error(404, "Not Found: method not found")
        answer = await handler(parameters)
        return answer if isinstance(answer, Response) else JSONResponse({"ok": True, "result": answer})

    async def _do_getMe(self, _: dict[str, Any]) -> Any:
        return BOT

    async def _do_setMyCommands(self, _: dict[str, Any]) -> Any:
        return True

    async def _do_setWebhook(self, parameters: dict[str, Any]) -> Any:
        self.webhook = parameters
        return True

    async def _do_deleteWebhook(self, _: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    async def _do_getChatMember(self, parameters: dict[str, Any]) -> Any:
        chat, user = str(parameters["chat_id"]), int(parameters["user_id"])
        if user == BOT["id"]:
            allowed = {"can_manage_topics": self.topics_allowed}
            return {"status": "administrator", "user": BOT} | RIGHTS | allowed
        if user in self.administrators.get(chat, set()):
            return {"status": "creator", "user": person(user), "is_anonymous": False}
        return {"status": "member", "user": person(user)}

    async def _do_createForumTopic(self, parameters: dict[str, Any]) -> Any:
        if refusal := self._refuses():
            return refusal
        chat, name = str(parameters["chat_id"]), str(parameters["name"])
        if chat in self.kicked:
            return error(403, "Forbidden: bot was kicked from the supergroup chat")
        if not self.topics_allowed:
            return error(400, "Bad Request: not enough rights to create a topic")
        if not 1 <= len(name) <= 128:
            return error(400, "Bad Request: topic name must be from 1 to 128 characters")
        self._next_message += 1
        self.topics.setdefault(chat, set()).add(self._next_message)
        self.forum[chat, self._next_message] = Topic(name)
        return {"message_thread_id": self._next_message, "name": name, "icon_color": 7322096}

    async def _do_editForumTopic(self, parameters: dict[str, Any]) -> Any:
        topic = self._topic(parameters)
        if topic is None:
            return error(400, "Bad Request: message thread not found")
        if topic.name == parameters["name"]:
            return error(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.name = str(parameters["name"])
        return True

    async def _do_closeForumTopic(self, parameters: dict[str, Any]) -> Any:
        return self._close(parameters, closed=True)

    async def _do_reopenForumTopic(self, parameters: dict[str, Any]) -> Any:
        return self._close(parameters, closed=False)

    def _close(self, parameters: dict[str, Any], *, closed: bool) -> Any:
        topic = self._topic(parameters)
        if topic is None:
            return error(400, "Bad Request: message thread not found")
        if topic.closed is closed:
            return error(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.closed = closed
        return True

    def _topic(self, parameters: dict[str, Any]) -> Topic | None:
        return self.forum.get((str(parameters["chat_id"]), int(parameters["message_thread_id"])))

    async def _do_editMessageText(self, parameters: dict[str, Any]) -> Any:
        return self._edit(parameters, str(parameters["text"]))

    async def _do_editMessageCaption(self, parameters: dict[str, Any]) -> Any:
        return self._edit(parameters, str(parameters.get("caption", "")))

    async def _do_editMessageMedia(self, parameters: dict[str, Any]) -> Any:
        return self._edit(parameters, str(parameters["media"].get("caption", "")))

    async def _do_editMessageReplyMarkup(self, parameters: dict[str, Any]) -> Any:
        return self._edit(parameters, None)

    def _edit(self, parameters: dict[str, Any], text: str | None) -> Any:
        if refusal := self._refuses():
            return refusal
        chat, number = str(parameters["chat_id"]), int(parameters["message_id"])
        shown = self.shown.get((chat, number))
        if shown is None:
            return error(400, "Bad Request: message to edit not found")
        after = (shown.text if text is None else text, parameters.get("reply_markup"))
        if after == (shown.text, shown.markup):
            return error(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
            )
        shown.text, shown.markup = after
        shown.times_changed += 1
        return self._message(chat, number, {"text": shown.text})

    def _refuses(self) -> Response | None:
        if self.floods and (seconds := self.floods.popleft()):
            return error(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        return None

    def _message(self, chat: str, number: int, content: dict[str, Any]) -> dict[str, Any]:
        where = forum(int(chat)) if chat.startswith("-") else {"id": int(chat), "type": "private"}
        return {"message_id": number, "from": BOT, "chat": where, "date": int(time.time()), **content}

    async def _do_answerCallbackQuery(self, _: dict[str, Any]) -> Any:
        return True

    async def _do_getUpdates(self, parameters: dict[str, Any]) -> Any:
        offset = int(parameters.get("offset") or 0)
        for update_id in [number for number in self.waiting if number < offset]:
            self.acknowledged.add(update_id)
            del self.waiting[update_id]
        if not self.waiting:
            self._something.clear()
            try:
                async with asyncio.timeout(float(parameters.get("timeout") or 0)):
                    await self._something.wait()
            except TimeoutError:
                return []
        return [self.waiting[update_id] for update_id in sorted(self.waiting)]

    async def _do_getFile(self, parameters: dict[str, Any]) -> Any:
        path = f"documents/{parameters['file_id']}"
        if path not in self.files:
            return error(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        return {
            "file_id": parameters["file_id"],
            "file_unique_id": "u",
            "file_size": len(self.files[path]),
            "file_path": path,
        }

    async def _do_sendMessage(self, parameters: dict[str, Any]) -> Any:
        return await self._sent(parameters, {"text": parameters.get("text", "")})

    async def _do_sendDocument(self, parameters: dict[str, Any]) -> Any:
        return await self._sent(parameters, {"document": {"file_id": "d", "file_unique_id": "d"}})

    async def _do_sendPhoto(self, parameters: dict[str, Any]) -> Any:
        if self.refuse_pictures:
            return error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        photo = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
        return await self._sent(parameters, {"photo": [photo]})

    async def _sent(self, parameters: dict[str, Any], content: dict[str, Any]) -> Any:
        await asyncio.sleep(self.seconds_until_an_answer)
        if self.broken:
            return await self._break(self.broken.popleft())
        if refusal := self._refuses():
            return refusal
        chat = str(parameters["chat_id"])
        if chat in self.blocked:
            return error(403, "Forbidden: bot was blocked by the user")
        if chat in self.kicked:
            return error(403, "Forbidden: bot was kicked from the supergroup chat")
        if chat in self.unknown:
            return error(400, "Bad Request: chat not found")
        topic = parameters.get("message_thread_id")
        if topic is not None and int(topic) not in self.topics.get(chat, set()):
            return error(400, "Bad Request: message thread not found")
        self._next_message += 1
        text = str(parameters.get("text") or parameters.get("caption") or "")
        thread = None if topic is None else int(topic)
        self.shown[chat, self._next_message] = Shown(text, parameters.get("reply_markup"), thread)
        return self._message(chat, self._next_message, content)

    async def _break(self, how: str) -> Response:
        if how == "hang":
            await asyncio.sleep(60)
        if how == "html":
            return Response("<html>Bad Gateway</html>", 502, media_type="text/html")
        if how == "cut":
            return Response('{"ok": true, "resu', media_type="application/json")
        return error(500, "Internal Server Error")


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Return when the condition holds. Raises TimeoutError when it does not come to hold."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the other side is a library, which sets no event
            await asyncio.sleep(0.01)


def person(number: int) -> dict[str, Any]:
    """Return a Telegram user."""
    return {
        "id": number,
        "is_bot": False,
        "first_name": "小明",
        "last_name": "王",
        "language_code": "zh-hans",
    }


RIGHTS: dict[str, Any] = {
    "can_be_edited": False,
    "is_anonymous": False,
    **dict.fromkeys(
        (
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
            "can_manage_topics",
            "can_send_welcome_messages",
        ),
        True,
    ),
}


def forum(number: int) -> dict[str, Any]:
    """Return a supergroup with topics."""
    return {"id": number, "type": "supergroup", "title": f"群{number}", "is_forum": True}


def error(code: int, description: str, **parameters: Any) -> JSONResponse:
    """Return an error in Telegram's form."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return JSONResponse(body | ({"parameters": parameters} if parameters else {}), code)


async def _parameters(request: Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    if request.headers.get("content-type", "").startswith("application/json"):
        return await request.json(), {}
    parameters: dict[str, Any] = dict(request.query_params)
    files: dict[str, bytes] = {}
    async with request.form() as form:
        for key, value in form.items():
            if isinstance(value, str):
                parameters[key] = json.loads(value) if value[:1] in "[{" else value
            else:
                files[key] = await value.read()
    return parameters, files


class Served:
    """An ASGI application on a free port of loopback, for as long as the block lasts."""

    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def __aenter__(self) -> Served:
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._server.force_exit = True
        self._server.should_exit = True
        await self._task
