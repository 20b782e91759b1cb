"""A small pipeline with one of everything that the mill asks of an engine: what cluster tests run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

_WORDS = 60


class WriteLines(beam.DoFn):
    """(initial, words) -> the file `initial` in `folder`, a sorted line per word: `word length share-of-initial`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def process(self, element: tuple[str, Iterable[str]], totals: dict[str, int]) -> Iterator[str]:
        initial, words = element
        lines = [f"{word} {len(word)} {len(word)}/{totals[initial]}\n" for word in sorted(words)]
        path = self.folder / initial
        path.write_text("".join(lines), "utf-8")
        yield str(path)


class Reject(beam.DoFn):
    """Fails on any element."""

    def process(self, element: str) -> Iterator[str]:
        raise ValueError(f"{element} is not wanted here")


def spell(number: int) -> str:
    """A word of 1 to 12 letters, made from `number` alone."""
    return "".join(chr(ord("a") + (number * step) % 7) for step in range(1, number % 12 + 2)) + str(number)


def run_census(folder: Path, options: list[str]) -> None:
    """Group words by initial and write a file per initial, with the letters of all its words from a side input."""
    with beam.Pipeline(options=PipelineOptions(options)) as pipeline:
        words = (
            pipeline
            | "Numbers" >> beam.Create(range(_WORDS))
            | "Spell" >> beam.Map(spell)
            | "ByInitial" >> beam.WithKeys(lambda word: word[0])
        )
        lengths = words | "Lengths" >> beam.MapTuple(lambda initial, word: (initial, len(word)))
        totals = lengths | "Total" >> beam.CombinePerKey(sum)
        _ = (
            words
            | "Group" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(WriteLines(folder), totals=beam.pvalue.AsDict(totals))
        )


def run_rejecting(options: list[str]) -> None:
    """A pipeline that can't succeed."""
    with beam.Pipeline(options=PipelineOptions(options)) as pipeline:
        _ = pipeline | beam.Create(["a word"]) | beam.ParDo(Reject())
