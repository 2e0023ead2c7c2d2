"""Themes: a chain of folders that yields templates, design tokens and fingerprinted static files.

A theme is a folder ``themes/<name>`` with what differs from its parent: ``theme.toml``, ``templates/``,
``static/``, ``locale/``. `Theme.load` follows the parents up to ``default`` and tells three things: where
a template comes from (the nearest folder wins, ``{% extends "default:base.html" %}`` reaches past it), under
which address a static file is served (named after its content, so browsers may keep it forever), and what the
site is called.
"""

import hashlib
import os
import posixpath
import re
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from community.core import i18n

BUILT_IN_THEMES = Path(__file__).parent.parent.parent / "themes"
DEFAULT_THEME = "default"

STYLESHEET = "app.css"
"""The one stylesheet of a page: all parts joined and minified."""

_FIRST_PARTS = ("css/tokens.css", "css/base.css", "css/layout.css")
_LAST_PARTS = ("css/utilities.css", "css/brand.css")

_LOOK_SECONDS = 0.02
"""For so long no changed file is looked for: a page asks for the addresses of thirty."""

_THEME_NAME = re.compile(r"[a-z][a-z0-9-]*")
_TOKEN_NAME = re.compile(r"[a-z][a-z0-9-]*")
# What a token may be: a colour, a length, or a list of font names and references to other tokens.
_TOKEN_VALUE = re.compile(
    r"#(?:[0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})"
    r"|-?\d{0,4}(?:\.\d{1,4})?(?:px|rem|em|%|)"
    r"|[a-z0-9\", -]{1,200}",
    re.IGNORECASE,
)

Token = str | Mapping[str, str]
"""A value for both modes, or ``{"light": …, "dark": …}``."""

_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


class ThemeError(ValueError):
    """A theme folder that cannot be used; the message says which one and why."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the site is called; ``[site]`` in theme.toml, and ``[site.de]`` for what German readers see."""

    name: str
    """The whole name, in titles and mails: "Weitnetz Business Community"."""
    brand: str
    """The company's name."""
    claim: str
    """The line under the brand in the header."""
    team: str
    """How staff are labelled: "Weitnetz team"."""
    operator: str = ""
    """Who runs the site, for the footer; the brand where empty."""


@dataclass(frozen=True, slots=True)
class ThemeFolder:
    """One theme folder as it lies on the disk."""

    name: str
    path: Path
    label: str
    parent: str | None
    tokens: Mapping[str, Token]
    site: Mapping[str, str | Mapping[str, str]]
    """Names, and by language code the names that differ there."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served: content after joining, minifying and rewriting."""

    name: str
    """The name templates use: ``img/hero.svg``."""
    served_name: str
    """The name in the address, with the fingerprint: ``img/hero.0123456789.svg``."""
    body: bytes
    content_type: str
    etag: str

    @property
    def is_text(self) -> bool:
        """Whether compressing it saves anything."""
        return self.content_type.startswith(
            ("text/", "application/json", "image/svg", "application/manifest")
        )


