"""The storage survives being killed at any moment, and two writers do not lose each other's rows."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tinydb import TinyDB

from knowledge.crash_safe_storage import CrashSafeStorage, StorageBroken

WRITER = Path(__file__).with_name("killed_writer.py")
PROJECT = Path(__file__).resolve().parents[3]


def test_a_hundred_killed_writers_leave_a_readable_file_and_lose_at_most_the_last_write(
    tmp_path: Path,
) -> None:
    run = subprocess.run(
        [sys.executable, str(WRITER), str(tmp_path / "revisions.json"), "100", "20261121"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "error"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert result["wrong"] == []
    assert result["kills"] == 100
    assert result["last"] > 20, "the writers got nowhere: the test proves nothing"
    assert result["mid_write"] > 0, "no kill hit a write: the test proves nothing"


def test_nothing_written_reads_as_nothing(tmp_path: Path) -> None:
    assert CrashSafeStorage(tmp_path / "empty.json").read() is None


def test_a_file_damaged_by_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"revisions": {"1": ', encoding="utf-8")
    with pytest.raises(StorageBroken, match=r"broken\.json is not JSON"):
        CrashSafeStorage(path).read()


def test_an_unwritable_value_leaves_the_old_state(tmp_path: Path) -> None:
    storage = CrashSafeStorage(tmp_path / "state.json")
    storage.write({"a": {"1": {"x": 1}}})
    with pytest.raises(TypeError):
        storage.write({"a": {"1": {"x": object()}}})
    assert storage.read() == {"a": {"1": {"x": 1}}}
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


def test_left_over_files_of_killed_writers_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".state.json.abc.new").write_text("half a wri", encoding="utf-8")
    CrashSafeStorage(tmp_path / "state.json")
    assert not list(tmp_path.glob(".state.json.*.new"))


def test_two_writers_under_the_lock_lose_no_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"

    def add(name: str) -> None:
        storage = CrashSafeStorage(path)
        for number in range(20):
            with storage.locked():
                tables = storage.read() or {"rows": {}}
                tables["rows"][f"{name}{number}"] = {}
                storage.write(tables)

    threads = [threading.Thread(target=add, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len((CrashSafeStorage(path).read() or {})["rows"]) == 40


def test_tinydb_finds_again_what_it_stored(tmp_path: Path) -> None:
    TinyDB(tmp_path / "db.json", storage=CrashSafeStorage).insert({"标题": "费用减缴"})
    assert TinyDB(tmp_path / "db.json", storage=CrashSafeStorage).all() == [{"标题": "费用减缴"}]
