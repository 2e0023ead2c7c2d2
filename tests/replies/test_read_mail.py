"""Bytes come in; out comes what was said, or why nobody has said anything."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from community.replies.reading import LARGEST_TEXT, LOGO, read_mail, receivers_of, return_path_of
from tests.replies.mails import make_mail


def test_text_sender_and_key_are_read() -> None:
    mail = read_mail(
        make_mail("Hallo.\n\nMit freundlichen Grüßen\nErika").as_bytes(), return_path="erika@firm.example"
    )
    assert (mail.text, mail.sender, mail.automatic, mail.has_files) == (
        "Hallo.",
        "erika@firm.example",
        "",
        False,
    )
    again = read_mail(make_mail("Hallo.\n\n-- \nfooter of a gateway").as_bytes())
    assert again.key == mail.key
    assert read_mail(make_mail(message_id="<2@firm.example>").as_bytes()).key != mail.key


def test_a_mail_without_an_id_is_named_by_what_it_says() -> None:
    one, same, other = make_mail("a a"), make_mail("a a"), make_mail("b b")
    for mail in (one, same, other):
        del mail["Message-ID"]
    keys = [read_mail(mail.as_bytes()).key for mail in (one, same, other)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"List_Id": "<list.example>"},
        {"List_Unsubscribe": "<mailto:x@list.example>"},
        {"X_Autoreply": "yes"},
    ],
)
def test_what_a_machine_says_of_itself_is_believed(headers: dict[str, str]) -> None:
    assert read_mail(make_mail(**headers).as_bytes()).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Automatische Antwort: Router",
        "Automatic reply: Router",
        "Out of Office: Router",
        "Abwesenheitsnotiz: Router",
        "Abwesenheit bis 3. Januar",
        "Undelivered Mail Returned to Sender",
        "Gelesen: Router",
        "Abwesenheit über Ostern",
    ],
)
def test_absences_and_receipts_are_known_by_their_subject(subject: str) -> None:
    mail = make_mail()
    mail.replace_header("Subject", subject)
    assert read_mail(mail.as_bytes()).automatic == "automatic"


def test_bounces_are_known_by_sender_and_kind() -> None:
    assert read_mail(make_mail().as_bytes(), return_path="").automatic == "bounce"
    assert read_mail(make_mail().as_bytes(), return_path="<>").automatic == "bounce"
    report = b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b--\r\n"
    assert read_mail(report).automatic == "report"


def test_a_person_is_no_machine() -> None:
    mail = make_mail(Auto_Submitted="no", X_Auto_Response_Suppress="OOF", Importance="high")
    assert read_mail(mail.as_bytes(), return_path="erika@firm.example").automatic == ""


def test_several_senders_are_nobody() -> None:
    assert read_mail(make_mail(sender="a@x.example, b@x.example").as_bytes()).sender == ""
    assert read_mail(b"From: a@x.example\r\nFrom: b@x.example\r\n\r\nhello").sender == ""
    assert read_mail(b"\r\nhello").sender == ""


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "größer".encode()),
        ("iso-8859-1", "größer".encode("latin-1")),
        ("iso-8859-15", "größer".encode("iso8859-15")),
        ("windows-1252", "größer".encode("cp1252")),
        ("us-ascii", "größer".encode()),
        ("us-ascii", "größer".encode("cp1252")),
        ("nonsense", "größer".encode()),
        ("idna", "größer".encode()),
        ("unicode_escape", "größer".encode()),
        ("", "größer".encode("cp1252")),
    ],
)
def test_encodings_are_read_as_named_and_strange_ones_as_what_fits(charset: str, content: bytes) -> None:
    named = f"; charset={charset}" if charset else ""
    head = f"From: a@x.example\r\nContent-Type: text/plain{named}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert read_mail(head.encode() + content).text == "größer"


def test_broken_letters_lose_nothing_but_themselves() -> None:
    head = b"From: a@x.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    assert read_mail(head + b"eins \xff\x00 zwei").text == "eins \ufffd zwei"


def test_lines_that_the_program_broke_are_put_together() -> None:
    mail = (
        b"From: a@x.example\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"
        b"One sentence \r\nover lines.\r\n\r\nAnother.\r\n> quoted \r\n> too\r\n-- \r\nErika\r\n"
    )
    assert read_mail(mail).text == "One sentence over lines.\n\nAnother."
    deleting = (
        mail.replace(b"format=flowed", b"format=flowed; delsp=yes")
        .replace(b"sentence ", b"senten ")
        .replace(b"over", b"ce over")
    )
    assert read_mail(deleting).text.startswith("One sentence over lines.")


def test_of_two_forms_the_plain_one_counts_unless_it_is_empty() -> None:
    assert read_mail(make_mail("plain text", html="<p>html text</p>").as_bytes()).text == "plain text"
    assert read_mail(make_mail(" ", html="<p>html text</p>").as_bytes()).text == "html text"


def with_file(kind: str, content: bytes, **options: str) -> EmailMessage:
    mail = make_mail("See the file.")
    main, sub = kind.split("/")
    mail.add_attachment(content, maintype=main, subtype=sub, **options)
    return mail


def test_files_are_noticed_and_not_read() -> None:
    for kind in ("application/pdf", "image/png", "text/plain", "text/html", "text/calendar"):
        mail = read_mail(with_file(kind, b"secret", filename="x").as_bytes())
        assert (mail.text, mail.has_files) == ("See the file.", True), kind
    forwarded = make_mail("See the mail.")
    forwarded.add_attachment(make_mail("the other mail"))
    mail = read_mail(forwarded.as_bytes())
    assert (mail.text, mail.has_files) == ("See the mail.", True)


def test_logos_and_seals_are_no_files_but_pasted_pictures_are() -> None:
    for kind in ("application/pkcs7-signature", "application/pgp-signature", "text/vcard"):
        assert not read_mail(with_file(kind, b"x", filename="x").as_bytes()).has_files
    for size, is_file in ((100, False), (LOGO + 1, True)):
        mail = make_mail("See.", html="<p>See.</p>")
        mail.get_payload()[1].add_related(  # type: ignore[union-attr, index]
            b"x" * size, maintype="image", subtype="png", cid="<a@b>", disposition="inline"
        )
        assert read_mail(mail.as_bytes()).has_files is is_file


HOSTILE = {
    "one long header": b"Subject: " + b"=?utf-8?q?" * 20_000 + b"\r\n\r\nhello",
    "a long sender": b"From: " + b"a<" * 100_000 + b"\r\n\r\nhello",
    "many senders": b"From: " + b"a@b.example," * 16_000 + b"\r\n\r\nhello",
    "comments in the sender": b"From: " + b"(" * 200_000 + b"\r\n\r\nhello",
    "many headers": b"X: y\r\n" * 33_000 + b"\r\nhello",
    "folded headers": b"Subject: x\r\n" + b" y\r\n" * 50_000 + b"\r\nhello",
    "parameters": b"Content-Type: text/plain; " + b"a*0=b; " * 28_000 + b"\r\n\r\nhello",
    "quotes in parameters": b'Content-Type: text/plain; charset="' + b'\\"' * 100_000 + b"\r\n\r\nhello",
    "parts in parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(3_000)
    ),
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000,
    "base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 200_000,
    "quoted printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=\r\n" * 66_000,
    "uuencode": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\r\n" + b"M" * 200_000,
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 6_000,
    "no end of lines": b"x" * 200_000,
    "nothing": b"",
    "zeros": b"\x00" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_mail_takes_long_or_fails(name: str) -> None:
    began = time.process_time()
    read_mail(HOSTILE[name])
    receivers_of(HOSTILE[name])
    return_path_of(HOSTILE[name])
    assert time.process_time() - began < 3


def test_of_a_very_long_mail_the_end_is_not_looked_at() -> None:
    mail = read_mail(make_mail("Hello.\n" + "> x\n" * LARGEST_TEXT).as_bytes())
    assert mail.text == "Hello."
