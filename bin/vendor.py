"""Third-party files for the browser: npm package → committed file, with a lock.

``bin/vendor.py`` fetches the packages named below (maintainers only; needs npm), checks them against the sum
the registry published, copies what is used and builds the icon sprite. ``bin/vendor.py --check`` needs no
network: it compares the committed files with ``themes/vendor.lock.json`` and is part of the tests.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
STATIC = PROJECT / "themes/default/static"
LOCK = PROJECT / "themes/vendor.lock.json"
LIST = PROJECT / "themes/VENDORED.md"
SPRITE = STATIC / "icons.svg"

ICONS = """
search bell menu x chevron-right chevron-left chevron-down check circle-check circle-dashed circle-help
thumbs-up message-square reply eye eye-off bookmark share-2 flag quote link paperclip bold italic list
list-ordered code image sun moon sun-moon lock lock-open users building-2 router phone smartphone cloud
shield-check shield file-text badge-check award activity clock arrow-right globe settings log-out log-in
user user-plus pencil ellipsis info triangle-alert headset receipt newspaper book-open-text network inbox
pin trophy house rss download history trash-2 tag circle-plus chart-column lightbulb megaphone mail
key-round send monitor messages-square star handshake
""".split()  # noqa: SIM905 (a list of ninety names reads better as words)
"""Icons in the sprite, by their Lucide names."""


@dataclass(frozen=True)
class Package:
    """An npm package, pinned, and the files of it that are committed."""

    name: str
    version: str
    licence: str
    files: dict[str, str] = field(default_factory=dict)
    """Path in the package → path under the default theme's static folder."""


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        {"dist/htmx.min.js": "vendor/htmx-4.0.1.min.js", "LICENSE": "vendor/htmx.LICENSE.txt"},
    ),
    Package("lucide-static", "1.62.0", "ISC", {"LICENSE": "vendor/lucide.LICENSE.txt"}),
)


def fetch(package: Package, folder: Path) -> tuple[Path, str]:
    """Download the package's archive and compare it with the published sum; returns archive and sum."""
    wanted = f"{package.name}@{package.version}"
    published = json.loads(_npm(["view", wanted, "dist.integrity", "--json"], folder))
    archive = folder / _npm(["pack", wanted, "--silent"], folder).strip().splitlines()[-1]
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != published:
        raise SystemExit(f"{wanted}: the archive is not what the registry published")
    return archive, found


def _npm(arguments: list[str], folder: Path) -> str:
    return subprocess.run(["npm", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603, S607


def build_sprite(archive: tarfile.TarFile, version: str) -> str:
    """One SVG file with a symbol for each icon; colours and stroke come from the stylesheet."""
    symbols = []
    for name in ICONS:
        drawing = _read(archive, f"icons/{name}.svg").decode()
        inner = re.sub(r"\s+", " ", re.findall(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)[0]).strip()
        inner = inner.replace("> <", "><").replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    note = f"<!-- Lucide {version}, ISC licence, see vendor/lucide.LICENSE.txt -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{note}{"".join(symbols)}</svg>\n'


def _read(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise SystemExit(f"{path} is not a file in the package")
    return member.read()


def vendor() -> None:
    """Fetch everything, write the files and the lock."""
    lock = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            archive_path, integrity = fetch(package, Path(folder))
            with tarfile.open(archive_path) as archive:
                written = {target: _read(archive, source) for source, target in package.files.items()}
                if package.name == "lucide-static":
                    written[SPRITE.name] = build_sprite(archive, package.version).encode()
        for target, body in written.items():
            (STATIC / target).parent.mkdir(parents=True, exist_ok=True)
            (STATIC / target).write_bytes(body)
        lock.append(
            {
                "package": package.name,
                "version": package.version,
                "licence": package.licence,
                "integrity": integrity,
                "files": {target: hashlib.sha256(body).hexdigest() for target, body in written.items()},
            }
        )
        print(f"{package.name} {package.version}: {', '.join(written)}")
    LOCK.write_text(json.dumps(lock, indent=2) + "\n")
    LIST.write_text(listing(lock))


def listing(lock: list[dict]) -> str:
    """The lock once more for people: what is whose, under which licence, with its sums."""
    lines = [
        "# Third-party files in the themes",
        "",
        "Written by `bin/vendor.py`, which fetches the packages by name from npm and checks their published sums.",
        "`bin/vendor.py --check` compares the committed files with `vendor.lock.json`; it is part of every check.",
    ]
    for entry in lock:
        lines += ["", f"## {entry['package']} {entry['version']} ({entry['licence']}, npm)", ""]
        lines += [f"Package: `{entry['integrity']}`", "", "| file | SHA-256 |", "|---|---|"]
        lines += [f"| `default/static/{name}` | `{total}` |" for name, total in entry["files"].items()]
    return "\n".join(lines) + "\n"


def check() -> list[str]:
    """What is wrong with the committed files; an empty list when all is as the lock says."""
    lock = json.loads(LOCK.read_text())
    problems = []
    for package, entry in zip(PACKAGES, lock, strict=True):
        if (package.name, package.version) != (entry["package"], entry["version"]):
            problems.append(f"{package.name}: the lock has {entry['package']} {entry['version']}")
        for target, wanted in entry["files"].items():
            if hashlib.sha256((STATIC / target).read_bytes()).hexdigest() != wanted:
                problems.append(f"{target} was changed")
    if LIST.read_text() != listing(lock):
        problems.append(f"{LIST.name} does not say what the lock says")
    known = {target for entry in lock for target in entry["files"]}
    present = {path.relative_to(STATIC).as_posix() for path in (STATIC / "vendor").iterdir()}
    return problems + [f"{name} is not in the lock" for name in sorted(present - known)]


if __name__ == "__main__":
    if "--check" in sys.argv:
        found = check()
        print("\n".join(found) or "All third-party files are as the lock says.")
        sys.exit(bool(found))
    vendor()
