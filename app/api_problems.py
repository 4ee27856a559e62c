"""Problem documents (RFC 9457): what a program is answered that asks for what cannot be done.

A person who opens an address outside `/api` in a browser reads a page instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from bot.channels.plain_page import notice_page, wants_page
from bot.channels.texts import TEXTS

PROBLEM = "application/problem+json"
PREFIX = "/api"
TYPES = f"{PREFIX}/problems"
UNREADABLE_WORDS = "请求内容不是能读懂的JSON，请对照接口说明。"


class ProblemKind(Enum):
    """What kinds of problem there are: name in the `type` address, status, title for people, words for programmers."""

    BAD_INPUT = (
        "bad-input",
        422,
        "输入有误",
        "A field is missing, unknown or cannot be used; `field` names it.",
    )
    UNREADABLE = "unreadable", 400, "请求读不懂", "The body cannot be decoded as JSON in UTF-8."
    NO_KEY = (
        "no-key",
        401,
        "需要密钥",
        "Send a valid key as `Authorization: Bearer …`; `zhituo key add` makes one.",
    )
    NOT_ALLOWED = (
        "not-allowed",
        403,
        "密钥没有这项权限",
        "The key is valid but lacks the scope that `reason` names.",
    )
    NOT_FOUND = (
        "not-found",
        404,
        "没有找到",
        "No such address, or no rule of this id in the published revision.",
    )
    NOT_THIS_WAY = (
        "not-this-way",
        405,
        "不能这样访问",
        "The address exists for other methods; see the `Allow` header.",
    )
    TOO_LARGE = (
        "too-large",
        413,
        "请求太大",
        "The body is larger than the service reads; send it in parts.",
    )
    OUR_FAULT = (
        "our-fault",
        500,
        "服务出错了",
        "A fault of the service. It is logged; the same request may work later.",
    )
    OTHER = "other", 400, "请求不能处理", "What has no kind of its own: see `status`."

    def __init__(self, label: str, status: int, title: str, words: str) -> None:
        self.label = label
        self.status = status
        self.title = title
        self.words = words

    @classmethod
    def of_status(cls, status: int) -> ProblemKind:
        """Return the kind that stands for an HTTP status."""
        return next((kind for kind in cls if kind.status == status), cls.OTHER)


class Problem(BaseModel):
    """A problem document. `detail` is for the person, `reason` for the operator."""

    type: str = Field(
        description="Address of what this kind of problem means", examples=[f"{TYPES}/bad-input"]
    )
    title: str = Field(description="The kind of problem, in Chinese", examples=["输入有误"])
    status: int = Field(description="The HTTP status", examples=[422])
    detail: str = Field(
        description="What to do, in Chinese", examples=["“前湾”不在可选项里，注册地可选：前湾新区、鄞州区。"]
    )
    field: str = Field(default="", description="The field that is at fault", examples=["facts.注册地"])
    reason: str = Field(default="", description="The same for operators", examples=["not one of the values"])


class ApiError(Exception):
    """A request cannot be answered. Carries what the problem document says."""

    def __init__(self, kind: ProblemKind, detail: str, *, field: str = "", reason: str = "") -> None:
        super().__init__(reason or detail)
        self.kind = kind
        self.detail = detail
        self.field = field
        self.reason = reason


def problem(
    kind: ProblemKind,
    detail: str,
    *,
    field: str = "",
    reason: str = "",
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the problem document as a response."""
    body = Problem(
        type=f"{TYPES}/{kind.label}",
        title=kind.title,
        status=status or kind.status,
        detail=_sendable(detail),
        field=_sendable(field),
        reason=_sendable(reason),
    )
    return JSONResponse(
        body.model_dump(), status_code=body.status, media_type=PROBLEM, headers=dict(headers or {})
    )


