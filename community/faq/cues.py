"""What sentences of a community look like that no entry of an FAQ should hold, or that answer; German and English."""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), _FLAGS)


COURTESY = any_of(
    r"^(?:vielen |herzlichen |besten )?dank\b",
    r"^danke\b",
    r"\bthanks?(?: you)?\b",
    r"\bcheers\b[,!.]",
    r"(?:viele|beste|schöne|liebe|herzliche|mit freundlichen?) grü(?:ß|ss)en?",
    r"^(?:vg|lg|mfg|br)\b",
    r"(?:best|kind|warm) regards",
    r"hope (?:this|that|it) helps?",
    r"(?:ich )?hoffe,? (?:das|dies|es|ich) (?:hilft|konnte|klappt)",
    r"\bviel (?:erfolg|glück|spaß)\b",
    r"good luck|enjoy!|have fun",
    r"gern(?:e)? geschehen|you'?re welcome",
    r"(?:melde|melden sie|meldet) (?:dich|sich|euch)\b.{0,30}(?:wieder|gern)",
    r"let (?:me|us) know|lass(?:t)? (?:mich|es mich|uns) wissen",
    r"(?:great|good|interesting|nice|excellent|perfect|tricky) (?:question|follow[- ]?up)|gute frage",
    r"^(?:[^\s.]+ ){0,3}[^\s.]+!$",
    r"tut (?:mir|uns) leid|\bsorry\b|entschuldig",
)
"""Thanks, wishes and the like."""

OF_SOMEBODY = any_of(
    r"\byou(?:'ve| have| had)? (?:cited|cite|mentioned|mention|said|asked|linked|posted|described|refer"
    r"|quoted|suspect(?:ed)?|noticed)\b",
    r"\byour (?:situation|specific|particular|example|description|link|setup)\b",
    r"\byou(?:'ve| have|'re)? (?:give|gave|given|provided?|propose|proposed|wrote|written|asking)\b"
    r"|\byour (?:\w+ )?questions?\b",
    r"\b(?:comment section|in the comments|in den kommentaren)\b",
    r"\byou(?:'re| are) (?:correct|right)\b|^let'?s\b|\bsie haben recht\b|\bdu hast recht\b",
    r"\b(?:sounds|looks) like you\b|\byour friends?\b|\bas you\b|\bassuming you\b",
    r"\b(?:sie|du|ihr) (?:schreibst|schreiben|schreibt|erwähnst|erwähnen|meinst|fragst)\b",
    r"(?<![\w./])@\w",
    r"\b(?:as|like) \w+ (?:said|says|mentioned|wrote|noted|pointed out|suggested|stated)\b",
    r"\b\w+(?:'s|s') (?:answer|comment|reply|post)\b",
    r"\bwie (?:\w+ )?\w+ (?:schon |bereits |oben |richtig ){0,2}(?:gesagt|geschrieben|erwähnt|schrieb|sagte"
    r"|meinte)\b",
    r"\b(?:other|accepted|above|previous|another) (?:answers?|comments?|repl(?:y|ies)|posters?)\b",
    r"\b(?:andere|obige|vorherige)n? (?:antwort(?:en)?|beitr(?:ag|äge)|kommentare?)\b",
    r"\b(?:the op|your (?:question|post|comment|picture|photo|edit)|deine[rn]? (?:frage|beitrag|foto"
    r"|screenshot))\b",
    r"\bi (?:also )?(?:had|have) (?:exactly )?the same (?:problem|issue)\b",
    r"\b(?:hatte|habe|hatten|haben) (?:ich |wir )?(?:auch |genau )*(?:das|dasselbe|das gleiche|den gleichen"
    r"|denselben) (?:gleiche |selbe )?(?:problem|fehler|thema)\b",
    r"^(?:edit|update|nachtrag|ps|p\.s\.)\b",
)
"""Meant for the people of that thread."""

