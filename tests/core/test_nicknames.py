import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.nicknames import LONGEST, closest_nickname, nickname_key, problem_with

LOOK_ALIKES = {
    "admin": [
        "Admin", "ADMIN", "ADM1N", "admln", "аdmin", "ad.min", "a-d-m-i-n", "adrnin", "admın",
        "ADMİN", "ＡＤＭＩＮ", "adm\u200bin", "ɑdmin", "ádmin", "\u202eadmin", "Αdmin", "adm|n",
        "a\u00addmin",
    ],
    "Moderator": [
        "M0derator", "rnoderator", "Mοderator", "moderat0r", "Моdеrаtоr", "Moderätor", "MODERATOR",
    ],
    "Müller": [
        "Mueller", "Muller", "MÜLLER", "Mu\u0308ller", "Mu11er", "rnüller", "Мüller", "mülIer",
        "Mü-ller",
    ],
    "Blauer-Otter": ["BIauer0tter", "blauer_otter", "Вlаuеr.Оttеr"],
    "Wal": ["vval", "VVaI", "WаI"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("original", "copy"), [(name, copy) for name, all_ in LOOK_ALIKES.items() for copy in all_]
)
def test_names_that_look_alike_have_one_key(original: str, copy: str) -> None:
    assert nickname_key(copy) == nickname_key(original)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna", "Hannah"), ("Otter", "Ottar"), ("Max1", "Max2"), ("Nord", "Nordwind"), ("Kim", "Tim")],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert nickname_key(one) != nickname_key(other)


@given(st.text())
def test_a_key_is_its_own_key(nickname: str) -> None:
    key = nickname_key(nickname)
    assert nickname_key(key) == key


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=30))
def test_whatever_is_accepted_cannot_be_confused_with_markup_addresses_or_links(nickname: str) -> None:
    if problem_with(nickname) is None:
        assert 3 <= len(nickname) <= LONGEST
        assert not set(nickname) & set(" /:@<>&\"'\\()[]#?%,;|")
        assert ".." not in nickname
        assert nickname_key(nickname)


@pytest.mark.parametrize(
    "nickname",
    [
        "Blauer-Otter-482",
        "Müller",
        "Zoë",
        "j.r",
        "Nordlicht_7",
        "Łukasz",
        "Çelik",
        "Ștefan",
        "a1b",
        "Straße12",
    ],
)
def test_ordinary_nicknames_are_accepted(nickname: str) -> None:
    assert problem_with(nickname) is None


@pytest.mark.parametrize(
    "nickname",
    [
        "", "ab", "x" * 25, "12345", "1.2.3", "otter!", "otter 7", "Отter", "otter🦦", "ot\u200bter",
        "otter\u202e", "ﬁnn",
        "Mu\u0308ller", "-otter", "otter.", "a__b", "a..b", "evil.example", "otter.com", "www.otter",
        "otter@x", "a/b/c",
        "ⅷⅷⅷ", "ottеr", "İ\u0307ab", "otter\n", "a:b:c", "ɑnna", "ʀobin",
    ],
)  # fmt: skip
def test_nicknames_outside_the_rules_are_refused(nickname: str) -> None:
    assert problem_with(nickname) is not None


@pytest.mark.parametrize(
    "nickname",
    ["admin", "Admin42", "4dmin", "Adrnin", "Das-Admin-Team", "Moderator", "M0derat0r", "moderatorin",
     "Team", "Team1",
     "root", "Supp0rt", "KundenService", "Kunden-Dienst", "staff.7", "Hilfe", "system", "Official-Anna",
     "gast", "info"],
)  # fmt: skip
def test_nobody_can_pose_as_staff_by_nickname(nickname: str) -> None:
    assert problem_with(nickname) is not None


def test_names_of_staff_and_of_the_operator_are_reserved() -> None:
    assert problem_with("Jana-K", reserved_names=["Jana K."]) is not None
    assert problem_with("Muster-Te1ekom", reserved_names=["Muster Telekom"]) is not None
    assert problem_with("Jana-Lee", reserved_names=["Jana K."]) is None


