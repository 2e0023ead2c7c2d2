"""The bill of materials names everything that a release runs with, and can be read by others' tools."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.bom import Bom

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def maker() -> Any:
    spec = importlib.util.spec_from_file_location("bill_of_materials", PROJECT / "bin/bill_of_materials.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(maker: Any) -> dict[str, Any]:
    return json.loads(maker.as_json(maker.bill()))


def test_every_pinned_package_and_every_file_for_browsers_is_in_it(written: dict[str, Any]) -> None:
    addresses = {component["purl"] for component in written["components"]}
    pinned = [
        line.strip()
        for file in ("requirements.txt", "requirements-meaning.txt")
        for line in (PROJECT / file).read_text("utf-8").splitlines()
        if "==" in line
    ]
    assert len(pinned) > 50
    for line in pinned:
        name, _equals, version = line.partition("==")
        assert f"pkg:pypi/{name.lower().replace('_', '-').replace('.', '-')}@{version}" in addresses
    for entry in json.loads((PROJECT / "themes/vendor.lock.json").read_text("utf-8")):
        assert f"pkg:npm/{entry['package']}@{entry['version']}" in addresses
    assert len(addresses) == len(written["components"])


def test_the_versions_are_those_that_are_installed(written: dict[str, Any]) -> None:
    """A bill that is written from a list alone says nothing about what runs."""
    from importlib.metadata import version

    for component in written["components"]:
        if component["purl"].startswith("pkg:pypi/") and component["scope"] == "required":
            assert version(component["name"]) == component["version"], component["name"]


def test_every_part_says_its_licence(written: dict[str, Any]) -> None:
    assert [each["name"] for each in written["components"] if not each.get("licenses")] == []


def test_it_says_who_needs_what(written: dict[str, Any]) -> None:
    needs = {each["ref"]: each.get("dependsOn", []) for each in written["dependencies"]}
    assert "pypi:anyio" in needs["pypi:starlette"]
    assert "npm:htmx.org" in needs["kundenkreis"]


def test_others_can_read_it_and_it_is_the_same_each_time(maker: Any, written: dict[str, Any]) -> None:
    assert written["bomFormat"] == "CycloneDX"
    assert len(Bom.from_json(data=written).components) == len(written["components"])
    assert maker.as_json(maker.bill()) == maker.as_json(maker.bill())