POINTING_AWAY = any_of(
    r"\b(?:the|looking at the) (?:above|below)\b|\b(?:above|below) (?:list|table|chart|graphic|link)\b",
    r"\b(?:info)?graphic below\b|\bscroll (?:down|up)\b|\bskip to\b|\b(?:easiest|first|second"
    r"|other) part of the question\b",
    r"^(?:sources?|stud(?:y|ies)) (?:cites?|finds?|says?)\b",
    r"\b(?:see|read|check|look at|refer to|cf\.?) (?:also )?(?:the |this |that |my |here|above|below|these)",
    r"\b(?:as|like|mentioned|noted|described|listed|shown|see) (?:\w+ )?(?:above|below|earlier)\b",
    r"\b(?:wie|siehe|s\.) (?:oben|unten|hier|screenshot|bild|anhang|anbei)\b",
    r"\b(?:oben|unten) (?:beschrieben|genannt|erwähnt|verlinkt|stehend)",
    r"\b(?:click|klick(?:e|en)?(?: sie)?) (?:here|hier)\b",
    r"\b(?:this|these|the following|following) (?:\w+ )?(?:links?|articles?|pages?|threads?|videos?"
    r"|charts?|tables?"
    r"|images?|pictures?|quotes?|resources?|sites?|websites?|paragraphs?|lists?|sources?|graphs?"
    r"|plots?|answers?"
    r"|diagrams?|papers?|stud(?:y|ies)|posts?|books?)\b",
    r"\bthe following\b|\b(?:graphs?|plots?|charts?|diagrams?|figures?) (?:below|above|shows?)\b"
    r"|\bhere(?:'s| is| are) (?:a|an|the|my|some|what)\b|\bhier (?:ist|sind) (?:eine?|die|der|das|mein)\b"
    r"|\bfolgende[rnsm]? (?:liste|tabelle|links?|seiten?|grafik|bild)\b",
    r"\b(?:dieser|folgender|diesem|der) (?:link|artikel|thread|beitrag)\b",
    r"\b(?:more|further) (?:\w+ )?(?:information|info|details|reading)\b|\blearn more\b",
    r"\b(?:mehr|weitere|nähere) (?:\w+ )?(?:infos?|informationen|einzelheiten|details)\b",
    r"\b(?:table|chart|graph|list|article|post|page|video|link)s?\b.{0,20}\b(?:here|hier)\b",
    r"\bthe (?:red|blue|green|gr[ae]y|black|orange|yellow|dotted|dashed) \w*\s?(?:lines?|fields?"
    r"|bars?|axis|curves?)\b",
    r"\b(?:a|this|the) (?:blog post|youtube|wikipedia|article)\b",
    r"https?://|www\.",
    r"\[\d+\]",
    r"\b(?:according to|quote[ds]? from|quoting|excerpt|from wikipedia|wikipedia)\b|\bsource:|\bquelle:",
    r"\bet al\b|(?-i:[A-Z][a-z]+, [A-Z]\. ?[A-Z])",
    r"\b(?:is|are) a different (?:story|matter)\b|\bthe same (?:is true|goes|applies)\b",
    r"\b(?:das gleiche|dasselbe|gleiches) gilt\b|\bunter (?:diesen|solchen) (?:bedingungen|umständen)\b",
    r"\b(?:these|those|such) (?:conditions|circumstances)\b|\bthe (?:info)?graphic\b|\bdie grafik\b",
    r"\b(?:google|googling|gegoogelt|googeln)\b",
    r"\b(?:as|already) (?:\w+ )?(?:explained|mentioned|noted|pointed out|stated|discussed|shown)\b",
    r"(?-i:\bLINK\b)",
)
"""Of use only beside something that an entry does not show."""

ONLY_THERE = any_of(
    r"\bbei (?:ihnen|dir|euch)\b|\bin (?:ihrem|deinem|eurem|your) (?:fall|case)\b|\bsie haben mehr\b"
    r"|\bpunkt \d\b",
)
"""True of the one who asked, so no answer to everybody begins with it."""

PERSONAL = any_of(
    ONLY_THERE.pattern,
    r"\b(?:i|i'm|i'd|i've|i'll|my|me|myself|mine)\b",
    r"\b(?:ich|mir|mich|mein(?:e[rsnm]?)?|unser(?:e[rsnm]?)?|bei uns)\b",
    r"\bwe (?:had|have|did|used|were|went|tried)\b|\bour\b",
    r"\bwir (?:hatten|haben|nutzen|setzen|sind|waren|mussten)\b",
)
"""An experience or an opinion rather than an answer."""

FIRST_PERSON = re.compile(
    r"(?<![\w'’.])(?:I|I'm|I'd|I've|I'll|[Mm]y|[Mm]e|[Mm]yself|[Ii]ch|[Mm]ir|[Mm]ich"
    r"|[Mm]ein(?:e[rsnm]?)?)(?![\w.])"
)
"""Somebody speaks of themselves, and an entry is nobody's."""

