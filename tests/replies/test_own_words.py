"""Of a mail remains what its author has typed, whatever program it comes from, and quickly."""

from __future__ import annotations

import time

import pytest

from community.replies.html_text import text_of_html
from community.replies.quotations import own_words
from tests.replies.mails import KEPT_WHOLE, SAMPLES

HOSTILE = {
    "empty lines": "\n" * 200_000,
    "blank lines": " \n" * 100_000,
    "one long line": "a " * 100_000,
    "one line of spaces": " " * 200_000 + "x",
    "underscores": "_" * 200_000,
    "rules": "__________\n" * 18_000,
    "headings": "Von: a\n" * 28_000,
    "headings of two sorts": "Von: a\nDatum: b\n" * 12_000,
    "half attributions": "Am 1.1.2026 um 09:12\n" * 10_000,
    "attributions": "On 1:11 a wrote:\nx\n" * 10_000,
    "one long attribution": "On " + "schrieb " * 25_000,
    "quotes": "> > >\n" * 33_000,
    "fences": "```\n" * 50_000,
    "thanks": "Vielen Dank und " * 12_000,
    "carriage returns": "\r" * 200_000,
    "form feeds": "\x0c\x1c\u2028" * 40_000,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_quotation_and_signature_are_left_out(name: str) -> None:
    assert own_words(SAMPLES[name]) == "Das hat geholfen."


@pytest.mark.parametrize("name", KEPT_WHOLE)
def test_what_only_looks_like_one_stays(name: str) -> None:
    assert own_words(KEPT_WHOLE[name]) == KEPT_WHOLE[name]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name: str) -> None:
    began = time.process_time()
    own_words(HOSTILE[name])
    assert time.process_time() - began < 1


HTML = {
    "Gmail": """<div dir="ltr">Das hat geholfen.</div><br><div class="gmail_quote"><div dir="ltr"
        class="gmail_attr">Am Mo., 23. Nov. 2026 um 09:12&nbsp;Uhr schrieb Kundenkreis
        &lt;<a href="mailto:c@reply.example">c@reply.example</a>&gt;:<br></div><blockquote class="gmail_quote"
        style="margin:0"><p>Hallo,</p><p>alt</p></blockquote></div>""",
    "Outlook": """<html><head><style>p {color: red}</style><title>x</title></head><body><div class="WordSection1">
        <p class="MsoNormal">Das hat geholfen.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
        <p class="MsoNormal">Mit freundlichen Gr&uuml;&szlig;en</p><p>Erika Muster</p>
        <div style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>Von:</b> Kundenkreis<br>
        <b>Gesendet:</b> Montag, 23. November 2026<br><b>An:</b> E<br><b>Betreff:</b> Re</p></div></div></body>""",
    "Apple Mail": """<html><body>Das hat geholfen.<br><div><br><blockquote type="cite"><div>Am 23.11.2026 um 09:12
        schrieb Kundenkreis &lt;c@reply.example&gt;:</div><div>alt</div></blockquote></div></body></html>""",
    "Thunderbird": """<html><body><p>Das hat geholfen.<br></p><div class="moz-cite-prefix">Am 23.11.26 um 09:12
        schrieb Kundenkreis:<br></div><blockquote type="cite"><p>alt</p></blockquote></body></html>""",
}


@pytest.mark.parametrize("name", HTML)
def test_mails_in_html_alone_are_read_as_well(name: str) -> None:
    assert own_words(text_of_html(HTML[name])) == "Das hat geholfen."


def test_of_html_remain_paragraphs_lists_links_and_code() -> None:
    html = """<p>Zwei <b>Wege</b>:</p><ul><li>Stecker</li><li><a href="https://a.example/x">Anleitung</a></li></ul>
    <pre>a  b\nc</pre><a href="javascript:alert(1)">nichts</a><script>alert(1)</script>"""
    assert own_words(text_of_html(html)) == (
        "Zwei Wege:\n\n- Stecker\n- Anleitung (https://a.example/x)\n\na  b\nc\n\nnichts"
    )


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<blockquote>", "<a href=x>", "<!--", "<!", "<a ", "<p", "</", "&", "<li><b>", "<table><a>"],
)
def test_no_html_takes_long(piece: str) -> None:
    began = time.process_time()
    own_words(text_of_html(piece * (200_000 // len(piece))))
    assert time.process_time() - began < 3
