"""Reads a dump folder of the Stack Exchange network, row by row, whatever state it is in.

A dump is a folder of XML files (``Posts.xml``, ``Users.xml``, …), each a long list of ``<row …/>`` whose
attributes are the columns. Rows are cut out of the stream and parsed one at a time: memory does not grow with
the file, one damaged row costs only itself, and since a row has no place for a document type declaration, no
entity but the five of XML itself is ever expanded.

Nothing is written anywhere. What is left out, and what had to be mended, is counted in the `Report`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from community.core.clock import now
from community.core.markdown import excerpt
from community.importing.html_to_markdown import visible_text
from community.importing.stackexchange_rows import (
    Answer,
    BadgeRow,
    Comment,
    PostLink,
    Question,
    Report,
    TagRow,
    User,
    Vote,
)
from community.importing.xml_rows import count_rows, read_rows

RowType = TypeVar("RowType", Question | Answer, Comment, Vote, User, TagRow, PostLink, BadgeRow)

_OLDEST = datetime(2008, 1, 1, tzinfo=UTC)
_FASTEST_CLOCK = timedelta(days=1)
_LARGEST_ID = 2**53


class DumpUnreadable(Exception):  # noqa: N818 - read aloud, "except DumpUnreadable" says it
    """The folder cannot be a dump: it is missing, or has no posts."""


class _LeftOut(Exception):  # noqa: N818
    """A row that cannot be used; the message is the reason."""


# --- a row's columns ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """Typed access to the attributes of one row. Names are looked up regardless of case."""

    attributes: dict[str, str]
    kind: str
    report: Report
    previous_time: datetime

    def text(self, name: str) -> str:
        return self.attributes.get(name.lower(), "").strip()

    def number(self, name: str, default: int = 0) -> int:
        number = _whole_number(self.text(name))
        return default if number is None else number

    def id_or_none(self, name: str) -> int | None:
        number = _whole_number(self.text(name))
        return number if number is not None and abs(number) < _LARGEST_ID else None

    def needed_id(self, name: str, reason: str) -> int:
        number = self.id_or_none(name)
        if number is None:
            raise _LeftOut(reason)
        return number

    def time_or_none(self, name: str) -> datetime | None:
        return _time(self.text(name))

    def time(self, *names: str) -> datetime:
        """The first of these dates that is there, else that of the row before: rows are in order of time."""
        for position, name in enumerate(names):
            if time := self.time_or_none(name):
                if position:
                    self.report.mend(self.kind, f"{names[0]} taken from {name}")
                return time
        self.report.mend(self.kind, f"{names[0]} taken from the row before")
        return self.previous_time


def _whole_number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None


def _time(text: str) -> datetime | None:
    """Dumps write UTC without saying so. What says otherwise is converted; what lies in the future is no date."""
    try:
        time = datetime.fromisoformat(text)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if time < now() + _FASTEST_CLOCK else None


def _tags(text: str) -> tuple[str, ...]:
    """``<hops><storage>`` in older dumps, ``|hops|storage|`` in newer ones."""
    return tuple(dict.fromkeys(tag for tag in re.split(r"[<>|,\s]+", text.lower()) if tag))


# --- the dump -----------------------------------------------------------------------------------------


class Dump:
    """A dump folder. Each method reads one file from its beginning and gives its rows in the file's order."""

    def __init__(self, folder: Path) -> None:
        """Raises `DumpUnreadable` where there is no folder or no ``Posts.xml`` in it."""
        if not folder.is_dir():
            raise DumpUnreadable(f"{folder} is not a folder.")
        self.folder = folder
        self.report = Report()
        self._files = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_file()}
        if "posts.xml" not in self._files:
            raise DumpUnreadable(f"There is no Posts.xml in {folder}.")

    def expected(self, file_name: str) -> int:
        """About how many rows a file has, for a progress bar; 0 where it is missing."""
        path = self._files.get(file_name.lower())
        return count_rows(path) if path else 0

    def posts(self) -> Iterator[Question | Answer]:
        return self._rows("Posts.xml", "post", _post)

    def comments(self) -> Iterator[Comment]:
        return self._rows("Comments.xml", "comment", _comment)

    def votes(self) -> Iterator[Vote]:
        return self._rows("Votes.xml", "vote", _vote)

    def users(self) -> Iterator[User]:
        return self._rows("Users.xml", "user", _user)

    def tags(self) -> Iterator[TagRow]:
        return self._rows("Tags.xml", "tag", _tag)

    def post_links(self) -> Iterator[PostLink]:
        return self._rows("PostLinks.xml", "post link", _post_link)

    def badges(self) -> Iterator[BadgeRow]:
        return self._rows("Badges.xml", "badge", _badge)

    def _rows(self, file_name: str, kind: str, make: Callable[[_Row], RowType]) -> Iterator[RowType]:
        path = self._files.get(file_name.lower())
        if path is None:
            if file_name not in self.report.missing_files:
                self.report.missing_files.append(file_name)
            return
        seen = _Ids()
        previous_time = _OLDEST
        for attributes in read_rows(path, lambda reason: self.report.leave_out(kind, reason)):
            row = _Row(attributes, kind, self.report, previous_time)
            try:
                made = make(row)
                if not seen.add(row.needed_id("Id", "without a usable id")):
                    raise _LeftOut("a second row with the same id")
            except _LeftOut as left_out:
                self.report.leave_out(row.kind, str(left_out))
                continue
            previous_time = row.time_or_none("CreationDate") or row.time_or_none("Date") or previous_time
            self.report.read[row.kind] += 1
            yield made


