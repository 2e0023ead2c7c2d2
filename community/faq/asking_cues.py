"""What questions of a community look like, and what an answer to them holds; German and English."""

from __future__ import annotations

import re

from community.faq.cues import any_of

_FLAGS = re.IGNORECASE

OPINION = any_of(
    r"\bthe best of\b|\b(?:der|die|das) beste (?:von|aller)\b",
    r"\bfavou?rites?\b|\blieblings",
    r"\b(?:recommend|recommendations?|suggest(?:ions?)?|empfehl\w*|empfiehlt)\b",
    r"\b(?:best|good|greatest|worst|tasty|nice|cool|great) (?:\w+ ){0,3}(?:beers?|wines?|brands?|drinks?"
    r"|ways?|places?|books?|tools?|apps?|sites?|options?|bars?|pubs?)\b",
    r"\bwhat (?:do|did|would) you\b|\bdo you (?:like|think|prefer|have|know)\b|\bhave you\b|\bare you\b",
    r"\bwas (?:haltet|denkt|meint|nutzt|verwendet) ihr\b|\bwer (?:von euch|nutzt|hat erfahrung)"
    r"|\berfahrung(?:en)? mit\b|\bwas haltet\b",
    r"\b(?:anyone|anybody|someone|somebody|jemand|irgendwer|irgendjemand)\b",
    r"\b(?:identify|identification|looking for|trying to (?:find|remember)|find a|name (?:of )?(?:this|that"
    r"|the)|what(?:'s| is| was) (?:this|that)|called|help me|suche nach)\b",
    r"\b(?:like|similar to|alternatives? to)\b.{0,40}\b(?:but|beer|wine)\b|\bsimilar (?:to|beers?|drinks?)\b"
    r"|\balternativen? zu\b",
    r"\b(?:advice|tips|tipps|to (?:try|visit|buy)|worth (?:it|trying|buying)|for me|why did my|local beers)\b",
    r"\b(?:umfrage|poll|meinung(?:en)?|opinions?|thoughts on)\b",
    r"\b(?:my|meine?[rsnm]?|unser(?:e[rsnm]?)?) (?:friend|wife|husband|boss|chef|kolleg\w*|father|mother|dad"
    r"|girlfriend|boyfriend|party|wedding|birthday)\b",
)
"""A question to which there is no one right answer, or that only one person has."""

COMPARING = re.compile(
    r"\b(?:differences?|differs?|differentiates?|compared? (?:to|with)|unterschied\w*"
    r"|unterscheide\w*)\b|\bvs\b",
    _FLAGS,
)
"""A question that is answered only by what is said of both."""

EXPECTED = (
    (
        re.compile(
            r"\bhow (?:many|much|long|old|far|big|hot|often)\b|\bwie (?:viele?s?|lange?|hoch|oft"
            r"|teuer|groß|schnell|weit)\b"
            r"|\bwieviele?\b",
            _FLAGS,
        ),
        re.compile(
            r"\d|\b(?:one|two|three|four|five|six|seven|ten|twelve|hundred|thousand|half|twice|once"
            r"|always|never|not|no|none"
            r"|free|unlimited|ein(?:e[nmrs]?)?|zwei|drei|vier|fünf|sechs|sieben|zehn|zwölf|hundert"
            r"|tausend|halbe?|einmal"
            r"|zweimal|immer|nie|nicht|keine?n?|nichts|kostenlos|unbegrenzt)\b",
            _FLAGS,
        ),
    ),
    (
        re.compile(
            r"^(?:why|warum|wieso|weshalb|woran liegt|wie kommt es)\b|: (?:why|warum|wieso|weshalb|woran)\b",
            _FLAGS,
        ),
        re.compile(
            r"\b(?:because|since|due|reasons?|therefore|thus|hence|so|causes?|caused|prevents?|avoid"
            r"|allows?|makes?|leads? to"
            r"|in order|that's why|is why|otherwise|requires?|weil|da|denn|deshalb|deswegen|daher"
            r"|darum|damit|nämlich|grund"
            r"|gründe|liegt|sonst|wegen|durch|um|dadurch|verhindert|sobald|wenn|solange)\b",
            _FLAGS,
        ),
    ),
)
"""Kinds of questions, and what an answer to one holds that is cut out of a longer text."""