ADVICE = re.compile(r"\b(?:würde ich|ich würde|empfehle ich|i would|i'd|i recommend|i suggest)\b", _FLAGS)
"""Somebody speaks, but of what others should do."""

HEDGED = any_of(
    r"\b(?:i think|i guess|i believe|i suppose|i assume|afaik|imo|imho|in my opinion|not sure|no idea"
    r"|i'm no expert|not an expert)\b",
    r"\b(?:probably|supposedly|it is said|perhaps|maybe|might be|seems to|presumably|apparently)\b",
    r"\b(?:glaube|denke|vermute|schätze|meines wissens|meiner meinung|soweit ich wei(?:ß|ss)|keine ahnung"
    r"|nicht sicher)\b",
    r"\b(?:vermutlich|wahrscheinlich|vielleicht|womöglich|anscheinend|angeblich)\b",
)

LEANING = re.compile(
    r"^(?:(?:(?:at|in|on|of|with|for|from|under|by|to|after|during|because of|due to)"
    r" (?:this|that|these|those|such|either|both|other|contrast)|first|firstly|second|secondly|third|thirdly"
    r"|finally|lastly|next|last|the (?:first|second|third|last|next)(?: one)?"
    r"|(?:a|another) (?:second|third|further|other)"
    r"|erstens|zweitens|drittens|zuletzt|schließlich|zum (?:einen|anderen)|and|but|so|then|also|however"
    r"|therefore|thus|hence|otherwise|instead|yet|or|nor|because|which"
    r"|besides"
    r"|in addition|additionally|furthermore|moreover|similarly|likewise|conversely|on the other hand"
    r"|for example"
    r"|for instance|e\.g\.|i\.e\.|this|that|that's|these|those|he|she|his|her|hers|its|their|such|both"
    r"|neither|either"
    r"|there|here|one of|some of|the (?:former|latter|same|other|others)|another|others|again|plus|anyway"
    r"|as such"
    r"|in (?:this|that|these|those|such|either|both|other|any|which) (?:case|cases|way|words|regard|event)"
    r"|with (?:this|that|these|those)"
    r"|after (?:this|that)|because of (?:this|that)|by (?:this|that|doing)|due to this|as a result|in turn"
    r"|in other words|in fact|indeed|of course|to (?:that|this)|if (?:so|not|it|they|this|that|these)"
    r"|even (?:then|so)|all in all|that said|that being said|having said that|either way|as well|now|on top of"
    r"|as an example|as for|as to|regarding|speaking of|what's more|equally|meanwhile|nevertheless|nonetheless"
    r"|ok|okay|well|alright|still|note that|keep in mind|bear in mind|remember|beachten sie|beachte"
    r"|denken sie daran|later"
    r"|afterwards?|just like|the reason|most of|all of|none of|only then|one (?:thing|more|other)"
    r"|more(?:over| importantly)|(?:the|a) (?:result|difference|problem|downside|upside|advantage"
    r"|disadvantage) (?:is|of)"
    r"|(?:combine|add|do|repeat|put|mix|compare|take) (?:this|that|these|those|it|them)"
    r"|und|aber|denn|doch|also|sondern|oder|dann|danach|dadurch|damit|dafür|dazu|dabei|davon|daran|darauf|darin"
    r"|deshalb|deswegen|daher|darum|trotzdem|dennoch|allerdings|jedoch|außerdem|ausserdem|zudem|ansonsten|sonst"
    r"|stattdessen|dies|diese|dieser|dieses|diesen|diesem|jene[rsnm]?|solche[rsnm]?|er|ihm|ihn|dort|hier"
    r"|zum beispiel"
    r"|z\.\s?b\.|beide[sn]?|in (?:diesem|dem|beiden) (?:fall|fällen)|letztere[rsn]?|ersteres?|ebenso|genauso"
    r"|auch"
    r"|umgekehrt|anschließend|übrigens|die anderen|der andere|ein anderer|eine andere"
    r"|im gegensatz dazu|hingegen"
    r"|hierzu|hierfür|hierbei|hiermit|erst dann|nur dann|nun|jetzt|später|weiterhin|ferner|des weiteren"
    r"|darüber hinaus|im anschluss|nebenbei|immerhin)\b[,]?\s"
    r"|(?:[^\s.,;:]+ ){1,2}(?:this|these|those|both|diese[rsnm]?|jene[rsnm]?|solche[rsnm]?|beide[rsnm]?)\b"
    r"|(?:[^\s.,;:]+ ){1,4}(?:ihm|ihn|him)\b"
    r"|(?:[^\s.;:]+ ){1,3}(?:also|then|therefore|however|thus|instead|otherwise|too|aber|jedoch"
    r"|allerdings|dagegen"
    r"|hingegen|dann|deshalb|daher|deswegen|dort|danach|dadurch|trotzdem|außerdem|stattdessen|zudem"
    r"|ebenfalls)\b)",
    _FLAGS,
)
"""A beginning that needs the sentence before it."""

