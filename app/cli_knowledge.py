"""`zhituo knowledge`: check the content, list it, read one document in words."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

import knowledge
from app.cli_replay import replay_answer
from knowledge.check import check_file, check_knowledge, file_of
from knowledge.coverage import coverage, coverage_page
from knowledge.loader import FACT_FOLDER, KnowledgeBase, KnowledgeError, load_knowledge
from knowledge.prose import document_prose
from rules.days import NINGBO

app = typer.Typer(help="检查、列出和阅读知识库。", no_args_is_help=True)

app.command("replay")(replay_answer)

SHIPPED = Path(knowledge.__file__).parent
FolderOption = Annotated[Path, typer.Option("--folder", help="知识库所在的文件夹")]


def _today(day: str | None) -> datetime:
    return datetime.fromisoformat(day) if day else datetime.now(NINGBO)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="知识库所在的文件夹，或其中一份文件")] = SHIPPED,
    today: Annotated[str | None, typer.Option(help="按这一天查到期，例如 2026-11-20")] = None,
) -> None:
    """检查全部内容，或一份文件：写法、出处、测试、空档。有问题时逐条列出位置和改法，退出码为 1。"""
    day = _today(today).date()
    if path.is_dir():
        report = check_knowledge(path, day)
    else:
        beside = path.resolve().parent.parent
        report = check_file(path.resolve(), beside if (beside / FACT_FOLDER).is_dir() else SHIPPED, day)
    for problem in report.problems:
        typer.echo(str(problem))
    for notice in report.notices:
        typer.echo(f"提醒 {notice}")
    names = {
        "rules": "规则",
        "tables": "决策表",
        "scores": "评分",
        "nodes": "条件和行",
        "tests": "测试",
        "answers": "问答",
        "guides": "指南",
        "facts": "事实",
        "sources": "来源",
        "citations": "引用",
    }
    counted = dataclasses.asdict(report.counts)
    typer.echo("，".join(f"{name}{counted[key]}" for key, name in names.items()))
    if report.problems:
        typer.echo(f"共 {len(report.problems)} 处要改。")
        raise typer.Exit(1)
    typer.echo("没有发现问题。")


@app.command("list")
def list_documents(folder: FolderOption = SHIPPED) -> None:
    """列出规则、决策表、评分和指南：id、种类、标题、所在文件。"""
    known = _load(folder)
    for document in (*known.documents(), *known.guides.values()):
        typer.echo(f"{document.id}\t{document.kind}\t{document.title}\t{file_of(known, document.id)}")


@app.command("coverage")
def show_coverage(
    folder: FolderOption = SHIPPED,
    write: Annotated[Path | None, typer.Option(help="写进这个文件，例如 docs/coverage.md")] = None,
) -> None:
    """列出种子文件的每一条由什么回答；有没交代的，退出码为 1。"""
    rows = coverage(_load(folder), folder)
    page = coverage_page(rows)
    if write:
        write.write_text(page, encoding="utf-8")
    else:
        typer.echo(page)
    left = [row.row for row in rows if not row.accounted_for]
    if left:
        typer.echo(f"没有交代的 {len(left)} 条：{'、'.join(left)}", err=True)
        raise typer.Exit(1)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="规则、决策表、评分、指南或问答的 id")],
    folder: FolderOption = SHIPPED,
) -> None:
    """用文字读一份文档。"""
    known = _load(folder)
    try:
        typer.echo(document_prose(known, name))
    except KeyError:
        typer.echo(f"没有“{name}”。用 zhituo knowledge list 看全部 id。", err=True)
        raise typer.Exit(1) from None


def _load(folder: Path) -> KnowledgeBase:
    try:
        return load_knowledge(folder)
    except KnowledgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
