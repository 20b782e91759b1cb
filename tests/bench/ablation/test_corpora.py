"""Corpora are made once, and what an arm lacks is said."""

from __future__ import annotations

import pytest

from bench.ablation import corpora
from bench.ablation.corpora import ARMS, Arm, Text, make


def test_a_corpus_is_made_once(tmp_path, monkeypatch) -> None:
    calls = []
    monkeypatch.setattr(
        corpora, "_all_text", lambda crawl: calls.append(crawl) or [Text("2", "u", "b"), Text("1", "u", "a")]
    )
    arm = next(arm for arm in ARMS if arm.way == "all text")
    first, second = (make(arm, ["x.warc.gz"], tmp_path, None) for _ in range(2))
    assert [text.id for text in first.texts] == ["1", "2"]
    assert first == second and len(calls) == 1
    with pytest.raises(LookupError, match="--datatrove"):
        make(Arm("datatrove", "", way="datatrove"), [], tmp_path, None)