OWN_WORDS = ["Jürgen Großkreutz", "Dachwerk Nordlicht GmbH", "j.grosskreutz@nordlicht-dach.de"]


@pytest.mark.parametrize(
    "nickname",
    ["Jürgen", "Juergen77", "Jurgen", "J.Grosskreutz", "GroßkreutzJ", "grosskreutz-7", "Gr0sskreutz",
     "GroSSkreutz", "Nordlicht", "N0rdIicht",
     "Mr-Nordlicht", "Dachwerk", "D4chwerk", "Dach-werk", "Nord1icht", "Nor7dlicht", "Chef.Dachwerk1",
     "Jürgen-G", "juer.gen", "Werk-Nordlicht"],
)  # fmt: skip
def test_a_nickname_with_own_name_or_company_is_refused(nickname: str) -> None:
    assert problem_with(nickname, own_words=OWN_WORDS) is not None


@pytest.mark.parametrize("nickname", ["Blauer-Otter-482", "GmbH-Fan", "Webmensch", "Leuchtturm"])
def test_a_nickname_without_them_is_accepted(nickname: str) -> None:
    assert problem_with(nickname, own_words=OWN_WORDS) is None


_names = st.sampled_from(
    ["Jürgen", "Nora", "Eva", "Ümit", "Mark", "Sören", "Anne", "Hermann", "Lili", "Renate", "Ina"]
)
_mutations = st.lists(
    st.sampled_from(
        [
            str.upper,
            str.swapcase,
            lambda name: name.replace("ü", "ue").replace("ö", "oe"),
            lambda name: name.replace("ü", "u").replace("ö", "o"),
            lambda name: name.replace("o", "0"),
            lambda name: name.replace("l", "1"),
            lambda name: name.replace("m", "rn"),
            lambda name: name[:2] + "." + name[2:],
            lambda name: name + "7",
            lambda name: name[:1] + "6" + name[1:],
        ]
    ),
    max_size=3,
)


@given(_names, _names, _mutations, st.booleans(), st.sampled_from(["", "-", ".", "_"]))
def test_no_spelling_of_the_own_name_slips_through(first, last, mutations, is_reversed, separator) -> None:
    own_name = f"{first} {last}"
    for mutate in mutations:
        first = mutate(first)
    nickname = separator.join((last, first) if is_reversed else (first, last))
    assert problem_with(nickname, own_words=[own_name]) is not None


@given(
    st.sampled_from(["Super", "Blaue", "Der", "Der.Hermanner", "Otter", "Via"]),
    _names,
    st.sampled_from(["", "-"]),
)
def test_no_word_before_or_behind_hides_the_own_name(word, name, separator) -> None:
    for parts in itertools.permutations((word, name)):
        assert problem_with(separator.join(parts), own_words=[name]) is not None


@pytest.mark.parametrize(
    ("name", "nickname"),
    [
        ("Anna Otter", "Anna-Otter"),
        ("  J. R.  Smith ", "J-R-Smith"),
        ("x_Wolf_x", "x_Wolf_x"),
        ("otter.com", "otter-com"),
        ("Ötter (the 2nd) ☃", "Ötter-the-2nd"),
        ("a" * 30, "a" * 24),
        ("user@host", "userhost"),
        ("anna@example.com", None),
        ("Иван", None),
        ("x", None),
        ("", None),
        ("Moderator", None),
    ],
)
def test_names_from_elsewhere_become_the_nearest_nickname(name: str, nickname: str | None) -> None:
    assert closest_nickname(name) == nickname


@given(st.text() | st.text(alphabet="aB.-_ 1ä", max_size=30))
def test_the_nearest_nickname_keeps_the_rules(name: str) -> None:
    nickname = closest_nickname(name)
    assert nickname is None or problem_with(nickname) is None
