"""`community demo`: writes the demo community into an empty database and prints its log-ins."""

from __future__ import annotations

from datetime import datetime, timedelta

from community.accounts.demo_log_ins import DemoLogIn, remember_demo_log_ins
from community.accounts.registration import open_account
from community.accounts.vault import open_new_vault
from community.app import build_search
from community.companies.actions import add_company, give_domain
from community.companies.membership import join_company
from community.companies.rules import domain_address
from community.core import i18n, passwords
from community.core.clock import now
from community.core.db import fetch, fetch_one, in_transaction, random_id
from community.core.nicknames import nickname_key
from community.core.progress import Progress
from community.core.rows import insert, insert_many
from community.demonstration import shapes
from community.demonstration.askers import fill_askers
from community.demonstration.attachments import fill_attachments
from community.demonstration.canned import fill_canned
from community.demonstration.carrying import fill_carried
from community.demonstration.content import load
from community.demonstration.faq_entries import fill_faq
from community.demonstration.faq_together import fill_faq_together
from community.demonstration.ideas import fill_ideas
from community.demonstration.notes import fill_notes
from community.demonstration.notices import fill_notices
from community.demonstration.pages import fill_pages
from community.demonstration.proposals import fill_proposals
from community.demonstration.sanctions import fill_sanctions
from community.demonstration.searches import fill_searches
from community.demonstration.segments import fill_segments
from community.demonstration.waiting import fill_waiting
from community.demonstration.waiting_work import fill_waiting_work
from community.groups import invitations, requests
from community.groups.models import Group, GroupRole, Membership
from community.members.models import Member
from community.ranks.badges import apply_badges
from community.ranks.models import BadgeKind, Expert, Rank
from community.ranks.points import carry_on_points
from community.ranks.usual_badges import usual_badges
from community.reindexing.building import build_here, count_rows
from community.relating import relate_thread
from community.settings import settings
from community.spaces.models import Space, SpaceGroup
from community.threads import history
from community.threads.actions import clean_tags
from search.index import SearchDown

PASSWORD = "weitnetz demo 2026"  # noqa: S105 - printed for everybody; a demo community holds nothing secret

LOGIN_LABELS = {
    "small": "customer of a small company",
    "large": "customer of a large company",
    "expert": "expert",
    "moderator": "moderator",
    "administrator": "administrator",
    "marketing": "marketing",
}


async def fill(*, if_empty: bool) -> int:
    """Fill the database, index it, print the log-ins; the exit status of the command.

    With members already there it changes nothing: that is an error unless `if_empty` is given.
    """
    content = load()
    if await fetch_one("SELECT 1 AS found FROM members LIMIT 1") is None:
        await open_new_vault()
        filling = Filling(content)
        await filling.run()
        await _index()
        await fill_proposals(filling.members)
    elif not if_empty:
        print("There are members already. The demo community goes into an empty database only.")
        return 1
    await _print_logins(content)
    return 0


RANKS = (
    ("Helfende Hand", 5),
    ("Gut bewandert", 20),
    ("Guter Rat", 50),
    ("Stütze der Community", 150),
)


