"""Mails as people's programs write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

QUOTED_HEADER = "Kundenkreis <community+abc@reply.example>"


def make_mail(
    text: str = "Take out the plug.",
    *,
    to: str = "community+abc@reply.example",
    sender: str = "Erika Muster <erika@firm.example>",
    message_id: str = "<1@firm.example>",
    html: str = "",
    **headers: str,
) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Re: Router restarts"
    mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


SAMPLES = {
    "Gmail, German": """Das hat geholfen.

Am Mo., 23. Nov. 2026 um 09:12 Uhr schrieb Kundenkreis <
community+abc@reply.example>:

> Hallo,
>
> Helper hat geantwortet
""",
    "Gmail, English": """Das hat geholfen.

On Mon, Nov 23, 2026 at 9:12 AM Kundenkreis <community+abc@reply.example>
wrote:

> Hello,
""",
    "Outlook, German": """Das hat geholfen.

Mit freundlichen Grüßen

Erika Muster
Muster GmbH
Tel. +49 228 1234567

Von: Kundenkreis <community+abc@reply.example>
Gesendet: Montag, 23. November 2026 09:12
An: Erika Muster <erika@firm.example>
Betreff: Router restarts

Hallo,
""",
    "Outlook, English, with a rule": """Das hat geholfen.

________________________________
From: Kundenkreis <community+abc@reply.example>
Sent: Monday, November 23, 2026 9:12 AM
To: Erika Muster <erika@firm.example>
Subject: Router restarts

Hello,
""",
    "Outlook, old, German": """Das hat geholfen.

-----Ursprüngliche Nachricht-----
Von: Kundenkreis [mailto:community+abc@reply.example]
Gesendet: Montag, 23. November 2026 09:12
An: Erika Muster
Betreff: Router restarts

Hallo,
""",
    "Outlook, with a list of receivers over several lines and bold names": """Das hat geholfen.

*From:* Kundenkreis <community+abc@reply.example>
*Sent:* Monday, November 23, 2026 9:12 AM
*To:* Erika Muster <erika@firm.example>;
 Otto Muster <otto@firm.example>
*Subject:* Router restarts

Hello,
""",
    "Outlook for iOS": """Das hat geholfen.

Holen Sie sich Outlook für iOS<https://aka.ms/o0ukef>
________________________________
Von: Kundenkreis <community+abc@reply.example>
Gesendet: Monday, November 23, 2026 9:12:00 AM
An: Erika Muster <erika@firm.example>
Betreff: Router restarts
""",
    "Apple Mail, German": """Das hat geholfen.

> Am 23.11.2026 um 09:12 schrieb Kundenkreis <community+abc@reply.example>:
>
> Hallo,
""",
    "iPhone, German": """Das hat geholfen.

Von meinem iPhone gesendet

> Am 23.11.2026 um 09:12 schrieb Kundenkreis <community+abc@reply.example>:
>
> \ufeffHallo,
""",
    "iPhone, English": """Das hat geholfen.

Sent from my iPhone

> On 23 Nov 2026, at 09:12, Kundenkreis <community+abc@reply.example> wrote:
>
> Hello,
""",
    "Thunderbird, German": """Das hat geholfen.

--
Erika Muster, Muster GmbH
Am 23.11.26 um 09:12 schrieb Kundenkreis:
> Hallo,
""",
    "Thunderbird, English, answer below": """On 23/11/2026 09:12, Kundenkreis wrote:
> Hello,
>
> Helper has answered

Das hat geholfen.

--
Erika
""",
    "web.de": """Das hat geholfen.

Gesendet: Montag, 23. November 2026 um 09:12 Uhr
Von: "Kundenkreis" <community+abc@reply.example>
An: erika@firm.example
Betreff: Router restarts

Hallo,
""",
    "Yahoo, German": """Das hat geholfen.

    Am Montag, 23. November 2026 um 09:12:11 MEZ hat Kundenkreis <community+abc@reply.example> Folgendes geschrieben:

 Hallo,
""",
    "Windows Mail": """Das hat geholfen.

Gesendet von Mail für Windows

Von: Kundenkreis
Gesendet: Montag, 23. November 2026 09:12
An: erika@firm.example
Betreff: Router restarts
""",
    "Android": """Das hat geholfen.

Diese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.
Am 23.11.26, 09:12 schrieb Kundenkreis <community+abc@reply.example>:
Hallo,
""",
    "our line, whatever stands around it": """Das hat geholfen.

##- Bitte über dieser Zeile antworten -##

Hallo,
""",
    "forwarded below": """Das hat geholfen.

Anfang der weitergeleiteten Nachricht:

Von: jemand
""",
    **{
        f"closing: {closing}": f"Das hat geholfen.\n\n{closing}\nErika Muster\nTel. 0228 1234567\n"
        for closing in (
            "Mit freundlichen Grüßen",
            "mit freundlichem Gruß,",
            "Freundliche Grüße aus Bonn",
            "Viele Grüße",
            "Viele Grüße, Erika",
            "Vielen Dank und viele Grüße",
            "Beste Grüsse",
            "Schöne Gruesse",
            "LG Erika",
            "MfG",
            "Gruß",
            "Best regards,",
            "Kind regards",
            "Thanks and best regards",
            "Cheers, Erika",
            "Yours sincerely",
        )
    },
}
"""Of each remains the one sentence."""

KEPT_WHOLE = {
    "a list": "Zwei Wege:\n\n- Stecker ziehen\n- Firmware 7.2 laden",
    "a sentence that begins like a closing": "Gruß an alle, die auf das Update warten. Es ist da.\n\nHier steht es.",
    "best is a word": "Best is to take out the plug and wait for a minute.\n\nThen it works.",
    "a route from and to": "Von: Bonn\nAn: Köln\n\nSo ist die Leitung geschaltet.",
    "somebody wrote": "On my side the router wrote: no link.\n\nSo I restarted it.",
    "code with quotes": "Das war es:\n\n```\n> show ip route\n> exit\n--\n```\n\nDanach ging es.",
    "a rule of Markdown": "Erst das.\n\n---\n\nDann das.",
    "a day": "Am 23.11.2026 um 09:12 kam das Update.\n\nSeitdem geht es.",
}
