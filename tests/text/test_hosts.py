"""Host names have one spelling, whatever package asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.domain import normalise_host
from dedup.url import canonical_url
from text.hosts import ascii_host


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("Mill.EXAMPLE", "mill.example"),
        (".mill..example.", "mill.example"),
        ("MÜHLE.example", "xn--mhle-0ra.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("a_b.mühle.example", "a_b.xn--mhle-0ra.example"),
        ("i❤.ws", "xn--i-7iq.ws"),
        ("食狮。公司．cn", "xn--85x722f.xn--55qx5d.cn"),
        ("m%c3%bchle.example", "xn--mhle-0ra.example"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_hosts(host: str, expected: str) -> None:
    assert ascii_host(host) == expected


labels = st.text(st.sampled_from("aBxn-09_éßÜ中❤\u00adㄱ"), min_size=1, max_size=6)


@given(st.lists(labels, min_size=1, max_size=4).map(".".join))
def test_every_package_writes_a_host_the_same(host: str) -> None:
    assert ascii_host(ascii_host(host)) == ascii_host(host) == normalise_host(host)
    if not ascii_host(host).startswith("www.") and ascii_host(host):
        assert canonical_url(f"http://{host}/") == ascii_host(host) + "/"


@given(st.text(max_size=20))
def test_any_text_is_a_host(host: str) -> None:
    assert isinstance(ascii_host(host), str)
