"""A question that was asked twice and merged, and one in whose answers somebody asked something else: both as staff
would leave them, with their entries in the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from community.demonstration.shapes import DemoContent
from community.spaces.queries import load_viewer
from community.threads.history import Brought, PastKudos, PastPost, PastThread, bring_thread, settle
from community.threads.merging import merge_threads
from community.threads.splitting import NewThread, split_thread

MODERATOR = "sandra.k"
TWICE = "vert-erste-rechnung-hoeher"
"""The thread of the content into which the second question is merged."""


async def fill_carried(
    content: DemoContent,
    threads: Mapping[str, Brought],
    members: Mapping[str, int],
    spaces: Mapping[str, int],
    moment: datetime,
) -> None:
    target = next((thread for thread in content.threads if thread.id == TWICE), None)
    if target is None:
        return
    by, _spaces = await load_viewer(members[MODERATOR])
    space_id = spaces[target.space]
    asked = moment - timedelta(days=target.days_ago - 2)
    again = await bring_thread(
        PastThread(
            space_id=space_id,
            language=content.space(target.space).language,
            title="Startrechnung stimmt nicht mit dem Angebot überein",
            tags=("rechnung",),
            opening=PastPost(
                author_id=members["weingut_steilhang"],
                body="Laut Angebot 79,90 € im Monat, auf der ersten Rechnung stehen 121,40 €. "
                "Wird da etwas doppelt berechnet?",
                at=asked,
            ),
            answers=(
                PastPost(
                    author_id=members["steuerfrau_k"],
                    body="Schauen Sie auf den Zeitraum: Der erste Monat wird anteilig berechnet, "
                    "der nächste im Voraus. "
                    "Ab der zweiten Rechnung steht dort nur noch der Monatspreis.",
                    at=asked + timedelta(hours=2),
                    kudos=(PastKudos(members["weingut_steilhang"], asked + timedelta(hours=3)),),
                ),
            ),
        )
    )
    mixed = await _bring_mixed(members, space_id, content.space(target.space).language, moment)
    # What staff do changes figures by the difference, so those have to be right before.
    await settle()
    await merge_threads(
        again.thread_id,
        into=threads[TWICE].thread_id,
        by=by,
        reason="Dieselbe Frage gibt es schon mit einer Lösung; hier stehen beide beisammen.",
    )
    await split_thread(
        mixed.thread_id,
        mixed.answer_ids[1:],
        to=NewThread(space_id, "Rechnung zusätzlich an die Kanzlei schicken lassen"),
        by=by,
        reason="Das ist eine eigene Frage und verdient eigene Antworten.",
    )


async def _bring_mixed(members: Mapping[str, int], space_id: int, language: str, moment: datetime) -> Brought:
    asked = moment - timedelta(days=6)
    return await bring_thread(
        PastThread(
            space_id=space_id,
            language=language,
            title="Wo finde ich Rechnungen aus dem Vorjahr?",
            tags=("rechnung", "archiv"),
            opening=PastPost(
                author_id=members["holzbau_wendt"],
                body="Für den Jahresabschluss brauche ich alle Rechnungen aus dem letzten Jahr. "
                "Im Kundenportal sehe ich nur zwölf Monate.",
                at=asked,
            ),
            answers=(
                PastPost(
                    author_id=members["buchhaltung_mitte"],
                    body="Oben rechts unter „Zeitraum“ lässt sich das Jahr umstellen, dann gibt es alle als ein ZIP.",
                    at=asked + timedelta(hours=1),
                    kudos=(PastKudos(members["holzbau_wendt"], asked + timedelta(hours=2)),),
                ),
                PastPost(
                    author_id=members["physio_lindenhof"],
                    body="Da hänge ich mich an: Kann die Rechnung auch direkt an unsere Steuerkanzlei gehen, "
                    "zusätzlich zu uns?",
                    at=asked + timedelta(hours=5),
                ),
                PastPost(
                    author_id=members["kanzlei_brandt"],
                    body="Ja, unter „Rechnungsempfänger“ lässt sich eine zweite Mailadresse eintragen. "
                    "Beide bekommen dasselbe PDF.",
                    at=asked + timedelta(hours=8),
                ),
            ),
            solution=0,
            accepted_by=members["holzbau_wendt"],
            accepted_at=asked + timedelta(hours=2),
        )
    )
