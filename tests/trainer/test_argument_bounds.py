from __future__ import annotations

import argparse

import pytest

from trainer.argument_bounds import at_least


@pytest.mark.parametrize(
    ("bounds", "taken", "refused"),
    [
        ({"kind": int, "least": 1}, ["1", "2", "1000000"], {"0": "0 must be at least 1", "-1": "-1 must be at least 1"}),
        ({"kind": float, "least": 0}, ["0", "0.5"], {"-0.1": "-0.1 must be at least 0", "nan": "nan must be at least 0"}),
        (
            {"kind": float, "least": 0, "most": 1},
            ["0", "1"],
            {"1.01": "1.01 must be at least 0 and at most 1", "-1": "-1 must be at least 0 and at most 1"},
        ),
        (
            {"kind": float, "least": 0, "most": 1, "open_below": True},
            ["0.001", "1"],
            {"0": "0 must be more than 0 and at most 1", "nan": "nan must be more than 0 and at most 1"},
        ),
    ],
)  # fmt: skip
def test_numbers_within_their_bounds_are_taken(bounds: dict, taken: list[str], refused: dict[str, str]) -> None:
    convert = at_least(**bounds)
    assert [convert(text) for text in taken] == [bounds["kind"](text) for text in taken]
    for text, words in refused.items():
        with pytest.raises(argparse.ArgumentTypeError) as found:
            convert(text)
        assert str(found.value) == words


def test_what_is_no_number_is_called_so(capsys) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=at_least(int, 1))
    with pytest.raises(SystemExit):
        parser.parse_args(["--rows", "many"])
    assert "argument --rows: invalid number value: 'many'" in capsys.readouterr().err
