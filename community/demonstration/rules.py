"""What must hold in the texts of the demo community, so that a slip of the pen is found before it shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from community.core.nicknames import nickname_key, problem_with
from community.core.text import slug
from community.core.viewer import Role
from community.demonstration.shapes import Comment, DemoContent, Entry, Member, Space, Thread
from community.faq.models import EntryState
from community.groups.models import GroupAccess
from community.spaces.models import SpaceAccess, SpaceKind
from community.threads.models import IdeaStatus

LANGUAGES = ("de", "en")
DEMO_LOGINS = ("small", "large", "expert", "moderator", "administrator", "marketing")
COMPANY_SIZES = ("small", "large")
ENTRY_STATES = (EntryState.PUBLISHED, EntryState.IN_REVIEW, EntryState.DRAFT)
LONGEST_TITLE = 200
MOST_TAGS = 5

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def problems(content: DemoContent) -> Iterator[str]:
    """Everything that does not fit together, as sentences that name the place."""
    yield from _member_problems(content)
    yield from _group_and_space_problems(content)
    yield from _twice("thread", (thread.id for thread in content.threads))
    answers = (answer.id for thread in content.threads for answer in thread.answers if answer.id)
    yield from _twice("answer", answers)
    spaces = {space.slug: space for space in content.spaces}
    for thread in content.threads:
        if thread.space not in spaces:
            yield f"Thread {thread.id}: there is no space {thread.space}."
        else:
            yield from _thread_problems(content, thread, spaces[thread.space])
    yield from _faq_problems(content)
    yield from _segment_problems(content)


def _twice(kind: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"The {kind} {name} exists {count} times."


def _not_one_of(place: str, value: str, allowed: Iterable[str]) -> Iterator[str]:
    if value not in tuple(allowed):
        yield f"{place}: {value!r} is not one of {', '.join(allowed)}."


def _member_problems(content: DemoContent) -> Iterator[str]:
    yield from _twice("nickname", (nickname_key(member.nickname) for member in content.members))
    yield from _twice("mail address", (member.account.mail.casefold() for member in content.members))
    logins = Counter(member.demo_login for member in content.members if member.demo_login)
    for login in DEMO_LOGINS:
        if logins[login] != 1:
            yield f"The demo log-in {login} belongs to {logins[login]} members instead of one."
    spaces = {space.slug for space in content.spaces}
    for member in content.members:
        place = f"Member {member.nickname}"
        yield from _not_one_of(place, member.role, Role)
        yield from _not_one_of(place, member.language, ("", *LANGUAGES))
        yield from _not_one_of(place, member.account.company_size, ("", *COMPANY_SIZES))
        yield from _not_one_of(place, member.demo_login, ("", *DEMO_LOGINS))
        if member.expert_in and member.expert_in not in spaces:
            yield f"{place}: there is no space {member.expert_in} to be an expert in."
        if member.is_staff != bool(member.staff_name):
            yield f"{place}: staff, and nobody else, have a staff_name."
        if not re.search(r"@(?:[\w.-]+\.)?example(?:\.com)?$", member.account.mail):
            yield f"{place}: {member.account.mail} is not a made-up mail address."
        if problem := _nickname_problem(member):
            yield f"{place}: {problem}"


def _nickname_problem(member: Member) -> str | None:
    """Staff are known by name anyway; a customer's nickname must not tell who it is."""
    account = member.account
    own = () if member.is_staff else (account.real_name, account.company, account.mail)
    return problem_with(member.nickname, own_words=own)


