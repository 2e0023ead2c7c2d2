"""Small dumps written by the tests, in every state that dumps have been seen in."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.importing.stackexchange_dump import Dump, DumpUnreadable
from community.importing.stackexchange_rows import Answer, Comment, PostLink, Question, Vote
from community.importing.xml_rows import count_rows, read_rows

QUESTION = (
    '<row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2020-01-02T03:04:05.678" Score="4" ViewCount="90"'
    ' Body="&lt;p&gt;Which router?&lt;/p&gt;&#xA;" OwnerUserId="7" LastActivityDate="2020-02-02T00:00:00.000"'
    ' Title="Which router for two lines?" Tags="&lt;router&gt;&lt;dual-wan&gt;" ContentLicense="CC BY-SA 4.0" />'
)
ANSWER = (
    '<row Id="2" PostTypeId="2" ParentId="1" CreationDate="2020-01-03T00:00:00.000" Score="2"'
    ' Body="&lt;p&gt;Any with two ports.&lt;/p&gt;" OwnerDisplayName="user99" />'
)

MakeDump = Callable[..., Dump]


@pytest.fixture
def make_dump(tmp_path: Path) -> MakeDump:
    """Writes the files named by the arguments (``Posts=[row, …]`` or bytes) and opens the folder."""

    def make(**files: list[str] | bytes) -> Dump:
        beginning = '<?xml version="1.0" encoding="utf-8"?>'
        for name, content in {"Posts": [QUESTION, ANSWER], **files}.items():
            if isinstance(content, list):
                rows = "\n  ".join(content)
                content = f"{beginning}\n<{name.lower()}>\n  {rows}\n</{name.lower()}>\n".encode()
            (tmp_path / f"{name}.xml").write_bytes(content)
        return Dump(tmp_path)

    return make


def test_questions_and_answers_are_read_with_all_that_is_used(make_dump: MakeDump) -> None:
    question, answer = make_dump().posts()
    assert question == Question(
        id=1,
        created_at=datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        title="Which router for two lines?",
        body_html="<p>Which router?</p>",
        tags=("router", "dual-wan"),
        owner_id=7,
        owner_name=None,
        accepted_answer_id=2,
        score=4,
        view_count=90,
        edited_at=None,
        closed_at=None,
        last_activity_at=datetime(2020, 2, 2, tzinfo=UTC),
        licence="CC BY-SA 4.0",
    )
    assert isinstance(answer, Answer)
    assert (answer.question_id, answer.owner_id, answer.owner_name) == (1, None, "user99")


def test_other_rows_are_read(make_dump: MakeDump) -> None:
    dump = make_dump(
        Comments=[
            '<row Id="5" PostId="2" Score="1" Text="Thanks &lt;3" CreationDate="2020-01-04T00:00:00" UserId="7"/>'
        ],
        Votes=[
            '<row Id="1" PostId="2" VoteTypeId="2" CreationDate="2020-01-04T00:00:00"/>',
            '<row Id="2" PostId="2" VoteTypeId="1" CreationDate="2020-01-04T00:00:00"/>',
        ],
        Users=[
            '<row Id="-1" Reputation="1" DisplayName="Community  Bot" CreationDate="2019-01-01T00:00:00"/>'
        ],
        Tags=['<row Id="3" TagName="Router" Count="12"/>'],
        PostLinks=[
            '<row Id="9" CreationDate="2020-01-05T00:00:00" PostId="1" RelatedPostId="4" LinkTypeId="3"/>'
        ],
        Badges=['<row Id="8" UserId="7" Name="Teacher" Date="2020-01-06T00:00:00" Class="2"/>'],
    )
    day = datetime(2020, 1, 4, tzinfo=UTC)
    assert list(dump.comments()) == [Comment(5, 2, day, "Thanks <3", 7, None, 1, None)]
    assert list(dump.votes()) == [Vote(1, 2, day, False), Vote(2, 2, day, True)]
    assert [(user.id, user.name, user.reputation) for user in dump.users()] == [(-1, "Community Bot", 1)]
    assert [(tag.name, tag.count) for tag in dump.tags()] == [("router", 12)]
    assert list(dump.post_links()) == [PostLink(9, 1, 4, datetime(2020, 1, 5, tzinfo=UTC), True)]
    assert [(badge.user_id, badge.name, badge.level) for badge in dump.badges()] == [(7, "Teacher", 2)]
    assert not dump.report.left_out
    assert dump.report.read["vote"] == 2


def test_what_is_not_used_is_counted_with_its_reason(make_dump: MakeDump) -> None:
    dump = make_dump(
        Posts=[
            QUESTION,
            '<row Id="3" PostTypeId="4" Body="x" />',
            '<row Id="4" PostTypeId="5" Body="x" />',
            '<row Id="5" Body="x" />',
            '<row Id="6" PostTypeId="2" ParentId="1" Body="" />',
            '<row Id="7" PostTypeId="2" Body="orphan" />',
            '<row Id="8" PostTypeId="1" Title=" " Body="&lt;p&gt; &lt;/p&gt;" />',
            '<row PostTypeId="1" Title="t" Body="b" />',
            '<row Id="x9" PostTypeId="1" Title="t" Body="b" />',
            QUESTION,
        ],
        Votes=[
            '<row Id="1" PostId="1" VoteTypeId="3"/>',
            '<row Id="2" PostId="1" VoteTypeId="99"/>',
            '<row Id="3"/>',
        ],
        PostLinks=[
            '<row Id="1" PostId="1" RelatedPostId="1" LinkTypeId="1"/>',
            '<row Id="2" PostId="1" LinkTypeId="1"/>',
        ],
        Comments=['<row Id="1" PostId="1" Text=""/>', '<row Id="2" Text="x"/>'],
    )
    for rows in (dump.posts(), dump.votes(), dump.post_links(), dump.comments()):
        list(rows)
    left_out = dump.report.left_out
    assert left_out["post"] == {
        "the summary of a tag": 1,
        "the wiki page of a tag": 1,
        "neither question nor answer": 1,
    }
    assert left_out["answer"] == {"without text": 1, "without a question": 1}
    assert left_out["question"] == {
        "neither title nor text": 1,
        "without a usable id": 2,
        "a second row with the same id": 1,
    }
    assert left_out["vote"] == {"a down-vote": 1, "another kind of vote": 2}
    assert left_out["post link"] == {"a link to itself": 1, "without a related post": 1}
    assert left_out["comment"] == {"without text": 1, "without a post": 1}


def test_a_missing_file_is_reported_and_harmless(make_dump: MakeDump) -> None:
    dump = make_dump()
    assert list(dump.users()) == list(dump.votes()) == []
    assert dump.report.missing_files == ["Users.xml", "Votes.xml"]
    assert dump.expected("Users.xml") == 0


def test_a_folder_without_posts_is_no_dump(tmp_path: Path) -> None:
    with pytest.raises(DumpUnreadable):
        Dump(tmp_path)
    with pytest.raises(DumpUnreadable):
        Dump(tmp_path / "missing")


def test_names_of_files_may_be_in_lower_case(tmp_path: Path) -> None:
    (tmp_path / "posts.xml").write_text(f"<posts>{QUESTION}</posts>")
    assert len(list(Dump(tmp_path).posts())) == 1


def test_missing_and_empty_columns_are_mended_where_that_is_possible(make_dump: MakeDump) -> None:
    dump = make_dump(
        Posts=[
            QUESTION,
            '<row Id="2" PostTypeId="1" Body="&lt;p&gt;No title &amp;amp; no date" Tags="" Score="" ViewCount="-3"'
            ' OwnerUserId="" CreationDate="" LastActivityDate="not a date" Unknown="x" AcceptedAnswerId="abc" />',
            '<row Id="3" PostTypeId="1" Title="t" Body="b" LastActivityDate="2021-05-05T00:00:00Z" Tags="|a|b|" />',
        ]
    )
    _first, second, third = dump.posts()
    assert isinstance(second, Question)
    assert isinstance(third, Question)
    assert second.title == "No title & no date"
    assert second.created_at == datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    assert (second.owner_id, second.score, second.view_count, second.accepted_answer_id, second.tags) == (
        None, 0, 0, None, (),
    )  # fmt: skip
    assert third.created_at == datetime(2021, 5, 5, tzinfo=UTC)
    assert third.tags == ("a", "b")
    assert dump.report.mended["question"] == {
        "title taken from the text": 1,
        "CreationDate taken from the row before": 1,
        "CreationDate taken from LastActivityDate": 1,
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-01-02T03:04:05.678", datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        ("2020-01-02 03:04:05", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-01-02T03:04:05Z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-01-02T03:04:05+02:00", datetime(2020, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2020-01-02", datetime(2020, 1, 2, tzinfo=UTC)),
    ],
)
def test_dates_are_in_utc(make_dump: MakeDump, written: str, meant: datetime) -> None:
    (vote,) = make_dump(Votes=[f'<row Id="1" PostId="1" VoteTypeId="2" CreationDate="{written}"/>']).votes()
    assert vote.created_at == meant


def test_a_date_in_the_future_is_no_date(make_dump: MakeDump) -> None:
    dump = make_dump(
        Votes=[
            '<row Id="1" PostId="1" VoteTypeId="2" CreationDate="2020-01-02"/>',
            '<row Id="2" PostId="1" VoteTypeId="2" CreationDate="9998-01-02"/>',
        ]
    )
    assert [vote.created_at.year for vote in dump.votes()] == [2020, 2020]
    assert dump.report.mended["vote"]["CreationDate taken from the row before"] == 1


# --- damaged files ------------------------------------------------------------------------------------


def _comment(text: str, number: int = 1) -> str:
    return f'<row Id="{number}" PostId="1" Text="{text}" CreationDate="2020-01-01T00:00:00" />'


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a&#x1;b&#0;c&#xD800;d&#xFFFF;", "abcd"),
        ("a\x01b\x0bc", "abc"),
        ("R&D &nbsp; &", "R&D &nbsp; &"),
        ("&#128512; ä ＡＢ \u200b.", "😀 ä ＡＢ \u200b."),
        ("x > y", "x > y"),
        ("a&#xA;b&#9;c", "a\nb\tc"),
    ],
)
def test_odd_characters_spoil_nothing(make_dump: MakeDump, written: str, meant: str) -> None:
    first, second = make_dump(Comments=[_comment(written), _comment("next", 2)]).comments()
    assert (first.text, second.text) == (meant, "next")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_any_usual_encoding_is_read(make_dump: MakeDump, encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><comments>{_comment("Größe")}</comments>'
    (comment,) = make_dump(Comments=xml.encode(encoding)).comments()
    assert comment.text == "Größe"


def test_bytes_that_are_no_text_become_replacement_characters(make_dump: MakeDump) -> None:
    (comment,) = make_dump(
        Comments=b"<comments>" + _comment("a\xffb").encode("latin-1") + b"</comments>"
    ).comments()
    assert comment.text == "a\ufffdb"


def test_a_damaged_row_costs_only_itself(make_dump: MakeDump) -> None:
    dump = make_dump(
        Comments=[
            _comment("one"),
            '<row Id="2" Text="no end',
            '<row Id="3" Id="3"/>',
            "<row Text=a/>",
            _comment("two", 4),
        ]
    )
    assert [comment.text for comment in dump.comments()] == ["one", "two"]
    assert dump.report.left_out["comment"] == {"a damaged row": 3}


def test_a_file_that_was_cut_off_is_read_up_to_there(make_dump: MakeDump) -> None:
    xml = ("<comments>" + _comment("one") + _comment("two", 2)).encode()
    dump = make_dump(Comments=xml[:-40])
    assert [comment.text for comment in dump.comments()] == ["one"]
    assert dump.report.left_out["comment"] == {"a damaged row": 1}


@pytest.mark.parametrize(
    "content", [b"", b"<comments/>", b"<comments></comments>", b"not xml", b"\xff\xfe", b"<rows>"]
)
def test_a_file_without_rows_is_empty(make_dump: MakeDump, content: bytes) -> None:
    assert list(make_dump(Comments=content).comments()) == []


def test_a_file_that_declares_entities_is_refused(make_dump: MakeDump) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
        f"<comments>{_comment('&b;&c;')}</comments>"
    )
    dump = make_dump(Comments=bomb.encode())
    assert list(dump.comments()) == []
    assert dump.report.left_out["comment"] == {"the whole file: it has a document type declaration": 1}


def test_rows_across_the_borders_of_reading_are_whole(make_dump: MakeDump) -> None:
    texts = [f"ä{number}-" + "x" * (number % 997) for number in range(3_000)]
    dump = make_dump(Comments=[_comment(text, number) for number, text in enumerate(texts)])
    assert [comment.text for comment in dump.comments()] == texts
    assert dump.expected("Comments.xml") == 3_000


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Comments.xml"
    with path.open("w") as target:
        target.write("<comments>")
        for number in range(10_000):
            target.write(_comment("x" * 500, number))
        target.write('<row Text="' + "y" * 12_000_000)
    reasons: list[str] = []
    tracemalloc.start()
    rows = sum(1 for _row in read_rows(path, reasons.append))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (rows, reasons) == (10_000, ["a row longer than any text"])
    assert peak < 60_000_000
    assert count_rows(path) == 10_001


@given(
    st.lists(
        st.binary(max_size=60)
        | st.sampled_from([_comment("ok").encode(), b"<row ", b'" />', b"&#x", b"<!--"])
    )
)
def test_no_bytes_make_the_reader_fail(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("dump") / "Posts.xml"
    path.write_bytes(b"".join(pieces))
    list(Dump(path.parent).posts())
