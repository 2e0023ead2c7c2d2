"""Colours for code blocks: a handful of CSS classes, chosen so that every colour reaches AA contrast.

Pygments knows about eighty kinds of token. Readers tell about ten colours apart, so its kinds are folded into
the ten classes of `PALETTE`; everything else stays unmarked, which keeps stored pages small.
"""

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

LONGEST_HIGHLIGHTED = 12_000
"""Characters of one code block; longer ones stay plain: lexers are regular expressions without a limit."""

LANGUAGES = frozenset(
    """apacheconf bash batch c cmake cpp csharp css dart diff docker go groovy haskell hcl html http ini java
    javascript json kotlin lua nginx objective-c perl php postgresql powershell properties protobuf
    python r ruby rust scala scss sql swift toml typescript vb.net xml yaml""".split()  # noqa: SIM905 - a list of words reads best as words
)
"""Canonical names of the languages that are coloured; anything else is shown as it was typed.

Left out are lexers that need quadratic time, such as the one for makefiles.
"""

_CLASS_BY_TOKEN: dict[_TokenType, str] = {
    Comment: "c",
    Keyword: "k",
    Operator.Word: "k",
    String: "s",
    Number: "m",
    Literal: "m",
    Name.Function: "nf",
    Name.Class: "nf",
    Name.Namespace: "nf",
    Name.Tag: "nt",
    Name.Attribute: "na",
    Name.Property: "na",
    Name.Variable: "na",
    Name.Builtin: "nb",
    Name.Constant: "nb",
    Name.Decorator: "nb",
    Generic.Deleted: "gd",
    Generic.Inserted: "gi",
    Generic.Heading: "c",
    Generic.Subheading: "c",
}

PALETTE: dict[str, tuple[str, str]] = {
    "c": ("#586772", "#97a6b1"),
    "k": ("#8a1c7c", "#e2a3dd"),
    "s": ("#17653a", "#82d6a0"),
    "m": ("#8a4b00", "#f0b35f"),
    "nf": ("#0b4fb3", "#9cc2ff"),
    "nt": ("#0b5b6f", "#6cc5d8"),
    "na": ("#734700", "#e9c072"),
    "nb": ("#5a3fb0", "#c3b3ff"),
    "gd": ("#b3261e", "#ff9c92"),
    "gi": ("#17653a", "#82d6a0"),
}
"""CSS class -> (colour on a light page, colour on a dark page)."""

CODE_BACKGROUNDS = ("#edf1f3", "#10171d")
"""What the default theme paints behind code (its token ``--sunken``), light and dark."""


def language_of(name: str) -> str | None:
    """The canonical name for what somebody wrote behind the fence (``py``, ``C#``), if it is coloured."""
    lexer = _lexer(name.strip().lower()[:32])
    return min(LANGUAGES.intersection(lexer.aliases)) if lexer else None


def highlight(code: str, language: str) -> str:
    """HTML of a code block's inside: escaped text with ``<span class>`` of `PALETTE` only."""
    lexer = _lexer(language)
    if lexer is None or len(code) > LONGEST_HIGHLIGHTED:
        return escape(code, quote=False)
    return "".join(
        f'<span class="{css_class}">{escape(text, quote=False)}</span>'
        if css_class
        else escape(text, quote=False)
        for css_class, text in _runs(lexer, code)
    )


def stylesheet() -> str:
    """The rules that colour `PALETTE`; in the theme's component layer, light and dark in one."""
    rules = [
        "/* Colours of code. Written by community.core.code_highlighting.stylesheet(). */",
        "@layer components {",
        *(
            f"  .prose code .{css_class} {{ color: light-dark({light}, {dark}); }}"
            for css_class, (light, dark) in PALETTE.items()
        ),
        "  .prose code .c { font-style: italic; }",
        "  .prose :is(th, td).align-center { text-align: center; }",
        "  .prose :is(th, td).align-end { text-align: end; }",
        "}",
    ]
    return "\n".join(rules) + "\n"


@lru_cache(maxsize=128)
def _lexer(name: str) -> Lexer | None:
    if not name:
        return None
    try:
        # Neither option may change what was typed: the reader copies from here.
        lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return lexer if LANGUAGES.intersection(lexer.aliases) else None


def _runs(lexer: Lexer, code: str) -> Iterator[tuple[str, str]]:
    """Neighbouring tokens of one class as one run, blank ones joined to what stands before them."""
    current, pieces = "", list[str]()
    for token, text in lexer.get_tokens(code):
        css_class = current if text.isspace() else _class_of(token)
        if css_class != current and pieces:
            yield current, "".join(pieces)
            pieces = []
        current = css_class
        pieces.append(text)
    if pieces:
        yield current, "".join(pieces)


@lru_cache(maxsize=256)
def _class_of(token: _TokenType) -> str:
    kind: _TokenType | None = token
    while kind is not None:
        if kind in _CLASS_BY_TOKEN:
            return _CLASS_BY_TOKEN[kind]
        kind = kind.parent
    return ""