class Filling:
    """The ids that texts refer to by name, while everything is written."""

    def __init__(self, content: shapes.DemoContent) -> None:
        self.content = content
        self.now = now()
        self.members: dict[str, int] = {}
        self.companies: dict[str, int] = {}
        self.groups: dict[str, int] = {}
        self.spaces: dict[str, int] = {}
        self.threads: dict[str, history.Brought] = {}

    async def run(self) -> None:
        password_hash = await passwords.hash_password(PASSWORD)
        async with in_transaction():
            for member in self.content.members:
                await self._add_member(member, password_hash)
            for group in self.content.groups:
                await self._add_group(group)
            for position, space in enumerate(self.content.spaces):
                await self._add_space(space, position)
            await self._add_experts()
        with Progress("Demo threads", len(self.content.threads)) as progress:
            for thread in self.content.threads:
                self.threads[thread.id] = await history.bring_thread(self._past(thread))
                progress.advance()
        await history.settle()
        await fill_attachments(self.threads)
        await fill_askers(self.content, self.threads)
        await fill_carried(self.content, self.threads, self.members, self.spaces, self.now)
        await fill_ideas(self.content, self.threads, self.members, self.spaces, self.now)
        await fill_pages(self.content, self.members)
        await fill_waiting(self.content, self.members, self.spaces, self.threads)
        await fill_notes(self.content, self.members, self.threads)
        await fill_canned(self.content, self.members)
        await fill_faq(self.content, self.members, self.threads)
        await fill_faq_together(self.content, self.members)
        await fill_waiting_work(self.members)
        await fill_searches(self.content, self.members)
        await fill_segments(self.content, self.members, self.companies)
        await fill_sanctions(self.members)
        await fill_notices(self.content, self.members)
        await _add_badges()
        await insert_many(Rank, [{"name": name, "points": points} for name, points in RANKS])
        await carry_on_points()

    async def _add_member(self, member: shapes.Member, password_hash: str) -> None:
        account, member_id = member.account, random_id()
        await insert(
            Member,
            id=member_id,
            nickname=member.nickname,
            nickname_key=nickname_key(member.nickname),
            role=str(member.role),
            staff_name=member.staff_name,
            staff_field=member.staff_field,
            photo=member.photo,
            seed=random_id(),
            year_joined=member.year_joined,
            language=member.language,
        )
        company_id = None
        if account.company:
            company_id = await add_company(
                account.company, contract_number=account.contract_number, size_class=account.company_size
            )
            if account.company_domain:
                await give_domain(company_id, domain_address(account.company_domain))
        account_id = await open_account(
            member_id,
            mail=account.mail,
            password_hash=password_hash,
            real_name=account.real_name,
            stated_company=account.company,
            company_id=company_id,
            # Long ago, so that they are not held to what new members may do in an hour.
            opened_at=self.now - timedelta(days=400),
        )
        if company_id and account.looks_after_company:
            await join_company(account_id, company_id, as_administrator=True)
        self.members[member.nickname] = member_id
        if company_id:
            self.companies[member.nickname] = company_id

    async def _add_group(self, group: shapes.Group) -> None:
        self.groups[group.slug] = group_id = random_id()
        await insert(
            Group,
            id=group_id,
            slug=group.slug,
            name=group.name,
            description=group.description,
            access=group.access,
            created_at=self.now - timedelta(days=400),
        )
        for nickname in group.members:
            await insert(
                Membership,
                id=random_id(),
                group_id=group_id,
                member_id=self.members[nickname],
                role=str(_role_in(group, nickname)),
                came_openly=True,
                joined_at=self.now - timedelta(days=300),
            )
        for nickname in group.invited:
            await invitations.invite_member(
                group_id, self.members[nickname], role=GroupRole.MEMBER, by=self.members[group.owner]
            )
        for request in group.requests:
            await requests.ask_to_join(group_id, self.members[request.nickname], note=request.note)

    async def _add_space(self, space: shapes.Space, position: int) -> None:
        self.spaces[space.slug] = space_id = random_id()
        await insert(
            Space,
            id=space_id,
            slug=space.slug,
            name=space.name,
            purpose=space.purpose,
            kind=space.kind,
            access=space.access,
            language=space.language,
            icon=space.icon,
            position=position,
            created_at=self.now - timedelta(days=500),
        )
        for group in space.groups:
            await insert(SpaceGroup, id=random_id(), space_id=space_id, group_id=self.groups[group])

    async def _add_experts(self) -> None:
        for member in self.content.members:
            if member.expert_in:
                await insert(
                    Expert,
                    id=random_id(),
                    space_id=self.spaces[member.expert_in],
                    member_id=self.members[member.nickname],
                    granted_at=self.now - timedelta(days=200),
                )

    def _past(self, thread: shapes.Thread) -> history.PastThread:
        asked_at = self.now - timedelta(days=thread.days_ago)
        answers = [self._answer(answer, asked_at) for answer in thread.answers]
        solution = thread.solution
        accepted_at = None
        if solution is not None:
            hours = solution.hours_after + (solution.accepted_hours_after or 0)
            accepted_at = self._not_future(asked_at + timedelta(hours=hours))
        space = self.content.space(thread.space)
        return history.PastThread(
            space_id=self.spaces[thread.space],
            language=space.language,
            title=thread.title,
            tags=clean_tags(",".join(thread.tags)),
            opening=history.PastPost(
                author_id=self.members[thread.author],
                body=thread.body,
                at=asked_at,
                kudos=self._kudos(thread.kudos_by, asked_at),
                comments=[self._comment(comment, asked_at) for comment in thread.comments],
            ),
            answers=answers,
            solution=thread.answers.index(solution) if solution else None,
            accepted_by=self.members[thread.author] if solution else None,
            accepted_at=accepted_at,
            same_problem_by=[self.members[nickname] for nickname in thread.same_problem_by],
            pinned=thread.pinned,
        )

    def _answer(self, answer: shapes.Answer, asked_at: datetime) -> history.PastPost:
        at = self._not_future(asked_at + timedelta(hours=answer.hours_after))
        return history.PastPost(
            author_id=self.members[answer.author],
            body=answer.body,
            at=at,
            kudos=self._kudos(answer.kudos_by, at),
            comments=[self._comment(comment, at) for comment in answer.comments],
        )

    def _comment(self, comment: shapes.Comment, after: datetime) -> history.PastPost:
        at = self._not_future(after + timedelta(hours=comment.hours_after))
        return history.PastPost(author_id=self.members[comment.author], body=comment.body, at=at)

    def _kudos(self, nicknames: tuple[str, ...], after: datetime) -> list[history.PastKudos]:
        return [
            history.PastKudos(self.members[nickname], self._not_future(after + timedelta(hours=3 + number)))
            for number, nickname in enumerate(nicknames)
        ]

    def _not_future(self, moment: datetime) -> datetime:
        return min(moment, self.now)


