"""`zhituo user`: the people who sign in at the desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from app.settings import Settings
from app.wiring import utc_now
from desk.guessing import lift
from desk.passwords import hash_password, one_time_password
from store.asker import Role
from store.database import Database

user_app = typer.Typer(no_args_is_help=True)
STAFF_ROLES = (Role.AGENCY, Role.EDITOR, Role.APPROVER, Role.OPERATOR)


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    database = Database(Settings().database)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()


@user_app.command("list")
def list_users() -> None:
    """List everybody with a login, and who of them is disabled."""
    asyncio.run(_list())


async def _list() -> None:
    async with _database() as database, database.reading() as tx:
        for person in await tx.people.all_staff():
            agency = f" of {person.agency_id}" if person.agency_id else ""
            disabled = "\tdisabled" if person.disabled else ""
            typer.echo(f"{person.login}\t{person.role.value}{agency}\t{person.name}{disabled}")


@user_app.command("add")
def add_user(
    login: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="agency, editor, approver or operator.")],
    name: Annotated[str, typer.Option(help="Name shown to owners and colleagues.")] = "",
    agency: Annotated[str | None, typer.Option(help="Id of the agency, for agency staff.")] = None,
) -> None:
    """Add a person and print their one-time password."""
    if role not in STAFF_ROLES:
        raise typer.BadParameter(f"{role.value} does not sign in; use one of {', '.join(STAFF_ROLES)}")
    if (role is Role.AGENCY) != (agency is not None):
        raise typer.BadParameter("agency staff, and only they, have an --agency")
    asyncio.run(_add(login, role, name, agency))


async def _add(login: str, role: Role, name: str, agency: str | None) -> None:
    password = one_time_password()
    async with _database() as database, database.transaction() as tx:
        known = await tx.people.of_login(login)
        if known is not None:
            step = "enable" if known.disabled else "password"
            raise typer.BadParameter(f"{login} exists already; use 'zhituo user {step} {login}'")
        await tx.people.add_person(
            role,
            utc_now(),
            name=name,
            login=login,
            agency_id=agency,
            password_hash=hash_password(password),
            must_change_password=True,
        )
    typer.echo(f"{login}: one-time password {password}")


@user_app.command("password")
def reset_password(login: Annotated[str, typer.Argument(help="Name to sign in with.")]) -> None:
    """Print a new one-time password; all sessions of the person end, and wrong passwords of before no longer count."""
    asyncio.run(_reset(login))


async def _reset(login: str) -> None:
    password = one_time_password()
    async with _database() as database, database.transaction() as tx:
        found = await tx.people.credentials(login)
        if found is None:
            raise typer.BadParameter(f"nobody signs in as {login}")
        await tx.people.set_password(found[0].id, hash_password(password), must_change=True)
        await tx.sessions.end_all_of(found[0].id)
        await lift(tx.limits, login)
    typer.echo(f"{login}: one-time password {password}")


@user_app.command("disable")
def disable_user(login: Annotated[str, typer.Argument(help="Name to sign in with.")]) -> None:
    """End everything a person may do as staff, at once: at the desk, in WeCom and in groups. Nothing they did is lost."""
    asyncio.run(_set_disabled(login, disabled=True))


@user_app.command("enable")
def enable_user(login: Annotated[str, typer.Argument(help="Name to sign in with.")]) -> None:
    """Let somebody who was disabled be staff again, with the password they had."""
    asyncio.run(_set_disabled(login, disabled=False))


async def _set_disabled(login: str, *, disabled: bool) -> None:
    async with _database() as database, database.transaction() as tx:
        person = await tx.people.of_login(login)
        if person is None:
            raise typer.BadParameter(f"nobody has the login {login}")
        await tx.people.set_disabled(person.id, disabled=disabled)
        await tx.sessions.end_all_of(person.id)
        in_hand = await tx.cases(person.as_asker()).in_hand()
        held = sum(case.owner_id == person.id for case in in_hand)
    typer.echo(f"{login}: {'disabled' if disabled else 'enabled'}")
    if disabled and held:
        typer.echo(f"{held} cases are in their hands: colleagues can take them over at the desk")
