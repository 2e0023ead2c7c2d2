"""How fast the real server is, beside a yardstick measured in the same run: `python -m bench`."""
