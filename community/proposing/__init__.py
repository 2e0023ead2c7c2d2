"""Which questions deserve an entry of the FAQ: found by the worker from figures, decided by staff."""
