"""What the tables are like between two operations of a migration.

Tortoise makes classes of all models anew before every operation, which grows with the square of the project: two
hundred operations over a hundred tables take half a minute. An operation looks at a table or two. So here the
description of the tables goes from operation to operation, and a class is made of it when somebody asks for a model.
"""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.connection import ConnectionHandler
from tortoise.fields.relational import (
    ForeignKeyFieldInstance,
    ManyToManyFieldInstance,
    OneToOneFieldInstance,
)
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model

_Key = tuple[str, str]
_Models = dict[_Key, ModelState]
_RELATIONS = (ForeignKeyFieldInstance, ManyToManyFieldInstance, OneToOneFieldInstance)


class AppsOnDemand(StateApps):
    """Classes of the models that were asked for, and of those they point to. None has relations backwards."""

    def __init__(
        self,
        described: _Models,
        default_connections: dict[str, str],
        connections: ConnectionHandler | None = None,
    ) -> None:
        super().__init__(default_connections, connections)
        self._described = described

    def get_model(self, app_label: str, model_name: str | None = None) -> type[Model]:
        """Raises KeyError where there is none."""
        if model_name is None:
            app_label, model_name = self.split_reference(app_label)
        if not self._is_made((app_label, model_name)):
            self._make((app_label, model_name))
        return super().get_model(app_label, model_name)

    def clone(self, model_states: _Models | None = None) -> AppsOnDemand:
        described = self._described if model_states is None else model_states
        return AppsOnDemand(described, self._default_connections, self._connections)

    def _is_made(self, key: _Key) -> bool:
        return key[1] in self.apps.get(key[0], {})

    def _make(self, wanted: _Key) -> None:
        waiting = [wanted]
        while waiting:
            key = waiting.pop()
            if key in self._described and not self._is_made(key):
                self.register_model(key[0], self._described[key].render(self))
                waiting += _targets(self, self._described[key])
        self._init_relations()
        self._build_initial_querysets()


class StateOnDemand(State):
    """Descriptions of all tables; a change of one makes no class, it throws away those that were made."""

    apps: AppsOnDemand

    def reload_model(self, app_label: str, model_name: str) -> None:
        """Raises LookupError where there is none."""
        if (app_label, model_name) not in self.models:
            raise LookupError(f"Nothing is known of the model {app_label}.{model_name}.")
        self.apps.clear()

    def reload_models(self, model_tuples: Iterable[_Key]) -> None:
        self.apps.clear()

    def validate_relations_initialized(self) -> None:
        """Raises RuntimeError where a model points to one that no migration makes."""
        missing = sorted(
            f"{model.name} to {'.'.join(target)}"
            for model in self.models.values()
            for target in _targets(self.apps, model)
            if target not in self.models
        )
        if missing:
            raise RuntimeError(f"These models point to what is not there: {', '.join(missing)}.")


def no_tables(default_connections: dict[str, str]) -> StateOnDemand:
    """The state before the first migration."""
    models: _Models = {}
    return StateOnDemand(models=models, apps=AppsOnDemand(models, default_connections))


def _targets(apps: StateApps, model: ModelState) -> list[_Key]:
    """The models that it points to."""
    return [
        apps.split_reference(field.model_name)
        for field in model.fields.values()
        if isinstance(field, _RELATIONS)
    ]