def read_theme(path: Path) -> ThemeFolder:
    """Read and check ``theme.toml`` of one folder."""
    try:
        declared: dict[str, Any] = tomllib.loads((path / "theme.toml").read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{path / 'theme.toml'} cannot be read: {error}") from error
    name = path.name
    if not _THEME_NAME.fullmatch(name) or declared.get("name", name) != name:
        raise ThemeError(f"{path}: the name in theme.toml must be the name of the folder (a-z, 0-9, hyphen)")
    tokens: dict[str, Token] = declared.get("tokens", {})
    refuse_unsafe_tokens(tokens)
    parent = declared.get("parent") or (None if name == DEFAULT_THEME else DEFAULT_THEME)
    return ThemeFolder(name, path, declared.get("label", name), parent, tokens, declared.get("site", {}))


def theme_chain(name: str, roots: Sequence[Path]) -> tuple[ThemeFolder, ...]:
    """The folders of theme `name`, itself first, ``default`` last. Earlier roots win over later ones."""
    chain: list[ThemeFolder] = []
    wanted: str | None = name
    while wanted is not None:
        if any(folder.name == wanted for folder in chain):
            names = " → ".join([folder.name for folder in chain] + [wanted])
            raise ThemeError(f"The themes are each other's parents: {names}")
        if not _THEME_NAME.fullmatch(wanted):
            raise ThemeError(f"{wanted!r} is not the name of a theme (a-z, 0-9, hyphen)")
        found = next((root / wanted for root in roots if (root / wanted / "theme.toml").is_file()), None)
        if found is None:
            searched = ", ".join(str(root) for root in roots)
            raise ThemeError(f"There is no theme {wanted!r} in {searched}")
        folder = read_theme(found)
        chain.append(folder)
        wanted = folder.parent
    return tuple(chain)


# --- tokens -------------------------------------------------------------------------------------------


def refuse_unsafe_tokens(tokens: Mapping[str, Token]) -> None:
    """Raise `ThemeError` unless every token is a plain colour, length or font list: tokens become CSS."""
    unsafe = []
    for name, value in tokens.items():
        values = list(value.values()) if isinstance(value, Mapping) else [value]
        modes_are_right = not isinstance(value, Mapping) or set(value) == {"light", "dark"}
        values_are_safe = all(isinstance(v, str) and _TOKEN_VALUE.fullmatch(v) for v in values)
        if not (_TOKEN_NAME.fullmatch(name) and modes_are_right and values_are_safe):
            unsafe.append(name)
    if unsafe:
        raise ThemeError(f"These tokens are not plain colours, lengths or font lists: {', '.join(unsafe)}")


def tokens_css(tokens: Mapping[str, Token]) -> str:
    """The tokens as custom properties; a pair of colours becomes ``light-dark(…)``."""
    refuse_unsafe_tokens(tokens)
    lines = []
    for name, value in tokens.items():
        text = f"light-dark({value['light']}, {value['dark']})" if isinstance(value, Mapping) else value
        lines.append(f"--{name}: {text};")
    return "@layer tokens { :root { " + " ".join(lines) + " } }\n"


# rcssmin takes the first rule of a nested block for a declaration and drops the space before a colon, which
# turns ".table :is(th)" into ".table:is(th)". A written-out "*" keeps the meaning and the weight.
_DESCENDANT_PSEUDO_CLASS = re.compile(r"(?<=[\w\])]) (?=:{1,2}[a-z-]+[({, ])")


def minified_css(css: str) -> str:
    """The same rules in fewer bytes."""
    return str(rcssmin.cssmin(_DESCENDANT_PSEUDO_CLASS.sub(" *", css)))


# --- the theme ----------------------------------------------------------------------------------------


@dataclass
class Theme:
    """A theme with everything it inherits, read into memory."""

    name: str
    chain: tuple[ThemeFolder, ...]
    watching: bool = False
    """Whether changed files are read again (development)."""
    settings: Mapping[str, Token] = field(default_factory=dict)
    """Tokens set by an administrator; they win over those of the folders."""
    _files: dict[str, StaticFile] = field(default_factory=dict, repr=False)
    _served: dict[str, StaticFile] = field(default_factory=dict, repr=False)
    _sites: dict[str, Site] = field(default_factory=dict, repr=False)
    _newest: float = field(default=0.0, repr=False)
    _looked_at: float = field(default=0.0, repr=False)

    @classmethod
    def load(
        cls,
        name: str = DEFAULT_THEME,
        *,
        themes_path: Path | None = None,
        settings: Mapping[str, Token] | None = None,
        watching: bool = False,
    ) -> "Theme":
        """Read theme `name`. `themes_path` is searched before the themes that come with the project."""
        roots = [themes_path, BUILT_IN_THEMES] if themes_path else [BUILT_IN_THEMES]
        theme = cls(name, theme_chain(name, roots), watching, settings or {})
        theme._collect()
        return theme

    @property
    def site(self) -> Site:
        """What the site is called in the language in use; each value from the nearest folder that names it."""
        language = i18n.language()
        if language not in self._sites:
            merged: dict[str, str] = {}
            for folder in reversed(self.chain):
                for name, value in folder.site.items():
                    if isinstance(value, str):
                        merged[name] = value
                of_language = folder.site.get(language, {})
                if isinstance(of_language, Mapping):
                    merged.update(of_language)
            self._sites[language] = Site(**merged)
        return self._sites[language]

    @property
    def tokens(self) -> dict[str, Token]:
        """All tokens: those of ``default``, overlaid by each nearer folder, then by the settings."""
        merged: dict[str, Token] = {}
        for folder in reversed(self.chain):
            merged.update(folder.tokens)
        return merged | dict(self.settings)

    @property
    def loader(self) -> BaseLoader:
        """Finds ``base.html`` in the nearest folder that has it, ``default:base.html`` in that one folder."""
        folders = {folder.name: FileSystemLoader(folder.path / "templates") for folder in self.chain}
        return ChoiceLoader([*folders.values(), PrefixLoader(folders, delimiter=":")])

    @property
    def locale_folders(self) -> tuple[Path, ...]:
        """Folders with catalogues that change texts, the farthest first, for `i18n.load_catalogues`."""
        return tuple(folder.path / "locale" for folder in reversed(self.chain))

    @property
    def page_folders(self) -> tuple[Path, ...]:
        """Folders with the first texts of imprint and the like, the nearest first: ``pages/<name>.<language>.md``."""
        return tuple(folder.path / "pages" for folder in self.chain)

    def static(self, name: str) -> str:
        """The address of a static file: ``/static/<theme>/img/hero.<fingerprint>.svg``."""
        self._collect_again_if_changed()
        try:
            return f"/static/{self.name}/{self._files[name].served_name}"
        except KeyError:
            raise ThemeError(f"The theme {self.name!r} has no static file {name!r}") from None

    def find_static(self, served_name: str) -> StaticFile | None:
        """The file behind an address (the part after the theme's name); None for an outdated fingerprint."""
        self._collect_again_if_changed()
        return self._served.get(served_name)

    def static_names(self) -> list[str]:
        """The names of all static files, for checks."""
        return sorted(self._files)

    # -- reading the files -----------------------------------------------------------------------------

    def _sources(self) -> dict[str, Path]:
        """Name → file; the nearest folder wins."""
        sources: dict[str, Path] = {}
        for folder in reversed(self.chain):
            root = folder.path / "static"
            for path in sorted(root.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    sources[path.relative_to(root).as_posix()] = path
        return sources

    def _collect_again_if_changed(self) -> None:
        if not self.watching or time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        if self._newest_change() != self._newest:
            self.chain = tuple(read_theme(folder.path) for folder in self.chain)
            self._collect()

    def _newest_change(self) -> float:
        """Asked for every page in development, and therefore without a `Path` for each file."""
        newest = [(folder.path / "theme.toml").stat().st_mtime for folder in self.chain]
        for folder in self.chain:
            newest += (entry.stat().st_mtime for entry in _files_below(folder.path / "static"))
        return max(newest)

    def _collect(self) -> None:
        sources = self._sources()
        collector = _Collector(sources, self._joined_css)
        self._files = {
            name: collector.file(name) for name in (*sources, STYLESHEET) if not _is_css_part(name)
        }
        self._served = {file.served_name: file for file in self._files.values()}
        self._newest = self._newest_change() if self.watching else 0.0

    def _joined_css(self, read: Callable[[str], str], names: Sequence[str]) -> str:
        """All CSS parts in their fixed order, the generated tokens right after the written ones."""
        fixed = (*_FIRST_PARTS, *_LAST_PARTS)
        middle = sorted(name for name in names if _is_css_part(name) and name not in fixed)
        parts = []
        for name in (*_FIRST_PARTS, *middle, *_LAST_PARTS):
            if name in names:
                parts.append(read(name))
            if name == _FIRST_PARTS[0]:
                parts.append(tokens_css(self.tokens))
        return minified_css("\n".join(parts))


def _files_below(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """Every file in it and in its folders but hidden ones; nothing where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from _files_below(entry.path)
                elif not entry.name.startswith(".") and entry.is_file():
                    yield entry
    except FileNotFoundError:
        return


def _is_css_part(name: str) -> bool:
    return name.startswith("css/")


class _Collector:
    """Builds the served files; a file's fingerprint covers the fingerprints of the files it imports."""

    _IMPORT = re.compile(r"""(\bfrom\s*|\bimport\s*\(?\s*)(["'])(\.{1,2}/[^"']+)\2""")
    _URL = re.compile(r"""url\((["']?)(\.{1,2}/[^"')]+)\1\)""")

    def __init__(
        self, sources: Mapping[str, Path], join_css: Callable[[Callable[[str], str], Sequence[str]], str]
    ) -> None:
        self.sources = sources
        self.join_css = join_css
        self.done: dict[str, StaticFile] = {}
        self.under_way: list[str] = []

    def file(self, name: str) -> StaticFile:
        if name in self.done:
            return self.done[name]
        if name in self.under_way:
            raise ThemeError(
                "These scripts import each other in a circle: " + " → ".join([*self.under_way, name])
            )
        self.under_way.append(name)
        body = self._body(name)
        self.under_way.pop()
        fingerprint = hashlib.sha256(body).hexdigest()[:10]
        stem, dot, suffix = name.rpartition(".")
        served_name = (
            f"{stem}.{fingerprint}.{suffix}" if dot and "/" not in suffix else f"{name}.{fingerprint}"
        )
        content_type = _CONTENT_TYPES.get(posixpath.splitext(name)[1].lower(), "application/octet-stream")
        self.done[name] = StaticFile(name, served_name, body, content_type, f'"{fingerprint}"')
        return self.done[name]

    def _body(self, name: str) -> bytes:
        if name == STYLESHEET:
            return self.join_css(self._css_part, list(self.sources)).encode()
        body = self.sources[name].read_bytes()
        if not name.endswith(".js") or name.startswith("vendor/"):
            return body
        # Comments and indentation go; names and line ends stay, so an error still names a line one finds.
        script = str(rjsmin.jsmin(body.decode()))
        return self._IMPORT.sub(lambda match: self._fingerprinted(name, match), script).encode()

    def _fingerprinted(self, name: str, match: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[3]))
        if imported not in self.sources:
            raise ThemeError(f"{name} imports {match[3]}, which does not exist")
        relative = posixpath.relpath(self.file(imported).served_name, posixpath.dirname(name) or ".")
        relative = relative if relative.startswith(".") else f"./{relative}"
        return f"{match[1]}{match[2]}{relative}{match[2]}"

    def _css_part(self, name: str) -> str:
        def absolute(match: re.Match[str]) -> str:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))
            return f"url({self.file(target).served_name})"

        return self._URL.sub(absolute, self.sources[name].read_text(encoding="utf-8"))
