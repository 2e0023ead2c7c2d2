"""Finding any trace of somebody in a heap of bytes: words however they are written, and what can be made of them.

Every word of an identity begins with letters that nobody's text holds (`CORE`). So what is looked for is few, and the
heap is read in several ways: with percent signs, entities, escapes and quoted-printable undone, without tags and NUL,
unpacked. Hashes are found by any twelve characters of them that stand alone, so cut ones too.

A heap is full of random letters and numbers. What is looked for is so long, and is believed so late, that it stands
in them by chance in less than one run in a hundred million.
"""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import hmac
import html
import io
import quopri
import re
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product, takewhile
from urllib.parse import unquote_to_bytes

CORE = "qxzjvkwpyf"
PHONE = "5557041188263"
PIECE = 12
"""Characters of a hash that are enough to know it by, where they stand alone."""
SURE = 20
"""Characters of a hash that are enough to know it by within a longer run of such characters."""


@dataclass(frozen=True)
class Identity:
    """Somebody with everything that must stay in the vault. Each value holds a word that is in no other."""

    key: str
    """The end of all words, which tells whose they are: "a"."""
    phone: str = ""

    @property
    def mail(self) -> str:
        return f"Qxzjvkwpyfmail{self.key}@qxzjvkwpyfhost{self.key}.example"

    @property
    def real_name(self) -> str:
        return f"Qxzjvkwpyferika{self.key} Qxzjvkwpyfmüller{self.key}"

    @property
    def stated_company(self) -> str:
        tail = f", Tel. 030 {self.phone[:3]} {self.phone[3:6]}-{self.phone[6:]}" if self.phone else ""
        return f"Qxzjvkwpyffirma{self.key} GmbH{tail}"

    @property
    def place(self) -> str:
        """The address of the net that they come from."""
        return f"203.0.113.{100 + ord(self.key[0]) % 100}"

    @property
    def values(self) -> dict[str, str]:
        """Everything that could be hashed, by what it is."""
        local, _at, domain = self.mail.partition("@")
        first, last = self.real_name.split()
        values = {
            "mail": self.mail,
            "part before the @": local,
            "domain": domain,
            "@domain": f"@{domain}",
            "first name": first,
            "last name": last,
            "real name": self.real_name,
            "stated company": self.stated_company,
            "address of the net": self.place,
        }
        return values | ({"phone": self.phone, "phone abroad": f"+4930{self.phone}"} if self.phone else {})

    @property
    def words(self) -> frozenset[str]:
        """What `Traces.in_bytes` finds of them."""
        return frozenset(word for value in self.values.values() for word in words_of(value))


@dataclass(frozen=True)
class Customer:
    """A company with everything that staff know of it and nobody else."""

    name: str = "Qxzjvkwpyfwerke Holding"
    domain: str = "qxzjvkwpyffeld.example"
    contract_number: str = "QXZJVKWPYFVERTRAG-70411"
    region: str = "Qxzjvkwpyfgau"
    """What is known of it for the rules of segments."""

    @property
    def values(self) -> dict[str, str]:
        return {
            "company": self.name,
            "its domain": self.domain,
            "@its domain": f"@{self.domain}",
            "its contract": self.contract_number,
            "its region": self.region,
        }

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word for value in self.values.values() for word in words_of(value))


def words_of(value: str) -> set[str]:
    """The words by which a value is found again."""
    found = {word.decode() for word in _WORD.findall(value.encode().lower())}
    if PHONE in re.sub(r"\D", "", value):
        found.add(PHONE)
    return found | ({value} if re.fullmatch(r"[\d.]+", value) and "." in value else set())


# --- reading a heap of bytes in several ways ------------------------------------------------------------------

_WORD = re.compile(CORE.encode() + rb"[a-z]*")
_ESCAPE = re.compile(rb"\\(?:u\{?00|x)([0-9a-fA-F]{2})\}?")
_BETWEEN_DIGITS = re.compile(rb"(?<=\d)[ /().\-]+(?=\d)")
_TAG = re.compile(rb"<[^<>]*>|\xc2\xad|\xe2\x80[\x8b-\x8d]")
_LONGEST_UNPACKED = 20_000_000


