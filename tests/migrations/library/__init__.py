"""Migrations of a small library: shelves and books. The third one drops a column of a table with children."""
