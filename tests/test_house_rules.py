"""What reviews forget, a rule remembers: checks over the source of the project itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*PROJECT.glob("community/**/*.py"), *PROJECT.glob("search/**/*.py")])
TEMPLATES = sorted(PROJECT.glob("themes/*/templates/**/*.html"))


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path.relative_to(PROJECT), ast.parse(path.read_text(encoding="utf-8"))


def test_only_one_middleware_style() -> None:
    """`BaseHTTPMiddleware` loses context variables and costs as much as a database query."""
    assert [str(p) for p, _ in _trees() if "BaseHTTPMiddleware" in (PROJECT / p).read_text()] == []


def test_no_task_is_started_where_a_transaction_could_leak_into_it() -> None:
    """A task inherits the open transaction. What follows from a change goes through the outbox."""
    # The processes' own loops, what they build beside them with its heartbeat, the shields that let a cancelled
    # roll-back finish, and what waits for a listener to leave, which never asks the database.
    allowed = {
        "community/app.py",
        "community/serving.py",
        "community/worker.py",
        "community/http/event_stream.py",
        "community/reindexing/building.py",
        "community/reindexing/tending.py",
        "community/core/db/cancellation.py",
        "search/threads.py",
    }
    found = {
        str(path)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("create_task", "ensure_future")
    }
    assert found <= allowed


def test_the_environment_is_read_in_one_place() -> None:
    found = {
        str(path)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert found <= {"community/settings.py"}


def test_links_in_mails_begin_with_the_configured_address() -> None:
    """A Host header must never get into a mail: `url_for`, `base_url` of a request and the like stay out of it."""
    community = PROJECT / "community"
    for path in [*community.glob("accounts/*.py"), *community.glob("companies/*.py")]:
        assert not re.search(r"url_for|request\.|\.url\b", path.read_text(encoding="utf-8")), path


def test_files_stay_small_enough_to_read() -> None:
    """A file is reconsidered at 400 lines and split at 600."""
    long = {str(p): n for p in SOURCES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 600}
    assert not long


def test_no_text_for_people_is_asked_for_within_an_f_string() -> None:
    """What collects the texts to translate does not look inside f-strings: such a text would stay English."""
    inside = [
        f"{path}:{call.lineno}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("_", "gettext", "ngettext", "pgettext")
    ]
    assert inside == []


def _imports(tree: ast.Module) -> set[str]:
    """Names of modules that are imported, and of what is imported from them."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{each.name}" for each in node.names}
    return names


def test_only_named_modules_talk_to_other_machines() -> None:
    """Who can be made to ask an address can be made to ask one inside the company's own network."""
    outgoing = {
        "httpx2",
        "httpx",
        "aiohttp",
        "requests",
        "urllib.request",
        "http.client",
        "smtplib",
        "aiosmtplib",
    }
    outgoing |= {"imaplib", "poplib", "ftplib", "telnetlib", "meilisearch", "meilisearch_python_sdk"}
    allowed = {
        "community/attachments/s3.py",  # reads from the store in pieces
        "community/core/s3.py",  # the store that the configuration names
        "community/checking.py",  # asks what the configuration names
        "community/core/mail.py",
        "community/faq/validating.py",  # the feed that its command line names
        "community/http/oidc.py",
        "community/replies/inbox.py",
        "community/replies/running.py",
        "search/embedders.py",
        "search/meilisearch.py",
        "search/meilisearch_meaning.py",
        "search/meilisearch_requests.py",
    }
    found = {str(path) for path, tree in _trees() if _imports(tree) & outgoing}
    assert found <= allowed


def test_nothing_is_chosen_by_guessable_chance() -> None:
    """`random` is for pauses and for measuring; whatever must not be guessed comes from `secrets`."""
    allowed = {
        "community/core/memory.py",  # what goes first when memory is full
        "community/core/outbox.py",
        "community/http/event_stream.py",
        "community/relevance/measuring.py",
    }
    found = {str(path) for path, tree in _trees() if "random" in _imports(tree)}
    assert found <= allowed
    # Its numbers tell when and on which machine they were made.
    assert [str(path) for path in SOURCES if "uuid1(" in path.read_text("utf-8")] == []


def test_nothing_that_came_in_becomes_a_program() -> None:
    refused = {"pickle", "marshal", "shelve", "yaml", "subprocess", "code", "runpy"}
    found = {str(path) for path, tree in _trees() if _imports(tree) & refused}
    # Starts the processes of a small site, and the guarded child in which pictures are opened.
    assert found <= {"community/serving.py", "community/attachments/remaking.py"}
    called = {
        f"{path}: {node.func.id}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile")
    }
    assert called == set()


def test_no_text_becomes_a_template() -> None:
    found = {
        f"{path}: {node.attr}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("from_string", "render_template_string")
    }
    assert found == set()


def test_every_exception_from_a_rule_of_security_says_why() -> None:
    """What ruff's security rules (S…) find is mended, or the line says why it is safe.

    S608 finds every statement that is put together; its parts are constants of the code, and values are bound.
    """
    pattern = re.compile(r"#\s*noqa:\s*[A-Z0-9, ]*\bS[0-9]{3}[A-Z0-9, ]*(.*)")
    silent = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := pattern.search(line)) and "S608" not in line and len(found[1].strip(" -–:")) < 3
    ]
    assert silent == []


def test_templates_escape_everything_and_hold_no_script_or_style() -> None:
    """The policy of the site forbids inline scripts and styles; here it is seen before a browser refuses them."""
    patterns = {
        "switches escaping off": r"\|\s*safe\b|autoescape\s+false|Markup\(",
        "an attribute that acts": r"<[^>{%]*\son[a-z]+\s*=",
        "a style in the page": r"<style\b|\sstyle\s*=\s*[\"']",
        "a script in the page": r"<script(?![^>]*(\bsrc=|application/(ld\+)?json))[^>]*>",
        "an address that acts": r"javascript:",
        "a form that is sent by reading": r"<form[^>]*method=[\"']?get[^>]*action=[\"'][^\"']*(delete|remove|erase)",
        "a foreign file": r"<(script|link|img|iframe)[^>]*(src|href)=[\"'](https?:)?//",
    }
    # Mails cannot use the site's style sheet.
    pages = [path for path in TEMPLATES if "mails" not in path.parts]
    assert len(pages) > 100
    found = [
        f"{path.relative_to(PROJECT)}: {name}: {match.group()[:60]}"
        for path in pages
        for name, pattern in patterns.items()
        for match in re.finditer(pattern, path.read_text("utf-8"), re.IGNORECASE)
    ]
    assert found == []


def test_the_log_gets_no_field_that_holds_an_identity() -> None:
    """What is logged leaves the machine: numbers and outcomes, never who somebody is."""
    personal = re.compile(
        r"mail(?!s$|_id$)|address|real_name|company(?!_id$)|password|token|cookie|phone|nickname"
    )
    found = [
        f"{path}:{node.lineno}: {key.value}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("logger", "log")
        for keyword in node.keywords
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if isinstance(key, ast.Constant) and personal.search(str(key.value))
    ]
    assert found == []


def test_documents_name_only_files_that_are_there() -> None:
    """A proof that has moved proves nothing to whoever looks for it."""
    named = re.compile(r"`((?:tests|community|search|themes|bin|docs|bench)/[\w./-]+)")
    gone = [
        f"{document.relative_to(PROJECT)}: {path}"
        for document in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")]
        for path in named.findall(document.read_text("utf-8"))
        if not list(PROJECT.glob(f"{path.rstrip('.')}*")) and path != "bench/var"
    ]
    assert gone == []
