"""`zhituo key`: keys of programs that use the rules service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from app.settings import Settings
from app.wiring import utc_now
from store.api_keys import ApiKey, ApiScope, KeyNameTakenError
from store.database import Database

key_app = typer.Typer(no_args_is_help=True)


@key_app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="What uses the key; a name is never used twice.")],
    scope: Annotated[
        list[ApiScope], typer.Option(help="What the key may do; give the option once for each scope.")
    ],
    days: Annotated[
        int | None, typer.Option(min=1, help="Days until the key ends; never by default.")
    ] = None,
) -> None:
    """Make a key and print it: the only time it is seen."""
    if not 1 <= len(name.strip()) <= 100:
        raise typer.BadParameter("a name has 1 to 100 characters")
    now = utc_now()
    try:
        secret = asyncio.run(_add(name.strip(), scope, now, now + timedelta(days=days) if days else None))
    except KeyNameTakenError:
        raise typer.BadParameter(f"there is or was a key named {name}; take another name") from None
    typer.echo(secret)


async def _add(name: str, scopes: Sequence[ApiScope], now: datetime, expires_at: datetime | None) -> str:
    database = Database(Settings().database)
    try:
        await database.migrate()
        async with database.transaction() as tx:
            return await tx.api_keys.add(name, scopes, now, expires_at=expires_at)
    finally:
        await database.close()


@key_app.command("list")
def list_keys() -> None:
    """List every key with its scopes, state and last day of use. Secrets are not kept and not shown."""
    now = utc_now()
    for key in asyncio.run(_all()):
        scopes = ",".join(sorted(key.scopes))
        used = f"last used {key.last_used_on.isoformat()}" if key.last_used_on else "never used"
        typer.echo(f"{key.name}\t{scopes}\t{_state(key, now)}\t{used}")


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at.date().isoformat()}"
    if key.expires_at is None:
        return "valid"
    return f"{'valid until' if key.holds(now) else 'ended'} {key.expires_at.date().isoformat()}"


async def _all() -> list[ApiKey]:
    database = Database(Settings().database)
    try:
        await database.migrate()
        async with database.reading() as tx:
            return await tx.api_keys.all()
    finally:
        await database.close()


@key_app.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """Take a key back; it opens nothing from now on."""
    if not asyncio.run(_revoke(name)):
        raise typer.BadParameter(f"no key named {name} is in use; see 'zhituo key list'")
    typer.echo(f"{name}: revoked")


async def _revoke(name: str) -> bool:
    database = Database(Settings().database)
    try:
        await database.migrate()
        async with database.transaction() as tx:
            return await tx.api_keys.revoke(name, utc_now())
    finally:
        await database.close()
