"""Demo data for a first start: three companies, an agency, a bureau editor and an approver. All of it is made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import typer

from bot.dialogue.stored_facts import to_stored
from bot.pipeline import NINGBO
from desk.passwords import hash_password, one_time_password
from knowledge.loader import KnowledgeBase
from scheduler.docket import AssetDocket
from store.asker import SYSTEM, Role
from store.database import Database
from store.messages import Channel
from store.transaction import Transaction

DEMO_AGENCY = "demo-agency"
SOURCE = "演示数据"


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A login that is printed once."""

    login: str
    password: str
    words: str


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


async def fill(
    database: Database, knowledge: KnowledgeBase, docket: AssetDocket, now: datetime
) -> tuple[DemoLogin, ...]:
    """Fill an empty database and return the logins; return none when anybody is already known."""
    async with database.transaction() as tx:
        if await tx.people.count():
            return ()
        for number, company in enumerate(_COMPANIES, start=1):
            await _add_company(tx, number, company, knowledge, docket, now)
        return tuple([await _add_staff(tx, *staff, now) for staff in _STAFF])


async def _add_company(
    tx: Transaction,
    number: int,
    demo: _DemoCompany,
    knowledge: KnowledgeBase,
    docket: AssetDocket,
    now: datetime,
) -> None:
    today = now.astimezone(NINGBO).date()
    company = await tx.people.add_company(demo.name, now, demo=True)
    owner = await tx.people.add_person(Role.OWNER, now, name=f"演示企业主{number}", company_id=company.id)
    await tx.people.add_address(owner.id, Channel.WEB, f"demo-{number}", now)
    facts = knowledge.facts.facts(demo.facts, source=SOURCE, day=today)
    await tx.facts(SYSTEM).remember(company.id, to_stored(facts, today), now)
    for item in demo.assets:
        asset, _ = await tx.assets(SYSTEM).put(
            company.id, item.right_type, item.number, now, name=item.name, dates=item.dates
        )
        await docket.docket_asset(tx, asset, today, now)


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


def announce(logins: tuple[DemoLogin, ...]) -> None:
    """Print the one-time passwords: the only time they are seen."""
    if not logins:
        return
    typer.echo("已放入演示数据（都是编的）：三家企业、一家机构、政策编辑和审核。一次性密码只显示这一次：")
    for made in logins:
        typer.echo(f"  {made.words}　用户名 {made.login}　密码 {made.password}")
