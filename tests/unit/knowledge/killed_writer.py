"""Forks a writer, kills it at a random moment and looks at the file; run by test_crash_safe_storage in its own process.

Prints one JSON line: how often the file was readable, how often each outcome was seen, and what went wrong.
"""

from __future__ import annotations

import json
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

from tinydb import TinyDB

from knowledge.crash_safe_storage import CrashSafeStorage, StorageBroken

PADDING = "知" * 20_000  # a write takes long enough to be hit in the middle


def write_for_ever(path: Path, reports: int) -> None:
    """Count upwards in the file; report each count once it is written."""
    table = TinyDB(path, storage=CrashSafeStorage).table("counts")
    found = table.all()
    count = found[0]["count"] if found else 0
    while True:
        count += 1
        table.upsert({"key": 1, "count": count, "padding": PADDING}, lambda row: row["key"] == 1)
        os.write(reports, struct.pack("q", count))


def reported(reader: int) -> int:
    """Return the last count that the writer reported, 0 when none."""
    data = b""
    while chunk := os.read(reader, 65536):
        data += chunk
    whole = len(data) // 8
    return int(struct.unpack_from("q", data, (whole - 1) * 8)[0]) if whole else 0


def main(path: Path, kills: int, seed: int) -> None:
    """Kill `kills` writers one after another."""
    chance = random.Random(seed)
    before = mid_write = 0
    wrong: list[str] = []
    for number in range(kills):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            write_for_ever(path, writer)
        os.close(writer)
        time.sleep(chance.uniform(0.0, 0.03))
        mid_write += bool(list(path.parent.glob(f".{path.name}.*.new")))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        last = max(before, reported(reader))
        os.close(reader)
        try:
            rows = TinyDB(path, storage=CrashSafeStorage).table("counts").all()
        except (StorageBroken, OSError) as error:
            wrong.append(f"kill {number}: unreadable: {error!r}")
            break
        count = rows[0]["count"] if rows else 0
        if count not in (last, last + 1):
            wrong.append(f"kill {number}: {last} reported, {count} found")
        if rows and rows[0]["padding"] != PADDING:
            wrong.append(f"kill {number}: content damaged")
        before = count
    print(json.dumps({"kills": kills, "last": before, "mid_write": mid_write, "wrong": wrong}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
