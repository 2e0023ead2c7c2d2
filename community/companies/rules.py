"""What holds for every company: how many people are shown, which domains can be a company's, how long things last."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from enum import StrEnum

from community.core.i18n import gettext as _
from community.core.i18n import number
from community.core.vault_keys import normalised_address

FEWEST_SHOWN = 5
"""No figure about companies or segments is shown for fewer people than these."""
COUNTED_EVERY = timedelta(days=7)
INVITATION_LASTS = timedelta(days=14)
LONGEST_CODE = timedelta(days=90)
FEWEST_USES, MOST_USES = 5, 500
"""A code for fewer people would tell whoever made it, by having ended, who has used it."""
TAKES_EFFECT_WITHIN = timedelta(hours=24)
DEPARTURE_KEPT_FOR = timedelta(days=730)
LONGEST_NAME = 120
LONGEST_NUMBER = 60
SIZE_CLASSES = ("", "small", "medium", "large")

_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 16


class JoiningBy(StrEnum):
    """What a confirmed address of one of the company's domains opens."""

    AT_ONCE = "at_once"
    APPROVAL = "approval"
    CLOSED = "closed"


FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.de outlook.at hotmail.com hotmail.de hotmail.co.uk hotmail.fr
    live.com live.de live.at live.nl msn.com yahoo.com yahoo.de yahoo.co.uk yahoo.fr yahoo.it yahoo.es ymail.com
    rocketmail.com icloud.com me.com mac.com aol.com aol.de aim.com gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.eu
    gmx.info gmx.org web.de email.de t-online.de magenta.de freenet.de freenetmail.de arcor.de vodafonemail.de
    vodafone.de online.de onlinehome.de kabelmail.de kabelbw.de unitybox.de unity-mail.de netcologne.de ewe.net
    ewetel.net osnanet.de htp-tel.de versanet.de alice.de alice-dsl.net alice-dsl.de o2online.de o2mail.de
    mail.de posteo.de posteo.net posteo.eu mailbox.org secure.mailbox.org tutanota.com tutanota.de tuta.com tuta.io
    tutamail.com keemail.me proton.me protonmail.com protonmail.ch pm.me bluewin.ch hispeed.ch sunrise.ch
    swissonline.ch chello.at aon.at a1.net utanet.at inode.at kabsi.at liwest.at directbox.com 1und1.de lycos.de
    firemail.de smart-mail.de mail.com email.com usa.com zoho.com zohomail.com zohomail.eu fastmail.com fastmail.fm
    hushmail.com hey.com yandex.com yandex.ru ya.ru mail.ru bk.ru inbox.ru list.ru rambler.ru qq.com 163.com 126.com
    sina.com foxmail.com naver.com daum.net hanmail.net rediffmail.com libero.it virgilio.it tiscali.it alice.it
    tin.it orange.fr wanadoo.fr free.fr laposte.net sfr.fr bbox.fr neuf.fr telefonica.net terra.es ziggo.nl kpnmail.nl
    planet.nl xs4all.nl hetnet.nl home.nl upcmail.nl telenet.be skynet.be proximus.be pt.lu wp.pl o2.pl onet.pl
    interia.pl gazeta.pl seznam.cz centrum.cz email.cz post.cz azet.sk freemail.hu citromail.hu abv.bg
    telia.com comhem.se bredband.net online.no mail.dk sapo.pt iol.pt btinternet.com sky.com virginmedia.com
    talktalk.net ntlworld.com comcast.net verizon.net att.net sbcglobal.net cox.net charter.net bellsouth.net
    earthlink.net shaw.ca rogers.com bigpond.com optusnet.com.au uol.com.br bol.com.br terra.com.br
    mailinator.com guerrillamail.com trashmail.com trashmail.de wegwerfemail.de byom.de spoofmail.de yopmail.com
    10minutemail.com temp-mail.org discard.email sharklasers.com muellmail.com mytrashmail.com spambog.com
    """.split()  # noqa: SIM905 - read and kept in order more easily than a list of strings
)
"""Providers at which anybody gets an address: no such domain is one company's."""

_DOMAIN = re.compile(r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def shown_count(count: int) -> str:
    """How many people there are, as it may be said: a multiple of five at most, nothing below that."""
    if count < FEWEST_SHOWN:
        return _("fewer than %(number)s") % {"number": number(FEWEST_SHOWN)}
    rounded = count - count % FEWEST_SHOWN
    return _("at least %(number)s") % {"number": number(rounded)}


def domain_address(typed: str) -> str:
    """A typed domain as it is compared and kept, an address without a name: "@acme.example"."""
    return normalised_address("@" + typed.strip().rpartition("@")[2])


def domain_of(mail: str) -> str:
    """The domain of an address, in the same form."""
    return domain_address(mail)


def problem_with_domain(typed: str) -> str | None:
    """Why this cannot be the mail domain of one company, or None."""
    if not typed.strip():
        return _("Please fill in this field.")
    domain = domain_address(typed)
    if len(domain) > 254 or not _DOMAIN.fullmatch(domain):
        return _("Please write a mail domain like example.com.")
    if domain[1:] in FREE_MAIL:
        return _("Anybody can have an address at %(domain)s. It cannot be the domain of one company.") % {
            "domain": domain[1:]
        }
    return None


def new_code() -> str:
    """A code to be written down: 80 random bits in groups of four, without letters that look alike."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _letter in range(_CODE_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def normalised_code(typed: str) -> str:
    """A code as it is compared: however it was typed, with or without its strokes."""
    return "".join(character for character in typed.upper() if character.isalnum())[:40]


def random_delay() -> timedelta:
    """After how long a decision takes effect, so that its moment tells nobody who was meant."""
    return timedelta(seconds=secrets.randbelow(int(TAKES_EFFECT_WITHIN.total_seconds())))
