"""The FAQ: entries made from threads, their review, release and freshness, and how they leave the community."""
