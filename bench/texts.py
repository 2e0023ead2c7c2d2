"""Texts for a large community: words in the frequencies of a language, paragraphs, titles.

Words are as frequent as in real text (the n-th word about 1/n as often as the first), because the cost of a search
depends on how many texts share a word. Paragraphs are rendered once with the real renderer; a post is two or three
of them, and its HTML is theirs in a row, which the builder checks against the renderer.
"""

from __future__ import annotations

import itertools
import random

from community.core import markdown

SMALL_WORDS = """
der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er
hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur
bis mehr durch man sein wurde wenn können alle ich wir uns bitte danke leider schon immer wieder jetzt dann
hier
""".split()  # noqa: SIM905 - a list of words is read as text

SUBJECT_WORDS = """
router anschluss glasfaser rechnung vertrag rufnummer portierung leitung störung firewall vpn adresse
netzwerk tarif kunde standort techniker termin modem telefonanlage mobilfunk karte roaming datenvolumen
upload download bandbreite ausfall latenz firmware zugang passwort portal bestellung lieferung kündigung
laufzeit mindestlaufzeit gutschrift mahnung adapter switch access point einwahl pppoe vlan dns domain
postfach mail server zertifikat cloud backup lizenz faxgerät alarmanlage aufzug umzug neubau hausanschluss
verteiler dämpfung profil bridge exposed host portfreigabe weiterleitung anrufbeantworter konferenz headset
durchwahl nebenstelle sip trunk codec echo jitter paketverlust messung protokoll support hotline ticket
rückruf ansprechpartner filiale händler esim tablet laptop drucker scanner kamera sensor gateway controller
update neustart werkseinstellung kabel stecker dose splitter signal empfang antenne mast abdeckung indoor
verstärker ausland freischaltung sperre limit warnung
""".split()  # noqa: SIM905 - a list of words is read as text

_SYLLABLES = """
ab an auf be bau dach ein er feld fest for ge gen grund haus heit kom kraft lad land leit mel mess mit nah
netz ord plan prüf ra reg rich rung sam schalt schluss set sicht spar stell steu tag teil trag tung um ung
ver voll wahl wart weg werk wert wirt zahl zeit zent zug
""".split()  # noqa: SIM905 - a list of words is read as text

VOCABULARY_SIZE = 20_000
PARAGRAPHS = 20_000


def vocabulary(chance: random.Random) -> list[str]:
    """All words, the most frequent first."""
    made = ("".join(parts) for parts in itertools.product(_SYLLABLES, repeat=3))
    rare = list(itertools.islice(made, 0, 200_000, 9))
    chance.shuffle(rare)
    # Subject words stand between ranks 60 and 1,000: the commonest occurs in a third of all threads.
    subjects = SUBJECT_WORDS[:]
    chance.shuffle(subjects)
    words = SMALL_WORDS[:]
    for subject in subjects:
        words.append(subject)
        words.extend(rare.pop() for _ in range(6))
    words.extend(rare)
    return list(dict.fromkeys(words))[:VOCABULARY_SIZE]


class Texts:
    """Paragraphs and titles, the same for the same seed."""

    def __init__(self, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        self.words = vocabulary(self.chance)
        weights = itertools.accumulate(1 / rank for rank in range(1, len(self.words) + 1))
        self._weights = list(weights)
        self.paragraphs = [self._paragraph(number) for number in range(PARAGRAPHS)]
        self.html = [markdown.render(text) for text in self.paragraphs]

    def _pick(self, count: int) -> list[str]:
        return self.chance.choices(self.words, cum_weights=self._weights, k=count)

    def _sentence(self) -> str:
        words = self._pick(self.chance.randint(6, 14))
        return " ".join([words[0].capitalize(), *words[1:]]) + self.chance.choice("...?")

    def _paragraph(self, number: int) -> str:
        kind = number % 20
        if kind == 0:
            return "\n".join(f"- {self._sentence()}" for _ in range(3))
        if kind == 1:
            return "```\n" + "\n".join(" ".join(self._pick(5)) for _ in range(4)) + "\n```"
        if kind == 2:
            return f"**{self._sentence()}** Siehe [{self._pick(1)[0]}](https://example.org/{number})."
        return " ".join(self._sentence() for _ in range(self.chance.randint(2, 4)))

    def body(self) -> tuple[str, str]:
        """Markdown (about 450 bytes) and HTML of a post."""
        first = self.chance.randrange(PARAGRAPHS)
        second = self.chance.randrange(PARAGRAPHS)
        return f"{self.paragraphs[first]}\n\n{self.paragraphs[second]}", self.html[first] + self.html[second]

    def short_body(self) -> tuple[str, str]:
        """Markdown and HTML of a comment."""
        number = self.chance.randrange(3, PARAGRAPHS, 20)
        return self.paragraphs[number], self.html[number]

    def title(self) -> str:
        subject = self.chance.choice(SUBJECT_WORDS).capitalize()
        return f"{subject} {' '.join(self._pick(self.chance.randint(4, 8)))}?"

    def check(self) -> None:
        """A post's HTML is what the renderer would make of its Markdown."""
        for _ in range(200):
            body, html = self.body()
            if markdown.render(body).split() != html.split():
                raise AssertionError(f"The renderer makes something else of: {body}")

    def tags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.chance.choices(SUBJECT_WORDS[:60], k=self.chance.randint(0, 3))))

    def queries(self, count: int) -> list[str]:
        """What people search for: one to three words of the subject."""
        return [" ".join(self.chance.sample(SUBJECT_WORDS, self.chance.randint(1, 3))) for _ in range(count)]
