import os
import re
import unicodedata
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.core.markdown import plain_text, render
from community.importing.html_to_markdown import html_to_markdown, visible_text
from community.importing.markdown_inline import without_blocks
from tests.core.stopwatch import least_time


def comparable(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("−", "-")


def shown(markdown: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(f"<main>{render(markdown)}</main>")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Plain text.</p>", "Plain text.\n"),
        ("<p>One\n  line,   really.</p>", "One line, really.\n"),
        ("<p>a<br>b<br/>c</p>", "a\\\nb\\\nc\n"),
        ("<p>a<br><br>b</p>", "a\n\nb\n"),
        ("<p><b>bold</b> and <em>it</em>, <strike>gone</strike></p>", "**bold** and *it*, ~~gone~~\n"),
        ("<p>a<b> b </b>c</p>", "a **b** c\n"),
        ("<p><b>a</b><b>b</b></p>", "**ab**\n"),
        ("<p>x<b>(y)</b>z</p>", "x(y)z\n"),
        ('<p><a href="https://e.org/a_(b)">see [1]</a></p>', "[see \\[1\\]](https://e.org/a_%28b%29)\n"),
        ('<p><a href="https://e.org">https://e.org</a></p>', "<https://e.org>\n"),
        ('<p><a href="/questions/1">old</a></p>', "old\n"),
        ('<p><a href="javascript:x">bad</a></p>', "bad\n"),
        ('<p><a href="//e.org/x" title="T">x</a></p>', '[x](https://e.org/x "T")\n'),
        ('<p><img src="https://e.org/p.png" alt="A [plan]"></p>', "![A \\[plan\\]](https://e.org/p.png)\n"),
        ("<h2>Head #</h2><hr><h4>x</h4>", "## Head \\#\n\n***\n\n#### x\n"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"),
        ('<ol start="9"><li>a</li><li><p>b</p><p>c</p></li></ol>', "9. a\n\n10. b\n\n    c\n"),
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n+ b\n"),
        ("<blockquote><p>a</p><pre><code>b\n\nc</code></pre></blockquote>", "> a\n>\n> ```\n> b\n>\n> c\n> ```\n"),
        ("<pre><code>x ``` y\n</code></pre>", "````\nx ``` y\n````\n"),
        ('<pre class="lang-py s-code-block"><code>x</code></pre>', "```py\nx\n```\n"),
        ("<p>press <kbd>Ctrl</kbd>, <code>a `b` c</code></p>", "press `Ctrl`, ``a `b` c``\n"),
        ("<p>H<sub>2</sub>O, m<sup>2</sup>, 4<sup>th</sup></p>", "H₂O, m², 4th\n"),
        ('<p>so<sup><a href="https://e.org">1</a></sup></p>', "so[¹](https://e.org)\n"),
        ('<p><code>a <a href="https://e.org">b</a></code></p>', "`a` [`b`](https://e.org)\n"),
        ('<p><code><a href="https://e.org">b()</a></code></p>', "[`b()`](https://e.org)\n"),
        ('<pre lang="sh"><code>x</code></pre>', "```sh\nx\n```\n"),
        ("<table><tr><th>a|b</th><th>c</th></tr><tr><td>1</table>", "| a\\|b | c |\n| --- | --- |\n| 1 |  |\n"),
        ("<p>1. no list</p><p># no head</p><p>- no item</p>", "1\\. no list\n\n\\# no head\n\n\\- no item\n"),
        ("<p>*a* _b_ c_d_e `f` [g](h)</p>", "\\*a\\* \\_b\\_ c_d_e \\`f\\` \\[g](h)\n"),
        ("<p>&lt;i&gt; &amp;amp; ~~j~~ ~k</p>", "\\<i> \\&amp; \\~\\~j\\~\\~ ~k\n"),
        ("<p>AT&amp;T, C:\\Users, 2 &lt; 3, #1, a-b</p>", "AT&T, C:\\Users, 2 < 3, #1, a-b\n"),
        ("", ""),
        ("<p> </p><!-- nothing --><script>alert(1)</script>", ""),
        ("<unknown>kept <x-y>too</x-y></unknown>", "kept too\n"),
    ],
)  # fmt: skip
def test_html_becomes_the_markdown_that_a_person_would_write(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == markdown


@pytest.mark.parametrize(
    ("html", "tags"),
    [
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", ["ul", "ul"]),
        ("<ol><li>a</li></ol><ol><li>b</li></ol>", ["ol", "ol"]),
        ("<blockquote>a</blockquote><blockquote>b</blockquote>", ["blockquote", "blockquote"]),
        ("<ul><li>a</li></ul><p>b</p>", ["ul", "p"]),
        ("<ul><li>a</li></ul><pre>b</pre>", ["ul", "pre"]),
        ("<p>a</p><hr><p>b</p>", ["p", "hr", "p"]),
        ("<table><tr><td>a<td>b</table>", ["div"]),
    ],
)
def test_blocks_in_a_row_stay_apart(html: str, tags: list[str]) -> None:
    assert [child.tag for child in shown(html_to_markdown(html))] == tags


@pytest.mark.parametrize(
    "text",
    [
        "# no head",
        "- no item\n2. nor this",
        "> said",
        "a | b\n--|--",
        "    no code",
        "===",
        "one\n\n# two",
        "+1",
    ],
)
def test_comments_from_elsewhere_make_no_blocks(text: str) -> None:
    page = shown(without_blocks(text))
    assert {child.tag for child in page} == {"p"}
    assert comparable(page.text_content()) == comparable(text)


def test_links_are_made_whole_against_the_address_of_the_dump() -> None:
    html = '<a href="/questions/1">q</a> <img src="p.png" alt="p">'
    assert (
        html_to_markdown(html, base_url="https://beer.example.org/a/")
        == "[q](https://beer.example.org/questions/1) ![p](https://beer.example.org/a/p.png)\n"
    )


def test_code_in_a_table_is_not_lost() -> None:
    html = (
        "<table><tr><td><code>a|b</code></td><td>c\\|d</td></tr><tr><td><pre>x\n  y</pre></td></tr></table>"
    )
    assert "x\n  y" in shown(html_to_markdown(html)).text_content()
    grid = shown(html_to_markdown("<table><tr><td><code>a|b</code></td><td>c\\|d</td></tr></table>"))
    assert [cell.text_content() for cell in grid.iter("th")] == ["a|b", "c\\|d"]


def test_very_deep_nesting_loses_no_text() -> None:
    html = "<ul><li>x" * 40 + "end" + "</li></ul>" * 40 + "<blockquote>q" * 300 + "<div>" * 3000 + "last"
    assert comparable(plain_text(render(html_to_markdown(html)))) == comparable(visible_text(html))


def test_broken_html_loses_no_text() -> None:
    html = "<p>a<p>b</i></div><b>c<ul><li>d<li>e</b></ul></td>f <3 &nosuch; &#0; &amp <a>g"
    assert comparable(plain_text(render(html_to_markdown(html)))) == comparable(visible_text(html))
    for word in "abcdefg":
        assert word in html_to_markdown(html)


# --- whatever comes, it reads the same ----------------------------------------------------------------

_NASTY = st.sampled_from(
    """* ** _ __ ` `` ~~ [ ] ]( ! ![ < > # + - 1. 1) | --- === :-: \\ \\\\ & &amp; &#35; @otter http://e.org/a_b*c* ~
    ( ) x word . ä „ “ 😀 \u200b $ = : ^ {}""".split()  # noqa: SIM905
)
_BLANKS = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", "# ", "- ", "+ ", "    x"])
_nasty_text = st.lists(_NASTY | _BLANKS, max_size=6).map("".join)
_text_html = _nasty_text.map(lambda text: escape(text, quote=False))


def _wrap(tag: str, attributes: str = ""):
    return lambda inner: f"<{tag}{attributes}>{inner}</{tag}>"


def _grown(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inside = st.lists(children, max_size=3).map("".join)
    tags = (
        "p",
        "b",
        "strong",
        "em",
        "i",
        "del",
        "s",
        "code",
        "kbd",
        "sup",
        "sub",
        "span",
        "h2",
        "h5",
        "div",
        "pre",
    )
    wrappers = [_wrap(tag) for tag in (*tags, "blockquote")]
    wrappers += [
        _wrap("a", ' href="https://e.org/x?a=b&amp;c=(d)"'),
        _wrap("a", ' href="/relative"'),
        lambda inner: f"<ul><li>{inner}</li><li>{inner}</ul>",
        lambda inner: f'<ol start="3"><li>{inner}</li></ol>',
        lambda inner: f"<table><tr><td>{inner}</td><td>x</td></tr><tr><td>{inner}</td></tr></table>",
        lambda inner: f"<dl><dt>{inner}<dd>{inner}</dl>",
        lambda inner: f"{inner}<br>{inner}",
        lambda inner: f'{inner}<img src="https://e.org/a.png" alt="a|b_*">',
        lambda inner: f"{inner}<hr>",
    ]
    return st.builds(lambda wrap, inner: wrap(inner), st.sampled_from(wrappers), inside)


_html = st.lists(st.recursive(_text_html, _grown, max_leaves=8), max_size=4).map("".join)


@settings(max_examples=400, deadline=None)
@given(_html)
def test_the_page_reads_as_the_original_did(html: str) -> None:
    assert comparable(plain_text(render(html_to_markdown(html)))) == comparable(visible_text(html))


@given(st.text(alphabet=st.sampled_from("a b\t\n`~>-#|\\<&*_1."), min_size=1, max_size=60))
def test_code_comes_through_to_the_character(code: str) -> None:
    for html in (
        f"<pre><code>{escape(code)}</code></pre>",
        f"<ul><li>x<pre><code>{escape(code)}</code></pre></li></ul>",
        f"<blockquote><pre><code>{escape(code)}</code></pre></blockquote>",
    ):
        blocks = list(shown(html_to_markdown(html)).iter("pre"))
        if code.strip():
            assert [block.text_content().removesuffix("\n") for block in blocks] == [code.removesuffix("\n")]


@given(st.text(alphabet=st.sampled_from("ab `|\\*_<&"), min_size=1, max_size=20))
def test_code_in_a_line_comes_through(code: str) -> None:
    if code.strip():
        (span,) = shown(html_to_markdown(f"<p>x <code>{escape(code)}</code> y</p>")).iter("code")
        assert span.text_content() == code


def test_ten_times_the_text_costs_about_ten_times_as_much() -> None:
    paragraph = (
        "<p>Some <b>bold</b> text with <code>code</code> and a <a href='https://e.org'>link</a>.</p>\n"
    )

    def cost(count: int) -> float:
        return least_time(lambda: html_to_markdown(paragraph * count))

    assert cost(500) < 40 * cost(50)


@pytest.mark.skipif("STACKEXCHANGE_DUMP" not in os.environ, reason="STACKEXCHANGE_DUMP names no dump folder")
def test_every_post_of_a_real_dump_reads_as_it_did() -> None:
    posts = Path(os.environ["STACKEXCHANGE_DUMP"]) / "Posts.xml"
    for _event, row in ElementTree.iterparse(posts):
        html = row.get("Body", "")
        assert comparable(plain_text(render(html_to_markdown(html)))) == comparable(visible_text(html)), html
        row.clear()
