"""`POST /api/v1/deadlines` and `GET /api/v1/deadlines/kinds`. Bad input is answered as a problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.api_problems import UNREADABLE_WORDS
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import catalogue, compute
from rules.deadlines.result import Deadline
from rules.deadlines.tables import LawTables

PROBLEM = "application/problem+json"
BAD_INPUT = 422
BAD_REQUEST = 400  # the framework's answer to a body that cannot be decoded


class DeadlineQuestion(BaseModel):
    """One kind and its inputs; `as_of` is today unless given."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=80, examples=["annuity"])
    inputs: dict[str, str | int | bool | list[str | int]] = Field(
        default_factory=dict,
        max_length=40,
        examples=[{"right_type": "invention", "filing": "2020-04-15", "year": "8"}],
    )
    as_of: date | None = None


class Problem(BaseModel):
    """What could not be used: `detail` for the person, `reason` for the operator."""

    type: str = "about:blank"
    title: str = "输入有误"
    status: int = BAD_INPUT
    detail: str
    field: str
    reason: str


class _ProblemRoute(APIRoute):
    """A route that answers every bad input with a problem document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except DeadlineInputError as error:
                return _problem(error.field, error.message_zh, error.message_en)
            except RequestValidationError as error:
                first = error.errors()[0]
                if first["type"] == "json_invalid":
                    return _problem("body", UNREADABLE_WORDS, str(first["msg"]))
                field = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
                return _problem(field, f"“{field}”不能这样填，请对照接口说明。", str(first["msg"]))
            except HTTPException as error:
                if error.status_code != BAD_REQUEST:
                    raise
                return _problem("body", UNREADABLE_WORDS, str(error.detail))

        return answered


def _problem(field: str, detail: str, reason: str) -> JSONResponse:
    body = Problem(detail=detail, field=field, reason=reason)
    return JSONResponse(body.model_dump(), status_code=BAD_INPUT, media_type=PROBLEM)


def deadlines_router(tables: Callable[[], LawTables], today: Callable[[], date]) -> APIRouter:
    """Return the router; `tables` gives the published tables at the time of the request, `today` the day here."""
    router = APIRouter(prefix="/api/v1/deadlines", tags=["deadlines"], route_class=_ProblemRoute)

    @router.post("", responses={BAD_INPUT: {"model": Problem, "description": "A field cannot be used"}})
    def answer(question: DeadlineQuestion) -> Deadline:
        """Compute one deadline with its days, steps, amounts and citations."""
        as_of = question.as_of or today()
        return compute(tables(), question.kind, dict(question.inputs), as_of)

    @router.get("/kinds")
    def kinds() -> list[dict[str, Any]]:
        """List every kind with its inputs."""
        return [asdict(view) for view in catalogue(tables())]

    return router
