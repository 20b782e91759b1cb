"""One line of a list, in each form in which lists are published."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.entries import Entry, parse_line


@pytest.mark.parametrize(
    ("line", "hosts"),
    [
        ("example.com", ["example.com"]),
        ("  Example.COM. # why", ["example.com"]),
        ("\ufeffexample.com\r\n", ["example.com"]),
        ("münchen.example", ["xn--mnchen-3ya.example"]),
        ("0.0.0.0 a.com b.com # two", ["a.com", "b.com"]),
        ("127.0.0.1\tlocalhost", []),
        (":: a.com", ["a.com"]),
        ("::1 localhost ip6-localhost", []),
        ("*.example.com", ["example.com"]),
        (".example.com", ["example.com"]),
        ("||example.com^", ["example.com"]),
        ("||example.com^$document", ["example.com"]),
        ("||example.com^$all", ["example.com"]),
        ("address=/a.com/b.com/0.0.0.0", ["a.com", "b.com"]),
        ("address=/a.com/", ["a.com"]),
        ("server=/a.com/", ["a.com"]),
        ("local=/a.com/", ["a.com"]),
        ('local-zone: "a.com" always_nxdomain', ["a.com"]),
        ('local-zone: "a.com." static', ["a.com"]),
        ('local-data: "a.com A 0.0.0.0"', ["a.com"]),
        ("a.com CNAME .", ["a.com"]),
        ("*.a.com IN CNAME .", ["a.com"]),
        ("a.com 60 IN CNAME rpz-drop.", ["a.com"]),
        ("http://a.com", ["a.com"]),
        ("https://a.com:8443/", ["a.com"]),
        ("10.1.2.3", ["10.1.2.3"]),
        ("2001:DB8::1", ["2001:db8::1"]),
        ("_dmarc.a.com", ["_dmarc.a.com"]),
    ],
)
def test_lines_that_list_hosts(line: str, hosts: list[str]) -> None:
    found = parse_line(line)
    assert found is not None
    assert [entry.host for entry in found] == hosts
    assert not any(entry.path or entry.exception for entry in found)


@pytest.mark.parametrize(
    ("line", "host", "path"),
    [
        ("http://a.com/x/y", "a.com", "/x/y"),
        ("a.com/x/", "a.com", "/x"),
        ("a.com/%7Ename", "a.com", "/~name"),
        ("https://a.com/@name", "a.com", "/@name"),
        ("https://user:secret@a.com/x", "a.com", "/x"),
        ("https://user@mail.example:secret@a.com/x", "a.com", "/x"),
        ("http://1.2.3.4:81/run.exe", "1.2.3.4", "/run.exe"),
        ("a.com?id=3", "a.com", "/?id=3"),
        ("a.com/x#part", "a.com", "/x"),
        ("||a.com/x^", "a.com", "/x"),
    ],
)
def test_lines_that_list_addresses(line: str, host: str, path: str) -> None:
    assert parse_line(line) == [Entry(host, path)]


@pytest.mark.parametrize(
    "line",
    [
        "", "   ", "# comment", "! comment", "; comment", "// comment", "[Adblock Plus 2.0]", "example.com##.banner",
        "||tracker.com^$third-party", "||cdn.com^$script,domain=other.com", "/banner[0-9]+/", "$TTL 3600",
        "@ SOA localhost. root.localhost. 1 3600 600 86400 60", "server:",
    ],
)  # fmt: skip
def test_lines_that_rightly_list_nothing(line: str) -> None:
    assert parse_line(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "This page could not be found", "<p>moved</p>", '{"domains": ["a.com"]}', "evil.org,adult", "ftp3://a.com", "-",
        "a" * 64 + ".com", "com", "de", "word", "1.2.3", "999.1.1.1", "exa mple.com", "%00.com",
    ],
)  # fmt: skip
def test_lines_in_no_known_form(line: str) -> None:
    assert parse_line(line) is None


def test_what_a_list_takes_out_again() -> None:
    assert parse_line("@@||good.com^") == [Entry("good.com", exception=True)]


@given(st.text(max_size=200))
def test_no_line_raises_and_every_host_is_one(line: str) -> None:
    for entry in parse_line(line) or []:
        assert entry.host == entry.host.lower()
        assert entry.host.isascii()
        assert " " not in entry.host
        assert "/" not in entry.host


@pytest.mark.parametrize("line", ["\x1f", "\x1c \x1d", "\u2003", "\u00a0\x85", "\u2003# note"])
def test_white_space_of_other_kinds_lists_nothing(line: str) -> None:
    assert parse_line(line) == []


LONG = 100_000


@pytest.mark.parametrize(
    "line",
    [
        "https://a.example/" + LONG * "b", "https://" + LONG * "b", "https://" + LONG // 2 * "u@" + "a.example", LONG // 2 * "a." + "example",
        LONG * "a" + ".example", "0.0.0.0 " + LONG // 10 * "a.example ", "||" + LONG // 2 * "a." + "example^", "||" + LONG * "^",
        "||a.example^$" + LONG // 10 * "domain=b.x|", "address=/" + LONG // 10 * "a.example/" + "0.0.0.0", "/(" + LONG // 2 * "a|" + ")/",
        'local-zone: "' + LONG // 2 * "a." + 'example" static', LONG // 2 * "*." + "example", LONG // 2 * "1." + "1", LONG * "/",
        'local-zone: "' + LONG * "a", "a.example" + LONG * " " + "b", "a.example " + LONG // 2 * "1 ", LONG // 3 * "ü." + "example",
    ],
    ids=lambda line: f"{line[:20]} {line[-5:]}",
)  # fmt: skip
def test_a_line_of_100_kb_is_read_or_refused_in_linear_time(line: str) -> None:
    began = time.process_time()
    parse_line(line)
    assert time.process_time() - began < 2
