"""What models are judged by."""

from __future__ import annotations

import json

from bench.ablation.judged_texts import read_judged_texts, site


def test_sites_are_registrable_domains() -> None:
    assert site("https://a.b.example.co.uk/x") == "example.co.uk"
    assert site("no address") == "no address"


def test_judged_texts_are_read_by_set(tmp_path) -> None:
    (tmp_path / "extraction").mkdir()
    long = "The mill stands by the river and its wheel turns all day long, whatever the miller may think of it. " * 3
    rows = [
        {"url": "https://www.mill.example/1", "source": "one", "text": long, "code": ["x = 1\n" * 50]},
        {"url": "https://kurz.example/2", "source": "one", "text": "Kurz."},
    ]
    (tmp_path / "extraction/gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    judged = read_judged_texts(tmp_path)
    assert judged.texts == {"code": ["x = 1\n" * 50], "one": [long]}
    assert judged.sites == {"mill.example", "kurz.example"}


def test_of_a_large_set_every_nth_text_is_taken(tmp_path) -> None:
    (tmp_path / "extraction").mkdir()
    text = "The mill number {} stands by the river and its wheel turns all day long, whatever the miller may think of it. "
    texts = [text.format(number) * 3 for number in range(9)]
    rows = [{"url": f"https://{n}.example/", "source": "one", "text": text} for n, text in enumerate(texts)]
    (tmp_path / "extraction/gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert read_judged_texts(tmp_path, most=3).texts == {"one": texts[::3]}
    assert len(read_judged_texts(tmp_path, most=20).texts["one"]) == 9
    assert len(read_judged_texts(tmp_path, most=3).sites) == 9  # all are left out of the corpora
