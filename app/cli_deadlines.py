"""`zhituo deadlines ...` and `zhituo assets import`: deadlines, lives and lists of rights on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.settings import Settings
from knowledge.law_tables import load_law_tables
from rules.days import NINGBO, format_day, format_day_with_weekday
from rules.deadlines.asset_import import ImportPreview, read_rows
from rules.deadlines.asset_inputs import read_asset, read_what_if
from rules.deadlines.assets import AssetFacts
from rules.deadlines.day_text import read_day
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.inputs import shown
from rules.deadlines.kinds import catalogue, compute
from rules.deadlines.life import Life, life
from rules.deadlines.result import Deadline
from rules.deadlines.tables import LawTables
from rules.money import format_yuan
from store.asset_file import read_asset_file
from store.sources import by_source

BAD_INPUT = 2  # the exit code of a command that was given something it cannot use

deadlines_app = typer.Typer(help="期限与官费：种类、计算、一件权利的一生。", no_args_is_help=True)


@dataclass(frozen=True)
class SaveOutcome:
    """What storing a list of assets changed."""

    added: int
    changed: int
    unchanged: int
    given_up: int = 0  # given up by the owner, and left so
    contradicting: tuple[str, ...] = ()  # what the list says cannot be with what is known
    obligations: int = 0  # kept or renewed for the rights that were written
    company: str = ""


SaveAssets = Callable[[Sequence[AssetFacts], str], SaveOutcome]
"""Stores the rights for the company of this name, or for that of the terminal's owner where it is empty."""

