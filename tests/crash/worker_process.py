"""`community worker` as it is, but what killed processes held comes back after seconds.

Run as `python -m tests.crash.worker_process`, so that a test need not wait for the leases of the dead.
"""

from __future__ import annotations

from datetime import timedelta

from community.commands import main
from community.core import outbox
from community.reindexing import state, tending

outbox.LEASE = timedelta(seconds=4)
state.DEAD_AFTER = timedelta(seconds=4)
tending.CHECK_EVERY = 1.0
tending.REST = timedelta(seconds=2)

if __name__ == "__main__":
    main(["worker"])