ITS_SUBJECT = re.compile(r"^(?:it|it's|they|they're|es|das|sie)\b", _FLAGS)
"""Understood where it opens the answer, because the question stands right above."""

ANNOUNCING = any_of(
    r"^there (?:are|is|were) (?:a (?:few|couple|number|bunch|lot) of|several|many|various|some)\b.{0,60}$",
    r"\bby (?:two|three|several|a few) things\b",
    r"\b(?:there (?:are|is|were)|for|in) (?:only |basically |really |generally )?(?:a (?:few|couple|number"
    r"|bunch|lot)|several|two"
    r"|three|four|many|some|various|different|multiple) (?:of )?(?:\w+ )?(?:things|ways|reasons|factors|types"
    r"|kinds|options"
    r"|differences|points|aspects|methods|ingredients|possibilities)\b",
    r"\b(?:two|three|four|several|many|some|various|multiple|a few|zwei|drei|vier|mehrere|einige|verschiedene)"
    r" (?:\w+ )?(?:differences|reasons|ways|factors|things|options|types|aspects|unterschiede|gründe"
    r"|wege|faktoren"
    r"|dinge|möglichkeiten|punkte|fragen|auswege)\W*$",
    r"\b(?:es gibt|gibt es) (?:mehrere|zwei|drei|vier|verschiedene|viele|einige|ein paar)\b",
    r"\b(?:here (?:are|is)|hier (?:sind|ist|eine|ein))\b",
    r"\b(?:community wiki|the short answer is that|tl;?\s?dr)\b",
)
"""Says that an answer will come, and is none without it."""

RIGHT_BELOW = re.compile(
    r"^(?:(?:this|that|there) (?:is|are|was|were)\b|that's\b|in (?:this|that) case\b|it\b|it's\b|they\b"
    r"|they're\b"
    r"|both\b|beides?\b|the reason\b"
    r"|das\b|dies\b|es\b|in (?:diesem|dem) fall\b|sie\b|dazu\b|dafür\b)",
    _FLAGS,
)
"""A beginning that is understood right below the question."""

POINTER = re.compile(
    r"\s*\[(?:source|quelle|\d{1,2})\]"
    r"|\s*(?:\b(?:hier|here)\s*)?[(\[][^()\[\]]*(?:https?://|www\.)[^()\[\]]*[)\]]",
    _FLAGS,
)
"""An address in brackets, without which the sentence stays whole."""

HOW_TO = any_of(
    r"^(?:bitte |please |just |simply |einfach |always |never |first,? |zuerst |then )?(?:open|choose|select"
    r"|click|press|set|use|go to|enter|add|remove|turn|switch|check|keep|store|pour|put|take|make|try|install"
    r"|update|restart|log|call|contact|enable|disable|download|avoid|look for|wait|fill|place|rinse|clean"
    r"|serve|chill|let|give|ask|run|type|change|reset|connect|unplug|hold|start|stop|save|copy|move|delete"
    r"|configure|order)\b",
    r"^(?:bitte )?\w+(?:en|eln|ern) sie\b",
    r"\b(?:müssen|können|sollten|dürfen|brauchen) sie\b|\bsie (?:müssen|können|sollten|dürfen|brauchen"
    r"|erhalten|bekommen|finden)\b",
    r"\byou (?:need to|have to|can|should|must|may|could|will)\b",
    r"\b(?:am besten|dazu|zuerst|im menü|unter|in den einstellungen|im kundencenter|im portal)\b",
    r"\b(?:lässt sich|ist zu|sind zu|wird unter|geht (?:so|unter|über|nur|nicht))\b",
    r"\bman (?:muss|kann|sollte|darf|braucht)\b",
)
STATING = any_of(
    r"\b(?:is|are|was|were|means|refers to|consists? of|contains?|called|comes? from|depends?|because|due to"
    r"|since|caused? by)\b",
    r"\b(?:ist|sind|war|bedeutet|besteht|enthält|heißt|heisst|kommt|liegt an|weil|da|denn|hängt|kostet|dauert"
    r"|gilt|gelten|beträgt)\b",
)

