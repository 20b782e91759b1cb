"""Main-content extraction measured: accuracy per source beside other extractors, speed ratios, costs and limits.

    python -m bench.extraction [PACK]              tables per source, and speed on 200 pages, all tools in turn on each
    python -m bench.extraction --against           also paired bootstrap intervals of the difference to each tool
    python -m bench.extraction --tables            also rows and columns of tables against the markup's own
    python -m bench.extraction --worst 10          also the ten worst pages per source
    python -m bench.extraction --recipes           which lines of recipes are kept (recipes/ of the development data)
    python -m bench.extraction --profile           where a page's time goes
    python -m bench.extraction --growth            time and memory from 10 kB to 10 MB, flat and nested
    python -m bench.extraction --nasty             hostile pages against limits of time and memory

PACK is a folder with gold.jsonl and pages/, by default extraction/ of the development data (GRISTMILL_DATA); the
scorer comes with the shared data (GRISTMILL_SHARED). Rivals take part where the interpreter can import them; a
sentence names each that it can't. Tools that pip doesn't install take part by their stored texts: --stored
NAME=FILE.jsonl.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import math
import os
import random
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from bench import extraction_limits, extraction_speed, table_structure
from bench.extraction_recipes import recipes
from bench.extraction_score import MEASURES, OWN_GOLD, PAIRED, Pack, Results, differences, load_scorer, run, worst
from bench.extraction_tools import RIVALS, Contestant, Page, parser, rivals, stored, without_headlines

PARSER = "gristmill"
_COUNTS = {"err", "empty"}


def main() -> None:
    arguments = _arguments()
    try:
        with _silence():
            report = _measure(arguments)
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1), "utf-8")


def _measure(arguments: argparse.Namespace) -> dict:
    """All figures that were asked for, shown as they come."""
    report: dict = {"parser": arguments.parser}
    ours = parser(arguments.parser)
    if arguments.growth:
        report["growth"] = extraction_limits.growth(arguments.parser)
        show_growth(report["growth"])
    if arguments.nasty:
        report["nasty"] = extraction_limits.nasty(arguments.parser, _data() / "nasty")
        show_nasty(report["nasty"])
    if arguments.recipes:
        report["recipes"] = recipes(_data() / "recipes", [ours, *rivals(_others(arguments))[0]])
        show_recipes(report["recipes"])
    if arguments.profile or not (arguments.growth or arguments.nasty or arguments.recipes):
        pack = Pack(arguments.pack, load_scorer(), arguments.sources)
        if arguments.profile:
            report["profile"] = extraction_speed.profile(arguments.parser, _sample(pack, arguments.speed or 200))
            show_profile(report["profile"])
        else:
            _compare(arguments, ours, pack, report)
    return report


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Rivals log and warn about pages that they can't read; the tables count those."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("pack", nargs="?", type=Path, default=_data() / "extraction", metavar="PACK")
    options.add_argument("--parser", default=PARSER, help=f"ours: a recipe's parser or package.module ({PARSER})")
    options.add_argument("--tools", type=_list, default=list(RIVALS), metavar="A,B", help="rivals (all); none with ''")
    options.add_argument(
        "--stored", type=_stored, action="append", default=[], metavar="NAME=FILE", help="JSON lines id, text"
    )
    options.add_argument("--sources", type=_list, metavar="A,B", help="of the pack (all)")
    options.add_argument("--speed", type=int, default=200, metavar="N", help="pages to time; 0: none (200)")
    options.add_argument("--against", action="store_true", help="paired differences with 95%% intervals")
    options.add_argument("--tables", action="store_true", help="how well the structure of tables survives")
    options.add_argument("--worst", type=int, default=0, metavar="N", help="worst pages per source")
    options.add_argument("--recipes", action="store_true", help="lines of recipes that are kept")
    options.add_argument("--profile", action="store_true", help="where the time goes")
    options.add_argument("--growth", action="store_true", help="cost by page size")
    options.add_argument("--nasty", action="store_true", help="cost of hostile pages")
    options.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, too")
    return options.parse_args()


def _data() -> Path:
    return Path(os.environ.get("GRISTMILL_DATA", "~/.cache/gristmill-data")).expanduser()


def _list(value: str) -> list[str]:
    return [name for name in value.split(",") if name]


def _stored(value: str) -> tuple[str, Path]:
    name, _, file = value.partition("=")
    if not Path(file).is_file():
        raise argparse.ArgumentTypeError(f"{value!r} should be NAME=FILE with a file that exists")
    return name, Path(file)


def _compare(arguments: argparse.Namespace, ours: Contestant, pack: Pack, report: dict) -> None:
    present, absent = rivals(_others(arguments))
    contestants = [
        ours,
        without_headlines(arguments.parser),
        *present,
        *(stored(name, file) for name, file in arguments.stored),
    ]
    print("tools: " + ", ".join(f"{tool.name} {tool.version}".strip() for tool in contestants))
    print("".join(f"{sentence}\n" for sentence in absent), end="", flush=True)
    results = run(pack, contestants, _progress)
    report["tools"] = {name: {"version": r.contestant.version} | r.summary() for name, r in results.items()}
    report["absent"] = absent
    show_tables(report["tools"], pack)
    show_errors(results)
    if arguments.against:
        report["against"] = {
            name: differences(results[ours.name], theirs, pack.scorer)
            for name, theirs in results.items()
            if name != ours.name
        }
        show_differences(report["against"], ours.name)
    if arguments.tables:
        report["tables"] = table_structure.measure(pack, contestants)
        show_structure(report["tables"])
    if arguments.worst:
        report["worst"] = worst(results, ours.name, arguments.worst)
        show_worst(report["worst"])
    if arguments.speed:
        pages = _sample(pack, arguments.speed)
        report["speed"] = _speed([tool for tool in contestants if tool.runs], pages)
        show_speed(report["speed"], pages)


def _others(arguments: argparse.Namespace) -> list[str]:
    return [name for name in arguments.tools if name != arguments.parser]


def _sample(pack: Pack, count: int) -> list[Page]:
    picked = random.Random(1).sample(pack.gold, min(count, len(pack.gold)))
    return [pack.page(gold) for gold in picked]


def _speed(contestants: list[Contestant], pages: list[Page]) -> dict[str, dict]:
    seconds = extraction_speed.interleaved(contestants, pages)
    ours = seconds[contestants[0].name]
    return {
        name: {"ms_per_page": 1000 * float(theirs.mean()), "ratio": extraction_speed.ratio(theirs, ours)}
        for name, theirs in seconds.items()
    }


def _progress(done: int, pages: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {pages} pages", end="\n" if done == pages else "", file=sys.stderr, flush=True)


def show_tables(tools: dict[str, dict], pack: Pack) -> None:
    """One table per measure, a row a tool, a column a source; then means, or sums of counts."""
    for measure, title in MEASURES.items():
        columns = [source for source in pack.sources if any(measure in figures[source] for figures in tools.values())]
        if not columns:
            continue
        means = measure in PAIRED
        total = "sum" if measure in _COUNTS else "mean" if means else "all pages"
        head = [*columns, total, *([f"less {OWN_GOLD}"] if means and OWN_GOLD in columns else [])]
        widths = [max(len(name), 5) + 2 for name in head]
        print(f"\n{title}\n{'':22}" + "".join(f"{name:>{width}}" for name, width in zip(head, widths, strict=True)))
        for name, figures in tools.items():
            keys = [*columns, "all", "neutral"][: len(head)]
            cells = (_cell(figures[key].get(measure), measure) for key in keys)
            print(f"{name:22}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)))


def _cell(value: float | None, measure: str) -> str:
    return "" if value is None else f"{value:d}" if measure in _COUNTS else f"{value:.3f}"


def show_errors(results: dict[str, Results]) -> None:
    for name, result in results.items():
        for error, count in result.errors.most_common(3):
            print(f"{name} raised on {count} pages: {error}")


def show_differences(against: dict[str, dict], ours: str) -> None:
    """Where the interval excludes 0, the side that leads is named."""
    for name, sources in against.items():
        print(f"\n{ours} minus {name}, with the 95% interval of a paired bootstrap over pages")
        print(f"{'':18}" + "".join(f"{MEASURES[measure]:<40}" for measure in PAIRED))
        for source, measures in sources.items():
            cells = ""
            for measure in PAIRED:
                difference, low, high = measures[measure]
                leader = "ahead" if low > 0 else "behind" if high < 0 else ""
                cells += f"{difference:+.4f} [{low:+.4f}, {high:+.4f}] {leader}".ljust(40)
            print(f"{source:18}{cells}".rstrip())


def show_structure(tools: dict[str, dict[str, float]]) -> None:
    for name, figures in tools.items():
        print(f"tables: {name:22}{figures['tables']:5d}, found {figures['found']:.3f}, TEDS {figures['teds']:.3f}")


def show_worst(pages: dict[str, list[dict]]) -> None:
    for source, rows in pages.items():
        print(f"\nworst of {source}: word F1, precision, recall; the best other's F1")
        for row in rows:
            other = "{:.3f} {}".format(*row["best other"]) if row["best other"] else ""
            print(f"    {row['F']:.3f}  P {row['P']:.3f}  R {row['R']:.3f}  {other:32} {row['id']}")


def show_speed(speed: dict[str, dict], pages: list[Page]) -> None:
    ours = next(iter(speed))
    size = sum(len(page.html) for page in pages) / len(pages)
    print(f"\nspeed: {len(pages)} pages of {size / 1000:.0f} kB on average, CPU time, all tools in turn on each page")
    for name, figures in speed.items():
        line = f"    {name:22}{figures['ms_per_page']:9.2f} ms a page {1000 / figures['ms_per_page']:9.1f} pages/s"
        if name != ours:
            line += "   {} is {total:.2f} x as fast [{low:.2f}, {high:.2f}], {median:.2f} on the median page".format(
                ours, **figures["ratio"]
            )
        print(line)


def show_profile(stages: dict[str, float]) -> None:
    whole = sum(stages.values())
    print(f"\na page takes {whole:.3f} ms of CPU time")
    for name, milliseconds in stages.items():
        print(f"    {name:12}{milliseconds:9.3f} ms {milliseconds / whole:7.1%}")


def show_recipes(tools: dict[str, dict[str, float]]) -> None:
    print("\nlines of recipes that are kept, and pages that lose their ingredients")
    print(f"{'':22}{'ingredients':>13}{'instructions':>14}{'all lost':>10}{'some lost':>11}")
    for name, figures in tools.items():
        shares = f"{figures['ingredients']:13.3f}{figures['instructions']:14.3f}"
        print(f"{name:22}{shares}{figures['all']:10d}{figures['some']:11d}")


def show_growth(rows: list[dict]) -> None:
    print("\ngrowth with page size: CPU time (best of 3), memory beyond what the process held")
    print(f"    {'shape':8}{'bytes':>12}{'ms':>12}{'ms per 10 kB':>14}{'peak MB':>10}{'bytes per byte':>16}")
    for row in rows:
        cells = f"{row['ms']:12.2f}{row['ms_per_10kB']:14.3f}{row['peak_MB']:10.1f}{row['bytes_per_byte']:16.1f}"
        print(f"    {row['shape']:8}{row['bytes']:>12,}" + (f"  {row['error']}" if row["error"] else cells))


def show_nasty(found: dict) -> None:
    seconds, memory = extraction_limits.MAX_SECONDS, extraction_limits.MAX_MEMORY / 1e6
    print(f"\nhostile pages: {found['pages']:,}")
    verdicts = {
        "raised": "raise no exception", "died": "kill no process", "slow": f"take at most {seconds:g} s of CPU time",
        "large": f"take at most {memory:.0f} MB of memory",
    }  # fmt: skip
    for kind, promise in verdicts.items():
        print(
            f"    {'FAIL' if found[kind] else 'pass'}  {promise}" + (f": {len(found[kind])} do" if found[kind] else "")
        )
        for line in found[kind][:10]:
            print(f"          {line}")
    (most_seconds, slowest), (most_memory, largest) = found["max_seconds"], found["max_memory_MB"]
    if math.isfinite(most_seconds):
        print(f"    slowest {most_seconds:.3f} s ({slowest}); largest {most_memory:.1f} MB ({largest})")


if __name__ == "__main__":
    main()
