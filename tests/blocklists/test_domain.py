"""The registrable domain of a host, by the public suffix list with its private part."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.domain import is_public_suffix, normalise_host, registrable_domain

DATA = Path(os.environ.get("GRISTMILL_DATA", Path.home() / ".cache" / "gristmill-data"))
PSL_TESTS = DATA / "labelled" / "url" / "tests__test_psl.txt"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("Alice.GitHub.io.", "alice.github.io"),
        ("github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("a.b.unlisted", "b.unlisted"),
        ("192.168.0.1:8080", "192.168.0.1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("www.Müller.de", "xn--mller-kva.de"),
        ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("a_b.example.org", "example.org"),
        ("a_b.Müller.de", "xn--mller-kva.de"),
        ("i❤.ws", "xn--i-7iq.ws"),
        ("www.m%C3%BCller.de", "xn--mller-kva.de"),
        ("ｅｘａｍｐｌｅ．com", "example.com"),
        ("", ""),
    ],
)
def test_domains(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@given(st.text(st.sampled_from("aB.-_éß中İ。1"), max_size=20))
def test_a_domain_is_its_own_domain_and_ends_its_host(host: str) -> None:
    domain = registrable_domain(host)
    assert registrable_domain(domain) == domain
    assert normalise_host(host).endswith(domain)


@pytest.mark.skipif(not PSL_TESTS.is_file(), reason=f"the public suffix list's tests are not at {PSL_TESTS}")
def test_the_public_suffix_lists_own_tests() -> None:
    cases = re.findall(r"^checkPublicSuffix\('(.*?)', (?:null|'(.*?)')\);", PSL_TESTS.read_text("utf-8"), re.MULTILINE)
    assert len(cases) > 70
    # Where the list says null, there is no domain and the host stands for itself; we also allow a leading dot.
    wrong = [(host, want) for host, want in cases if registrable_domain(host) != normalise_host(want or host)]
    assert wrong == []


@pytest.mark.parametrize("host", ["com", "co.uk", "github.io", "blogspot.com", "a.ck", "xn--55qx5d.cn"])
def test_public_suffixes(host: str) -> None:
    assert is_public_suffix(host)
    assert registrable_domain(f"below.{host}") == f"below.{host}"


@pytest.mark.parametrize("host", ["example.com", "www.ck", "www.co.uk", "unlistedending", "localhost", "10.1.2.3", ""])
def test_others_are_none(host: str) -> None:
    assert not is_public_suffix(host)
