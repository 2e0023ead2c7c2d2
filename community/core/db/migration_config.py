"""What Tortoise's own command line reads. No database is asked: migrations are written from the models alone."""

from community.core.db.configuration import configure

TORTOISE_ORM = configure("sqlite://:memory:")
