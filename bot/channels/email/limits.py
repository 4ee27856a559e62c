"""E-mail's numbers, each with where it is said. Read on 2026-11-21."""

from __future__ import annotations

from datetime import timedelta

# RFC 5321 4.5.3.1.3: a path is at most 256 characters with its brackets.
ADDRESS_CHARACTERS = 254
# RFC 5322 2.1.1: lines better not above 78 characters; a subject is shown on phones up to about half of that.
SUBJECT_CHARACTERS = 40
# Ours: providers refuse messages above 20 to 25 MB; base64 makes files a third longer.
ATTACHMENTS_BYTES = 15 * 1024 * 1024
# Ours: no provider publishes a rate that holds for all; slow enough for every one of them.
SERVER_MESSAGES = 5
SERVER_BULK_MESSAGES = 3
SERVER_PERIOD = timedelta(seconds=1)
# RFC 5321 4.5.3.2: minutes for each step; ours is shorter, because what was not accepted is tried again.
STEP_SECONDS = 10.0

# Ours: lines to the server open at once, more than broadcasts ever hold, so that a reminder finds one while it is slow.
LINES = 24
# Ours: what has found no line in this time is put back; it is certainly not out.
WAIT_FOR_A_LINE_SECONDS = 10.0

# RFC 5321 4.2.1: 4yz is a transient refusal, 5yz a permanent one.
PERMANENT = 500
# RFC 5321 4.2.3 and RFC 3463 3.2: the mailbox is not there (550, 551, 553; X.1.1, X.1.2, X.1.3, X.1.6, X.1.10).
NO_MAILBOX = frozenset({550, 551, 553})
NO_MAILBOX_DETAIL = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")