def readings(data: bytes) -> Iterator[bytes]:
    """The bytes, and what they say to whoever undoes what was done to them."""
    yield data
    if b"%" in data:
        yield unquote_to_bytes(data)
    if b"&" in data:
        yield html.unescape(data.decode("latin-1")).encode("utf-8", "replace")
    if b"\\" in data:
        yield _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)
    if b"=" in data:
        yield quopri.decodestring(data)
    if b"\0" in data:
        yield data.replace(b"\0", b"")
    if b"<" in data or b"\xc2\xad" in data:
        yield _TAG.sub(b"", data)
    for unpacked in _unpacked(data):
        yield from readings(unpacked)


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield "\n".join(archive.namelist()).encode()
            for name in archive.namelist():
                yield archive.read(name)
    elif data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    elif data[:1] == b"\x78":
        try:
            yield zlib.decompressobj().decompress(data, _LONGEST_UNPACKED)
        except zlib.error:
            return


def _written_otherwise() -> dict[bytes, str]:
    """The core as it looks in other alphabets, whatever stands before and behind it."""
    found: dict[bytes, str] = {}
    for core in (CORE, CORE.capitalize(), CORE.upper()):
        text = core.encode()
        found[text.hex().encode()] = "hexadecimal"
        found[text.hex().upper().encode()] = "hexadecimal"
        found[text[::-1]] = "reversed"
        found[codecs.encode(core, "rot13").encode()] = "rot13"
        found[",".join(str(number) for number in text).encode()] = "numbers"
        found[", ".join(str(number) for number in text).encode()] = "numbers"
        for name, encode, bits, group in (
            ("base64", base64.b64encode, 6, 3),
            ("base32", base64.b32encode, 5, 5),
        ):
            for before in range(group):
                whole = encode(b"\0" * before + text)
                first = -(-before * 8 // bits)
                last = (before + len(text)) * 8 // bits
                found[whole[first:last]] = f"{name} {before}"
                if name == "base32":
                    found[whole[first:last].lower()] = f"{name} {before}"
    return found


_ALPHABETS = _written_otherwise()


# --- hashes ---------------------------------------------------------------------------------------------------

_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
_NAMESPACES = (uuid.NAMESPACE_DNS, uuid.NAMESPACE_URL, uuid.NAMESPACE_OID, uuid.NAMESPACE_X500)
_HEX = re.compile(rb"(?<![0-9a-z])(?![0-9-]{12,19}(?![0-9a-z-]))[0-9a-f-]{12,19}(?![0-9a-z-])|[0-9a-f-]{20,}")
_SHORT = re.compile(rb"(?<![0-9a-z-])[0-9a-f]{8}(?![0-9a-z-])")
_BASE64 = re.compile(rb"[A-Za-z0-9_+/\-]{16,}")
_NUMBER = re.compile(rb"(?<![0-9A-Za-z])[0-9]{9,}(?![0-9A-Za-z])")
_SOFT_BREAK = re.compile(rb"=\r?\n")
_OF_NOBODY = re.compile(rb'(?i)\bmax-age=\d+|\bv1\.[0-9a-f]{8}(?=\.)|"crc":\d+(?=\})')
"""How long a cookie lasts, by which key something is sealed, and the search index's checksums of its own files."""
_NOT_AS_BASE64 = bytes.maketrans(b"+/", b"-_")


def spellings(value: str) -> set[str]:
    """How somebody might write a value before hashing it."""
    plain = {value, value.lower(), value.upper(), value.replace(" ", ""), value.lower().replace(" ", "")}
    return plain | {f"mailto:{value.lower()}"} if "@" in value else plain


class Traces:
    """What is looked for: the words of all identities, and everything that can be computed from their values."""

    def __init__(
        self,
        values: Mapping[str, str],
        *,
        keys: Iterable[bytes] = (),
        salts: Iterable[str] = (),
        made: Mapping[str, str] = {},
        numbers: Mapping[int, str] = {},
    ) -> None:
        """`made`: hashes that the site itself makes, with what they are; `numbers`: ids that tell somebody."""
        # Each piece with the number of its hash in `_whole`, and where in it the piece begins.
        self._hex: dict[bytes, int] = {}
        self._whole: list[tuple[str, str]] = []
        self._base64: dict[bytes, str] = {}
        self._numbers: dict[bytes, str] = {str(number).encode(): name for number, name in numbers.items()}
        self._short: dict[bytes, str] = {}
        keys, salts = tuple(keys), tuple(salts)
        for name, value in values.items():
            for text in spellings(value):
                self._add_hashes_of(text.encode(), name, keys)
            for salt in salts:
                for text in (f"{salt}{value.lower()}", f"{value.lower()}{salt}"):
                    for algorithm in ("md5", "sha1", "sha256", "sha512"):
                        digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False).digest()
                        self._add_digest(digest, f"{algorithm} of {name}, salted")
        for made_hash, name in made.items():
            self._add_hex(made_hash, name)

    def _add_hashes_of(self, text: bytes, name: str, keys: tuple[bytes, ...]) -> None:
        makers: list[tuple[str, Callable[[], bytes]]] = [
            (
                algorithm,
                lambda algorithm=algorithm: hashlib.new(algorithm, text, usedforsecurity=False).digest(),
            )
            for algorithm in _ALGORITHMS
        ]
        makers += [
            (f"HMAC-{algorithm}", lambda key=key, algorithm=algorithm: hmac.digest(key, text, algorithm))
            for key, algorithm in product(keys, ("md5", "sha1", "sha256", "sha512"))
        ]
        for algorithm, make in makers:
            self._add_digest(make(), f"{algorithm} of {name}")
        for space, version in product(_NAMESPACES, (uuid.uuid3, uuid.uuid5)):
            self._add_digest(version(space, text.decode()).bytes, f"UUID of {name}")
        for sum_of in (zlib.crc32, zlib.adler32):
            self._add_number(sum_of(text), 32, f"checksum of {name}")
            self._short[f"{sum_of(text):08x}".encode()] = f"checksum of {name}"

    def _add_digest(self, digest: bytes, name: str) -> None:
        self._add_hex(digest.hex(), name)
        written = base64.urlsafe_b64encode(digest)
        for start in range(len(written) - PIECE + 1):
            self._base64[written[start : start + PIECE]] = name
        for size, order in product((4, 6, 7, 8, len(digest)), ("big", "little")):
            number = int.from_bytes(digest[:size], order)  # type: ignore[arg-type]
            self._add_number(number, 8 * size, name)
            if size == 8:
                self._add_number(number >> 11, 53, name)
                self._add_number(number % (1 << 53), 53, name)

    def _add_number(self, number: int, bits: int, name: str) -> None:
        """Numbers much smaller than such numbers can be are left out: moments and counters look like them."""
        if number >= (1 << bits) // 20:
            self._numbers[str(number).encode()] = name

    def _add_hex(self, written: str, name: str) -> None:
        self._whole.append((written, name))
        for start in range(len(written) - PIECE + 1):
            self._hex[written[start : start + PIECE].encode()] = (len(self._whole) - 1) << 8 | start

    def in_bytes(self, data: bytes) -> set[str]:
        """Words of somebody as they are, and everything else in a sentence: "sha256 of mail a"."""
        found: set[str] = set()
        for reading in readings(data):
            lower = reading.lower()
            if CORE.encode() in lower:
                found |= {word.decode() for word in _WORD.findall(lower)}
            if PHONE.encode() in _BETWEEN_DIGITS.sub(b"", reading):
                found.add(PHONE)
            if b"203.0.113." in reading:
                found |= {place.decode() for place in re.findall(rb"203\.0\.113\.\d+", reading)}
            found |= {f"{name} of a word" for written, name in _ALPHABETS.items() if written in reading}
        return found | self._computed(data)

    def _computed(self, data: bytes) -> set[str]:
        data = _OF_NOBODY.sub(b"", _SOFT_BREAK.sub(b"", data))
        lower = data.lower()
        found = {self._short[run] for run in set(_SHORT.findall(lower)) if run in self._short}
        for run in set(_HEX.findall(lower)):
            found.update(self._hashes_in(run.replace(b"-", b"").decode()))
        for run in set(_BASE64.findall(data)):
            run = run.translate(_NOT_AS_BASE64)
            for start in range(len(run) - PIECE + 1):
                if name := self._base64.get(run[start : start + PIECE]):
                    found.add(name)
        found |= {self._numbers[run] for run in set(_NUMBER.findall(data)) if run in self._numbers}
        return found

    def _hashes_in(self, run: str) -> Iterator[str]:
        """The hashes of which the run holds enough: all of it is a piece of one, or so much that it is no chance."""
        encoded = run.encode()
        for start in range(len(run) - PIECE + 1):
            known = self._hex.get(encoded[start : start + PIECE])
            if known is not None:
                written = self._whole[known >> 8][0]
                pairs = zip(run[start:], written[known & 255 :], strict=False)
                same = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))
                if same >= SURE or same == len(run):
                    yield self._whole[known >> 8][1]
