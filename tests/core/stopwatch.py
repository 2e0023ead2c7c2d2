"""Upper limits on time that say something about the code and not about the machine's other work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail if the block takes more processor time of this thread than `seconds`."""
    start = time.thread_time()
    yield
    taken = time.thread_time() - start
    assert taken <= seconds, f"took {taken:.2f} s instead of {seconds} s"
