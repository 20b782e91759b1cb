"""Addresses of one page get one key, addresses that may be two pages get two."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import uuid
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.url import RULES, canonical_url
from tests.real_data import data_folder


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://mill.example/grain", "mill.example/grain"),
        ("https://mill.example/grain", "mill.example/grain"),
        ("  https://www.mill.example/grain\n", "mill.example/grain"),
        ("HTTP://Mill.EXAMPLE/Grain", "mill.example/Grain"),
        ("http://mill.example./grain", "mill.example/grain"),
        ("http://mill.example", "mill.example/"),
        ("http://mill.example/", "mill.example/"),
        ("http://mill.example/grain/", "mill.example/grain"),
        ("http://mill.example/grain//", "mill.example/grain"),
        ("http://mill.example//grain", "mill.example/grain"),
        ("http://mill.example:80/grain", "mill.example/grain"),
        ("https://mill.example:443/grain", "mill.example/grain"),
        ("http://mill.example:/grain", "mill.example/grain"),
        ("http://mill.example:443/grain", "mill.example:443/grain"),
        ("http://mill.example:8080/grain", "mill.example:8080/grain"),
        ("http://user:secret@mill.example/grain", "mill.example/grain"),
        ("http://[2001:DB8::1]:8080/", "[2001:db8::1]:8080/"),
        ("http://[2001:db8::1:8080]/", "[2001:db8::1:8080]/"),
        ("http://Mühle.example/", "xn--mhle-0ra.example/"),
        ("http://xn--mhle-0ra.example/", "xn--mhle-0ra.example/"),
        ("http://straße.example/", "xn--strae-oqa.example/"),
        ("http://mill.example/a/./b/../c", "mill.example/a/c"),
        ("http://mill.example/a/b/..", "mill.example/a"),
        ("http://mill.example/../../a", "mill.example/a"),
        ("http://mill.example/a/%2e%2E/b", "mill.example/b"),
        ("http://mill.example/a//b/./c", "mill.example/a//b/c"),
        ("http://mill.example/a//b/c", "mill.example/a//b/c"),
        ("http://mill.example/.well-known/x", "mill.example/.well-known/x"),
        ("http://mill.example/%7Emiller/%e2%82%ac", "mill.example/~miller/%E2%82%AC"),
        ("http://mill.example/~miller/€", "mill.example/~miller/%E2%82%AC"),
        ("http://mill.example/a b", "mill.example/a%20b"),
        ('http://mill.example/{"a"}?q=<b|c>', "mill.example/%7B%22a%22%7D?q=%3Cb%7Cc%3E"),
        ("http://mill.example/100%", "mill.example/100%25"),
        ("http://mill.example/a%2Fb", "mill.example/a%2Fb"),
        ("http://mill.example/grain#price", "mill.example/grain"),
        ("http://mill.example/grain?", "mill.example/grain"),
        ("http://mill.example/?b=2&a=1", "mill.example/?a=1&b=2"),
        ("http://mill.example/?a=1&&b=2&", "mill.example/?a=1&b=2"),
        ("http://mill.example/?utm_source=x&id=7&UTM_Campaign=y&fbclid=z", "mill.example/?id=7"),
        ("http://mill.example/?gclid=1", "mill.example/"),
        ("http://mill.example/?utmost=1", "mill.example/?utmost=1"),
    ],
)
def test_canonical_form(url: str, key: str) -> None:
    assert canonical_url(url) == key


# One row a rule and case, for docs/dedup.md too: the two addresses are one by this rule, and two without it.
FOLDED = [
    ("scheme", "http://mill.example/grain", "https://mill.example/grain"),
    ("host_case", "http://Mill.Example/grain", "http://mill.example/grain"),
    ("host_case", "http://mill.example./grain", "http://mill.example/grain"),
    ("idna", "http://mühle.example/", "http://xn--mhle-0ra.example/"),
    ("idna", "http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"),
    ("www", "http://www.mill.example/grain", "http://mill.example/grain"),
    ("default_port", "http://mill.example:80/grain", "http://mill.example/grain"),
    ("default_port", "https://mill.example:443/grain", "https://mill.example/grain"),
    ("user", "http://guest:guest@mill.example/grain", "http://mill.example/grain"),
    ("escapes", "http://mill.example/%7Emiller", "http://mill.example/~miller"),
    ("escapes", "http://mill.example/caf%c3%a9", "http://mill.example/café"),
    ("escapes", "http://mill.example/?q=%61", "http://mill.example/?q=a"),
    ("escapes", "http://mill.example/?a[]=1&b[c]=\\", "http://mill.example/?a%5B%5D=1&b%5bc%5d=%5C"),
    ("dot_segments", "http://mill.example/a/../b/./c", "http://mill.example/b/c"),
    ("fragment", "http://mill.example/grain#price", "http://mill.example/grain"),
    ("tracking", "http://mill.example/?id=7&utm_source=x", "http://mill.example/?id=7"),
    ("tracking", "http://mill.example/?fbclid=x&PK_Campaign=y", "http://mill.example/"),
    ("session", "http://mill.example/?PHPSESSID=0a1b2c3d4e5f60718293a4b5c6", "http://mill.example/"),
    ("session", "http://mill.example/a;jsessionid=0A1B2C3D4E5F60718293.node1", "http://mill.example/a"),
    ("session", "http://mill.example/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "http://mill.example/a.aspx"),
    ("parameter_order", "http://mill.example/?b=2&a=1", "http://mill.example/?a=1&b=2"),
    ("parameter_order", "http://mill.example/?a=1&&b=2&", "http://mill.example/?a=1&b=2"),
    ("slashes", "http://mill.example/grain/", "http://mill.example/grain"),
    ("slashes", "http://mill.example//grain", "http://mill.example/grain"),
]


@pytest.mark.parametrize(("rule", "one", "other"), FOLDED)
def test_each_rule_folds_what_it_says_and_can_be_switched_off(rule: str, one: str, other: str) -> None:
    others = [name for name in RULES if name != rule]
    assert canonical_url(one) == canonical_url(other)
    assert canonical_url(one, [rule]) == canonical_url(other, [rule])
    assert canonical_url(one, others) != canonical_url(other, others)


def test_every_rule_has_its_cases() -> None:
    assert {rule for rule, _, _ in FOLDED} == set(RULES)


def test_without_rules_an_address_stays_as_it_is() -> None:
    url = "HTTP://guest@WWW.Mill.Example:80//a/../%7eb/?z&utm_source=1&a=;sid=1#part"
    assert canonical_url(url, []) == url.replace("HTTP", "http")


@pytest.mark.parametrize(
    "query",
    ["sid=12345678", "sid=latest-news-from-the-mill", "session=2024", "PHPSESSID=", "sid=1234567890123456", "sid=20240506070809123",
     "session_id=2024-05-06-morning-session", "sid=the-4-best-mills-of-2024-and-1999", "sessionid=conference2024workshop",
     "sid=day1session2room3talks", "sid=2024-05-06T07.08.09", "sid=chapter-1-part-2-section-3-page-4", "sid=Spring2024Autumn2025"],
)  # fmt: skip
def test_a_session_parameter_without_an_identifier_stays(query: str) -> None:
    assert canonical_url(f"http://mill.example/?{query}").endswith(query)


@given(st.binary(min_size=10, max_size=20), st.sampled_from(["phpsessid", "JSESSIONID", "sid"]))
@example(bytes(range(16)), "sid")
def test_random_identifiers_are_sessions(data: bytes, name: str) -> None:
    value = base64.b32hexencode(hashlib.sha256(data).digest()[:16]).decode().rstrip("=").lower()
    if sum(one.isdigit() != other.isdigit() for one, other in pairwise(value)) >= 8:
        assert canonical_url(f"http://mill.example/?{name}={value}") == "mill.example/"
    assert (
        canonical_url(f"http://mill.example/?{name}={uuid.UUID(int=0x1F2E3D4C5B6A79880A1B2C3D4E5F6071)}")
        == "mill.example/"
    )


@pytest.mark.parametrize(
    "query",
    [
        "pk_article=1",
        "pk_id=7",
        "pk=3",
        "scm=git",
        "scm=svn",
        "spm=7",
        "mtm_id=2",
        "piwik_site=4",
        "matomo_page=1",
        "hsa_plan=gold",
    ],
)
def test_parameters_that_tell_pages_apart_stay(query: str) -> None:
    assert canonical_url(f"http://mill.example/?{query}") == f"mill.example/?{query}"


@pytest.mark.parametrize(
    "query",
    ["pk_campaign=x", "PK_KWD=x", "pk_cid", "mtm_source=a", "matomo_keyword=b", "piwik_campaign=", "hsa_acc=1", "utm_zzz=1",
     "spm=a2g0o.detail.1000023.1", "scm=1007.13339.99734.0"],
)  # fmt: skip
def test_parameters_of_campaigns_go(query: str) -> None:
    assert canonical_url(f"http://mill.example/?{query}") == "mill.example/"


ROUTES = ["!/alice", "!/bob", "!bob", "/home/index", "/about", "/about?tab=1", "!/caf%C3%A9"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_part_of_the_address_and_a_place_is_not(route: str) -> None:
    assert canonical_url(f"https://mill.example/app/#{route}") == f"mill.example/app#{route}"
    for place in ("top", "", "!", "/", "price", "a/b", "x!y", ":~:text=flour"):
        assert canonical_url(f"https://mill.example/app#{place}") == "mill.example/app"
    assert canonical_url("http://mill.example/#!/caf\u00e9") == canonical_url("http://mill.example/#!/caf%c3%a9")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a_b.mühle.example/", "http://a_b.xn--mhle-0ra.example/"),
        ("http://MÜHLE.example。/", "http://xn--mhle-0ra.example/"),
        ("http://m%C3%BChle.example/", "http://mühle.example/"),
        ("http://%6Dill.example/", "http://mill.example/"),
        ("http://i❤.example/", "http://xn--i-7iq.example/"),
        ("http://ｍｉｌｌ．example/", "http://mill.example/"),
        ("http://mi\u00adll.example/", "http://mill.example/"),
    ],
)
def test_spellings_of_one_host(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://mill.example/Grain", "http://mill.example/grain"),
        ("http://mill.example/?id=1", "http://mill.example/?id=2"),
        ("http://mill.example/?page=1", "http://mill.example/"),
        ("http://mill.example/a%2Fb", "http://mill.example/a/b"),
        ("http://mill.example/?a=1%26b=2", "http://mill.example/?a=1&b=2"),
        ("http://mill.example:8080/", "http://mill.example/"),
        ("http://shop.mill.example/", "http://mill.example/"),
        ("http://mill.example/index.html", "http://mill.example/"),
    ],
)
def test_what_may_be_two_pages_keeps_two_keys(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", ["", "http://[::1", "http://a:port/", "http://[google.com]/", " http://a:b:c/ "])
def test_what_cannot_be_parsed_comes_back_stripped(url: str) -> None:
    assert canonical_url(url) == (url.strip() or "/")


hosts = st.from_regex(r"(www\.)?[a-z][a-z0-9-]{0,8}\.(example|test)", fullmatch=True)
pieces = st.text(alphabet="aZ09-._~%2eF /=+é€", max_size=12)
urls = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https"]),
    hosts,
    st.sampled_from(["", ":80", ":8080"]),
    st.lists(pieces, max_size=4).map("/".join),
    st.lists(pieces, max_size=3).map("&".join),
    pieces,
)


@given(urls)
def test_a_canonical_form_is_its_own_canonical_form(url: str) -> None:
    scheme = "https" if ":80/" in canonical_url(url) else "http"
    assert canonical_url(f"{scheme}://{canonical_url(url)}") == canonical_url(url).removeprefix("www.")


@given(hosts, st.text(max_size=20), st.text(max_size=20))
def test_escaping_everything_changes_no_key(host: str, path: str, value: str) -> None:
    plain = f"http://{host}/{quote(path, errors='surrogatepass')}?v={quote(value, safe='', errors='surrogatepass')}"
    escaped = "".join(f"%{byte:02x}" for byte in value.encode("utf-8", "surrogatepass"))
    assert canonical_url(f"{plain.partition('?')[0]}?v={escaped}") == canonical_url(plain)


@given(st.text(max_size=60))
def test_any_text_has_a_key(text: str) -> None:
    assert isinstance(canonical_url(text), str)
    assert isinstance(canonical_url("http://" + text), str)


def test_browsers_test_data_for_addresses_with_a_scheme() -> None:
    rows = json.loads((data_folder("labelled/url") / "url__tests__urltestdata.json").read_text("utf-8"))
    pairs = [
        (row["input"], row["href"])
        for row in rows
        if isinstance(row, dict) and "href" in row and row["input"].lower().startswith(("http://", "https://"))
    ]
    agree = sum(canonical_url(address) == canonical_url(parsed) for address, parsed in pairs)
    # What is left: IPv4 in other notations, backslashes, escapes in host names.
    assert agree >= 0.8 * len(pairs) > 100


@pytest.mark.parametrize("sign", ["%2F", "%3f", "%23", "%40", "%3A", "%5B", "%5D", "%09", "%0a", "%0D"])
def test_a_host_with_an_escaped_delimiter_or_line_end_is_no_address_and_keeps_its_form(sign: str) -> None:
    """As browsers have it; undone, it would be another address."""
    assert canonical_url(f" http://mill{sign}example/a/ ") == f"http://mill{sign}example/a/"
    assert canonical_url("http://[::1]@mill]example/") == "http://[::1]@mill]example/"
    assert canonical_url("http://[::1]:80/a") == "[::1]/a"


LONG = 100_000


@pytest.mark.parametrize(
    "address",
    [
        "mill.example/?PHPSESSID=" + LONG * "a", "mill.example/?sid=" + "a1" * 3 + LONG * "a",
        "mill.example/?sid=" + (500 * "a" + 500 * "1") * (LONG // 1000) + "~", "mill.example/;jsessionid=" + LONG // 2 * "a1" + "~",
        "mill.example/?sid=" + LONG // 14 * "12345678-1234-", "mill.example/?spm=" + LONG * "." + "=", "mill.example/?scm=" + LONG * ".",
        "mill.example/(S(" + LONG * "a", "mill.example/" + LONG // 5 * "a/../", "mill.example/" + LONG * "/", "mill.example/" + LONG // 3 * "%41",
        "mill.example/?" + LONG // 13 * "utm_source=1&", "mill.example/?" + "&".join(f"k{number}=v" for number in range(LONG // 8)),
        "mill.example/" + LONG // 2 * "\u0301\u0316", LONG * "a" + ".example/", LONG // 2 * "a." + "example/", LONG // 3 * "ü." + "example/",
        "".join(chr(0x4E00 + number % 20_000) for number in range(LONG // 3)) + ".example/", LONG // 2 * "u@" + "mill.example/",
        "[" + LONG * ":" + "]/", "mill.example:" + LONG * "8" + "/", LONG // 2 * "1." + "1/",
    ],
    ids=lambda address: f"{address[:20]} {address[-5:]}",
)  # fmt: skip
def test_an_address_of_100_kb_has_its_key_in_linear_time(address: str) -> None:
    began = time.process_time()
    canonical_url(f"https://{address}")
    assert time.process_time() - began < 2


@given(st.text(st.sampled_from("abF109-._!~"), max_size=50))
@example("12345678-1234-1234-1234-123456789abc.x")
def test_what_names_a_session_changes_between_letters_and_digits(value: str) -> None:
    """As the rule is written down: 16 letters and digits, and behind their beginning four changes in one stretch."""
    one_pattern = re.compile(
        r"[A-Za-z0-9._!-]*?(?=[A-Za-z0-9]{16})[A-Za-z0-9]*?(?:[A-Za-z][0-9]+|[0-9][A-Za-z]+){4}[A-Za-z0-9._!-]*"
        r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}[._!a-zA-Z0-9-]*"
    )
    gone = canonical_url(f"https://mill.example/?sid={value}") == "mill.example/"
    assert gone == bool(one_pattern.fullmatch(value))
