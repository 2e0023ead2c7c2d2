"""What stands beside an entry of the moderation log is said in words of the reader, not of the program."""

from __future__ import annotations

import ast
from pathlib import Path

from community.accounts.letters import in_language
from community.web.log_details import FOR_UNDOING, detail_names, read_details

PROJECT = Path(__file__).resolve().parents[2]
OWN_COLUMNS = {"by", "reason", "space_id", "extra"}


def _logged_details() -> set[str]:
    """The names that calls of `log` and of `restrict` write down beside an entry."""
    names = set()
    for path in (PROJECT / "community").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log":
                names |= {each.arg for each in node.keywords if each.arg}
    return names - OWN_COLUMNS


def test_every_detail_has_a_name() -> None:
    logged = _logged_details()
    assert {"from_space", "measure", "version"} <= logged
    assert logged <= detail_names().keys() | FOR_UNDOING


def test_values_are_read_in_words_and_lead_on() -> None:
    with in_language("de"):
        read = dict(
            read_details(
                {
                    "ground": "law",
                    "ground_name": "§ 186 StGB",
                    "measure": "note",
                    "flags": [12, 13],
                    "from_space": 7,
                    "to_space": 8,
                    "undoes": 99,
                    "ends_at": "2026-12-13T12:32:20+00:00",
                    "four_eyes": {"articles_wait": True, "staff_posts_wait": False},
                    "narrowed": False,
                    "came_from": {"1": 2},
                },
                {7: "Internet"},
            )
        )
    said = {name: value.label for name, value in read.items()}
    assert said == {
        "Worauf sie beruht": "Das Gesetz: § 186 StGB",
        "Maßnahme": "Autor informiert, sonst nichts",
        "Was eine zweite Person verlangt": "Artikel im Blog",
        "Endet": "Sonntag, 13. Dezember 2026, 13:32",
        "Aus dem Bereich": "Internet",
        "In den Bereich": "Ein Bereich, den es nicht mehr gibt",
        "Meldungen": "2",
        "Macht rückgängig": "99",
        "Nur ein Teil davon": "nein",
    }
    assert read["Macht rückgängig"].url == "/moderation/log/99"


def test_what_has_no_name_is_shown_all_the_same() -> None:
    assert [(name, value.label) for name, value in read_details({"weight": 3}, {})] == [("weight", "3")]
