"""Every way of writing goes through the one place that lets texts wait."""

from __future__ import annotations

import ast
from pathlib import Path

import community

WRITING = {"start_thread", "add_answer", "add_comment", "edit_post"}
ALLOWED = {"waiting/publishing.py", "waiting/actions.py"}
"""Where the actions of threads themselves are called: the gate, and the release."""


def test_nothing_else_calls_what_publishes_at_once() -> None:
    root = Path(community.__file__).parent
    called = {
        (str(file.relative_to(root)), node.attr)
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in WRITING
        and isinstance(node.value, ast.Name)
        and node.value.id in ("actions", "thread_actions")
    }
    imported = {
        (str(file.relative_to(root)), name.name)
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "community.threads.actions"
        for name in node.names
        if name.name in WRITING
    }
    assert {file for file, _name in called} == ALLOWED
    assert not imported
