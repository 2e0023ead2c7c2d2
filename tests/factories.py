"""Tiny factories: one row each with what is needed. Threads and posts go through the actions."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from community.accounts import belonging, vault
from community.accounts.belonging import Belonging
from community.accounts.models import Account
from community.companies.models import Company
from community.core.clock import now
from community.core.db import random_id
from community.core.nicknames import nickname_key
from community.core.text import slug as make_slug
from community.core.viewer import Role, Viewer
from community.faq.models import Category, Entry, EntrySource, EntryState
from community.faq.rules import source_fingerprint
from community.groups.models import Group, GroupAccess, Membership
from community.members.models import Member
from community.spaces.models import Space, SpaceAccess, SpaceGroup, SpaceKind
from community.spaces.queries import SpaceCard, load_viewer
from community.threads import actions
from community.threads.models import Post, Thread

_numbers = itertools.count(1)


async def make_member(nickname: str = "", *, role: str = Role.CUSTOMER, **columns: Any) -> Member:
    """A member without an account."""
    nickname = nickname or f"member{next(_numbers)}"
    given = {
        "nickname": nickname,
        "nickname_key": nickname_key(nickname),
        "role": str(role),
        "year_joined": 2024,
    }
    return await Member.create(**given | columns)


async def make_account(
    member: Member,
    *,
    mail: str = "",
    real_name: str = "",
    stated_company: str = "",
    company: Company | None = None,
    password_hash: str = "",
) -> Account:
    """The account behind a member, encrypted as the vault does it."""
    account_id, mail, moment = random_id(), mail or f"mail{next(_numbers)}@example.org", now()
    return await Account.create(
        id=account_id,
        member_id=member.id,
        belonging_encrypted=belonging.sealed(Belonging(company.id if company else None), account_id),
        mail_hash=vault.mail_hash(mail),
        mail_encrypted=vault.seal(mail, vault.ACCOUNT_MAIL, account_id),
        real_name_encrypted=vault.seal(real_name, vault.ACCOUNT_REAL_NAME, account_id),
        stated_company_encrypted=vault.seal(stated_company, vault.ACCOUNT_STATED_COMPANY, account_id),
        password_hash=password_hash,
        created_at=moment,
        confirmed_at=moment,
        password_changed_at=moment,
    )


async def make_company(name: str) -> Company:
    company_id = random_id()
    sealed = vault.seal(name, vault.COMPANY_NAME, company_id)
    return await Company.create(id=company_id, name_encrypted=sealed, created_at=now())


async def make_group(
    name: str = "", *, access: str = GroupAccess.CLOSED, members: tuple[Member, ...] = ()
) -> Group:
    name = name or f"Group {next(_numbers)}"
    group = await Group.create(slug=make_slug(name), name=name, access=str(access), created_at=now())
    for member in members:
        await join_group(group, member)
    return group


async def join_group(group: Group, member: Member) -> Membership:
    return await Membership.create(group_id=group.id, member_id=member.id, joined_at=now())


async def make_space(
    name: str = "",
    *,
    access: str = SpaceAccess.OPEN,
    kind: str = SpaceKind.QUESTIONS,
    groups: tuple[Group, ...] = (),
    **columns: Any,
) -> Space:
    """A space; for an exclusive one `groups` are those whose members read it."""
    name = name or f"Space {next(_numbers)}"
    given = {
        "slug": make_slug(name),
        "name": name,
        "access": str(access),
        "kind": str(kind),
        "language": "en",
    }
    space = await Space.create(created_at=now(), **given | columns)
    for group in groups:
        await SpaceGroup.create(space_id=space.id, group_id=group.id)
    return space


def card_of(space: Space) -> SpaceCard:
    """The space as actions want it."""
    return SpaceCard(
        id=space.id,
        slug=space.slug,
        name=space.name,
        purpose=space.purpose,
        kind=space.kind,
        access=space.access,
        language=space.language,
        icon=space.icon,
        thread_count=space.thread_count,
        solved_count=space.solved_count,
        last_activity_at=space.last_activity_at,
    )


async def make_thread(
    space: Space,
    author: Member,
    *,
    title: str = "Router loses the connection",
    body: str = "It happens every night. What can we do?",
    tags: tuple[str, ...] = (),
    at: datetime | None = None,
) -> Thread:
    thread_id = await actions.start_thread(
        card_of(space), title=title, body=body, tags=tags, by=author.id, at=at
    )
    return await Thread.get(id=thread_id)


async def make_answer(
    thread: Thread,
    author: Member,
    body: str = "Update the firmware, then restart it.",
    *,
    at: datetime | None = None,
) -> Post:
    by_staff = author.role != Role.CUSTOMER
    post_id = await actions.add_answer(thread.id, body=body, by=author.id, by_staff=by_staff)
    if at is not None:
        await Post.filter(id=post_id).update(created_at=at)
    return await Post.get(id=post_id)


async def make_comment(post: Post, author: Member, body: str = "Which version is that?") -> Post:
    comment_id = await actions.add_comment(post.id, post.thread_id, body=body, by=author.id)
    return await Post.get(id=comment_id)


async def make_entry(source: Post, *, question: str = "How do I stop the restarts?", answer: str) -> Entry:
    """An FAQ entry for everybody, released, made from one post."""
    moment, name = now(), f"Routers {next(_numbers)}"
    category = await Category.create(slug=make_slug(name), name=name, language="en")
    entry = await Entry.create(
        category_id=category.id,
        state=EntryState.PUBLISHED,
        language="en",
        question=question,
        short_answer=answer,
        slug=make_slug(question),
        published_version=1,
        published_question=question,
        published_short_answer=answer,
        published_language="en",
        published_audience="public",
        published_category_id=category.id,
        created_at=moment,
        edited_at=moment,
        published_at=moment,
        changed_at=moment,
        checked_at=moment,
    )
    title = (await Thread.get(id=source.thread_id)).title
    await EntrySource.create(
        entry_id=entry.id,
        post_id=source.id,
        thread_id=source.thread_id,
        is_answer=source.kind == "answer",
        fingerprint=source_fingerprint(source.kind, title, source.body),
    )
    return entry


async def opening_of(thread: Thread) -> Post:
    return await Post.get(thread_id=thread.id, kind="opening")


async def viewer_for(member: Member | None) -> Viewer:
    """The viewer that a request of this member (or of a guest) would have."""
    viewer, _spaces = await load_viewer(member.id if member else 0)
    return viewer
