"""Look-ups on block lists of millions of domains: size, opening, microseconds each, recall of the list's own members.

    python -m bench.blocklists [--domains 5000000] [LIST ...]

Beside it a Python set asked for the host and each domain above it, and datatrove's URL filter where it is installed (it
normalises an address, then asks sets for domain, host and URL). Lists are files in any form; without any, hosts are made up.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from blocklists import load
from blocklists.formats import read
from blocklists.index import HostIndex
from blocklists.lists import build_file

_ROUNDS, _ASKED = 5, 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", metavar="LIST")
    parser.add_argument("--domains", type=int, default=5_000_000)
    arguments = parser.parse_args()
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(path) for path in arguments.lists]
        if not paths:
            paths = [Path(folder) / "made-up.txt"]
            endings = ("com", "net", "org", "de", "co.uk", "ru", "com.br", "xyz")
            with paths[0].open("w") as file:
                for number in range(arguments.domains):
                    file.write(f"{rng.getrandbits(40):x}{number}.{rng.choice(endings)}\n")
        members = [
            entry.host for path in paths for category in read(path) for entry in category.entries() if not entry.path
        ]
        index = Path(folder) / "all.idx"
        started = time.perf_counter()
        entries = build_file([f"{path}#*" for path in paths], index)
        built = time.perf_counter() - started
        started = time.perf_counter()
        HostIndex.open(index)
        opened = time.perf_counter() - started
        size = index.stat().st_size
        print(f"{entries:,} entries: built in {built:.1f} s, {size / 2**20:.1f} MiB, opened in {opened * 1e3:.1f} ms")

        listed = load([index])
        missed = [host for host in members if listed.category(f"http://{host}/") is None]
        print(
            f"recall of its own members: {1 - len(missed) / len(members):.6f} ({len(missed)} missed, such as {missed[:3]})"
        )

        asked = [f"www.{host}" for host in rng.sample(members, min(_ASKED // 2, len(members)))]
        asked += [f"www.{rng.getrandbits(50):x}.example{number}.com" for number in range(len(asked))]
        rng.shuffle(asked)
        plain = frozenset(members)
        tools: dict[str, Callable[[str], object]] = {
            "gristmill": listed.category,
            "a set and parents": lambda host: _above(plain, host),
        }
        if datatrove := _datatrove(plain):
            tools["datatrove"] = datatrove
        times: dict[str, list[float]] = {name: [] for name in tools}
        for _ in range(_ROUNDS):
            for name, ask in tools.items():
                started = time.process_time()
                for host in asked:
                    ask(host)
                times[name].append((time.process_time() - started) / len(asked) * 1e6)
        for name, each in times.items():
            print(f"{name:20} {statistics.median(each):6.2f} us a look-up ({min(each):.2f} to {max(each):.2f})")


def _above(hosts: frozenset[str], host: str) -> bool:
    while host:
        if host in hosts:
            return True
        host = host.partition(".")[2]
    return False


def _datatrove(hosts: frozenset[str]) -> Callable[[str], object] | None:
    try:
        from datatrove.data import Document
        from datatrove.pipeline.filters import URLFilter
    except ImportError:
        return None
    judge = URLFilter(extra_domains=hosts, use_integrated_lists=False)
    return lambda host: judge.filter(Document("", "id", metadata={"url": f"http://{host}/"}))


if __name__ == "__main__":
    main()
