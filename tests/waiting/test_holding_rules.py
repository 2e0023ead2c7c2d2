"""Words are found in every disguise, innocent words are not, and no text takes long."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.clock import now
from community.settings import PROJECT
from community.waiting.holding_rules import Rule, RuleKind, Situation, find_hits, find_links, find_words

LIST = (
    *("viagra", "ass", "sex", "anal", "casino*", "online casino", "Müller", "scheiße", "arsch", "porn", "fuck"),
)  # fmt: skip

DISGUISED = (
    *("viagra", "VIAGRA", "V i a g r a", "v.i.a.g.r.a", "v-i-a-g-r-a!", "v_i_a_g_r_a", "v*i*a*g*r*a", "v1agra"),
    *("v!agra", "v1agr4", "viaaaagra", "vïágrá", "v\u200bi\u200ba\u200bg\u200br\u200ba", "vi\u00adagra"),
    *("v\u0456\u0430gra", "\uff56\uff49\uff41\uff47\uff52\uff41", "\U0001d4ff\U0001d4f2agra", "v\u0131agra"),
    *("buy v i a g r a now", "I v i a g r a a t", "casinobonus", "Online  Casino", "MÜLLER", "Mueller", "Muller"),
    *("via gra", "(Via gra)", "VIAG RA!", "v iagra", "schei ße", "SCHEI SSE", "cas ino", "v\u200bia gra"),
    *("Scheisse", "SCHEISSE", "scheiße!", "p0rn", "s3x", "$ex", "a$$", "A r s c h", "f.u.c.k", "s e x", "(sex)"),
)  # fmt: skip

INNOCENT = (
    *("Assessment", "Analyse", "analysieren", "Staatsexamen", "Essex", "Sussex", "klassisch", "Passage", "Kassel"),
    *("Massen", "Barsch", "marschieren", "Telefonanlage", "A55", "Galaxy A55 5G", "5G", "1337", "a) b) c)"),
    *("i. d. R. u. a.", "z. B. s. o.", "Expertise", "Assistent", "Analog", "Kanal", "Sextant", "Wir grassieren"),
    *("Der Router (Modell AX5400) startet neu.", "mail@example.org", "Die Anlage ist analog, nicht digital."),
)  # fmt: skip


@pytest.mark.parametrize("text", DISGUISED)
def test_a_listed_word_is_found_in_every_disguise(text: str) -> None:
    assert find_words(f"Hello,\n{text}\nbye", LIST)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Herr Müller in Bonn, so dass er nicht able ist", ("Müllerin", "sodass", "notable")),
        ("It's often like that. I'm asking, you're fine", ("soften", "masking", "refine")),
        ("via. Gra\nvia\ngra, via  gra, via-gra, agra via", ("viagra",)),
        ("an al, se x, as s", ("anal", "sex", "ass")),
    ],
)
def test_two_words_in_a_row_are_not_one(text: str, words: tuple[str, ...]) -> None:
    assert find_words(text, words) == ()


def test_nothing_is_found_in_the_texts_that_the_software_brings() -> None:
    pages = [page.read_text("utf-8") for page in (PROJECT / "themes/default/pages").glob("*.md")]
    assert len(pages) > 4
    assert [found for page in pages if (found := find_words(page, LIST))] == []


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_are_not_held(text: str) -> None:
    assert find_words(text, LIST) == ()


def test_what_was_found_is_named_as_the_list_spells_it() -> None:
    assert set(find_words("Herr MUELLER mag casinos", LIST)) == {"Müller", "casino*"}


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_and_any_list_have_an_answer(text: str, words: list[str]) -> None:
    assert set(find_words(text, words)) <= set(words)
    find_links(text)


@given(st.sampled_from(["viagra", "arsch", "fuck"]), st.sampled_from([" ", ".", "-", "_", " . ", "*"]))
def test_a_word_with_anything_between_its_letters(word: str, between: str) -> None:
    assert find_words(f"so {between.join(word)} da", LIST)


@pytest.mark.parametrize(
    "text",
    ["a " * 32_768, "@" * 65_536, "a" * 65_536, "aä1" * 21_845, "a\u200b" * 32_768, "v1agr4 x3o " * 6_000,
     "а б " * 16_384, "via gra " * 8_192, "ggggg ccccc äääää 11111 " * 2_730,
     "_" * 65_536, "a_" * 32_768, "http://" * 9_000, "a.com" * 13_000, "a-" * 32_768],
    ids=range(14),
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    words = tuple(f"wort{number}" for number in range(500))
    find_words("warm", words)
    spent = []
    for length in (len(text) // 4, len(text)):
        began = time.process_time()
        find_words(text[:length], words)
        find_links(text[:length])
        spent.append(time.process_time() - began)
    # Wide enough for a busy machine; what grows with the square of the length would take minutes.
    assert spent[1] < 1.0, spent


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("See https://example.org/a", True),
        ("see www.example.org", True),
        ("cheap-pills.shop", True),
        ("[here](hxxp://example.org)", True),
        ("write to info@example.com", False),
        ("the file readme.md, version 1.2.3", False),
        ("z.B. das Netz", False),
        ("http://127.0.0.1:8000/threads/1", False),
    ],
)
def test_links_lead_somewhere_else(text: str, is_link: bool) -> None:
    assert bool(find_links(text, own_hosts=("127.0.0.1:8000",))) == is_link


def test_a_burst_is_many_texts_at_once_of_somebody_new() -> None:
    rule, moment = Rule(RuleKind.BURST, posts=3, minutes=10, days=2), now()
    recent = (moment - timedelta(minutes=1), moment - timedelta(minutes=9))
    assert find_hits(rule, Situation("x", moment, first_at=recent[1], recent=recent)) == ("3",)
    assert find_hits(rule, Situation("x", moment, first_at=recent[1], recent=recent[:1])) is None
    old = moment - timedelta(days=3)
    assert find_hits(rule, Situation("x", moment, first_at=old, recent=recent)) is None


def test_links_are_held_until_enough_is_published() -> None:
    rule = Rule(RuleKind.LINKS, posts=2)
    assert find_hits(rule, Situation("https://example.org", now(), published_before=1))
    assert find_hits(rule, Situation("https://example.org", now(), published_before=2)) is None
    assert find_hits(rule, Situation("no link", now())) is None
