"""People of one customer live through everything that the site does with who they are, by its own forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
from starlette.types import ASGIApp

from community.core import passwords
from community.core.mail import StoredMail
from community.core.viewer import Role
from community.members.models import Member
from community.notifications.models import NotificationMail
from community.segments.attributes import set_company_attributes
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in
from tests.cast import Cast, make_cast
from tests.clients import browser, log_in
from tests.companies.colleagues import deliver_a_day_later
from tests.factories import make_account, make_member
from tests.leaks.traces import PHONE, Customer, Identity
from tests.notifications.mailed import send_digests, send_mails

PASSWORD = "drei kurze boote fahren"
COMPANY = Customer()


@dataclass
class Seen:
    """One answer of the site: what came, to whom, on what."""

    viewer: str
    method: str
    path: str
    content: bytes
    """Status, headers and body."""


@dataclass
class Person:
    """Somebody in a browser."""

    name: str
    client: httpx2.AsyncClient
    identity: Identity | None = None

    async def get(self, path: str) -> httpx2.Response:
        return await self.client.get(path)

    async def send(self, path: str, *, status: int = 303, **fields: str) -> httpx2.Response:
        answer = await self.client.post(path, data=fields)
        said = re.findall(r'class="[^"]*err[^"]*"[^>]*>([^<]+)', answer.text)
        assert answer.status_code == status, f"{path} answers {answer.status_code}: {said}"
        return answer

    async def submit(self, path: str, form_at: str, **fields: str) -> httpx2.Response:
        """Send a form with the fresh key that the page holds."""
        page = (await self.get(form_at)).text
        found = re.search(r'name="submission" value="([^"]+)"', page)
        assert found, form_at
        return await self.send(path, submission=found[1], **fields)


@dataclass
class Town:
    """Everybody, and every answer that anybody got."""

    cast: Cast
    people: dict[str, Person] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    @property
    def identities(self) -> list[Identity]:
        return [person.identity for person in self.people.values() if person.identity]


NAMES = {
    "erika": "Blauer-Otter",
    "boss": "Stiller-Bach",
    "carla": "Gelbe-Linde",
    "otto": "Alter-Turm",
    "dora": "Stille-Eule",
    "moderator": "jana",
    "administrator": "tom",
}
"""Nicknames of those with an identity to hide."""


INTERNAL = "Wqvinternal"
"""What the team says to each other about posts."""


@asynccontextmanager
async def town(app: ASGIApp) -> AsyncIterator[Town]:
    """The standing cast, a browser for each, and staff with identities of their own."""
    cast = await make_cast()
    here = Town(cast)
    async with AsyncExitStack() as browsers:

        async def move_in(name: str, identity: Identity | None = None, member: Member | None = None) -> None:
            client = await browsers.enter_async_context(
                browser(app, identity.place if identity else "127.0.0.1")
            )
            client.headers["Accept-Encoding"] = "identity"
            client.event_hooks = {"response": [lambda answer: _note(here, name, answer)]}
            if member is not None:
                await log_in(client, member)
            here.people[name] = Person(name, client, identity)

        await move_in("guest")
        for name in ("asker", "helper", "colleague", "outsider", "marketing"):
            await move_in(name, member=getattr(cast, name))
        for name in ("moderator", "administrator"):
            identity, member = Identity(f"staff{name[0]}"), getattr(cast, name)
            await make_account(
                member,
                mail=identity.mail,
                real_name=identity.real_name,
                password_hash=await passwords.hash_password(PASSWORD),
            )
            await move_in(name, identity, member)
        second = await make_member("zoe", role=Role.ADMINISTRATOR, staff_name="Zoe W.")
        await move_in("second administrator", member=second)
        for name, phone in (("erika", PHONE), ("boss", ""), ("carla", ""), ("otto", ""), ("dora", "")):
            await move_in(name, Identity(name[0], phone))
        yield here


async def _note(here: Town, viewer: str, answer: httpx2.Response) -> None:
    body = await answer.aread()
    head = f"{answer.status_code}\n" + "\n".join(f"{k}: {v}" for k, v in answer.headers.items())
    path = answer.request.url.raw_path.decode()
    here.seen.append(Seen(viewer, answer.request.method, path, head.encode() + b"\n\n" + body))


async def live(here: Town, engine: SearchEngine) -> None:
    """Everything, in the order in which it happens to a customer."""
    await _begin_company(here, engine)
    for name in ("erika", "carla", "otto"):
        await _register(here[name], engine)
    await _join_company(here, engine)
    await _take_part(here, engine)
    await _join_groups(here, engine)
    await _change_oneself(here, engine)
    await _be_revealed(here, engine)
    await _hear_of_it_by_mail(here, engine)
    await _leave(here, engine)


async def newest_mail(person: Person) -> StoredMail:
    assert person.identity is not None
    return (await mails_to(person.identity.mail))[0]


async def _register(person: Person, engine: SearchEngine) -> None:
    who = person.identity
    assert who is not None
    form = {"nickname": NAMES[person.name], "mail": who.mail, "password": PASSWORD}
    await person.send("/register", status=422, **form | {"nickname": "jana"}, real_name=who.real_name)
    await person.send("/register", **form, real_name=who.real_name, company=who.stated_company)
    await deliver(engine)
    await confirm(person, await newest_mail(person))
    await person.send("/log-in", status=422, mail=who.mail, password="a wrong one of it")
    await person.send("/log-in", mail=who.mail, password=PASSWORD)
    await deliver(engine)


async def confirm(person: Person, mail: StoredMail) -> None:
    path = path_in(mail)
    await person.get(path)
    where, _query, token = path.partition("?token=")
    await person.send(where, token=token)


async def _begin_company(here: Town, engine: SearchEngine) -> None:
    """Staff add the customer, its domain, and invite the first of its people."""
    staff, boss = here["administrator"], here["boss"]
    assert boss.identity is not None
    made = await staff.send(
        "/admin/companies/new",
        name=COMPANY.name,
        contract_number=COMPANY.contract_number,
        size_class="large",
        joining="approval",
    )
    url = made.headers["location"].partition("?")[0]
    await staff.send(f"{url}/domains", domain=COMPANY.domain)
    await staff.send(f"{url}/domains", domain="qxzjvkwpyfhoste.example")
    await staff.send(f"{url}/domains", status=422, domain="qxzjvkwpyfnot a domain")
    await _register(boss, engine)
    attribute = {
        "label_de": "Gebiet",
        "label_en": "Region",
        "kind": "text",
        "subject": "company",
        "choices": "",
    }
    await staff.send("/admin/attributes/new", key="region", **attribute)
    company_id = int(url.rpartition("/")[2])
    assert await set_company_attributes(company_id, {"region": COMPANY.region}, "import") == []
    lines = (
        f"domain;region\n{COMPANY.domain};{COMPANY.region}\nqxzjvkwpyffremd.example;North\nqxzjvkwpyf;;;\n"
    )
    file = {"file": ("Qxzjvkwpyfdatei.csv", lines.encode(), "text/csv")}
    read = await staff.client.post("/admin/attributes/import", files=file)
    assert read.status_code == 303
    await staff.get(read.headers["location"])
    await staff.send(f"{read.headers['location']}/confirm")
    await here["second administrator"].get(read.headers["location"])
    await staff.send(f"{url}/administrators", mail=boss.identity.mail)
    await deliver(engine)
    await confirm(boss, await newest_mail(boss))


async def _join_company(here: Town, engine: SearchEngine) -> None:
    """Erika by the domain of her address, and an approval; Carla by the mail of an invitation; Otto by a code."""
    boss, colleagues = here["boss"], "/settings/company/colleagues"
    await here["erika"].send("/settings/company/join")
    found = re.search(rf"{colleagues}/waiting/\d+/approve", (await boss.get(colleagues)).text)
    assert found
    await boss.send(found[0])
    carla, otto = here["carla"].identity, here["otto"].identity
    assert carla and otto
    await boss.send(f"{colleagues}/invite", mail=carla.mail)
    await boss.send(f"{colleagues}/codes", uses="5", days="14")
    code = re.search(r"[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){3}", (await boss.get(colleagues)).text)
    assert code
    await deliver_a_day_later(engine)
    await confirm(here["carla"], await newest_mail(here["carla"]))
    await here["otto"].send("/settings/company/code", code=code[0])
    await deliver(engine)


async def _take_part(here: Town, engine: SearchEngine) -> None:
    """Ask, answer, comment, mention, thank, flag, search: in every kind of space that they may read."""
    erika, helper, cast = here["erika"], here["helper"], here.cast
    for space, title in (
        (cast.open_space, "Router drops calls at night"),
        (cast.members_space, "Roaming abroad costs more"),
    ):
        question = {"title": title, "space": space.slug, "body": "It happens every night. What now?"}
        form = f"/ask?next=1&none=1&space={space.slug}&title=Router+drops+calls"
        asked = await erika.submit("/ask", form, do="publish", tags="router", **question)
        thread = asked.headers["location"].partition("?")[0]
        answers = re.sub(r"-.*", "", thread) + "/answers"
        await helper.submit(
            answers, thread, do="publish", body=f"Have you tried a restart, @{NAMES['erika']}?"
        )
        await here["otto"].submit(answers, thread, do="publish", body="It was the cable, in our case.")
        page = (await erika.get(thread)).text
        for post_id in set(re.findall(r'id="post-(\d+)"', page)):
            said = await here["moderator"].client.post(
                f"/moderation/posts/{post_id}/notes", data={"body": f"{INTERNAL}, @tom: should we call them?"}
            )
            assert said.status_code == 303
            await here["carla"].client.post(f"/posts/{post_id}/kudos")
            await erika.client.post(
                f"/posts/{post_id}/comments", data={"body": "Thanks for it!", "submission": post_id}
            )
        accept = re.search(r"/threads/\d+/answers/(\d+)/accept", page)
        assert accept
        await erika.send(accept[0])
        await erika.send(f"/posts/{accept[1]}/flag", reason="other", note="Please have a look at it.")
    await erika.client.post("/drafts/ask", data={"title": "Not yet asked", "body": "To be written."})
    who = erika.identity
    assert who is not None
    # Whoever types their own details is asked first; nothing of it is kept anywhere.
    warned = await erika.client.post(
        answers,
        data={"body": f"Write to {who.mail}, {who.real_name}", "do": "publish", "submission": "warned"},
    )
    assert warned.status_code == 422
    for words in (who.mail, PHONE, f"030 {PHONE}"):
        await erika.client.get("/search", params={"q": words})
        await erika.client.get("/search/suggestions", params={"q": words})
    await deliver(engine)


async def _join_groups(here: Town, engine: SearchEngine) -> None:
    """By request, nickname, mail and link; the helper looks after the group."""
    owner, erika, carla = here["helper"], here["erika"], here["carla"]
    closed, request = "/groups/closed-circle", "/groups/pilot-users"
    for group in (closed, request):
        await here["administrator"].send(f"{group}/invite", nickname="Helper", role="owner")
        await owner.send(f"{group}/invitation", do="accept")
    await erika.send(f"{request}/request", note="We test the new routers, too.")
    await here["otto"].send(f"{request}/request", note="I would like to join.")
    found = re.findall(rf"{request}/requests/\d+", (await owner.get(f"{request}/manage")).text)
    await owner.send(found[0], do="accept")
    await owner.send(f"{closed}/invite", nickname=NAMES["erika"], role="curator")
    await erika.get(f"{closed}/invitation")
    await erika.send(f"{closed}/invitation", do="accept")
    assert carla.identity is not None
    await owner.send(f"{closed}/invite-by-mail", mail=carla.identity.mail)
    await owner.send(f"{closed}/links", status=200, uses="5", days="14")
    await deliver(engine)
    await confirm(carla, await newest_mail(carla))
    await erika.submit(
        "/ask",
        "/ask?next=1&none=1&space=hidden-lab&title=Beta+firmware",
        do="publish",
        tags="",
        title="Beta firmware of the lab",
        space="hidden-lab",
        body="Does it run with you?",
    )
    await deliver(engine)


async def _change_oneself(here: Town, engine: SearchEngine) -> None:
    """A consent, the data, a new nickname, a forgotten password, another address."""
    erika = here["erika"]
    who = erika.identity
    assert who is not None
    await erika.send("/settings/consents/news/give", agree="1")
    await deliver(engine)
    await confirm(erika, await newest_mail(erika))
    await erika.get("/settings/consents/proof")
    await erika.send("/settings/data/download", status=200, password=PASSWORD)
    await here["guest"].send("/forgotten-password", mail=who.mail)
    await here["guest"].send("/register", nickname="Wer-Da", mail=who.mail, password=PASSWORD)
    other = f"Qxzjvkwpyfneu{who.key}@qxzjvkwpyfhost{who.key}.example"
    await erika.send("/settings/mail", mail=other, password=PASSWORD)
    await deliver(engine)
    await erika.send("/settings/profile", nickname="Roter-Fuchs")


async def _be_revealed(here: Town, engine: SearchEngine) -> None:
    moderator = here["moderator"]
    reason = {"cause": "danger", "reason": "Threatens to burn down a shop, the police was called."}
    for do in ("refuse", "approve"):
        asked = await moderator.send("/moderation/reveals/new", member="Roter-Fuchs", **reason)
        url = asked.headers["location"]
        await here["administrator"].send(f"{url}/decide", do=do, reason="I have read it.")
    shown = await moderator.send(f"{url}/show", status=200, password=PASSWORD)
    assert "Qxzjvkwpyferika" in shown.text, "the reveal is one"
    await moderator.send(f"{url}/show", status=409, password=PASSWORD)
    await deliver(engine)


async def _hear_of_it_by_mail(here: Town, engine: SearchEngine) -> None:
    """Everybody wants mails that tell as much as mails may, and digests too."""
    for person in here.people.values():
        if person.identity is not None:
            await person.send("/settings/notifications", tells_titles="1", highlights="daily", kudos="daily")
    await send_mails(engine)
    await send_digests(engine)
    kinds = await NotificationMail.filter(outcome="tried").distinct().values_list("kind", flat=True)
    assert set(kinds) == {"mail", "daily"}


async def _leave(here: Town, engine: SearchEngine) -> None:
    """Erika is off-boarded, Otto erases himself, Carla leaves by herself."""
    erika, otto = here["erika"].identity, here["otto"].identity
    assert erika and otto
    colleagues = "/settings/company/colleagues"
    await here["boss"].send(f"{colleagues}/offboard", leaver=erika.mail, at_once="1")
    await here["boss"].send(f"{colleagues}/offboard", leaver="nobody@qxzjvkwpyffeld.example")
    await here["otto"].send("/settings/data/erase", password=PASSWORD, confirmed="1", texts="keep")
    await deliver_a_day_later(engine)
    await deliver(engine)