async def _index() -> None:
    """Make everything findable at once; a worker that runs already is left to do it."""
    engine = build_search()
    try:
        with Progress("Search index", await count_rows()) as progress:
            await build_here(engine, progress.advance)
        for row in await fetch("SELECT id FROM threads"):
            await relate_thread(engine, row["id"])
    except SearchDown as error:
        print(f"The search index is not filled: {type(error).__name__}. Run `community reindex` later.")
    finally:
        await engine.close()


async def _print_logins(content: shapes.DemoContent) -> None:
    row = await fetch_one(
        "SELECT 1 AS found FROM members WHERE nickname = :n", {"n": content.members[0].nickname}
    )
    if row is None:
        return
    print(f"\nDemo log-ins (password of all: {PASSWORD})")
    people = sorted(
        (member for member in content.members if member.demo_login),
        key=lambda member: list(LOGIN_LABELS).index(member.demo_login),
    )
    for member in people:
        print(f"  {LOGIN_LABELS[member.demo_login]:<28} {member.account.mail:<34} {member.nickname}")
    remember_demo_log_ins(
        DemoLogIn(member.demo_login, member.nickname, member.account.mail, PASSWORD) for member in people
    )
    print(f"\nThe community: {settings.base_url}\n", flush=True)


def _role_in(group: shapes.Group, nickname: str) -> GroupRole:
    if nickname == group.owner:
        return GroupRole.OWNER
    return GroupRole.CURATOR if nickname in group.curators else GroupRole.MEMBER


async def _add_badges() -> None:
    """The usual milestones, in the language of the demo community, for whoever has reached them."""
    before = i18n.language()
    i18n.use("de")
    drafts = usual_badges()
    i18n.use(before)
    for draft in drafts:
        await insert(
            BadgeKind,
            id=random_id(),
            name=draft.name,
            description=draft.description,
            measure=str(draft.measure),
            reached=draft.reached,
            changed_at=now(),
        )
    await apply_badges(tell=False)
