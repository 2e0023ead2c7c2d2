"""What asks back before posting, and, as important, what does not."""

import pytest

from community.core.personal_hints import MOST_HINTS, Hint, HintKind, find
from tests.core.stopwatch import at_most

OWN_WORDS = ("Kerstin Öztürk-Hallmann", "Dachwerk Nordlicht GmbH & Co. KG", "Jo Koch")

POSITIVE = [
    (HintKind.MAIL_ADDRESS, "An k.hallmann@dachwerk-nordlicht.de", "k.hallmann@dachwerk-nordlicht.de"),
    (HintKind.MAIL_ADDRESS, "mail me: first.last+shop@firm.co.uk!", "first.last+shop@firm.co.uk"),
    (HintKind.MAIL_ADDRESS, "erreichbar unter buero(at)zimmerei-holm.de", "buero(at)zimmerei-holm.de"),
    (HintKind.MAIL_ADDRESS, "(vertrieb@firma.berlin)", "vertrieb@firma.berlin"),
    (HintKind.MAIL_ADDRESS, "info@müller-bau.de antwortet nicht", "info@müller-bau.de"),
    (HintKind.MAIL_ADDRESS, "<a_b@c-d.info>", "a_b@c-d.info"),
    (HintKind.IBAN, "Bitte auf DE89 3704 0044 0532 0130 00 überweisen", "DE89 3704 0044 0532 0130 00"),
    (HintKind.IBAN, "IBAN: DE89370400440532013000", "DE89370400440532013000"),
    (HintKind.IBAN, "de89 3704 0044 0532 0130 00 ist das Konto", "de89 3704 0044 0532 0130 00"),
    (HintKind.IBAN, "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
    (HintKind.IBAN, "our account AT611904300234573201", "AT611904300234573201"),
    (HintKind.IBAN, "CH93 0076 2011 6238 5295 7 bei der Bank", "CH93 0076 2011 6238 5295 7"),
    (HintKind.IBAN, "FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 606"),
    (HintKind.PHONE, "Rufen Sie an: +49 228 1234567", "+49 228 1234567"),
    (HintKind.PHONE, "+49 (0) 228 1234-567", "+49 (0) 228 1234-567"),
    (HintKind.PHONE, "0049 171 2345678 geht auch", "0049 171 2345678"),
    (HintKind.PHONE, "meine Nummer 0171 2345678", "0171 2345678"),
    (HintKind.PHONE, "0171/2345678", "0171/2345678"),
    (HintKind.PHONE, "01712345678", "01712345678"),
    (HintKind.PHONE, "(0228) 123456", "(0228) 123456"),
    (HintKind.PHONE, "Zentrale 0228 / 12 34 56", "0228 / 12 34 56"),
    (HintKind.PHONE, "030-12345678", "030-12345678"),
    (HintKind.PHONE, "Tel. 12345678", "12345678"),
    (HintKind.PHONE, "Telefon: 4711234", "4711234"),
    (HintKind.PHONE, "+1 (415) 555-2671", "+1 (415) 555-2671"),
    (HintKind.PHONE, "+44 20 7946 0958", "+44 20 7946 0958"),
    (HintKind.PHONE, "call +33 1 23 45 67 89 please", "+33 1 23 45 67 89"),
    (HintKind.PHONE, "Fax 089/123456-78", "089/123456-78"),
    (HintKind.PHONE, "+43 664 1234567", "+43 664 1234567"),
    (HintKind.CUSTOMER_NUMBER, "Meine Kundennummer ist 4711 0815 99", "4711 0815 99"),
    (HintKind.CUSTOMER_NUMBER, "Kundennr.: 123456789", "123456789"),
    (HintKind.CUSTOMER_NUMBER, "Kd-Nr. 998877", "998877"),
    (HintKind.CUSTOMER_NUMBER, "Vertragsnummer: V-2023/778899", "V-2023/778899"),
    (HintKind.CUSTOMER_NUMBER, "Vertrags-Nr 55667788", "55667788"),
    (HintKind.CUSTOMER_NUMBER, "Rechnungsnummer 2024-00123456", "2024-00123456"),
    (HintKind.CUSTOMER_NUMBER, "Auftragsnummer: AB123456", "AB123456"),
    (HintKind.CUSTOMER_NUMBER, "our customer number is 00123987", "00123987"),
    (HintKind.CUSTOMER_NUMBER, "Contract No. 8812-334-1", "8812-334-1"),
    (HintKind.CUSTOMER_NUMBER, "Order #10029384", None),
    (HintKind.CUSTOMER_NUMBER, "Buchungskonto 12345678901", None),
    (HintKind.CUSTOMER_NUMBER, "Ticketnummer = 20240011", "20240011"),
    (HintKind.IP_ADDRESS, "unsere feste IP ist 93.184.216.34", "93.184.216.34"),
    (HintKind.IP_ADDRESS, "ping 80.156.86.78 geht", "80.156.86.78"),
    (HintKind.IP_ADDRESS, "route to 217.0.43.1:5060", "217.0.43.1"),
    (HintKind.IP_ADDRESS, "2003:e5:7f0a:8b00::1 ist erreichbar", "2003:e5:7f0a:8b00::1"),
    (HintKind.IP_ADDRESS, "Host 2a02:8109:9a40:1c00:d1a5:3d2b:8c1e:0f5b", None),
    (HintKind.OWN_NAME, "Viele Grüße, Kerstin Öztürk-Hallmann", "Kerstin Öztürk-Hallmann"),
    (HintKind.OWN_NAME, "Gruß Hallmann", "Hallmann"),
    (HintKind.OWN_NAME, "Kerstin Oeztuerk aus dem Büro", "Kerstin"),
    (HintKind.OWN_NAME, "bei dachwerk nordlicht läuft das", "dachwerk nordlicht"),
    (HintKind.OWN_NAME, "Dachwerks Anschluss", "Dachwerks"),
    (HintKind.OWN_NAME, "OEZTUERK", "OEZTUERK"),
    (HintKind.OWN_NAME, "Herr Koch fragt", "Herr Koch"),
]  # fmt: skip

NEGATIVE = [
    "Fehler 0x80070057 beim Start",
    "Fehlercode F-1234-567 erscheint",
    "error code 10060 (WSAETIMEDOUT)",
    "SIP 403 Forbidden, dann 503",
    "Die Box zeigt E1234567",
    "Am 12.03.2024 um 14:30 Uhr",
    "seit 2024-03-12T14:30:05Z",
    "12/03/2024",
    "03/2024 bis 05/2025",
    "zwischen 01.01.2023 und 31.12.2023",
    "09:12:04 pppoe0 IPCP up",
    "kostet 1.234,56 € im Monat",
    "19,95 € statt 24,95 €",
    "$1,299.00 per year",
    "Preis 4999 netto, 5948,81 brutto",
    "MAC 00:1A:2B:3C:4D:5E",
    "MAC-Adresse 00-1A-2B-3C-4D-5E",
    "0011.2233.4455",
    "Seriennummer SN123456789012",
    "Serial: C123.456.78.901",
    "Modell 7590 AX, Art.-Nr. 20002998",
    "EAN 4023125028465",
    "ISBN 978-3-16-148410-0",
    "Version 7.57.0.1 läuft stabil",
    "Firmware 12.14.16.18",
    "FRITZ!OS 7.57",
    "v10.0.19045.3803",
    "Windows 10.0.19045.3803",
    "Version: 124.0.6367.91 (Chrome)",
    "Chrome 124.0.6367.91",
    "auf 85.12.14.3 aktualisiert",
    "Treiber 31.0.101.4502",
    "192.168.178.1 ist der Router",
    "10.0.0.138/24",
    "172.16.4.20",
    "100.72.18.203 (CGNAT)",
    "127.0.0.1:8080",
    "255.255.255.0 als Maske",
    "0.0.0.0/0",
    "169.254.10.1",
    "203.0.113.7 aus dem Handbuch",
    "198.51.100.23",
    "192.0.2.1",
    "239.255.255.250 SSDP",
    "DNS 8.8.8.8 und 1.1.1.1",
    "2001:db8::1",
    "fe80::1ff:fe23:4567:890a",
    "::1",
    "std::vector und a::b",
    "RFC 3261, RFC 7231",
    "ISO 27001:2022, DIN 5008",
    "Port 5060 bis 5070, 10000-20000",
    "MTU 1492, MSS 1452",
    "100.000 Teilnehmer, 1.700.000 Kunden",
    "250/40 Mbit/s, 1000/50",
    "0800 330 1000 ist die Hotline",
    "0180 5 123456",
    "die 110 oder 112 wählen",
    "§ 312 Abs. 1 BGB, Art. 6 Abs. 1",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 0c81e27f",
    "DE12 3456 7890 1234 5678 90",
    "Raum B2-0171, Regal 12",
    "@Blauer-Otter-482 danke",
    "mail@example.com als Beispiel",
    "max@musterfirma.de im Muster",
    "git@github.com:firm/tool.git",
    "ssh admin@router.fritz.box",
    "user@host ohne Punkt",
    "Kundennummer vergessen, was nun?",
    "Wo steht die Vertragsnummer?",
    "customer number field is empty",
    "Die Kundennummer hat 10 Stellen",
    "Ich habe 3 Rechnungen und 12 Anschlüsse",
    "Ein Koch kocht, ein Nordlicht leuchtet nicht".replace("Nordlicht", "Polarlicht"),
    "Joachim fragt",
    "Postleitzahl 53113 Bonn, Hausnummer 140",
    "1234567890",
    "2^64 = 18446744073709551616",
    "Fotos: IMG_20240312_143005.jpg",
    "https://example.com/threads/4503599627370496-warum",
    "-73 dBm, SNR 12.5 dB, 17:4:22",
    "E.164: Rufnummern haben höchstens 15 Ziffern",
    "Statuscode 200, 301, 404",
    "00000000 und 11111111",
    "TCP 3-Way, 802.11ax, 802.1Q",
]


@pytest.mark.parametrize(("kind", "line", "excerpt"), POSITIVE)
def test_what_could_tell_who_writes_is_found(kind: HintKind, line: str, excerpt: str | None) -> None:
    hints = find(line, own_words=OWN_WORDS)
    assert kind in {hint.kind for hint in hints}, hints
    if excerpt is not None:
        assert Hint(kind, excerpt) in hints


@pytest.mark.parametrize("line", NEGATIVE)
def test_technical_text_raises_no_alarm(line: str) -> None:
    assert find(line, own_words=OWN_WORDS) == ()


def test_hints_come_in_reading_order_each_once() -> None:
    hints = find("Tel. 0171 2345678, mail a.b@firma.de, nochmal 0171 2345678", own_words=())
    assert [hint.kind for hint in hints] == [HintKind.PHONE, HintKind.MAIL_ADDRESS]


def test_an_iban_is_not_a_phone_number_as_well() -> None:
    assert [hint.kind for hint in find("DE89 3704 0044 0532 0130 00")] == [HintKind.IBAN]


def test_the_number_of_hints_is_bounded() -> None:
    text = "\n".join(f"mail{number}@firma.de" for number in range(200))
    assert len(find(text)) == MOST_HINTS


@pytest.mark.parametrize(
    "text",
    [
        "0" * 20_000,
        "0 " * 10_000,
        "1." * 10_000,
        "a@" * 10_000,
        "a." * 10_000,
        "DE89 " * 4_000,
        "a:" * 10_000,
        "Kundennummer " * 1_500,
        "Tel " * 5_000,
        "Kunden-" * 2_800,
        "A1B2 " * 4_000,
        "+49 (0)" * 2_800,
    ],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_hostile_text_takes_less_than_half_a_second(text: str) -> None:
    with at_most(0.5):
        find(text, own_words=OWN_WORDS)
