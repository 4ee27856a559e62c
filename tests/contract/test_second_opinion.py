"""What every second opinion promises, whoever is behind it. A new one is one more line in `ADAPTERS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from app.settings import PROJECT
from bot.understanding.chat_endpoint import ChatEndpoint, Endpoint
from bot.understanding.intents import IN_SCOPE, Intent
from bot.understanding.second_opinion import FixedOpinion, SecondOpinion, offered
from bot.understanding.understand import Understanding, Understood, Verdict
from knowledge.intent_examples import load_intent_examples
from tests.e2e.bot_api_server import Served
from tests.e2e.chat_endpoint_server import ChatServer
from tests.trained_model import MODEL

pytestmark = pytest.mark.loopback
TODAY = date(2026, 11, 20)
Meaning = Callable[[Understanding, Intent | None], AbstractAsyncContextManager[SecondOpinion]]


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.load(load_intent_examples(PROJECT / "knowledge"), kept=MODEL)


@asynccontextmanager
async def fixed(understanding: Understanding, meant: Intent | None) -> AsyncIterator[SecondOpinion]:
    yield FixedOpinion(meant)


@asynccontextmanager
async def endpoint(understanding: Understanding, meant: Intent | None) -> AsyncIterator[SecondOpinion]:
    server = ChatServer(understanding.names, meant=meant, content=None if meant else "0")
    async with Served(server.app()) as served:
        opinion = ChatEndpoint(Endpoint(served.url + "/v1", "m"), understanding.names)
        try:
            yield opinion
        finally:
            await opinion.close()


ADAPTERS: tuple[Meaning, ...] = (fixed, endpoint)


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.__name__)
def meaning(request: pytest.FixtureRequest) -> Meaning:
    adapter: Meaning = request.param
    return adapter


def unsure(understanding: Understanding) -> Understood:
    result = understanding.understand("ZL202010293847.9", TODAY)
    assert result.verdict is Verdict.CHOOSE
    return result


async def test_it_chooses_what_is_offered(meaning: Meaning, understanding: Understanding) -> None:
    for intent in offered(unsure(understanding)):
        async with meaning(understanding, intent) as opinion:
            assert await opinion.choose(unsure(understanding), TODAY) is intent


async def test_what_is_not_offered_is_never_chosen(meaning: Meaning, understanding: Understanding) -> None:
    nearest = set(offered(unsure(understanding)))
    stranger = next(intent for intent in IN_SCOPE if intent not in nearest)
    async with meaning(understanding, stranger) as opinion:
        assert await opinion.choose(unsure(understanding), TODAY) is None


async def test_none_of_them(meaning: Meaning, understanding: Understanding) -> None:
    async with meaning(understanding, None) as opinion:
        assert await opinion.choose(unsure(understanding), TODAY) is None


@pytest.mark.parametrize("text", ["商标要续展", "转人工", "", "😀"])
async def test_a_sure_or_empty_message_is_not_asked_about(
    meaning: Meaning, understanding: Understanding, text: str
) -> None:
    async with meaning(understanding, Intent.ANNUITY_FEE) as opinion:
        assert await opinion.choose(understanding.understand(text, TODAY), TODAY) is None
