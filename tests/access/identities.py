"""Two sets of people behind the same nicknames, with words that occur nowhere else."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta

from community.accounts import belonging
from community.accounts.belonging import Belonging
from community.accounts.models import Account
from community.accounts.vault import ACCOUNT_MAIL, ACCOUNT_REAL_NAME, ACCOUNT_STATED_COMPANY, mail_hash, seal
from community.companies.actions import add_company
from community.core.clock import now


@dataclass(frozen=True)
class Identity:
    mail: str
    real_name: str
    company: str
    contract_number: str

    @property
    def traces(self) -> list[bytes]:
        """The values and what could be made of them: parts, hashes, other encodings."""
        plain = [self.mail, self.mail.split("@")[0], self.mail.split("@")[1], self.contract_number]
        plain += [*self.real_name.split(), self.company.split()[0]]
        traces = [word.encode() for word in plain] + [word.lower().encode() for word in plain]
        for algorithm in ("md5", "sha1", "sha256"):
            digest = hashlib.new(algorithm, self.mail.encode(), usedforsecurity=False)
            traces += [digest.hexdigest().encode(), base64.b64encode(digest.digest()).rstrip(b"=")]
        return [*traces, base64.b64encode(self.mail.encode()).rstrip(b"=")]


def identities(world: str) -> list[Identity]:
    """Eight people of one world, "Alba" or "Brix"."""
    return [
        Identity(
            mail=f"{world.lower()}nina{number}@{world.lower()}werke.example",
            real_name=f"{world}nina{number} {world}hausen{number}",
            company=f"{world}werke{number} Holding",
            contract_number=f"9{number}44{len(world)}77{world}",
        )
        for number in range(8)
    ]


async def put_behind(people: list[Identity], *, registered_days_ago: int) -> None:
    """Give every account of the open database another person, company and day of registration."""
    for account, person in zip(await Account.all().order_by("member_id"), people, strict=False):
        company_id = await add_company(
            person.company, contract_number=person.contract_number, size_class="large"
        )
        await Account.filter(id=account.id).update(
            mail_hash=mail_hash(person.mail),
            mail_encrypted=seal(person.mail, ACCOUNT_MAIL, account.id),
            real_name_encrypted=seal(person.real_name, ACCOUNT_REAL_NAME, account.id),
            stated_company_encrypted=seal(person.company, ACCOUNT_STATED_COMPANY, account.id),
            belonging_encrypted=belonging.sealed(Belonging(company_id), account.id),
            created_at=now() - timedelta(days=registered_days_ago),
        )
