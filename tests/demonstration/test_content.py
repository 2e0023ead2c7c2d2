"""The texts of the demo community fit together, read well and betray nobody."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from community.core import markdown
from community.core.nicknames import problem_with
from community.core.personal_hints import HintKind, find
from community.core.text import fold
from community.demonstration.content import CONTENT, ContentError, load
from community.demonstration.shapes import DemoContent, Thread
from community.faq.models import EntryState
from community.insights.searches import term_of
from community.vocabulary.models import EntryKind
from community.vocabulary.queries import shipped_drafts
from community.vocabulary.rules import EntryDraft, find_problems

FEWEST_THREADS = 60

STATIC = Path(__file__).parents[2] / "themes" / "default" / "static"


@pytest.fixture(scope="module")
def content() -> DemoContent:
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content that a test may spoil."""
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def bodies(thread: Thread) -> Iterator[str]:
    yield thread.body
    for answer in thread.answers:
        yield answer.body
    for comment in chain(thread.comments, *(answer.comments for answer in thread.answers)):
        yield comment.body


def texts(content: DemoContent) -> Iterator[tuple[str, str]]:
    """Every text that somebody may read, with its place."""
    for group in content.groups:
        yield group.slug, f"{group.name}\n{group.description}"
    for space in content.spaces:
        yield space.slug, f"{space.name}\n{space.purpose}"
    for thread in content.threads:
        yield thread.id, thread.title
        for body in bodies(thread):
            yield thread.id, body
    for entry in content.entries:
        yield entry.id, "\n".join((entry.question, entry.short_answer, entry.steps, entry.valid_for))


def without_code(text: str) -> str:
    return re.sub(r"`[^`]*`", "", re.sub(r"(?ms)^```.*?^```$", "", text))


def test_there_are_enough_threads_and_all_states_of_them(content: DemoContent) -> None:
    solved = [thread for thread in content.threads if thread.solution]
    unanswered = [thread for thread in content.threads if not thread.answers]
    assert len(content.threads) >= FEWEST_THREADS
    assert len(solved) > len(content.threads) / 2
    assert len(unanswered) >= 3
    assert len(solved) + len(unanswered) < len(content.threads)


def test_every_space_has_threads_in_both_languages_and_every_kind_of_access(content: DemoContent) -> None:
    used = {content.space(thread.space) for thread in content.threads}
    assert used == set(content.spaces)
    assert {space.language for space in used} == {"de", "en"}
    assert {space.access for space in used} == {"open", "members", "exclusive"}
    assert {group.access for group in content.groups} == {"open", "request", "closed"}


def test_the_six_log_ins_have_their_roles_and_groups(content: DemoContent) -> None:
    of = {member.demo_login: member for member in content.members if member.demo_login}
    framework_customers = next(group for group in content.groups if group.slug == "rahmenvertragskunden")
    assert of["small"].account.company_size == "small" and of["large"].account.company_size == "large"
    assert of["expert"].expert_in
    assert [of[role].role for role in ("moderator", "administrator", "marketing")] == [
        "moderator",
        "administrator",
        "marketing",
    ]
    assert of["large"].nickname in framework_customers.members
    assert of["small"].nickname not in framework_customers.members


def test_experts_have_solved_several_questions_of_their_subject(content: DemoContent) -> None:
    solved = Counter(
        (thread.solution.author, thread.space) for thread in content.threads if thread.solution is not None
    )
    experts = [member for member in content.members if member.expert_in]
    assert len(experts) == 4
    for expert in experts:
        assert solved[expert.nickname, expert.expert_in] >= 3, expert.nickname


def test_photos_of_staff_exist_in_the_theme(content: DemoContent) -> None:
    photos = [member.photo for member in content.members if member.photo]
    assert photos and all((STATIC / photo).is_file() for photo in photos)


def test_nicknames_obey_the_rules_for_members_and_look_unlike_staff(content: DemoContent) -> None:
    staff_names = [member.staff_name for member in content.members if member.is_staff]
    for member in content.members:
        if not member.is_staff:
            own = (member.account.real_name, member.account.company, member.account.mail)
            assert problem_with(member.nickname, own_words=own, reserved_names=staff_names) is None, member


def test_no_text_hints_at_the_person_behind_a_nickname(content: DemoContent) -> None:
    telling: dict[str, str] = {}
    for member in content.members:
        account = member.account
        wholes = (account.real_name, account.company, account.mail, account.contract_number)
        surname = account.real_name.rpartition(" ")[2]
        local_part, _, domain = account.mail.partition("@")
        words = [*wholes, surname, local_part]
        if not member.is_staff:
            words.append(domain.removesuffix(".example") if domain != "example.com" else "")
        telling |= {fold(word): member.nickname for word in words if len(word) >= 5}
    for place, text in texts(content):
        folded = fold(text)
        for word, nickname in telling.items():
            assert word not in folded, f"{place} names {word} of {nickname}"


def test_texts_hold_no_mail_addresses_phone_numbers_or_real_addresses(content: DemoContent) -> None:
    fictional = re.compile(r"30 ?23125|40 ?66969|221 ?4710|69 ?90009|89 ?99998")
    for place, text in texts(content):
        # The name of a reverse zone is an address written backwards.
        for hint in find(re.sub(r"\S+\.in-addr\.arpa", "", text)):
            if hint.kind == HintKind.PHONE and fictional.search(re.sub(r"[+(). /-]+", "", hint.excerpt)):
                continue
            pytest.fail(f"{place}: {hint.kind} {hint.excerpt}")