def _group_and_space_problems(content: DemoContent) -> Iterator[str]:
    yield from _twice("group", (group.slug for group in content.groups))
    yield from _twice("space", (space.slug for space in content.spaces))
    nicknames = {member.nickname for member in content.members}
    for group in content.groups:
        yield from _not_one_of(f"Group {group.slug}", group.access, GroupAccess)
        yield from _unknown(f"Group {group.slug}", "member", group.members, nicknames)
        yield from _twice(f"member of {group.slug}", group.members)
        looking_after = (*filter(None, (group.owner,)), *group.curators)
        yield from _unknown(f"Group {group.slug}", "owner or curator", looking_after, set(group.members))
        asked = (*group.invited, *(request.nickname for request in group.requests))
        yield from _unknown(f"Group {group.slug}", "invited or asking member", asked, nicknames)
        if group.invited and not group.owner:
            yield f"Group {group.slug}: nobody is there who could have invited."
    groups = {group.slug for group in content.groups}
    for space in content.spaces:
        place = f"Space {space.slug}"
        yield from _not_one_of(place, space.access, SpaceAccess)
        yield from _not_one_of(place, space.kind, SpaceKind)
        yield from _not_one_of(place, space.language, LANGUAGES)
        yield from _unknown(place, "group", space.groups, groups)
        if (space.access == SpaceAccess.EXCLUSIVE) != bool(space.groups):
            yield f"{place}: exclusive spaces, and no others, have groups."