YES_NO_QUESTION = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|may|must|am"
    r"|ist|sind|war|kann|können|könnte|gibt|geht|gehen|wird|werden|darf|dürfen|muss|müssen|soll|sollte|hat"
    r"|haben|habe"
    r"|lässt|lassen|gilt|gelten|funktioniert|funktionieren|braucht|brauche|benötigt|benötige|kostet|bleibt"
    r"|bleiben"
    r"|unterstützt|bekomme|bekommen|erhalte|erhalten|endet|fallen|fällt|stimmt|klappt|reicht|verliere"
    r"|ändert)\b",
    _FLAGS,
)

ASKING = re.compile(
    r"^(?:(?:how|what|what's|whats|why|when|where|which|who|whose|whom)\b"
    r"|(?:wie|was|warum|wieso|weshalb|wann|wo|woher|wohin|womit|wofür|wodurch|woran|worauf|wer|wem|wen|wessen"
    r"|welche[rsnm]?"
    r"|ab wann|bis wann|seit wann|an wen|mit welche[rmn]|in welche[rmn]|bei welche[rmn]|auf welche[rmn]"
    r"|für wen|für welche[nrs]?"
    r"|unter welche[rmn]|von wem|in what|at what|to what|for how|on what|from what|by what|under what"
    r"|since when)\b)",
    _FLAGS,
)

NOT_ALONE = re.compile(
    r"\b(?:this|that|these|those|it|them|that way|das|dies|es|ihn|damit|dafür|davon|dagegen|daran|dazu)\s*\?$"
    r"|^(?:\w+ ){1,2}(?:this|these|those|they|he|she|such)\b"
    r"|^(?:is|was|does|did|can|could|will|would|why is|why does|how does"
    r"|what does) it\b(?! (?:possible|safe|ok|okay|true"
    r"|necessary|better|normal|bad|good|legal|allowed|advisable|worth|make sense|matter|take|cost))"
    r"|^(?:ist|war|geht|liegt|klappt|funktioniert|stimmt|warum ist|wie geht|woran liegt) (?:das|dies"
    r"|es)\b[^,]{0,25}\?$",
    _FLAGS,
)
"""A question about something that was named before it."""

PROBLEM = re.compile(
    r"\b(?:not|no|cannot|can't|won't|doesn't|don't|isn't|aren't|never|fails?|failed|failing|error"
    r"|errors|wrong|missing"
    r"|lost|broken|stuck|slow|down|drops?|disconnects?|crash(?:es)?|rejected|refused|impossible"
    r"|unable|problems? with"
    r"|nicht|kein(?:e[nmrs]?)?|nie|fehler\w*|falsch\w*|fehlt|fehlen|defekt|kaputt|langsam|abgelehnt"
    r"|gesperrt|weg"
    r"|ausgefallen|bricht|verschwunden|verloren|hängt|abbruch|abbrüche|störung\w*|unmöglich)\b",
    _FLAGS,
)
"""What is wrong."""

TASK = re.compile(
    r"^(?:how to|setting up|\w{3,}ing (?:a|an|the|my|our|your|on|up|to|from|with|between|\w+) )"
    r"|(?<!\w)(?-i:[a-zäöü]\w{2,}(?:en|ern|eln))$",
    _FLAGS,
)
"""Names something to be done: "Setting up …", "Rufumleitung einrichten"."""

QUESTION_NOISE = re.compile(
    r"^(?:\s*[\[(](?:solved|gelöst|erledigt|update)[\])]\s*|(?:solved|gelöst|erledigt|re|aw|frage|question"
    r"|hilfe|help|dringend|urgent)\s*[:!\-–]+\s*)+",
    _FLAGS,
)
"""Before a title, and no part of the question."""
