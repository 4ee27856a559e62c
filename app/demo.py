"""Demo data for a first start: three companies, an agency, a bureau editor and an approver. All of it is made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import typer
from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from bot.channels.plain_page import notice_page
from bot.channels.texts import TEXTS
from bot.channels.web import visitors
from desk.passwords import hash_password, one_time_password
from knowledge.loader import KnowledgeBase
from rules.days import NINGBO
from scheduler.docket import AssetDocket
from store.asker import SYSTEM, Role
from store.database import Database
from store.fact_values import to_stored
from store.transaction import Transaction

DEMO_AGENCY = "demo.yongjiang"
SOURCE = "演示数据"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A login that is printed once."""

    login: str
    password: str
    words: str


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """A link that lets a browser into the chat as the owner of a demo company. Its token is a session's."""

    company: str
    token: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What a first start prints once."""

    logins: tuple[DemoLogin, ...] = ()
    doors: tuple[DemoDoor, ...] = ()


@dataclass(frozen=True, slots=True)
class _DemoAsset:
    right_type: str
    number: str
    name: str
    dates: dict[str, date]


@dataclass(frozen=True, slots=True)
class _DemoCompany:
    name: str
    facts: dict[str, object]
    assets: tuple[_DemoAsset, ...]


_COMPANIES = (
    _DemoCompany(
        "（演示）甬星模具有限公司",
        {"注册地": "前湾新区", "主体类型": "企业", "从业人数": 46, "年营业收入": 21_000_000},
        (
            _DemoAsset("invention", "202010293847.9", "一种模具冷却结构", {"filing": date(2020, 4, 15)}),
            _DemoAsset("utility_model", "202321234567.6", "一种快换模架", {"filing": date(2023, 5, 19)}),
        ),
    ),
    _DemoCompany(
        "（演示）鄞江小家电有限公司",
        {"注册地": "鄞州区", "主体类型": "企业", "从业人数": 120, "年营业收入": 86_000_000},
        (_DemoAsset("trademark", "18000001", "鄞江", {"registration": date(2017, 3, 14)}),),
    ),
    _DemoCompany(
        "（演示）高新磁材有限公司",
        {"注册地": "宁波国家高新区", "主体类型": "企业", "从业人数": 260, "有效发明专利数": 23},
        (_DemoAsset("invention", "201910111213.4", "一种烧结磁体", {"filing": date(2019, 2, 13)}),),
    ),
)
_STAFF = (
    ("agency", Role.AGENCY, "小周", "机构经办人"),
    ("editor", Role.EDITOR, "小林", "政策编辑"),
    ("approver", Role.APPROVER, "老沈", "政策审核"),
)


async def fill(database: Database, knowledge: KnowledgeBase, docket: AssetDocket, now: datetime) -> Filled:
    """Fill an empty database and return what lets people in; nothing when anybody is already known."""
    async with database.transaction() as tx:
        if await tx.people.count():
            return Filled()
        doors = [
            await _add_company(tx, number, company, knowledge, docket, now)
            for number, company in enumerate(_COMPANIES, start=1)
        ]
        logins = [await _add_staff(tx, *staff, now) for staff in _STAFF]
    return Filled(tuple(logins), tuple(doors))


async def _add_company(
    tx: Transaction,
    number: int,
    demo: _DemoCompany,
    knowledge: KnowledgeBase,
    docket: AssetDocket,
    now: datetime,
) -> DemoDoor:
    today = now.astimezone(NINGBO).date()
    company = await tx.people.add_company(demo.name, now, demo=True)
    owner = await tx.people.add_person(Role.OWNER, now, name=f"演示企业主{number}", company_id=company.id)
    facts = knowledge.facts.facts(demo.facts, source=SOURCE, day=today)
    await tx.facts(SYSTEM).remember(company.id, to_stored(facts, today), now)
    for item in demo.assets:
        asset, _ = await tx.assets(SYSTEM).put(
            company.id, item.right_type, item.number, now, name=item.name, dates=item.dates
        )
        await docket.docket_asset(tx, asset, today, now)
    return DemoDoor(demo.name, await visitors.open_for(tx, owner, now))


async def _add_staff(
    tx: Transaction, login: str, role: Role, name: str, words: str, now: datetime
) -> DemoLogin:
    password = one_time_password()
    await tx.people.add_person(
        role,
        now,
        name=name,
        login=login,
        agency_id=DEMO_AGENCY if role is Role.AGENCY else None,
        password_hash=hash_password(password),
        must_change_password=True,
    )
    return DemoLogin(login, password, words)


def announce(filled: Filled, base: str) -> None:
    """Print the one-time passwords and links: the only time they are seen."""
    if not filled.logins:
        return
    typer.echo("已放入演示数据（都是编的）。下面的密码和链接只显示这一次：")
    for made in filled.logins:
        typer.echo(f"  {made.words}　用户名 {made.login}　密码 {made.password}")
    for door in filled.doors:
        typer.echo(f"  {door.company}　{base}/demo/{door.token}")


def doors(database: Database, clock: Callable[[], datetime], *, secure: bool) -> APIRouter:
    """Return the route that lets a browser in as the owner of a demo company, and of no other."""
    router = APIRouter(include_in_schema=False)

    @router.get("/demo/{token}")
    async def enter(token: str) -> Response:
        async with database.reading() as tx:
            person = await tx.sessions.person(token, clock())
            company_id = None if person is None else person.company_id
            if company_id is None or not (await tx.people.company(company_id)).demo:
                return notice_page(404, TEXTS.say("page.demo"))
        response = RedirectResponse("/", 303)
        visitors.set_cookie(response, token, secure=secure)
        return response

    return router