CONTRASTING = re.compile(
    r"^(?:in contrast|by contrast|on the other hand|conversely|the other|while|whereas|however|but"
    r"|im gegensatz dazu|dagegen|hingegen|andererseits|umgekehrt|aber)\b",
    _FLAGS,
)
"""Leans on what was said of something else."""

OPEN_END = re.compile(
    r"\b(?:that|this|these|is|are|was|were|be|to|for|with|of|by|include|includes|including|as|dass"
    r"|ist|sind|war|folgendes"
    r"|folgende[rnsm]?|mit|für|von|aus|so|either|called|like|namely|entweder|nämlich)[:.]$",
    _FLAGS,
)
"""A line that is no sentence without what follows it."""

CUT_OFF = re.compile(r"\b(?:called|named|the|of|than|der|namens)\.$", _FLAGS)
"""A sentence that has lost its end, as where that was a picture or a link."""

LEADING_AWAY = re.compile(
    r"^(?:(?:some |more |other |my |useful |the )?(?:sources?|references?|links?|related|see also"
    r"|further reading"
    r"|reading|credits?|citations?|edits?|updates?|notes?|ps)"
    r"|(?:a )?(?:crude |simple |rough |quick )?(?:diagram|sketch|drawing|picture|graph|chart|figure)"
    r"|(?:weitere |meine |einige )?(?:skizze|quellen?|links?|verweise|siehe auch|mehr dazu|literatur"
    r"|nachtrag))\b[^.]{0,30}:$",
    _FLAGS,
)
"""A line that leads to nothing which belongs into an entry."""

FINITE = re.compile(
    r"\b(?:have|has|had|do|does|don't|doesn't|can|cannot|can't|will|won't|would|may|must|allows?"
    r"|lets?|takes?|needs?|works?"
    r"|haben|hat|hatte|kann|können|wird|werden|muss|müssen|darf|dürfen|soll|sollen|lässt|lassen"
    r"|braucht|brauchen|geht"
    r"|funktioniert|steht|bleibt|bleiben|gibt|läuft|zeigt|nimmt)\b",
    _FLAGS,
)
"""A verb, as sentences have and headings have not."""

YES_NO = re.compile(
    r"^(?:ja|nein|jein|doch|yes|no|yep|nope|not (?:really|necessarily|exactly)|absolutely|definitely|correct"
    r"|richtig|korrekt|leider nein|nicht (?:wirklich|unbedingt|zwingend|ganz|direkt))\b",
    _FLAGS,
)
ONLY_YES_NO = re.compile(
    r"^(?:ja|nein|jein|doch|yes|no|yep|nope|not really|not necessarily|nicht wirklich|nicht unbedingt"
    r"|leider nein"
    r"|leider nicht|ja, (?:das|es) geht|yes, it (?:is|does)|no, it (?:isn't|doesn't|does not))[.!,]*$",
    _FLAGS,
)

SECRET = re.compile(
    r"(?:passwor[dt]|passwd|passphrase|kennwort|\bpins?\b|\bpwd|schlüssel|api[-_ ]?key|token|secret|\bpsk)\w*"
    r"(?:\s+(?:ist|is|lautet))?\s*[:=]\s*\S",
    _FLAGS,
)
SECRET_IN_COMMANDS = re.compile(
    r"passwor[dt]|passwd|passphrase|kennwort|pwd|api[-_ ]?key|token|secret|psk|pre-?shared"
    r"|private key|credential"
    r"|\bauthorization\b|\bbearer\b|\bcommunity\s+\S|://[^/\s:@]+:[^/\s@]+@|\s-(?:p|u)\s*\S+:\S",
    _FLAGS,
)
"""Where somebody may have left what opens a door. Commands are not read as closely as sentences, so the word is
enough."""

LINK = re.compile(r"\[([^\[\]]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
POINTING_LINK = re.compile(
    r"\[(?:here|hier|this|this one|that|link|this link|diese[rs]?|dort|there|source|quelle)\]\([^()\n]*\)",
    _FLAGS,
)
"""A link whose word says nothing without it."""
IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\n]*\)")
HAS_LINK = re.compile(r"\]\(|https?://", _FLAGS)
