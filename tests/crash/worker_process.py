"""`community worker` as it is, but what a killed worker held comes back after seconds instead of a minute.

Run as `python -m tests.crash.worker_process`, so that a test need not wait for the leases of the dead.
"""

from __future__ import annotations

from datetime import timedelta

from community.commands import main
from community.core import outbox

outbox.LEASE = timedelta(seconds=4)

if __name__ == "__main__":
    main(["worker"])
