"""Adding, changing and removing entries: what is refused and why, what the search is told, what the log keeps."""

from __future__ import annotations

import pytest

from community.core.db import as_json, fetch
from community.core.errors import Conflict, NotFound, RuleBroken
from community.decisions.queries import list_log
from community.vocabulary import actions
from community.vocabulary.models import EntryKind
from community.vocabulary.queries import (
    configuration_with,
    current_configuration,
    get_entry,
    get_stamp,
    list_entries,
    list_jargon,
    shipped_groups,
)
from community.vocabulary.rules import EntryDraft, find_problems, read_words
from search.configuration import load_configuration
from tests.cast import Cast
from tests.factories import viewer_for

PAIR = EntryDraft(EntryKind.SAME, ("VVL", "Laufzeit erneuern"))
NAME = EntryDraft(EntryKind.NAME, ("SIP-Trunk", "Anlagenanschluss"))


@pytest.mark.each_database
async def test_what_staff_teach_is_what_the_search_is_told(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    assert await current_configuration() == load_configuration()
    before = await get_stamp()
    await actions.add_entry(PAIR, by=by)
    await actions.add_entry(NAME, by=by)
    await actions.add_entry(EntryDraft(EntryKind.ONE_WAY, ("Router", "FRITZ!Box")), by=by)
    told = await current_configuration()
    assert set(told.synonyms) - set(load_configuration().synonyms) == {
        ("vvl", "laufzeit erneuern"),
        ("sip-trunk", "anlagenanschluss"),
    }
    assert told.one_way == (("router", "fritz!box"),)
    assert told.names == ("SIP-Trunk",)
    assert await get_stamp() != before


@pytest.mark.each_database
async def test_a_change_is_logged_with_words_and_owed_to_the_search(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    entry_id = await actions.add_entry(PAIR, by=by, reason="Asked for often")
    stamp = await get_stamp()
    changed = EntryDraft(EntryKind.SAME, ("VVL", "Laufzeit erneuern", "Verlängerung"))
    await actions.change_entry(entry_id, changed, version=1, by=by)
    assert await get_stamp() != stamp
    assert (await get_entry(by, entry_id)).version == 2
    await actions.remove_entry(entry_id, by=by)
    lines = await list_log(by, subject=f"words:{entry_id}")
    assert [line.act for line in lines] == ["remove_words", "change_words", "add_words"]
    assert lines[1].details["words_before"] == ["VVL", "Laufzeit erneuern"]
    assert lines[1].details["words"] == list(changed.words)
    assert lines[2].reason == "Asked for often"
    facts = await fetch("SELECT payload FROM outbox_facts WHERE name = 'vocabulary.changed'")
    assert [as_json(fact["payload"])["entry_id"] for fact in facts] == [entry_id] * 3
    assert await list_entries(by) == []


async def test_a_second_change_of_the_same_version_is_refused(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    entry_id = await actions.add_entry(PAIR, by=by)
    await actions.change_entry(entry_id, EntryDraft(EntryKind.SAME, ("VVL", "Erneuerung")), version=1, by=by)
    with pytest.raises(Conflict):
        await actions.change_entry(entry_id, PAIR, version=1, by=await viewer_for(cast.administrator))
    assert (await get_entry(by, entry_id)).draft.words == ("VVL", "Erneuerung")
    with pytest.raises(NotFound):
        await actions.change_entry(4711, PAIR, version=1, by=by)
    with pytest.raises(NotFound):
        await actions.remove_entry(4711, by=by)


async def test_a_shipped_group_is_switched_off_replaced_and_back_in_force(cast: Cast) -> None:
    by = await viewer_for(cast.administrator)
    shipped = next(group for group in shipped_groups() if "rechnung" in group)
    entry_id = await actions.switch_off(shipped[0], by=by)
    assert shipped not in (await current_configuration()).synonyms
    with pytest.raises(Conflict):
        await actions.switch_off(shipped[0], by=by)
    await actions.remove_entry(entry_id, by=by)
    assert shipped in (await current_configuration()).synonyms
    wider = EntryDraft(EntryKind.SAME, (*shipped, "Abrechnung XY"), replaces=shipped[0])
    await actions.add_entry(wider, by=by)
    told = await current_configuration()
    assert shipped not in told.synonyms
    assert (*shipped, "abrechnung xy") in told.synonyms
    with pytest.raises(NotFound):
        await actions.switch_off("no such group", by=by)


@pytest.mark.parametrize(
    "draft,said",
    [
        (EntryDraft(EntryKind.SAME), "at least one word"),
        (EntryDraft(EntryKind.SAME, ("VVL",)), "One word alone"),
        (EntryDraft(EntryKind.SAME, ("VVL", "!?")), "neither a letter nor a digit"),
        (EntryDraft(EntryKind.SAME, ("VVL", "x" * 61)), "too long"),
        (EntryDraft(EntryKind.SAME, ("VVL", "eins zwei drei vier")), "too many words"),
        (EntryDraft(EntryKind.NAME, ("MagentaBusiness eins zwei",)), "too many words"),
        (EntryDraft(EntryKind.SAME, ("VVL", "mit Vertrag")), "“mit”, which the search leaves out"),
        (EntryDraft(EntryKind.SAME, ("Beispiel", "Beispiele")), "the same to the search"),
        (EntryDraft(EntryKind.NAME, ("SIP-Trunk", "siptrunk")), "the same to the search"),
        (EntryDraft(EntryKind.SAME, tuple(f"wort{n}" for n in range(21))), "20 are possible"),
        (EntryDraft(EntryKind.SAME, ("Rechnungen", "Faktura")), "already stands in the group “rechnung"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(cast: Cast, draft: EntryDraft, said: str) -> None:
    by = await viewer_for(cast.moderator)
    problems = await actions.problems_of(draft)
    assert said in " ".join(problems)
    with pytest.raises(RuleBroken):
        await actions.add_entry(draft, by=by)
    assert await list_entries(by) == []


def test_a_name_may_stand_in_a_group_but_is_entered_once() -> None:
    group = EntryDraft(EntryKind.SAME, ("sip trunk", "anlagenanschluss"))
    assert find_problems(EntryDraft(EntryKind.NAME, ("SIP-Trunk",)), [group]) == []
    assert find_problems(NAME, [group])
    assert find_problems(EntryDraft(EntryKind.NAME, ("Sip Trunk",)), [NAME])


def test_words_are_read_from_lines_and_between_commas() -> None:
    assert read_words("  SIP-Trunk \n\n Anlagen  anschluss, VVL;x\n") == (
        "SIP-Trunk",
        "Anlagen anschluss",
        "VVL",
        "x",
    )


async def test_a_trial_says_what_the_search_would_be_told(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    entry_id = await actions.add_entry(PAIR, by=by)
    other = EntryDraft(EntryKind.SAME, ("VVL", "Neuvertrag"))
    tried = await configuration_with(other, instead_of=entry_id)
    assert ("vvl", "neuvertrag") in tried.synonyms
    assert ("vvl", "laufzeit erneuern") not in tried.synonyms
    assert ("vvl", "laufzeit erneuern") in (await current_configuration()).synonyms
    assert ("vvl", "laufzeit erneuern") not in (await configuration_with(None, instead_of=entry_id)).synonyms


async def test_the_vocabulary_is_for_those_who_keep_it(cast: Cast) -> None:
    for member in (None, cast.asker, cast.marketing):
        with pytest.raises(NotFound):
            await list_entries(await viewer_for(member))


async def test_words_that_customers_do_not_use_are_for_editors_and_change_no_search(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    # The first stands in a group of the search, the second holds words that it leaves out: neither is in the way.
    await actions.add_entry(EntryDraft(EntryKind.JARGON, ("Kündigung", "Ende mit dem Vertrag")), by=by)
    assert await current_configuration() == load_configuration()
    assert await list_jargon() == {"Kündigung": "Ende mit dem Vertrag"}
    with pytest.raises(RuleBroken, match="already"):
        await actions.add_entry(EntryDraft(EntryKind.JARGON, ("kündigung", "Schluss")), by=by)
    with pytest.raises(RuleBroken, match="at least one more"):
        await actions.add_entry(EntryDraft(EntryKind.JARGON, ("CPE",)), by=by)
    shipped = shipped_groups()[0][0]
    with pytest.raises(RuleBroken, match="takes the place"):
        await actions.add_entry(EntryDraft(EntryKind.JARGON, ("CPE", "Router"), replaces=shipped), by=by)
