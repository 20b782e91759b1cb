"""An organisation's own contacts count little, those of many persons each."""

from __future__ import annotations

import pytest

from filters.contacts import others_contacts, site_host
from filters.pii import KINDS


def values(**found: set[str]) -> dict[str, set[str]]:
    return {kind: found.get(kind, set()) for kind in KINDS}


STAFF = {f"person{n}@firm.de" for n in range(20)}
LINES = {f"4930234567{n:02d}" for n in range(20)}
PERSONS = {f"person{n}@gmail.com" for n in range(20)}
NUMBERS = {f"{n}1266476{n}5" for n in range(20, 40)}


@pytest.mark.parametrize(
    ("found", "own", "count"),
    [
        (values(email=STAFF, phone=LINES), "firm.de", 0),
        (values(email=STAFF, phone=LINES), "shop.firm.de", 0),  # its mail stands above the site
        (values(email={"a@mail.firm.de"}), "firm.de", 0),  # or below it
        (values(email=STAFF), "other.de", 1),  # one organisation, named by another
        (values(email=STAFF | {"a@second.org"}), "other.de", 2),
        (values(email=PERSONS), "firm.de", 20),
        (values(phone=LINES), "", 1),
        (values(phone=NUMBERS), "", 20),
        (values(email={"a@firm.de", "b@firm.de"}, phone=NUMBERS), "firm.de", 18),
        (values(card={"4539148803436467"}, ssn={"536228791"}, iban={"DE89"}, ip={"84.17.52.131"}), "firm.de", 4),
        (values(), "firm.de", 0),
        (values(email={"a@notfirm.de"}), "firm.de", 1),
    ],
)
def test_whose_contacts_they_are(found: dict[str, set[str]], own: str, count: int) -> None:
    assert others_contacts(found, own) == count


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.firm.de:8080/a", "firm.de"),
        ("http://Firm.de", "firm.de"),
        ("", ""),
        ("http://[bad", ""),
        ("firm.de", ""),
    ],
)
def test_the_host_of_a_page(url: str, host: str) -> None:
    assert site_host(url) == host