class _Ids:
    """A set of whole numbers that takes about a bit for each number where they lie close together."""

    _PAGE = 2**15

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Whether the number was not in the set before."""
        page_number, offset = divmod(number, self._PAGE)
        page = self._pages.get(page_number)
        if page is None:
            page = self._pages[page_number] = bytearray(self._PAGE // 8)
        byte, bit = divmod(offset, 8)
        is_new = not page[byte] >> bit & 1
        page[byte] |= 1 << bit
        return is_new


_OTHER_POSTS = {
    3: "a wiki page", 4: "the summary of a tag", 5: "the wiki page of a tag", 6: "a moderator nomination",
    7: "a placeholder of a wiki", 8: "a privilege page",
}  # fmt: skip
_OTHER_VOTES = {
    3: "a down-vote", 4: "a report as offensive", 5: "a bookmark", 6: "a vote to close", 7: "a vote to reopen",
    8: "the start of a bounty", 9: "the end of a bounty", 10: "a vote to delete", 11: "a vote to restore",
    12: "a report as spam", 15: "a moderator's review", 16: "an approved edit",
}  # fmt: skip


def _post(row: _Row) -> Question | Answer:
    post_type = row.number("PostTypeId")
    if post_type == 1:
        row.kind = "question"
        return _question(row)
    if post_type == 2:
        row.kind = "answer"
        return _answer(row)
    raise _LeftOut(_OTHER_POSTS.get(post_type, "neither question nor answer"))


def _question(row: _Row) -> Question:
    body = row.text("Body")
    title = " ".join(row.text("Title").split())
    if not title:
        title = excerpt(visible_text(body), 80)
        if not title:
            raise _LeftOut("neither title nor text")
        row.report.mend(row.kind, "title taken from the text")
    created_at = row.time("CreationDate", "LastEditDate", "LastActivityDate")
    return Question(
        id=row.needed_id("Id", "without a usable id"),
        created_at=created_at,
        title=title,
        body_html=body,
        tags=_tags(row.text("Tags")),
        owner_id=row.id_or_none("OwnerUserId"),
        owner_name=row.text("OwnerDisplayName") or None,
        accepted_answer_id=row.id_or_none("AcceptedAnswerId"),
        score=row.number("Score"),
        view_count=max(0, row.number("ViewCount")),
        edited_at=row.time_or_none("LastEditDate"),
        closed_at=row.time_or_none("ClosedDate"),
        last_activity_at=max(created_at, row.time_or_none("LastActivityDate") or created_at),
        licence=row.text("ContentLicense") or None,
    )


def _answer(row: _Row) -> Answer:
    body = row.text("Body")
    if not body:
        raise _LeftOut("without text")
    return Answer(
        id=row.needed_id("Id", "without a usable id"),
        question_id=row.needed_id("ParentId", "without a question"),
        created_at=row.time("CreationDate", "LastEditDate", "LastActivityDate"),
        body_html=body,
        owner_id=row.id_or_none("OwnerUserId"),
        owner_name=row.text("OwnerDisplayName") or None,
        score=row.number("Score"),
        edited_at=row.time_or_none("LastEditDate"),
        licence=row.text("ContentLicense") or None,
    )


def _comment(row: _Row) -> Comment:
    text = row.text("Text")
    if not text:
        raise _LeftOut("without text")
    return Comment(
        id=row.needed_id("Id", "without a usable id"),
        post_id=row.needed_id("PostId", "without a post"),
        created_at=row.time("CreationDate"),
        text=text,
        owner_id=row.id_or_none("UserId"),
        owner_name=row.text("UserDisplayName") or None,
        score=row.number("Score"),
        licence=row.text("ContentLicense") or None,
    )


def _vote(row: _Row) -> Vote:
    vote_type = row.number("VoteTypeId")
    if vote_type not in (1, 2):
        raise _LeftOut(_OTHER_VOTES.get(vote_type, "another kind of vote"))
    return Vote(
        id=row.needed_id("Id", "without a usable id"),
        post_id=row.needed_id("PostId", "without a post"),
        created_at=row.time("CreationDate"),
        accepts=vote_type == 1,
    )


def _user(row: _Row) -> User:
    user_id = row.needed_id("Id", "without a usable id")
    name = " ".join(row.text("DisplayName").split())
    if not name:
        row.report.mend(row.kind, "without a name")
    return User(
        id=user_id,
        created_at=row.time("CreationDate", "LastAccessDate"),
        name=name,
        reputation=max(0, row.number("Reputation")),
    )


def _tag(row: _Row) -> TagRow:
    name = row.text("TagName").lower()
    if not name:
        raise _LeftOut("without a name")
    return TagRow(row.needed_id("Id", "without a usable id"), name, max(0, row.number("Count")))


def _post_link(row: _Row) -> PostLink:
    link_type = row.number("LinkTypeId")
    if link_type not in (1, 3):
        raise _LeftOut("another kind of link")
    post_id = row.needed_id("PostId", "without a post")
    related_post_id = row.needed_id("RelatedPostId", "without a related post")
    if post_id == related_post_id:
        raise _LeftOut("a link to itself")
    return PostLink(
        id=row.needed_id("Id", "without a usable id"),
        post_id=post_id,
        related_post_id=related_post_id,
        created_at=row.time("CreationDate"),
        is_duplicate=link_type == 3,
    )


def _badge(row: _Row) -> BadgeRow:
    name = row.text("Name")
    if not name:
        raise _LeftOut("without a name")
    return BadgeRow(
        id=row.needed_id("Id", "without a usable id"),
        user_id=row.needed_id("UserId", "without a user"),
        name=name,
        created_at=row.time("Date", "CreationDate"),
        level=row.number("Class", 3),
    )
