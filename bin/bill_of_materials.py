"""What a release consists of: a software bill of materials in CycloneDX (JSON).

``make bill`` writes ``dist/kundenkreis-<version>.cdx.json``: every Python package that the site runs with, as pinned
in ``requirements.txt`` (with its licence and what it needs in turn), those of the extra for search by meaning, and
the third-party files for the browser of ``themes/vendor.lock.json``. Made of the installed environment, without
network; the same source gives the same file, byte for byte.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROJECT = Path(__file__).resolve().parent.parent
NAMESPACE = uuid.UUID("6f1c5c0a-3b0e-4f57-9d3a-0d5b1a1f9c11")
"""Chance, once; serial numbers are made of it and of the content."""
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)")


def pins(file: str) -> dict[str, str]:
    """Name and version of each line of a file of requirements."""
    lines = (PROJECT / file).read_text("utf-8").splitlines()
    return {_plain(found[1]): found[2] for line in lines if (found := PIN.match(line))}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def python_component(name: str, version: str, *, scope: ComponentScope) -> Component:
    """A package as it is pinned; licence and summary as its authors have written them into it."""
    component = Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        scope=scope,
        purl=PackageURL("pypi", None, name, version),
        bom_ref=f"pypi:{name}",
    )
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return component
    component.description = metadata["Summary"]
    if expression := metadata["License-Expression"]:
        component.licenses.add(LicenseExpression(expression))
    elif licence := _licence_in_words(metadata.get_all("Classifier") or [], metadata["License"] or ""):
        component.licenses.add(DisjunctiveLicense(name=licence))
    return component


def _licence_in_words(classifiers: list[str], licence: str) -> str:
    """Older packages say it in a classifier, or in a field that may hold the whole text."""
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    return ", ".join(names) or licence.strip().partition("\n")[0][:100]


def browser_components() -> list[Component]:
    """The files that browsers get, by the package that they are from; the sum is that of the package's archive."""
    return [
        Component(
            name=entry["package"],
            version=entry["version"],
            type=ComponentType.LIBRARY,
            scope=ComponentScope.REQUIRED,
            purl=PackageURL("npm", None, entry["package"], entry["version"]),
            bom_ref=f"npm:{entry['package']}",
            licenses=[LicenseExpression(entry["licence"])],
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=_in_hex(entry["integrity"]))],
        )
        for entry in json.loads((PROJECT / "themes/vendor.lock.json").read_text("utf-8"))
    ]


def _in_hex(integrity: str) -> str:
    return base64.b64decode(integrity.removeprefix("sha512-")).hex()


def bill() -> Bom:
    """Everything, with who needs what."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    required, optional = pins("requirements.txt"), pins("requirements-meaning.txt")
    root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        description=project["description"],
        licenses=[LicenseExpression(project["license"])],
        bom_ref=project["name"],
    )
    components = {
        name: python_component(name, version, scope=ComponentScope.REQUIRED)
        for name, version in required.items()
    }
    components |= {
        name: python_component(name, version, scope=ComponentScope.OPTIONAL)
        for name, version in optional.items()
    }
    browser = browser_components()
    made = Bom(components=[*components.values(), *browser])
    made.metadata.component = root
    made.register_dependency(root, [*components.values(), *browser])
    for name, component in components.items():
        made.register_dependency(component, [components[need] for need in _needs(name) if need in components])
    names = "\n".join(sorted(str(each.purl) for each in made.components))
    made.serial_number = uuid.uuid5(NAMESPACE, f"{project['version']}\n{names}")
    return made


def _needs(name: str) -> list[str]:
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        return []
    return sorted(
        {_plain(re.split(r"[\s\[(<>=!~;]", line, maxsplit=1)[0]) for line in lines if "extra ==" not in line}
    )


def as_json(made: Bom) -> str:
    """Without the moment at which it was made, so that it can be compared."""
    content = json.loads(JsonV1Dot6(made).output_as_string())
    content["metadata"].pop("timestamp", None)
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    made = bill()
    root = made.metadata.component
    assert root is not None  # noqa: S101 - set above
    path = PROJECT / "dist" / f"{root.name}-{root.version}.cdx.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(as_json(made), "utf-8")
    sys.stdout.write(f"{path.relative_to(PROJECT)}: {len(made.components)} components\n")


if __name__ == "__main__":
    main()
