"""Reads the texts of the demo community from the TOML files in `content/`, and refuses what does not fit.

The files and their keys (``?``: may be left out):

``members.toml``, ``[[member]]``: nickname, year_joined, role? ("customer", "moderator", "administrator",
"marketing"), staff_name?, staff_field?, photo? (path in the theme), expert_in? (slug of a space), language?
("de", "en"), demo_login? ("small", "large", "expert", "moderator", "administrator", "marketing") and
``[member.account]``: real_name, mail, company?, company_size? ("small", "large"), contract_number?,
company_domain?, looks_after_company? (true).

``groups.toml``, ``[[group]]``: slug, name, description, access ("open", "request", "closed"), members,
owner?, curators? (both of members), invited? (nicknames), ``[[group.request]]``: nickname, note.

``spaces.toml``, ``[[space]]``: slug, name, purpose, kind ("questions", "discussions", "ideas", "blog"), access
("open", "members", "exclusive"), language, icon, groups? (for exclusive spaces). Their order is the site's.

``threads*.toml``, ``[[thread]]``: id (unique over all files; small letters, digits, hyphens), space, title,
author, days_ago, body (Markdown), tags?, kudos_by?, same_problem_by?, pinned?, comments? = [{author,
hours_after_question, body}], and ``[[thread.answers]]``: author, hours_after (the question), body, id?,
kudos_by?, accepted_hours_after? (the answer; on the solution alone), idea_status? (by staff, to ideas),
comments? = [{author, hours_after_answer, body}]. A blog article is a thread of a blog space; what others write
below it are its answers.

``faq.toml``, ``[[category]]``: slug (begins with a letter), name, language; ``[[entry]]``: id, category,
language, question, short_answer, source (id of a solved thread), state ("published", "in_review", "draft"),
drafted_by, released_by? (another staff member; for published entries), steps? (Markdown), valid_for?.

``searches.toml``, ``[[words]]``: kind ("same", "name", "one_way"), words, by (a staff member); ``[[search]]``: words,
language, days_ago, count, nothing? (how many of them found nothing).

``segments.toml``, ``[[attribute]]``: key, label_de, label_en, by (an administrator), and ``[[attribute.values]]``:
name ("value = German = English"), of (nicknames of people of companies that have it); ``[[segment]]``: name,
description, purpose, attribute (a key), values, by.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from community.core.viewer import Role
from community.demonstration import rules
from community.demonstration.shapes import (
    Account,
    Answer,
    Attribute,
    AttributeValue,
    Category,
    Comment,
    DemoContent,
    Entry,
    Group,
    JoinRequest,
    Member,
    Search,
    Segment,
    Space,
    Thread,
    Words,
)

CONTENT = Path(__file__).parent / "content"


class ContentError(Exception):
    """Something in the files does not fit; the message names every place, one a line."""


def load(folder: Path = CONTENT) -> DemoContent:
    """The content of `folder`, checked. Raises `ContentError` with everything that is wrong."""
    threads = [row for path in sorted(folder.glob("threads*.toml")) for row in _rows(path, "thread")]
    content = DemoContent(
        members=tuple(_member(row) for row in _rows(folder / "members.toml", "member")),
        groups=tuple(_group(row) for row in _rows(folder / "groups.toml", "group")),
        spaces=tuple(_space(row) for row in _rows(folder / "spaces.toml", "space")),
        threads=tuple(_thread(row) for row in threads),
        categories=tuple(_category(row) for row in _rows(folder / "faq.toml", "category")),
        entries=tuple(_entry(row) for row in _rows(folder / "faq.toml", "entry")),
        vocabulary=tuple(_words(row) for row in _rows(folder / "searches.toml", "words")),
        searches=tuple(_search(row) for row in _rows(folder / "searches.toml", "search")),
        attributes=tuple(_attribute(row) for row in _rows(folder / "segments.toml", "attribute")),
        segments=tuple(_segment(row) for row in _rows(folder / "segments.toml", "segment")),
    )
    problems = list(rules.problems(content))
    if problems:
        raise ContentError("\n".join(problems))
    return content


class _Row:
    """A table of a file, read key by key, so that a wrong or unknown key is named with its place."""

    def __init__(self, place: str, values: Any) -> None:
        if not isinstance(values, dict):
            raise ContentError(f"{place}: expected a table, found {values!r}.")
        self.place = place
        self._unread: dict[str, Any] = dict(values)

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._value(key, str, default)).strip()

    def number(self, key: str) -> float:
        return float(self._value(key, (int, float), None))

    def optional_number(self, key: str) -> float | None:
        return self.number(key) if key in self._unread else None

    def whole_number(self, key: str) -> int:
        return int(self._value(key, int, None))

    def flag(self, key: str) -> bool:
        return bool(self._value(key, bool, False))

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._value(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise ContentError(f"{self.place}: every item of {key} must be a text.")
        return tuple(values)

    def rows(self, key: str) -> list[_Row]:
        values = self._value(key, list, [])
        return [_Row(f"{self.place}, {key} {number}", value) for number, value in enumerate(values, 1)]

    def row(self, key: str) -> _Row:
        return _Row(f"{self.place}, {key}", self._value(key, dict, None))

    def done(self) -> None:
        """Refuse what nobody has read: a misspelled key would otherwise be lost without a word."""
        if self._unread:
            raise ContentError(f"{self.place}: unknown key {', '.join(sorted(self._unread))}.")

    def _value(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        value = self._unread.pop(key, default)
        if value is None:
            raise ContentError(f"{self.place}: {key} is missing.")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ContentError(f"{self.place}: {key} must not be {value!r}.")
        return value


def _rows(path: Path, name: str) -> Iterable[_Row]:
    """The tables called `name` in a file."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get(name, [])
    except FileNotFoundError:
        raise ContentError(f"{path.name} is missing.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    if not isinstance(tables, list):
        raise ContentError(f"{path.name}: write [[{name}]] instead of [{name}].")
    for number, values in enumerate(tables, 1):
        known_by = next((values[key] for key in ("id", "slug", "nickname") if key in values), number)
        yield _Row(f"{path.name}, {name} {known_by}", values)


def _member(row: _Row) -> Member:
    vault = row.row("account")
    account = Account(
        real_name=vault.text("real_name"),
        mail=vault.text("mail"),
        company=vault.text("company", ""),
        company_size=vault.text("company_size", ""),
        contract_number=vault.text("contract_number", ""),
        company_domain=vault.text("company_domain", ""),
        looks_after_company=vault.flag("looks_after_company"),
    )
    vault.done()
    member = Member(
        nickname=row.text("nickname"),
        year_joined=row.whole_number("year_joined"),
        role=row.text("role", Role.CUSTOMER),
        account=account,
        staff_name=row.text("staff_name", ""),
        staff_field=row.text("staff_field", ""),
        photo=row.text("photo", ""),
        expert_in=row.text("expert_in", ""),
        demo_login=row.text("demo_login", ""),
        language=row.text("language", ""),
    )
    row.done()
    return member


def _group(row: _Row) -> Group:
    group = Group(
        slug=row.text("slug"),
        name=row.text("name"),
        description=row.text("description"),
        access=row.text("access"),
        members=row.texts("members"),
        owner=row.text("owner", ""),
        curators=row.texts("curators"),
        invited=row.texts("invited"),
        requests=tuple(_request(each) for each in row.rows("request")),
    )
    row.done()
    return group


def _request(row: _Row) -> JoinRequest:
    request = JoinRequest(nickname=row.text("nickname"), note=row.text("note"))
    row.done()
    return request


def _space(row: _Row) -> Space:
    space = Space(
        slug=row.text("slug"),
        name=row.text("name"),
        purpose=row.text("purpose"),
        kind=row.text("kind"),
        access=row.text("access"),
        language=row.text("language"),
        icon=row.text("icon"),
        groups=row.texts("groups"),
    )
    row.done()
    return space


def _comments(row: _Row, hours_key: str) -> tuple[Comment, ...]:
    comments = []
    for comment in row.rows("comments"):
        hours_after = comment.number(hours_key)
        comments.append(Comment(comment.text("author"), hours_after, comment.text("body")))
        comment.done()
    return tuple(comments)


def _answer(row: _Row) -> Answer:
    answer = Answer(
        id=row.text("id", ""),
        author=row.text("author"),
        hours_after=row.number("hours_after"),
        body=row.text("body"),
        kudos_by=row.texts("kudos_by"),
        accepted_hours_after=row.optional_number("accepted_hours_after"),
        idea_status=row.text("idea_status", ""),
        comments=_comments(row, "hours_after_answer"),
    )
    row.done()
    return answer


def _thread(row: _Row) -> Thread:
    thread = Thread(
        id=row.text("id"),
        space=row.text("space"),
        title=row.text("title"),
        author=row.text("author"),
        tags=row.texts("tags"),
        days_ago=row.number("days_ago"),
        body=row.text("body"),
        kudos_by=row.texts("kudos_by"),
        same_problem_by=row.texts("same_problem_by"),
        pinned=row.flag("pinned"),
        comments=_comments(row, "hours_after_question"),
        answers=tuple(_answer(answer) for answer in row.rows("answers")),
    )
    row.done()
    return thread


def _category(row: _Row) -> Category:
    category = Category(slug=row.text("slug"), name=row.text("name"), language=row.text("language"))
    row.done()
    return category


def _words(row: _Row) -> Words:
    words = Words(kind=row.text("kind"), words=row.texts("words"), by=row.text("by"))
    row.done()
    return words


def _search(row: _Row) -> Search:
    search = Search(
        words=row.text("words"),
        language=row.text("language"),
        days_ago=row.whole_number("days_ago"),
        count=row.whole_number("count"),
        nothing=int(row.optional_number("nothing") or 0),
    )
    row.done()
    return search


def _attribute(row: _Row) -> Attribute:
    values = []
    for value in row.rows("values"):
        values.append(AttributeValue(value.text("name"), value.texts("of")))
        value.done()
    attribute = Attribute(
        key=row.text("key"),
        label_de=row.text("label_de"),
        label_en=row.text("label_en"),
        values=tuple(values),
        by=row.text("by"),
    )
    row.done()
    return attribute


def _segment(row: _Row) -> Segment:
    segment = Segment(
        name=row.text("name"),
        description=row.text("description"),
        purpose=row.text("purpose"),
        attribute=row.text("attribute"),
        values=row.texts("values"),
        by=row.text("by"),
    )
    row.done()
    return segment


def _entry(row: _Row) -> Entry:
    entry = Entry(
        id=row.text("id"),
        category=row.text("category"),
        language=row.text("language"),
        question=row.text("question"),
        short_answer=row.text("short_answer"),
        steps=row.text("steps", ""),
        valid_for=row.text("valid_for", ""),
        source=row.text("source"),
        state=row.text("state"),
        drafted_by=row.text("drafted_by"),
        released_by=row.text("released_by", ""),
    )
    row.done()
    return entry
