"""What the tables are like between two operations, and that no more classes are made than somebody asks for."""

from __future__ import annotations

import pytest
from tortoise import fields
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_generator.state import State

from community.core.db.migration_states import no_tables

APP = "community"


def shelves_and_books(books: int = 1) -> State:
    """A shelf that points to a room, and books that stand on it."""
    state = no_tables({APP: "default"})
    ops.CreateModel("Room", [("id", fields.IntField(primary_key=True))]).state_forward(APP, state)
    shelf = [
        ("id", fields.IntField(primary_key=True)),
        ("room", fields.ForeignKeyField("community.Room", related_name=False)),
    ]
    ops.CreateModel("Shelf", shelf).state_forward(APP, state)
    for number in range(books):
        book = [
            ("id", fields.IntField(primary_key=True)),
            ("shelf", fields.ForeignKeyField("community.Shelf", related_name=False)),
        ]
        ops.CreateModel(f"Book{number}", book).state_forward(APP, state)
    state.validate_relations_initialized()
    return state


def made(state: State) -> set[str]:
    return {name for models in state.apps.apps.values() for name in models}


def test_a_model_is_made_with_those_it_points_to_and_no_others() -> None:
    state = shelves_and_books(books=3)
    assert made(state) == set(), "describing tables makes no classes"
    book = state.apps.get_model("community.Book1")
    assert made(state) == {"Book1", "Shelf", "Room"}
    assert book._meta.fields_map["shelf"].related_model is state.apps.get_model(APP, "Shelf")
    assert "shelf_id" in book._meta.fields_map


def test_a_state_that_was_kept_does_not_follow_later_changes() -> None:
    state = shelves_and_books()
    state.apps.get_model("community.Shelf")
    before = state.clone()
    ops.AddField("Shelf", "colour", fields.TextField(null=True)).state_forward(APP, state)
    ops.DeleteModel("Book0").state_forward(APP, state)
    assert "colour" in state.apps.get_model("community.Shelf")._meta.fields_map
    assert "colour" not in before.apps.get_model("community.Shelf")._meta.fields_map
    assert before.apps.get_model("community.Book0").__name__ == "Book0"
    with pytest.raises(KeyError):
        state.apps.get_model("community.Book0")


def test_what_points_to_nothing_is_an_error() -> None:
    state = no_tables({APP: "default"})
    shelf = [
        ("id", fields.IntField(primary_key=True)),
        ("room", fields.ForeignKeyField("community.Room", related_name=False)),
    ]
    ops.CreateModel("Shelf", shelf).state_forward(APP, state)
    with pytest.raises(RuntimeError, match="Shelf to community.Room"):
        state.validate_relations_initialized()
    with pytest.raises(LookupError):
        state.reload_model(APP, "Nothing")
