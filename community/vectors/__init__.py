"""Vectors of documents: kept in the database, so that a new index does not need them made anew."""
