"""Texts of the site itself: imprint, privacy, terms, netiquette, handbook of staff. Every version of them is kept."""
