"""Runs transcript files and prints what they found: `N passed, N failed`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer

from app.transcripts.form import Transcript, TranscriptError, read_transcripts
from app.transcripts.run import Outcome, run_transcript
from app.wiring import Minds
from bot.dialogue.steps import ALL_STEPS, Reached


def run_files(
    files: Sequence[Path], knowledge_dir: Path, kept: Path | None = None, *, verbose: bool, coverage: bool
) -> int:
    """Return the exit code: 0 when all passed, 1 when one failed, 2 when a file cannot be read."""
    try:
        named = [(path, transcript) for path in files for transcript in read_transcripts(path)]
    except TranscriptError as error:
        typer.echo(str(error), err=True)
        return 2
    with Reached() as reached:
        outcomes = asyncio.run(_run_all(named, Minds.load(knowledge_dir, kept)))
    for (path, transcript), outcome in zip(named, outcomes, strict=True):
        _print(path, transcript, outcome, verbose)
    if coverage:
        _print_coverage(reached)
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    typer.echo(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


async def _run_all(named: Sequence[tuple[Path, Transcript]], minds: Minds) -> list[Outcome]:
    return [await run_transcript(transcript, minds) for _, transcript in named]


def _print(path: Path, transcript: Transcript, outcome: Outcome, verbose: bool) -> None:
    if verbose:
        typer.echo(f"\n== {transcript.name} ({path.name})")
        typer.echo("\n".join(outcome.log))
    if outcome.problems:
        typer.echo(f"FAILED {path.name}: {transcript.name}")
        for problem in outcome.problems:
            typer.echo(f"   {problem}")


def _print_coverage(reached: set[str]) -> None:
    missed = sorted(ALL_STEPS - reached)
    typer.echo(f"dialogue steps reached: {len(reached & ALL_STEPS)} of {len(ALL_STEPS)}")
    for name in missed:
        typer.echo(f"   not reached: {name}")
