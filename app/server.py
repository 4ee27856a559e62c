"""The HTTP server: owner chat at `/`, staff desk at `/desk`, API docs at `/api/docs`, all in one process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import structlog
import typer
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from app import api, demo
from app.background import Background
from app.body_limit import BodyLimit
from app.channels import MoreChannels
from app.feeds import feeds_router
from app.logging import configure_logging
from app.metrics import metrics_router
from app.second_opinion import open_second_opinion
from app.settings import Settings
from app.telegram import TelegramChannel, open_telegram
from app.wiring import Clock, Minds, Service, Ways, open_knowledge, utc_now
from bot.channels.web.chat import WebChat
from bot.deep_links import Doors
from bot.delivery.local import LocalSender
from bot.delivery.port import Sender
from bot.dialogue.topics.smalltalk import TOPICS
from bot.pipeline import Pipeline
from desk.deps import DeskDeps
from desk.editorial import Editorial
from desk.setup import mount
from knowledge.drafts import Drafts
from store.database import Database
from store.messages import Channel

log = structlog.get_logger()
GRACE_SECONDS = 5


class Application:
    """One running installation."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.knowledge = open_knowledge(settings.knowledge_dir, settings.revisions_file, clock())
        self.minds = Minds.of(self.knowledge.content, settings.model_file)
        self._clock = clock
        self._web: WebChat | None = None
        self._telegram: TelegramChannel | None = None
        self._more = MoreChannels()
        self._second_opinion = open_second_opinion(settings, self.minds())
        self.doors = Doors(page=settings.base_url)
        self.service = Service.build(
            self.database,
            self.minds,
            clock,
            self._open_channels,
            settings.reminder_hour,
            settings.base_url,
            self._second_opinion,
            self.doors,
        )
        self.background = Background(self.service, settings)
        self.filled = demo.Filled()
        self.http = self._http()

    def _open_channels(self, pipeline: Pipeline) -> Ways:
        web = WebChat(
            self.database,
            pipeline,
            self._clock,
            topics=lambda: [choice.text for choice in TOPICS],
            public_url=self.settings.public_url,
        )
        self._web = web
        self._telegram = open_telegram(self.settings, self.database, pipeline, self._clock, self.doors)
        telegram = [] if self._telegram is None else self._telegram.senders
        # What staff are told waits at the desk: it has arrived when it is stored.
        desk = LocalSender(Channel.DESK)
        self._more = MoreChannels.open(
            self.settings,
            self.database,
            pipeline,
            self._clock,
            {Channel.WEB, Channel.TELEGRAM} if telegram else {Channel.WEB},
            self.doors,
        )
        senders: list[Sender] = [web.sender, *telegram, *self._more.senders]
        self.doors.channels = self.database.channels_on = frozenset(sender.channel for sender in senders)
        return Ways([*senders, desk], [web.sender.settled])

    def _http(self) -> FastAPI:
        http = FastAPI(
            title="知托 API", version="1", docs_url=None, redoc_url=None,
            openapi_url="/api/openapi.json", lifespan=self._lifespan,
        )  # fmt: skip
        http.add_middleware(BodyLimit)
        if self._web is not None:
            http.include_router(self._web.router)
        if self._telegram is not None:
            http.include_router(self._telegram.receiver.router)
        for router in self._more.routers:
            http.include_router(router)
        if self.settings.demo:
            secure = self.settings.public_url.startswith("https")
            http.include_router(demo.doors(self.database, self._clock, secure=secure))
        http.include_router(feeds_router(self.database, self._clock))
        api.mount(http, self.minds, self.database, self._clock, demo=self.settings.demo)
        http.add_api_route("/healthz", self._health, include_in_schema=False)
        token, health = self.settings.metrics_token.get_secret_value(), self.background.clock.health
        http.include_router(metrics_router(self.database, token, health))
        drafts = Drafts(self.settings.revisions_file.with_name("drafts.json"))
        deps = DeskDeps(
            self.database,
            lambda: self.minds().knowledge,
            self._clock,
            self.service.delivery.wake,
            Editorial(self.knowledge, drafts, self.minds.publish),
            self.doors,
        )
        mount(http, deps)
        return http

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()

    async def start(self) -> None:
        """Bring the database up to date, answer what a crash left unanswered, and start what runs beside requests."""
        await self.database.migrate()
        if self.settings.demo:
            self.filled = await demo.fill(
                self.database, self.minds().knowledge, self.service.docket, self._clock()
            )
        left = await self.service.pipeline.answer_waiting()
        if left:
            log.info("answered what was left waiting", messages=left)
        await self.background.start(self._telegram, self._more.runs)

    async def stop(self) -> None:
        """End pages and background work; what is not sent stays in the outbox."""
        if self._web is not None:
            self._web.close()
        await self.background.stop()
        if self._telegram is not None:
            await self._telegram.close()
        await self._more.close()
        await self.service.pipeline.idle()
        if self._second_opinion is not None:
            await self._second_opinion.close()
        await self.database.close()

    async def _health(self) -> PlainTextResponse:
        """Answer `ok` while the database answers and nothing that should run has ended."""
        async with self.database.reading() as tx:
            await tx.outbox.counts()
        ended = self.background.ended
        return PlainTextResponse(f"ended: {', '.join(ended)}\n", 503) if ended else PlainTextResponse("ok\n")


def run(settings: Settings) -> None:
    """Serve until interrupted."""
    began = time.perf_counter()
    configure_logging(settings.log_level, json=settings.log_json, secrets=settings.secrets())
    application = Application(settings)
    server = _Server(
        uvicorn.Config(
            application.http,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        ),
        application,
        began,
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve())


class _Server(uvicorn.Server):
    """Prints the addresses once the service answers, and lets open pages end when it is told to stop."""

    def __init__(self, config: uvicorn.Config, application: Application, began: float) -> None:
        super().__init__(config)
        self._application = application
        self._began = began

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        if not self.started:
            return
        port = self.servers[0].sockets[0].getsockname()[1]
        base = f"http://{self.config.host}:{port}"
        seconds = time.perf_counter() - self._began
        typer.echo(f"知托已启动（{seconds:.1f}秒）")
        for words, path in (("企业主聊天", "/"), ("工作台", "/desk"), ("接口文档", "/api/docs")):
            typer.echo(f"  {words:　<5}　{base}{path}")
        demo.announce(self._application.filled, base)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._application._web is not None:
            self._application._web.close()
        super().handle_exit(sig, frame)