AsOf = Annotated[str, typer.Option("--as-of", help="按哪一天的法律计算，例如 2026-11-20；不填为今天。")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON。")]
Pairs = Annotated[list[str] | None, typer.Argument(help="写成 名称=值，例如 filing=2020-04-15。")]


@lru_cache(maxsize=1)
def law_tables() -> LawTables:
    """Return the published tables."""
    return load_law_tables(Settings().knowledge_dir)


@deadlines_app.command("kinds")
def list_kinds(as_json: AsJson = False) -> None:
    """列出全部期限种类和各自要填的内容。"""
    views = catalogue(law_tables())
    if as_json:
        _print_json([asdict(view) for view in views])
        return
    for view in views:
        names = " ".join(item.name if item.required else f"[{item.name}]" for item in view.inputs)
        typer.echo(f"{view.id:<28}{view.title}  {names}")


@deadlines_app.command("compute")
def compute_one(kind: str, pairs: Pairs = None, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """计算一个期限，例如：zhituo deadlines compute oa1 issue=2026-06-30 delivery=electronic"""
    try:
        answer = compute(law_tables(), kind, _inputs(pairs), _day(as_of))
    except DeadlineInputError as error:
        _stop(error)
    if as_json:
        _print_json(answer.model_dump(mode="json"))
    else:
        _print_deadline(answer)


@deadlines_app.command("life")
def show_life(
    kind: str,
    pairs: Pairs = None,
    until: Annotated[str, typer.Option("--to", help="算到哪一年（2040）或哪一天。")] = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
    give_up_year: Annotated[str, typer.Option(help="假设从第几年度起不再缴年费。")] = "",
    late_days: Annotated[str, typer.Option(help="假设每年晚缴多少天。")] = "",
    lose_reduction_from: Annotated[str, typer.Option(help="假设从哪一天起不再减缴。")] = "",
) -> None:
    """列出一件权利一生的期限与费用，例如：zhituo deadlines life invention filing=2020-04-15 --to 2040"""
    tables = law_tables()
    try:
        today = _day(as_of)
        asset = read_asset(tables, kind, _inputs(pairs), today)
        choice = read_what_if(
            tables,
            {
                "give_up_year": give_up_year,
                "late_days": late_days,
                "lose_reduction_from": lose_reduction_from,
            },
        )
        last = _until(until, today)
        plain = life(tables, asset, last, today)
        changed = life(tables, asset, last, today, choice) if choice.chosen else None
    except DeadlineInputError as error:
        _stop(error)
    if as_json:
        told = {"life": plain.model_dump(mode="json")}
        if changed is not None:
            told["what_if"] = changed.model_dump(mode="json")
        _print_json(told)
        return
    _print_life(plain)
    if changed is not None:
        typer.echo("")
        typer.echo("假设：")
        _print_life(changed)
        typer.echo(f"与按期缴纳相比：{format_yuan(changed.total - plain.total)}")


def make_assets_app(save: SaveAssets | None) -> typer.Typer:
    """Return the `assets` commands; `save` stores the understood rows (None: previews only)."""
    assets = typer.Typer(help="权利清单：从表格导入。", no_args_is_help=True)

    @assets.callback()
    def group() -> None:
        """权利清单。"""

    @assets.command("import")
    def import_file(
        file: Path,
        preview: Annotated[bool, typer.Option("--preview", help="只看读懂了什么，不保存。")] = False,
        company: Annotated[
            str, typer.Option("--company", help="登记到哪家企业（名称要完全一样）；不填为本机用户的企业。")
        ] = "",
        as_of: AsOf = "",
        as_json: AsJson = False,
    ) -> None:
        """从.xlsx或.csv导入权利清单；同一份文件导入两次不会变样。"""
        try:
            rows = read_asset_file(file.name, _content(file))
            found = read_rows(rows, _day(as_of))
            outcome = None if preview else _save(save, found, company)
        except DeadlineInputError as error:
            _stop(error)
        if as_json:
            _print_json(_preview_json(found, outcome))
        else:
            _print_preview(found, outcome)

    return assets


def _save(save: SaveAssets | None, found: ImportPreview, company: str) -> SaveOutcome:
    if save is None:
        raise DeadlineInputError("file", "这里只能预览，请加 --preview。", "no place to save to")
    return save([row.asset for row in found.understood], company)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"打不开文件“{shown(file.name)}”，请检查路径和权限。"
        raise DeadlineInputError("file", message, f"cannot read: {error.strerror}") from error


def _inputs(pairs: Sequence[str] | None) -> dict[str, object]:
    inputs: dict[str, object] = {}
    for pair in pairs or ():
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise DeadlineInputError(shown(pair), f"“{shown(pair)}”应当写成 名称=值。", "write name=value")
        if name in inputs:
            raise DeadlineInputError(shown(name), f"“{shown(name)}”写了两次，请只留一个。", "given twice")
        inputs[name] = value
    return inputs


def _day(text: str) -> date:
    if not text:
        return datetime.now(NINGBO).date()
    day = read_day(text)
    if day is None:
        message = f"“{shown(text)}”应当是真实存在的日期，例如2026-11-20。"
        raise DeadlineInputError("as_of", message, "not a day; write YYYY-MM-DD")
    return day


def _until(text: str, today: date) -> date:
    if not text:
        return date(today.year + 25, 12, 31)
    if len(text) == 4 and text.isascii() and text.isdigit() and int(text):
        return date(int(text), 12, 31)
    day = read_day(text)
    if day is None:
        raise DeadlineInputError("to", "“--to”应当是年份或日期，例如 2040。", "write YYYY or YYYY-MM-DD")
    return day


def _stop(error: DeadlineInputError) -> NoReturn:
    typer.echo(error.message_zh, err=True)
    raise typer.Exit(BAD_INPUT)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _print_deadline(answer: Deadline) -> None:
    typer.echo(answer.title)
    if answer.safe and answer.nominal and answer.legal:
        typer.echo(f"  安全日      {format_day_with_weekday(answer.safe)}")
        typer.echo(f"  名义届满日  {format_day_with_weekday(answer.nominal)}")
        typer.echo(
            f"  顺延后      {format_day_with_weekday(answer.legal)}{'（暂定）' if answer.provisional else ''}"
        )
    if answer.window:
        typer.echo(f"  窗口        {format_day(answer.window.start)}至{format_day(answer.window.end)}")
    for note in answer.milestones:
        typer.echo(f"  {note.title}：{format_day(note.day)}")
    for step in answer.steps:
        typer.echo(f"  · {step}")
    for line in answer.amounts:
        payable = "金额未知" if line.payable is None else format_yuan(line.payable)
        typer.echo(f"  {line.title}：{payable}{'，' + line.note if line.note else ''}")
    for label, text in (("逾期", answer.missed), ("补救", answer.remedy), ("不能回答", answer.unknown)):
        if text:
            typer.echo(f"  {label}：{text}")
    for doubt in answer.doubts:
        typer.echo(f"  注意：{doubt}")
    typer.echo(
        f"  依据：{'；'.join(by_source(map(str, answer.citations))) or '无'}（把握：{answer.confidence.value}）"
    )


def _print_life(told: Life) -> None:
    for line in told.lines:
        made = line.obligation
        amount = "金额未知" if line.amount is None else format_yuan(line.cost)
        days = f"安全日{made.safe} 到期日{made.nominal} 最后一天{made.legal}" if made else f"{line.day}"
        mark = "（暂定）" if made and made.provisional else ""
        typer.echo(f"{days}{mark}  {line.title}  {amount}{'  ' + line.note if line.note else ''}")
    for year, cost in sorted(told.cost_by_year.items()):
        typer.echo(f"{year}年合计 {format_yuan(cost)}")
    typer.echo(f"总计 {format_yuan(told.total)}")
    if told.ends_on:
        typer.echo(f"保护到 {format_day(told.ends_on)}{'（提前终止）' if told.lapsed else ''}")
    for note in told.notes:
        typer.echo(f"注意：{note}")


def _preview_json(found: ImportPreview, outcome: SaveOutcome | None) -> dict[str, object]:
    return {
        "columns": {column.value: name for column, name in found.columns.items()},
        "ignored": list(found.ignored),
        "understood": [
            {"line": row.line, "asset": row.asset.model_dump(mode="json"), "notes": list(row.notes)}
            for row in found.understood
        ],
        "refused": [asdict(row) for row in found.refused],
        "repeated": found.repeated,
        "saved": None if outcome is None else asdict(outcome),
    }


def _print_preview(found: ImportPreview, outcome: SaveOutcome | None) -> None:
    named = "、".join(f"{name}" for name in found.columns.values())
    typer.echo(
        f"认出的列：{named}" + (f"；没有用到的列：{'、'.join(found.ignored)}" if found.ignored else "")
    )
    for row in found.understood:
        asset = row.asset
        notes = f"  注意：{'；'.join(row.notes)}" if row.notes else ""
        typer.echo(f"第{row.line}行  读懂  {asset.kind.label} {asset.number} {asset.title}{notes}")
    for refused in found.refused:
        typer.echo(f"第{refused.line}行  没有收下  {refused.shown}  {refused.message_zh}")
    total = f"读懂{len(found.understood)}行，没有收下{len(found.refused)}行，重复{found.repeated}行"
    typer.echo(total)
    if outcome is not None:
        _print_outcome(outcome)


def _print_outcome(outcome: SaveOutcome) -> None:
    for problem in outcome.contradicting:
        typer.echo(f"没有登记  {problem}")
    where = f"登记到“{outcome.company}”：" if outcome.company else ""
    typer.echo(f"{where}新增{outcome.added}件，更新{outcome.changed}件，没有变化{outcome.unchanged}件")
    if outcome.given_up:
        typer.echo(f"有{outcome.given_up}件以前放弃过，没有恢复；要恢复请在聊天里重新登记")
    if outcome.obligations:
        typer.echo(f"两年之内有{outcome.obligations}项期限，到时会提醒")
