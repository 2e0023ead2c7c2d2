"""The demo community: its texts, and how they become members, spaces, threads and FAQ entries."""
