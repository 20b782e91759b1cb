"""``gristmill blocklists``: fetches and builds block lists, and tells what is there."""

from __future__ import annotations

import argparse
from pathlib import Path


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the command ``blocklists`` to the command line."""
    parser = subparsers.add_parser(
        "blocklists", help="fetch and build lists of sites to block; show what is installed"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    fetch = commands.add_parser(
        "update",
        help="fetch published lists, or one of your own, and install them",
        description="Fetches lists, builds them, and puts each into use once it is whole. A recipe then names them: "
        "block.lists: [ut1/adult, urlhaus].",
    )
    fetch.add_argument(
        "names", nargs="*", metavar="NAME", help="published lists (all): see gristmill blocklists published"
    )
    fetch.add_argument("--from", dest="origin", metavar="URL-OR-PATH", help="any other list, archive or folder")
    fetch.add_argument("--name", metavar="NAME", help="what to call the list that --from gives (its file's name)")
    fetch.add_argument("--licence", default="", metavar="TEXT", help="the licence of the list that --from gives")
    fetch.add_argument("--words", action="store_true", help="--from gives lists of obscene words, named by language")
    fetch.set_defaults(run=_update)

    show = commands.add_parser("show", help="what is shipped and installed: entries, age, origin, licence")
    show.set_defaults(run=_show)
    published = commands.add_parser("published", help="the published lists that update knows by name")
    published.set_defaults(run=_published)

    look = commands.add_parser("look", help="say which lists an address is on")
    look.add_argument("address", metavar="URL-OR-HOST")
    look.add_argument(
        "--lists", nargs="+", default=None, metavar="LIST", help="names or paths (all shipped and installed)"
    )
    look.set_defaults(run=_look)

    build = commands.add_parser(
        "build", help="build lists into one file, for a recipe whose workers have no installed lists"
    )
    build.add_argument("lists", nargs="+", metavar="LIST", help="names or paths, as a recipe's block.lists has them")
    build.add_argument(
        "--output", required=True, metavar="FILE", help="the index to write; block.lists: [FILE] uses it"
    )
    build.set_defaults(run=_build)


def _update(arguments: argparse.Namespace) -> int:
    # Only for this command: numpy and the public suffix list.
    from blocklists.update import update

    if arguments.names and arguments.origin:
        raise ValueError("name published lists or one of your own with --from, not both")
    if arguments.origin is None and (arguments.name or arguments.licence):
        raise ValueError("--name and --licence go with --from; a published list has its own")
    if arguments.words and arguments.origin is None:
        raise ValueError("--words goes with --from; a published list is known to be one or not")
    kind = "words" if arguments.words else "sites"
    try:
        update(arguments.names, arguments.origin, arguments.name, arguments.licence, kind=kind)
    except OSError as error:
        raise RuntimeError(error) from error
    return 0


def _show(arguments: argparse.Namespace) -> int:
    # Only for this command: numpy and the public suffix list.
    from rich.table import Table

    # Only for this command: numpy and the public suffix list.
    from blocklists import installed, load, shipped
    from gristmill.display import console

    rows = Table("list", "entries", "fetched", "published", "licence", "origin", title="block lists")
    for name in shipped():
        rows.add_row(
            name, f"{len(load([name])):,}", "ships with gristmill", "", "Apache-2.0", "a demonstration, not a filter"
        )
    for about in installed.builds():
        if about.kind == "words":
            count = sum(about.entries.values())
            name = f"{about.name} (words, {len(about.entries)} languages)"
            rows.add_row(name, f"{count:,}", about.fetched[:10], about.published[:10], about.licence, about.origin)
            continue
        for category, count in sorted(about.entries.items()):
            name = f"{about.name}/{category}" if len(about.entries) > 1 else about.name
            rows.add_row(name, f"{count:,}", about.fetched[:10], about.published[:10], about.licence, about.origin)
    console.print(rows)
    console.print(f"Installed lists lie in {installed.folder()}.", highlight=False, soft_wrap=True)
    return 0


def _published(arguments: argparse.Namespace) -> int:
    # Only for this command: numpy and the public suffix list.
    from blocklists.update import PUBLISHED

    for name, list_ in PUBLISHED.items():
        print(f"{name:18} {list_.holds}\n{'':18} {list_.url} ({list_.licence})")
    return 0


def _look(arguments: argparse.Namespace) -> int:
    # Only for this command: numpy and the public suffix list.
    from blocklists import installed, load, shipped

    names = arguments.lists or [*shipped(), *installed.names()]
    hits = [f"{name}: {category}" for name in names if (category := load([name]).category(arguments.address))]
    print("\n".join(hits) if hits else f"{arguments.address} is on none of {len(names)} lists")
    return 0 if hits else 1


def _build(arguments: argparse.Namespace) -> int:
    # Only for this command: numpy and the public suffix list.
    from blocklists.lists import build_file

    output = Path(arguments.output)
    count = build_file(arguments.lists, output)
    print(f"{output}: {count:,} entries, {output.stat().st_size / 2**20:.1f} MiB")
    return 0