def _sendable(text: str) -> str:
    """Half surrogates come in through JSON escapes and cannot go out as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def responses(*kinds: ProblemKind) -> dict[int | str, dict[str, Any]]:
    """Return what the documentation of a route says about its problems."""
    schema = Problem.model_json_schema()
    return {
        kind.status: {"description": kind.words, "content": {PROBLEM: {"schema": schema}}} for kind in kinds
    }


def install(http: FastAPI) -> None:
    """Answer whatever goes wrong and is not answered nearer with a problem document, or a page for a person."""
    http.add_exception_handler(ApiError, _api_error)
    http.add_exception_handler(RequestValidationError, _validation)
    http.add_exception_handler(HTTPException, _http_error)
    http.add_exception_handler(Exception, _fault)
    http.add_api_route(
        TYPES + "/{label}",
        _meaning,
        methods=["GET"],
        tags=["problems"],
        summary="What a kind of problem means",
        responses=responses(ProblemKind.NOT_FOUND),
    )


class Meaning(BaseModel):
    """What a kind of problem means."""

    title: str
    status: int
    meaning: str


def _meaning(label: str) -> Meaning:
    """Return the meaning of the last part of a problem's `type`."""
    for kind in ProblemKind:
        if kind.label == label:
            return Meaning(title=kind.title, status=kind.status, meaning=kind.words)
    raise ApiError(ProblemKind.NOT_FOUND, "没有这种问题类型。", field="label", reason="unknown problem type")


def _is_person(request: Request) -> bool:
    path = request.url.path
    return wants_page(request) and path != PREFIX and not path.startswith(PREFIX + "/")


def _page(kind: ProblemKind, status: int) -> Response:
    words = {
        ProblemKind.NOT_FOUND: "page.missing",
        ProblemKind.NOT_THIS_WAY: "page.not_this_way",
        ProblemKind.OUR_FAULT: "page.broken",
    }
    return notice_page(status, TEXTS.say(words.get(kind, "page.refused")))


async def _api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    headers = {"WWW-Authenticate": "Bearer"} if error.kind is ProblemKind.NO_KEY else None
    return problem(error.kind, error.detail, field=error.field, reason=error.reason, headers=headers)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _is_person(request):
        return _page(ProblemKind.BAD_INPUT, ProblemKind.BAD_INPUT.status)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return problem(ProblemKind.UNREADABLE, UNREADABLE_WORDS, field="body", reason=str(first["msg"]))
    # A union names each of its members in the place: the field is what the caller wrote before them.
    place = [str(part) for part in first["loc"][1:] if str(part) not in _MEMBERS]
    field = ".".join(place) or "body"
    reason = (
        "one of the values cannot be used" if place != [str(p) for p in first["loc"][1:]] else first["msg"]
    )
    return problem(
        ProblemKind.BAD_INPUT, f"“{field}”不能这样填，请对照接口说明。", field=field, reason=str(reason)
    )


_MEMBERS = frozenset({"bool", "int", "float", "str", "list[str]", "function-wrap[serialize()]"})


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = ProblemKind.of_status(error.status_code)
    if _is_person(request):
        page = _page(kind, error.status_code)
        page.headers.update(error.headers or {})
        return page
    detail = {
        ProblemKind.UNREADABLE: UNREADABLE_WORDS,
        ProblemKind.NOT_FOUND: "没有这个地址，接口说明见 /api/docs。",
        ProblemKind.NOT_THIS_WAY: "这个地址不接受这种请求方法，接口说明见 /api/docs。",
        ProblemKind.TOO_LARGE: "请求内容太大，请分几次发。",
    }.get(kind, "请求不能处理，请对照接口说明 /api/docs。")
    return problem(kind, detail, reason=str(error.detail), status=error.status_code, headers=error.headers)


async def _fault(request: Request, _: Exception) -> Response:
    """The framework logs the exception itself after this answer is sent."""
    if _is_person(request):
        return _page(ProblemKind.OUR_FAULT, ProblemKind.OUR_FAULT.status)
    return problem(
        ProblemKind.OUR_FAULT,
        "服务出了点问题，已经记录。请稍后再试。",
        reason="unexpected error, see the log",
    )
