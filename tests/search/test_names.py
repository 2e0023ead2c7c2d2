"""Words that staff keep: names in every spelling, one-way synonyms, changes while the engine runs, trials."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import textwrap
from pathlib import Path

import pytest

from search.configuration import Configuration, load_configuration, server_settings, server_synonyms
from search.embedded import EmbeddedEngine
from search.index import Document, Query
from search.names import solid, spellings, with_spellings
from search.synonyms import SynonymTable
from tests.search.documents import EVERYBODY, thread

TRUNK = thread(1, "Der SIP-Trunk meldet Fehler")
SOLID = thread(2, "SIPTrunk einrichten")
LONG = thread(3, "Anlagenanschluss über das Internet kündigen")
OTHER = thread(4, "Rechnung als Datei")


async def filled(root: Path, configuration: Configuration, *documents: Document) -> EmbeddedEngine:
    engine = EmbeddedEngine(root, configuration)
    await engine.setup()
    await engine.upsert(documents)
    return engine


async def keys(engine: EmbeddedEngine, text: str) -> set[str]:
    return {hit.key for hit in (await engine.search(Query(text, EVERYBODY))).hits}


@pytest.mark.parametrize(
    "name,ways",
    [
        ("SIP-Trunk", ("sip trunk", "siptrunk")),
        ("MagentaBusiness", ("magentabusiness", "magenta business")),
        ("DSL 100", ("dsl 100", "dsl100")),
        ("DSL100", ("dsl100", "dsl 100")),
        ("ISDN", ("isdn",)),
        ("VoIP", ("voip",)),
        ("5G", ("5g",)),
        ("FRITZ!Box", ("fritz box", "fritzbox")),
        ("!?", ()),
    ],
)
def test_a_name_is_written_in_several_ways(name: str, ways: tuple[str, ...]) -> None:
    assert spellings(name) == ways


def test_a_name_in_a_group_brings_its_spellings_into_it() -> None:
    groups = with_spellings([("sip trunk", "anlagenanschluss")], ["SIP-Trunk", "DSL 100", "ISDN"])
    assert groups == (("sip trunk", "siptrunk", "anlagenanschluss"), ("dsl 100", "dsl100"))
    assert solid("Sip-Trunk") == solid("SIPTRUNK")


@pytest.mark.parametrize("text", ["SIP-Trunk", "sip trunk", "siptrunk", "SIPTrunk", "Anlagenanschluss"])
async def test_every_spelling_of_a_name_finds_every_other(index_root: Path, text: str) -> None:
    configuration = Configuration(synonyms=(("sip trunk", "anlagenanschluss"),), names=("SIP-Trunk",))
    engine = await filled(index_root, configuration, TRUNK, SOLID, LONG, OTHER)
    assert await keys(engine, text) == {"thread-1", "thread-2", "thread-3"}
    await engine.close()


async def test_a_name_is_never_taken_for_a_typing_mistake(index_root: Path) -> None:
    documents = [thread(1, "Hostie in der Kirche"), thread(2, "Mobil und Hosting für Praxen")]
    engine = await filled(index_root, Configuration(), *documents)
    assert await keys(engine, "hostje")
    engine.configure(Configuration(names=("Hostje",)))
    assert await keys(engine, "hostje") == set()
    await engine.upsert([thread(3, "Hostje startet nicht")])
    assert await keys(engine, "HOSTJE") == {"thread-3"}
    await engine.close()


async def test_one_way_words_find_others_and_are_not_found_by_them(index_root: Path) -> None:
    configuration = Configuration(one_way=(("router", "fritz box"),), names=("FRITZ!Box",))
    documents = [thread(1, "Router startet neu"), thread(2, "FritzBox blinkt"), thread(3, "Fritz!Box aus")]
    engine = await filled(index_root, configuration, *documents)
    assert await keys(engine, "router") == {"thread-1", "thread-2", "thread-3"}
    assert await keys(engine, "fritzbox") == {"thread-2", "thread-3"}
    await engine.close()


async def test_changed_words_count_at_once_and_a_trial_changes_nothing(index_root: Path) -> None:
    engine = await filled(index_root, Configuration(), TRUNK, SOLID, LONG)
    other = Configuration(synonyms=(("wählanlage", "anlagenanschluss"),))
    assert await keys(engine, "wählanlage") == set()
    assert await keys(engine.trying(other), "wählanlage") == {"thread-3"}
    assert await keys(engine, "wählanlage") == set()
    engine.configure(other)
    assert await keys(engine, "wählanlage") == {"thread-3"}
    await engine.publish_configuration()
    await engine.close()


async def test_searching_goes_on_while_words_change(index_root: Path) -> None:
    engine = await filled(index_root, Configuration(), TRUNK, LONG)
    pair = Configuration(), Configuration(synonyms=(("wählanlage", "anlagenanschluss"),))

    async def ask() -> set[str]:
        return await keys(engine, "wählanlage")

    answers = []
    for number in range(40):
        asked = [asyncio.create_task(ask()) for _ in range(3)]
        engine.configure(pair[number % 2])
        answers += await asyncio.gather(*asked)
    assert {frozenset(answer) for answer in answers} <= {frozenset(), frozenset({"thread-3"})}
    await engine.close()


async def test_another_process_reads_the_same_index_with_its_own_words(index_root: Path) -> None:
    engine = await filled(index_root, Configuration(), LONG)
    script = """
        import asyncio, sys
        from pathlib import Path
        from search.configuration import Configuration
        from search.embedded import EmbeddedEngine
        from search.index import Query

        async def main():
            engine = EmbeddedEngine(Path(sys.argv[1]), Configuration())
            asked = Query("wählanlage", frozenset({0}))
            before = (await engine.search(asked)).total
            engine.configure(Configuration(synonyms=(("wählanlage", "anlagenanschluss"),)))
            print(before, (await engine.search(asked)).total)

        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(script), str(index_root), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.split() == [b"0", b"1"]
    await engine.close()


# --- what the search server is told -----------------------------------------------------------------------

TOLD = Configuration(
    synonyms=(("sip trunk", "anlagenanschluss"),),
    one_way=(("router", "fritz box"),),
    names=("SIP-Trunk", "MagentaBusiness", "VVL"),
)


def test_the_server_is_told_every_spelling_as_synonyms() -> None:
    assert server_synonyms(TOLD) == {
        "sip trunk": ["anlagenanschluss", "siptrunk"],
        "siptrunk": ["anlagenanschluss", "sip trunk"],
        "anlagenanschluss": ["sip trunk", "siptrunk"],
        "magentabusiness": ["magenta business"],
        "magenta business": ["magentabusiness"],
        "router": ["fritz box"],
    }


def test_the_server_keeps_names_whole_and_corrects_none_of_their_words() -> None:
    settings = server_settings(TOLD)
    # "SIP-Trunk" itself is left out, so that "trunk" still finds it; "VVL" could stand within other words.
    assert settings["dictionary"] == ["MagentaBusiness", "magentabusiness", "siptrunk"]
    assert settings["typoTolerance"]["disableOnWords"] == [
        "business",
        "magenta",
        "magentabusiness",
        "sip",
        "siptrunk",
        "trunk",
        "vvl",
    ]


def test_names_change_no_shipped_synonym() -> None:
    shipped = load_configuration()
    named = dataclasses.replace(shipped, names=("SIP-Trunk",))
    assert named.groups[: len(shipped.synonyms)] == shipped.synonyms
    (term,) = SynonymTable.of(named).terms(["SIP", "Trunk"])
    assert term.is_name
    assert term.alternatives == (("siptrunk",),)
