"""Lines for training the second language model: words of one to eight pairs, the same in any order."""

from __future__ import annotations

from pathlib import Path

from filters.train_languages import PAIRS_A_LINE, examples


def test_lines_hold_one_three_or_eight_pairs_of_a_language(tmp_path: Path) -> None:
    (tmp_path / "de.txt").write_text("\n".join(f"Wort{n} Paar" for n in range(24)) + "\n\n")
    (tmp_path / "fr.txt").write_text("\n".join(f"mot{n} paire" for n in range(23, -1, -1)))
    lines = examples(tmp_path)
    assert {len(line.split()) - 1 for line in lines} == {2 * count for count in PAIRS_A_LINE}
    assert {line.split()[0] for line in lines} == {"__label__de", "__label__fr"}
    assert all(word == word.lower() for line in lines for word in line.split())
    assert len(lines) == len(set(lines)) == 2 * (24 + 2 * 8 + 2 * 3)
    (tmp_path / "fr.txt").write_text("\n".join(f"mot{n} paire" for n in range(24)))
    assert examples(tmp_path) == lines