def _unknown(place: str, kind: str, names: Iterable[str], known: set[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{place}: there is no {kind} {name}."


def _thread_problems(content: DemoContent, thread: Thread, space: Space) -> Iterator[str]:
    place = f"Thread {thread.id}"
    if not _ID.fullmatch(thread.id):
        yield f"{place}: an id consists of small letters, digits and single hyphens."
    if not thread.title or len(thread.title) > LONGEST_TITLE:
        yield f"{place}: a title has 1 to {LONGEST_TITLE} characters."
    if len(thread.tags) > MOST_TAGS or any(tag != slug(tag, longest=40) for tag in thread.tags):
        yield f"{place}: at most {MOST_TAGS} tags, each of small letters, digits and hyphens."
    yield from _people_problems(content, thread, space)
    yield from _time_problems(thread)
    solutions = [answer for answer in thread.answers if answer.accepted_hours_after is not None]
    if len(solutions) > 1:
        yield f"{place}: more than one accepted answer."
    if solutions and space.kind != SpaceKind.QUESTIONS:
        yield f"{place}: only threads of a space for questions have a solution."
    staff = {member.nickname for member in content.members if member.is_staff}
    for answer in (answer for answer in thread.answers if answer.idea_status):
        yield from _not_one_of(place, answer.idea_status, IdeaStatus)
        if space.kind != SpaceKind.IDEAS or answer.author not in staff:
            yield f"{place}: only staff give a status, and only to ideas."
    bodies = [thread.body]
    bodies += [answer.body for answer in thread.answers]
    bodies += [comment.body for comment in _comments(thread)]
    if not all(bodies):
        yield f"{place}: a post has no text."


def _people_problems(content: DemoContent, thread: Thread, space: Space) -> Iterator[str]:
    """Everybody exists, may read the space, and praises others only, once."""
    place = f"Thread {thread.id}"
    members = {member.nickname: member for member in content.members}
    readers = _readers(content, space)
    marks = [
        (thread.author, "kudos", thread.kudos_by),
        (thread.author, "same problem", thread.same_problem_by),
    ]
    marks += [(answer.author, "kudos", answer.kudos_by) for answer in thread.answers]
    people = [thread.author, *(answer.author for answer in thread.answers)]
    people += [comment.author for comment in _comments(thread)]
    people += [nickname for _author, _mark, nicknames in marks for nickname in nicknames]
    for nickname in dict.fromkeys(people):
        if nickname not in members:
            yield f"{place}: there is no member {nickname}."
        elif nickname not in readers:
            yield f"{place}: {nickname} may not read the space {space.slug}."
    for author, mark, nicknames in marks:
        if author in nicknames:
            yield f"{place}: {author} gives {mark} to an own post."
        if len(set(nicknames)) < len(nicknames):
            yield f"{place}: somebody gives {mark} to a post of {author} twice."
    if space.kind == SpaceKind.BLOG and thread.author in members and not members[thread.author].is_staff:
        yield f"{place}: only staff write in the blog."


def _readers(content: DemoContent, space: Space) -> set[str]:
    if space.access != SpaceAccess.EXCLUSIVE:
        return {member.nickname for member in content.members}
    staff = {member.nickname for member in content.members if member.is_staff}
    return staff.union(*(group.members for group in content.groups if group.slug in space.groups))


def _comments(thread: Thread) -> Iterator[Comment]:
    yield from thread.comments
    for answer in thread.answers:
        yield from answer.comments


def _time_problems(thread: Thread) -> Iterator[str]:
    """Nothing comes before what it refers to, and nothing lies in the future."""
    hours = thread.days_ago * 24
    moments = [comment.hours_after for comment in thread.comments]
    steps = list(moments)
    for answer in thread.answers:
        later = [comment.hours_after for comment in answer.comments]
        if answer.accepted_hours_after is not None:
            later.append(answer.accepted_hours_after)
        steps += [answer.hours_after, *later]
        moments += [answer.hours_after, *(answer.hours_after + step for step in later)]
    if any(step <= 0 for step in steps):
        yield f"Thread {thread.id}: something happens before what it refers to."
    if hours <= 0 or any(moment >= hours for moment in moments):
        yield f"Thread {thread.id}: something happens in the future."
    in_order = [answer.hours_after for answer in thread.answers]
    if in_order != sorted(in_order):
        yield f"Thread {thread.id}: the answers are not in the order of time."


def _faq_problems(content: DemoContent) -> Iterator[str]:
    yield from _twice("category", (category.slug for category in content.categories))
    yield from _twice("FAQ entry", (entry.id for entry in content.entries))
    for category in content.categories:
        yield from _not_one_of(f"Category {category.slug}", category.language, LANGUAGES)
        if not category.slug[:1].isalpha() or category.slug != slug(category.slug):
            yield f"Category {category.slug}: a slug has small letters, digits, hyphens; a letter first."
    for entry in content.entries:
        yield from _entry_problems(content, entry)


def _entry_problems(content: DemoContent, entry: Entry) -> Iterator[str]:
    place = f"FAQ entry {entry.id}"
    languages = {category.slug: category.language for category in content.categories}
    threads = {thread.id: thread for thread in content.threads}
    open_spaces = {space.slug for space in content.spaces if space.access == SpaceAccess.OPEN}
    if entry.category not in languages:
        yield f"{place}: there is no category {entry.category}."
    elif languages[entry.category] != entry.language:
        yield f"{place}: its category has another language."
    source = threads.get(entry.source)
    if source is None:
        yield f"{place}: there is no thread {entry.source}."
    elif source.solution is None:
        yield f"{place}: the thread {entry.source} has no solution."
    elif source.space not in open_spaces:
        yield f"{place}: the public may not read its source {entry.source}."
    yield from _not_one_of(place, entry.state, ENTRY_STATES)
    staff = {member.nickname for member in content.members if member.is_staff}
    yield from _unknown(place, "staff member", filter(None, (entry.drafted_by, entry.released_by)), staff)
    if (entry.state == EntryState.PUBLISHED) != bool(entry.released_by):
        yield f"{place}: published entries, and no others, were released by somebody."
    if entry.released_by == entry.drafted_by:
        yield f"{place}: a second person must release it."


def _segment_problems(content: DemoContent) -> Iterator[str]:
    with_company = {member.nickname for member in content.members if member.account.company}
    administrators = {member.nickname for member in content.members if member.role == Role.ADMINISTRATOR}
    for attribute in content.attributes:
        place = f"Attribute {attribute.key}"
        people = [nickname for value in attribute.values for nickname in value.of]
        yield from _unknown(place, "member with a company", people, with_company)
        yield from _twice(f"member of {place}", people)
    by = [*(one.by for one in content.attributes), *(one.by for one in content.segments)]
    yield from _unknown("Segments", "administrator", by, administrators)
    for segment in content.segments:
        values = {
            value.name.partition("=")[0].strip(): value.of
            for attribute in content.attributes
            for value in attribute.values
            if attribute.key == segment.attribute
        }
        yield from _unknown(f"Segment {segment.name}", "value", segment.values, set(values))
        if sum(len(values.get(value, ())) for value in segment.values) < 5:
            yield f"Segment {segment.name}: it fits fewer than five people."