def test_german_texts_are_set_like_german_texts(content: DemoContent) -> None:
    german = {thread.id for thread in content.threads if content.space(thread.space).language == "de"}
    german |= {entry.id for entry in content.entries if entry.language == "de"}
    for place, text in texts(content):
        if place in german:
            prose = without_code(text)
            assert '"' not in prose, f"{place}: straight quotation marks"
            assert not re.search(r"\b[zdu]\. ?[Bha]\.", prose), (
                f"{place}: abbreviation without no-break space"
            )
            assert not re.search(r"\S - \S", prose), f"{place}: a hyphen for a dash"
            assert prose.count("„") == prose.count("“"), f"{place}: quotation marks without partner"
            assert "..." not in prose, f"{place}: three points for an ellipsis"


def test_every_body_renders_and_no_code_block_is_left_open(content: DemoContent) -> None:
    for thread in content.threads:
        for body in bodies(thread):
            assert len(body) <= markdown.MAX_LENGTH
            assert len(re.findall(r"(?m)^```", body)) % 2 == 0, thread.id
            assert markdown.render(body), thread.id


def test_mentions_name_members(content: DemoContent) -> None:
    nicknames = {member.nickname for member in content.members}
    for thread in content.threads:
        for body in bodies(thread):
            assert set(markdown.mentioned(body)) <= nicknames, thread.id


def test_no_two_posts_say_the_same(content: DemoContent) -> None:
    paragraphs = Counter(
        fold(paragraph)
        for thread in content.threads
        for body in bodies(thread)
        for paragraph in body.split("\n\n")
        if len(paragraph) > 40
    )
    assert [paragraph for paragraph, count in paragraphs.items() if count > 1] == []


def test_faq_entries_are_in_all_states_and_both_languages(content: DemoContent) -> None:
    assert {entry.state for entry in content.entries} == {
        EntryState.PUBLISHED,
        EntryState.IN_REVIEW,
        EntryState.DRAFT,
    }
    assert {entry.language for entry in content.entries} == {"de", "en"}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "threads_internet.toml",
            'author = "weingut_steilhang"',
            'author = "nobody_7"',
            "no member nobody_7",
        ),
        ("threads_internet.toml", 'space = "internet-glasfaser"', 'space = "kueche"', "no space kueche"),
        (
            "threads_mobile.toml",
            'id = "mob-esim-neues-handy"',
            'id = "mob-esim-tablets-mdm"',
            "exists 2 times",
        ),
        ("threads_internet.toml", "days_ago = 0.42", "days_ago = 0.05", "in the future"),
        (
            "threads_internet.toml",
            "hours_after = 0.3",
            "accepted_hours_after = 1\nhours_after = 0.3",
            "one accepted",
        ),
        ("threads_internet.toml", "tags =", "tag =", "unknown key tag"),
        ("threads_internet.toml", "days_ago = 0.42", 'days_ago = "0.42"', "days_ago must not be '0.42'"),
        ("threads_internet.toml", "days_ago = 0.42", "", "days_ago is missing"),
        ("spaces.toml", 'groups = ["rahmenvertragskunden"]', 'groups = ["chor"]', "no group chor"),
        ("groups.toml", '"it_leitung_nord"', '"nobody_7"', "no member nobody_7"),
        ("members.toml", 'demo_login = "small"', "", "log-in small belongs to 0 members"),
        ("members.toml", 'nickname = "s_huber"', 'nickname = "x_"', "A nickname has 3 to 24 characters"),
        ("faq.toml", 'source = "', 'source = "lost-', "no thread lost-"),
        ("faq.toml", 'category = "', 'category = "lost-', "no category lost-"),
    ],
)
def test_a_slip_is_refused_with_its_place(folder: Path, file: str, old: str, new: str, message: str) -> None:
    spoil(folder / file, old, new)
    with pytest.raises(ContentError, match=re.escape(message)):
        load(folder)


def test_somebody_outside_a_group_may_not_write_in_its_space(folder: Path, content: DemoContent) -> None:
    group = next(group for group in content.groups if group.slug == "rahmenvertragskunden")
    author = next(thread.author for thread in content.threads if thread.space == "grosskundenforum")
    assert author in group.members
    spoil(folder / "groups.toml", f'"{author}"', '"pixelschubser"')
    with pytest.raises(ContentError, match=f"{author} may not read the space grosskundenforum"):
        load(folder)


def test_the_person_who_drafted_an_entry_does_not_release_it(folder: Path, content: DemoContent) -> None:
    entry = next(entry for entry in content.entries if entry.released_by)
    spoil(folder / "faq.toml", f'released_by = "{entry.released_by}"', f'released_by = "{entry.drafted_by}"')
    with pytest.raises(ContentError, match="a second person must release it"):
        load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "faq.toml").unlink()
    with pytest.raises(ContentError, match=r"faq\.toml is missing"):
        load(folder)


def test_the_words_of_the_search_are_in_order_and_no_search_is_about_anybody(content: DemoContent) -> None:
    drafts = [EntryDraft(EntryKind(words.kind), words.words) for words in content.vocabulary]
    for place, draft in enumerate(drafts):
        assert find_problems(draft, [*drafts[:place], *shipped_drafts(drafts)]) == []
    assert {content.member(words.by).role for words in content.vocabulary} <= {"moderator", "administrator"}
    for search in content.searches:
        assert term_of(search.words) == search.words
        assert 0 <= search.nothing <= search.count
        assert search.days_ago >= 1
