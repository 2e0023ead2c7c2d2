"""What an import has to say at its end: what came in, what was left out and why, and who has another name here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from community.core.nicknames import nickname_key
from community.importing.stackexchange_texts import Import

NAMES_ON_SCREEN = 10
"""Changed nicknames that are printed; all of them stand in the file."""

_WITHOUT_FILE = {
    "Users.xml": "everybody is shown as a former member",
    "Comments.xml": "no comments",
    "Votes.xml": "no kudos, and solutions have the date of the answer",
    "PostLinks.xml": "no related threads from the dump",
    "Badges.xml": "no badges",
}


def report_lines(
    run: Import, renamed: Sequence[tuple[str, str]], *, most_names: int | None = None
) -> list[str]:
    """The report, line by line; at most `most_names` of the changed nicknames are listed."""
    return [*_came_in(run), *_left_out(run), *_members(run, renamed, most_names)]


def write_report(run: Import, renamed: Sequence[tuple[str, str]], folder: Path) -> Path:
    """Write the whole report to a file beside the database; its path."""
    path = folder / f"import-{re.sub(r'[^A-Za-z0-9._-]+', '-', run.source)}.txt"
    path.write_text("\n".join(report_lines(run, renamed)) + "\n", encoding="utf-8")
    return path


def _came_in(run: Import) -> Iterator[str]:
    yield f"Import of {run.source}"
    yield ""
    yield from _counts("New", run.came_in)
    yield from _counts("Brought up to date", run.brought_up_to_date)
    if not +run.came_in and not +run.brought_up_to_date:
        yield "Nothing new: everything in this dump was here already."


def _counts(heading: str, counted: Mapping[str, int]) -> Iterator[str]:
    if any(counted.values()):
        yield f"{heading}:"
        yield from (f"  {count:>9,}  {what}" for what, count in counted.items() if count)


def _left_out(run: Import) -> Iterator[str]:
    report = run.report
    missing = [name for name in report.missing_files if name in _WITHOUT_FILE]
    if missing:
        yield "Files that are not in the folder:"
        yield from (f"  {name}: {_WITHOUT_FILE[name]}" for name in missing)
    for heading, found in (("Left out:", report.left_out), ("Mended:", report.mended)):
        if found:
            yield heading
            for kind, reasons in sorted(found.items()):
                yield from (f"  {count:>9,}  {kind}: {reason}" for reason, count in reasons.most_common())
    yield "Never taken over: reputation, down-votes, views, profiles' texts, votes for comments (they have no dates)."


def _members(run: Import, renamed: Sequence[tuple[str, str]], most_names: int | None) -> Iterator[str]:
    without, named = run.staging.count_without_author()
    if without:
        yield (
            f"{without:,} posts and comments are those of a former member, because the dump has no user for them; "
            f"{named:,} of these have a name in the dump, which could be anybody's and is not used."
        )
    respelled = [pair for pair in renamed if nickname_key(pair[0]) == nickname_key(pair[1])]
    others = [pair for pair in renamed if nickname_key(pair[0]) != nickname_key(pair[1])]
    for pairs, heading in (
        (others, "members have another nickname here, because theirs is taken or cannot be one here:"),
        (respelled, "members have the same nickname in the spelling of this site:"),
    ):
        if pairs:
            yield f"{len(pairs):,} {heading}"
            yield from (f"  {name or '(no name)'} → {nickname}" for name, nickname in pairs[:most_names])
        if most_names is not None and len(pairs) > most_names:
            yield f"  … and {len(pairs) - most_names:,} more"
