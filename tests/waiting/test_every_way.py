"""Every way of writing goes through the one place that lets texts wait."""

from __future__ import annotations

import ast
from pathlib import Path

import community

WRITING = {"start_thread", "add_answer", "add_comment", "edit_post", "answer_idea"}
ALLOWED = {"waiting/publishing.py", "waiting/actions.py"}
"""Where the actions of threads and ideas themselves are called: the gate, and the release."""
WITH_A_STATUS = "ideas/actions.py"
"""Adds the answer that gives an idea a status, and is called at the same two places alone."""


def test_nothing_else_calls_what_publishes_at_once() -> None:
    root = Path(community.__file__).parent
    called = {
        (str(file.relative_to(root)), node.attr)
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in WRITING
        and isinstance(node.value, ast.Name)
        and node.value.id in ("actions", "thread_actions", "ideas")
    }
    imported = {
        (str(file.relative_to(root)), name.name)
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module in ("community.threads.actions", "community.ideas.actions")
        for name in node.names
        if name.name in WRITING
    }
    # The demo community is written by nobody, so nobody has to say yes to it.
    called, imported = (
        {each for each in found if not each[0].startswith("demonstration/")} for found in (called, imported)
    )
    assert {file for file, name in called if (file, name) != (WITH_A_STATUS, "add_answer")} == ALLOWED
    assert not imported
