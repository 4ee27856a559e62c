"""`POST /api/v1/deadlines` and `GET /api/v1/deadlines/kinds`. Bad input is answered as a problem (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api_problems import ApiError, ProblemKind, responses
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import catalogue, compute
from rules.deadlines.result import Deadline
from rules.deadlines.tables import LawTables


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


def deadlines_router(tables: Callable[[], LawTables], today: Callable[[], date]) -> APIRouter:
    """Return the router; `tables` gives the published tables at the time of the request, `today` the day here."""
    router = APIRouter(prefix="/api/v1/deadlines", tags=["deadlines"])

    @router.post(
        "", responses=responses(ProblemKind.UNREADABLE, ProblemKind.TOO_LARGE, ProblemKind.BAD_INPUT)
    )
    def answer(question: DeadlineQuestion) -> Deadline:
        """Compute one deadline with its days, steps, amounts and citations."""
        as_of = question.as_of or today()
        try:
            return compute(tables(), question.kind, dict(question.inputs), as_of)
        except DeadlineInputError as error:
            raise ApiError(
                ProblemKind.BAD_INPUT, error.message_zh, field=error.field, reason=error.message_en
            ) from error

    @router.get("/kinds")
    def kinds() -> list[dict[str, Any]]:
        """List every kind with its inputs."""
        return [asdict(view) for view in catalogue(tables())]

    return router
