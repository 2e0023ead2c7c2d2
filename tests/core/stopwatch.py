"""Upper limits on time that say something about the code and not about the machine's other work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BUSY = 3
"""Two threads that share a core each take up to so many times the processor time. What is to be caught, work that
grows with the square of a text, takes ten times as long and more."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail if the block takes more processor time of this thread than `seconds` of a quiet machine."""
    start = time.thread_time()
    yield
    taken = time.thread_time() - start
    assert taken <= BUSY * seconds, f"took {taken:.2f} s instead of {seconds} s"


def least_time(work: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of this thread's processor time that `work` takes at best; for comparing two sizes of one thing."""
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)
