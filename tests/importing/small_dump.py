"""Small dumps in our own words, written to a folder row by row."""

from __future__ import annotations

from html import escape
from pathlib import Path


def row(**attributes: object) -> str:
    """``row(Id=1, Title="a < b")``; None leaves an attribute out."""
    written = {
        name: escape(str(value), quote=True).replace("\n", "&#xA;")
        for name, value in attributes.items()
        if value is not None
    }
    given = " ".join(f'{name}="{value}"' for name, value in written.items())
    return f"<row {given} />"


def question(
    number: int, title: str = "", body: str = "<p>How do we set it up?</p>", **attributes: object
) -> str:
    given = {
        "Id": number, "PostTypeId": 1, "CreationDate": f"2020-01-{number % 27 + 1:02}T08:00:00.000", "Score": 3,
        "Title": title or f"Question number {number}", "Body": body, "Tags": "<router><dual-wan>", "OwnerUserId": 1,
    }  # fmt: skip
    return row(**given | attributes)


def answer(number: int, to: int, body: str = "<p>Like this.</p>", **attributes: object) -> str:
    given = {
        "Id": number, "PostTypeId": 2, "ParentId": to, "CreationDate": "2020-02-01T09:00:00.000", "Body": body,
        "OwnerUserId": 2,
    }  # fmt: skip
    return row(**given | attributes)


def comment(number: int, on: int, text: str = "Which model is it?", **attributes: object) -> str:
    given = {"Id": number, "PostId": on, "Text": text, "CreationDate": "2020-02-02T10:00:00.000", "UserId": 3}
    return row(**given | attributes)


def user(number: int, name: str, **attributes: object) -> str:
    return row(
        **{"Id": number, "DisplayName": name, "CreationDate": f"201{number % 9}-05-06T00:00:00.000"}
        | attributes
    )


def up_vote(number: int, on: int, day: str = "2020-02-03") -> str:
    return row(Id=number, PostId=on, VoteTypeId=2, CreationDate=f"{day}T00:00:00.000")


USERS = [user(1, "Asking Annie"), user(2, "Rupert"), user(3, "Commenting Carl"), user(4, "Silent Sam")]

WHOLE: dict[str, list[str]] = {
    "Posts": [
        # An answer may stand before its question.
        answer(2, to=1, body="<p>Use <code>wan2</code>.</p>"),
        question(1, "How do two lines share the load?", AcceptedAnswerId=2, LastEditDate="2020-01-05T00:00:00.000"),
        answer(3, to=1, body="<p>It cannot.</p>", OwnerUserId=None, OwnerDisplayName="Gone Gustav"),
        question(4, "Which cable for the second line?", ClosedDate="2020-03-01T00:00:00.000"),
        question(5, "Two lines at once?"),
        answer(6, to=99),
        row(Id=7, PostTypeId=5, Body="<p>About routers</p>", CreationDate="2020-01-01T00:00:00.000"),
    ],
    "Users": USERS,
    "Comments": [
        comment(1, on=1),
        comment(2, on=2, text="@AskingAnnie thanks, `wan2` it is. 1. no list", UserId=2),
        comment(3, on=6, text="nobody sees this"),
    ],
    "Votes": [
        up_vote(1, on=1), up_vote(2, on=2), up_vote(3, on=2, day="2020-02-05"), up_vote(4, on=77),
        row(Id=5, PostId=2, VoteTypeId=1, CreationDate="2020-02-04T00:00:00.000"),
        row(Id=6, PostId=2, VoteTypeId=3, CreationDate="2020-02-04T00:00:00.000"),
    ],
    "PostLinks": [
        row(Id=1, PostId=5, RelatedPostId=1, LinkTypeId=3, CreationDate="2020-02-04T00:00:00.000"),
        row(Id=2, PostId=3, RelatedPostId=4, LinkTypeId=1, CreationDate="2020-02-04T00:00:00.000"),
    ],
    "Badges": [
        row(Id=1, UserId=2, Name="Teacher", Date="2020-02-04T00:00:00.000", Class=3),
        row(Id=2, UserId=4, Name="Reader", Date="2020-02-04T00:00:00.000", Class=3),
    ],
}  # fmt: skip
"""Three questions: one solved, one closed, one duplicate; two answers come over, one is an orphan."""


def write_dump(folder: Path, **files: list[str]) -> Path:
    """Write the files to `folder` (its name is that of the site) and answer it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        root = name.lower()
        text = f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>\n' + "\n".join(rows) + f"\n</{root}>\n"
        (folder / f"{name}.xml").write_text(text, encoding="utf-8")
    return folder


def many_questions(count: int) -> dict[str, list[str]]:
    """A dump that takes long enough to be interrupted."""
    posts, comments, votes = [], [], []
    for number in range(1, count + 1):
        posts.append(question(number, f"Question {number} about lines", AcceptedAnswerId=number + 10_000))
        posts.append(answer(number + 10_000, to=number, body=f"<p>Answer <b>{number}</b>, with care.</p>"))
        comments.append(comment(number, on=number + 10_000))
        votes.append(up_vote(number, on=number))
    return {"Posts": posts, "Users": USERS, "Comments": comments, "Votes": votes}
