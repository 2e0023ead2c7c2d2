"""The catalogues: every language says everything, and says it with the same placeholders."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Message

from community.core import i18n
from community.settings import PROJECT
from community.web.theming import Theme

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")
GERMAN_LETTER = re.compile("[äöüÄÖÜßẞ„]")

# Code about German text itself: its spelling, its order, what in it gives somebody away, its most frequent words.
ABOUT_GERMAN_TEXT = {
    "community/demonstration/faq_check.py",
    "community/demonstration/faq_together.py",
    "community/faq/readability.py",
    "community/demonstration/askers.py",
    "community/demonstration/canned.py",
    "community/demonstration/carrying.py",
    "community/demonstration/faq_use.py",
    "community/demonstration/filling.py",
    "community/demonstration/ideas.py",
    "community/demonstration/notices.py",
    "community/demonstration/pages.py",
    "community/demonstration/sanctions.py",
    "community/demonstration/notes.py",
    "community/demonstration/teaser_pictures.py",
    "community/demonstration/waiting.py",
    "community/demonstration/waiting_work.py",
    "community/core/common_passwords.py",
    "community/core/i18n.py",
    "community/core/personal_hints.py",
    "community/core/quotation.py",
    "community/core/text.py",
    "community/faq/asking_cues.py",
    "community/faq/cues.py",
    "community/faq/reading.py",
    "community/faq/words.py",
    "community/replies/quotations.py",
    "community/segments/definitions.py",
    "community/waiting/holding_rules.py",
    "search/answering.py",
    "search/configuration.py",
    "search/german.py",
    "search/meaning.py",
    "search/words.py",
}


def _load_script() -> ModuleType:
    name = "update_messages"
    specification = importlib.util.spec_from_file_location(name, PROJECT / "bin" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


script = _load_script()
FILES = [pytest.param(folder, path, id=f"{folder}/{path.name}") for folder, path in script.catalogue_files()]


@pytest.fixture(scope="module")
def used() -> dict[str, dict[tuple[str, str | None], Message]]:
    """The texts of the sources, by the folder whose catalogue translates them."""
    return {folder: script.messages_of(catalogue) for folder, catalogue in script.extracted().items()}


def _forms(message: Message) -> list[tuple[str, str]]:
    """Each translated form beside the English text it stands for."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[min(1, place)], form) for place, form in enumerate(message.string)]


def test_the_sources_are_read(used: dict[str, dict[tuple[str, str | None], Message]]) -> None:
    assert len(used["community"]) > 800
    assert ("Open", "status") in used["community"]
    assert ("%(num)s answer", None) in used["community"]


@pytest.mark.parametrize("language", [code for code in i18n.languages() if code != i18n.SOURCE_LANGUAGE])
def test_every_theme_with_texts_of_its_own_has_them_in_every_language(
    language: str, used: dict[str, dict[tuple[str, str | None], Message]]
) -> None:
    assert all((PROJECT / folder / "locale" / f"{language}.po").is_file() for folder in used)


@pytest.mark.parametrize(("folder", "path"), FILES)
def test_a_catalogue_has_every_text_translated_and_nothing_else(
    folder: str, path: Path, used: dict[str, dict[tuple[str, str | None], Message]]
) -> None:
    catalogue = script.read(path)
    translated = script.messages_of(catalogue)
    wanted = used.get(folder, {})
    reworded = used["community"] if folder != "community" else {}
    assert sorted(map(str, wanted.keys() - translated.keys())) == []
    assert sorted(map(str, translated.keys() - wanted.keys() - reworded.keys())) == []
    assert [message.id for message in script.untranslated(catalogue)] == []
    assert [message.id for message in translated.values() if message.fuzzy] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize(("folder", "path"), FILES)
def test_a_catalogue_has_all_plural_forms(
    folder: str, path: Path, used: dict[str, dict[tuple[str, str | None], Message]]
) -> None:
    catalogue = script.read(path)
    sources = used["community"] | used.get(folder, {})
    for key, message in script.messages_of(catalogue).items():
        assert message.pluralizable == sources[key].pluralizable, message.id
        if message.pluralizable:
            assert len(message.string) == catalogue.num_plurals, message.id


@pytest.mark.parametrize(("folder", "path"), FILES)
def test_translations_keep_placeholders_and_markup(folder: str, path: Path) -> None:
    for message in script.messages_of(script.read(path)).values():
        for english, translated in _forms(message):
            assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(translated)), message.id
            assert sorted(TAG.findall(english)) == sorted(TAG.findall(translated)), message.id


@pytest.mark.parametrize(("folder", "path"), FILES)
def test_translations_begin_and_end_as_the_english_does(folder: str, path: Path) -> None:
    """Texts are joined with others: a lost colon or a space too many shows on the page."""
    for message in script.messages_of(script.read(path)).values():
        for english, translated in _forms(message):
            assert translated == translated.strip(), message.id
            assert english.endswith(":") == translated.endswith(":"), message.id
            assert english.endswith("…") == translated.endswith("…"), message.id
            assert english.endswith(".") == translated.endswith("."), message.id


def _german(path: Path = PROJECT / "community/locale/de.po") -> Iterator[tuple[object, str]]:
    for message in script.messages_of(script.read(path)).values():
        for _english, translated in _forms(message):
            yield message.id, translated


def test_german_texts_are_set_as_german_is() -> None:
    for name, text in _german():
        without_markup = TAG.sub("", text)
        assert not re.search(r"[\"“”](?=\w)", without_markup), name
        assert without_markup.count("„") == without_markup.count("“"), name
        assert not re.search(r"—|(?<=\w)–|–(?=\w)", without_markup), name
        assert not re.search(r"\d%(?!\()|\d %(?!\()|z\. ?B\.(?<!z\.\u00a0B\.)", without_markup), name
        assert "..." not in text, name
        assert "  " not in text, name


def test_german_texts_address_the_reader_formally_and_keep_the_words_of_the_product() -> None:
    for name, text in _german():
        assert not re.search(r"\b(du|dein|deine|deinen|dir|dich|euch|euer)\b", text, re.IGNORECASE), name
        assert not re.search(r"\b(User|Nutzername|Benutzername|Thread|Posting|Login|Moderator\w*)\b", text), (
            name
        )


def test_templates_hold_no_german() -> None:
    found = []
    for path in sorted(PROJECT.glob("themes/*/templates/**/*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{path.name}: {line}" for line in text.splitlines() if GERMAN_LETTER.search(line)]
    assert found == []


def _literals(path: Path) -> Iterator[str]:
    """The strings of a Python file without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_code_holds_no_german_but_where_it_is_about_german_text() -> None:
    paths = [*PROJECT.glob("community/**/*.py"), *PROJECT.glob("search/**/*.py")]
    german = {
        str(path.relative_to(PROJECT))
        for path in paths
        if any(GERMAN_LETTER.search(text) for text in _literals(path))
    }
    assert german <= ABOUT_GERMAN_TEXT


def test_a_theme_names_the_team_in_the_language_of_the_reader() -> None:
    theme = Theme.load("rubin")
    names = {}
    for language in i18n.languages():
        i18n.use(language)
        names[language] = theme.site.team
    i18n.use(i18n.SOURCE_LANGUAGE)
    assert names == {"de": "Rubin-Team", "en": "Rubin team"}
