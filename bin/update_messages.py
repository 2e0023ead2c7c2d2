"""Brings the catalogues of all languages up to date with the texts in code and templates.

``make messages`` adds what is new with an empty translation, drops what is gone, and says what is left to
translate. ``--check`` writes nothing and fails where something is missing. A language comes to be with an empty
file ``community/locale/<code>.po``. Texts of the project and of the default theme stand in ``community/locale``;
every other theme has the texts that it alone uses in its own ``locale`` folder, beside those it words anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = ("community", "themes")
DEFAULT_THEME = "themes/default"
WIDTH = 110

Key = tuple[str, str | None]
"""What tells two messages apart: the (first) English text and the context."""

HEADER = """\
# {language} texts of {owner}.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def key_of(message: Message) -> Key:
    """The name of a message within its catalogue."""
    return (message.id if isinstance(message.id, str) else message.id[0]), message.context


def messages_of(catalogue: Catalog) -> dict[Key, Message]:
    """All messages without the header."""
    return {key_of(message): message for message in catalogue if message.id}


def extracted() -> dict[str, Catalog]:
    """The texts that the sources use, by the folder whose ``locale`` translates them."""
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as configuration:
        methods, options = parse_mapping_cfg(configuration)
    catalogues = {"community": Catalog(charset="utf-8")}
    found = extract_from_dir(
        str(PROJECT), methods, options, DEFAULT_KEYWORDS, directory_filter=lambda folder: _is_source(folder)
    )
    of_themes = []
    for file, _line, text, comments, context in found:
        theme = "/".join(file.split("/")[:2])
        if file.startswith("themes/") and theme != DEFAULT_THEME:
            of_themes.append((theme, file, text, comments, context))
        else:
            catalogues["community"].add(text, None, [(file, 0)], auto_comments=comments, context=context)
    ours = messages_of(catalogues["community"])
    for theme, file, text, comments, context in of_themes:
        if ((text if isinstance(text, str) else text[0]), context) not in ours:
            own = catalogues.setdefault(theme, Catalog(charset="utf-8"))
            own.add(text, None, [(file, 0)], auto_comments=comments, context=context)
    return catalogues


def _is_source(folder: str) -> bool:
    parts = Path(folder).relative_to(PROJECT).parts
    return bool(parts) and parts[0] in SOURCES and not parts[-1].startswith((".", "__"))


def catalogue_files() -> Iterator[tuple[str, Path]]:
    """Every catalogue there is, with its folder: ``("themes/rubin", …/themes/rubin/locale/de.po)``."""
    for folder in ("community", *sorted(f"themes/{path.name}" for path in (PROJECT / "themes").iterdir())):
        for path in sorted((PROJECT / folder / "locale").glob("*.po")):
            yield folder, path


def read(path: Path) -> Catalog:
    """A catalogue as it lies on the disk."""
    with path.open("rb") as source:
        return read_po(source, locale=path.stem)


def updated(catalogue: Catalog, used: Catalog, project_texts: dict[Key, Message], folder: str) -> Catalog:
    """`catalogue` with exactly the texts of `used`, and what a theme words anew; translations are kept."""
    fresh = Catalog(locale=catalogue.locale, charset="utf-8")
    translated = messages_of(catalogue)
    wanted = messages_of(used)
    if folder != "community":
        wanted |= {key: project_texts[key] for key in translated if key in project_texts}
    for key, message in wanted.items():
        known = translated.get(key)
        fits = known is not None and known.pluralizable == message.pluralizable
        fresh.add(
            message.id,
            known.string if known is not None and fits else None,
            message.locations,
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known is not None else (),
            context=message.context,
        )
    return fresh


def written(catalogue: Catalog, code: str, folder: str) -> str:
    """The text of the file. It holds no time and no line numbers, so that two changes rarely meet in it."""
    body = BytesIO()
    write_po(body, catalogue, width=WIDTH, omit_header=True, include_lineno=False, ignore_obsolete=True)
    name = catalogue.locale.get_display_name("en") if catalogue.locale else code
    owner = "Kundenkreis" if folder == "community" else f"the theme {folder.removeprefix('themes/')}"
    header = HEADER.format(language=name, owner=owner, code=code, plural_forms=catalogue.plural_forms)
    return header + body.getvalue().decode("utf-8")


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with only some of their plural forms."""
    return [
        message
        for message in messages_of(catalogue).values()
        if not (all(message.string) if isinstance(message.string, (tuple, list)) else message.string)
    ]


def main(arguments: list[str]) -> int:
    """Update the files, or with ``--check`` only compare; the number of problems decides the exit code."""
    used = extracted()
    project_texts = messages_of(used["community"])
    problems = 0
    for folder, path in catalogue_files():
        fresh = updated(read(path), used.get(folder, Catalog()), project_texts, folder)
        text = written(fresh, path.stem, folder)
        name = path.relative_to(PROJECT)
        if text != path.read_text(encoding="utf-8"):
            if "--check" in arguments:
                problems += 1
                print(f"{name} is not up to date: make messages")
            else:
                path.write_text(text, encoding="utf-8")
        missing = untranslated(fresh)
        problems += len(missing)
        print(f"{name}: {len(messages_of(fresh))} texts, {len(missing)} untranslated")
        for message in missing:
            print(f"  {message.id!r}")
    return 1 if problems and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
