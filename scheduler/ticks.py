"""What the clock does, as plain functions of a database, the law and a moment. Nothing here reads a clock.

Each may be run at any time, any number of times, by any number of processes: what is claimed is claimed in the database.
"""

from __future__ import annotations

from scheduler.broadcasts import broadcast
from scheduler.call_list import call
from scheduler.contact_tasks import keep_contact_tasks
from scheduler.daily_count import daily_count
from scheduler.reconcile import reconcile
from scheduler.reminders import remind, rescue

__all__ = ["broadcast", "call", "daily_count", "keep_contact_tasks", "reconcile", "remind", "rescue"]
