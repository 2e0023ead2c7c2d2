"""Attacks in every text that a page can show: what stands in a database after somebody got past all forms."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from community.core.markdown import render


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PROBE = "xss-probe"
LINE = (
    f"\"'><{PROBE} onpointerenter=probe()></{PROBE}></title></script><script>probe()</script>"
    "<img src=x onerror=probe()>{{7*7}}${probe()}"
)
"""For what is shown as it stands: ends an attribute, a title, a script; then elements that would act."""

TEXT = f"""
<{PROBE}>raw</{PROBE}> <script>probe()</script> <svg/onload=probe()>
<iframe srcdoc='<script>probe()</script>'></iframe>

<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=probe()&gt;">

<form><input name=attributes><input name=querySelector></form><style>*{{display:none}}</style>
<base href=//foreign.example/>

[one](javascript:probe()) [two](JaVaScRiPt&colon;probe()) [three](&#106;avascript:probe())
[four](data:text/html,<script>probe()</script>)
[five](vbscript:probe) [six](java\tscript:probe())
[seven](//foreign.example/x) [eight][reference] <javascript:probe()>

![picture](https://foreign.example/p.png) ![own](/attachments/../members/x) ![q](x" onerror="probe\\(\\)) https://foreign.example/"onmouseover="probe()

[reference]: javascript:probe() "x\\" onmouseover=\\"probe()"

```"><{PROBE}>
</code></pre><{PROBE}>
```

| <{PROBE}> | `<{PROBE}>` |
|---|---|
| "onfocus=probe() autofocus | <!--<{PROBE}>--> |

> @"><{PROBE}>: <![CDATA[<{PROBE}>]]> <?php probe() ?> &lt;{PROBE}&gt; &amp;lt;{PROBE}&amp;gt;
"""
"""For Markdown."""

ONE_LINE = _words("""
actor_name alt description edit_reason facts ground_name label_de label_en lift_reason name note purpose question
reason reference refusal staff_field staff_name summaries text title valid_for published_question
published_valid_for words
""")
"""Columns whose text people write, shown as it stands."""
MARKDOWN = frozenset({"body", "short_answer", "steps", "published_short_answer", "published_steps", "texts"})
RENDERED = {"body_html": "body", "published_html": "published_short_answer"}
"""HTML and the column that it was made from."""
TECHNICAL = _words("""
accepted access act app audience cause change channel checked_role choices colour_mode content_type cursor day
decided_on delivered details digest draft draft_accepted draft_fingerprint embedder entries figure files_out
fingerprint foreign_id ground hash hits icon idea_status item key kind language last_error leased_by mark
measure name_digest name_salt newer_state nickname nickname_key nonce outcome page payload photo place prepared
problem published_audience published_language published_related published_valid_until reason_digest reason_salt
reasons related replaces result returned rhythm role rule runner seal settled_how slug source state status
storage_name
subject tag_names tags target text_hash token_hash topic url valid_until way why wish writers
""")
"""Columns with words of the program, numbers in disguise, and names of a narrow alphabet that forms see to."""
NOT_BY_PEOPLE = frozenset(
    {
        "flags.reason",
        "outbox_facts.name",
        "thread_tags.name",
        "tag_wishes.name",
        "search_terms.words",
        "search_term_decisions.words",
        "tortoise_migrations.name",
    }
)
"""Columns that share their name with texts, but hold codes, tags or the words by which rows find each other."""
IN_THE_VAULT = ("vault_reveals.reason", "vault_reveals.reference")
"""What stands there unsealed and is shown to staff."""


def columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Table and name of every column with text outside the vault."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = [
        (table, row[1])
        for table in tables
        if not table.startswith(("vault_", "sqlite_"))
        for row in connection.execute(f"PRAGMA table_info({table})")
        if row[2].upper().startswith(("TEXT", "VARCHAR", "CHAR", "JSON"))
    ]
    return found + [tuple(each.split(".")) for each in IN_THE_VAULT]  # type: ignore[misc]


def plant(folder: Path) -> None:
    """Put an attack behind every text of the community in this VAR_DIR, as if each had come past its form."""
    with sqlite3.connect(folder / "community.sqlite3") as connection:
        connection.create_function("rendered", 1, lambda text: render(text or ""))
        connection.create_function("with_line", 1, lambda text: _with(text, f" {LINE}"))
        connection.create_function("with_text", 1, lambda text: _with(text, TEXT))
        for table, column in columns(connection):
            if f"{table}.{column}" in NOT_BY_PEOPLE:
                continue
            if column in ONE_LINE:
                connection.execute(f"UPDATE {table} SET {column} = with_line({column}) WHERE {column} <> ''")
            elif column in MARKDOWN:
                connection.execute(f"UPDATE {table} SET {column} = with_text({column}) WHERE {column} <> ''")
        for html, source in RENDERED.items():
            for (table,) in [(t,) for t, c in columns(connection) if c == html]:
                connection.execute(f"UPDATE {table} SET {html} = rendered({source}) WHERE {html} <> ''")
    connection.close()


def _with(text: str, attack: str) -> str:
    """The text, or each text of a list or of several languages, and the attack."""
    if text.startswith("[") and text.endswith("]"):
        return json.dumps([each + attack for each in json.loads(text)])
    if text.startswith("{") and text.endswith("}"):
        return json.dumps({language: each and each + attack for language, each in json.loads(text).items()})
    return text + attack


WHAT_CAME_THROUGH = f"""() => {{
  const found = []
  const own = 'base[target]:not([href]), iframe[src^="/embed/"]:not([srcdoc])'
  const schemes = /^[\\s\\x00-\\x1f]*(javascript|data|vbscript):/i
  for (const each of document.querySelectorAll('*')) {{
    if (each.localName === '{PROBE}') found.push('an element of the attack')
    if (['iframe', 'object', 'embed', 'base', 'math'].includes(each.localName) && !each.matches(own))
      found.push(each.outerHTML.slice(0, 120))
    for (const {{name, value}} of each.attributes) {{
      if (name.startsWith('on')) found.push(`${{name}} on ${{each.localName}}`)
      if (['href', 'action', 'formaction', 'xlink:href'].includes(name) && schemes.test(value))
        found.push(`${{each.localName}} leads to ${{value.slice(0, 60)}}`)
      if (['src', 'srcset', 'poster'].includes(name) && value.includes('foreign.example'))
        found.push(`${{each.localName}} loads ${{value.slice(0, 60)}}`)
    }}
    if (each.localName === 'script' && each.type === 'application/ld+json') {{
      try {{ JSON.parse(each.textContent) }} catch {{ found.push('structured data is broken') }}
    }} else if (each.localName === 'script' && !each.src) found.push(`a script: ${{each.textContent.slice(0, 60)}}`)
    if (each.localName === 'style') found.push('a style sheet in the page')
  }}
  if (document.querySelectorAll('title').length - document.querySelectorAll('svg title').length !== 1)
    found.push('not one title')
  return [...new Set(found)]
}}"""
"""What of the attack has become part of a page; works without knowing what the browser would have refused to run."""
IS_SHOWN = f"document.body.innerText.includes('<{PROBE}')"
"""Whether an attack is there to be read: what is not there proves nothing."""
