"""``gristmill inspect`` and ``gristmill decide``: looking at pages of a finished run, and what people decide about them."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from pipeline.worker import import_with_beam, quieten


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the commands to the command line."""
    inspect = subparsers.add_parser(
        "inspect",
        help="look at a run's pages in a browser, raw and as text, with the way of each, and decide about them",
        description="Serves a finished run to one browser of this machine, until Ctrl-C. The address that it prints works once.",
    )
    inspect.add_argument("dir", metavar="DIR", help="the folder of a finished run")
    inspect.add_argument("--inputs", metavar="PATH", help="where the run's input files are now, if they have moved")
    inspect.add_argument("--port", type=int, default=0, metavar="N", help="listen on this port (one that is free)")
    inspect.add_argument(
        "--decisions", metavar="FILE", help="the file that decisions are added to (DIR/decisions.jsonl)"
    )
    inspect.add_argument("--reviewer", metavar="NAME", default="", help="who decides (the user of this machine)")
    inspect.add_argument("--reveal", action="store_true", help="show personal data, which is masked otherwise")
    inspect.add_argument(
        "--queue", type=int, default=0, metavar="N",
        help="draw N pages, as many of each rule, half by lot and half nearest to its limit, and walk through them",
    )  # fmt: skip
    inspect.add_argument("--seed", type=int, default=0, metavar="S", help="another seed draws other pages (0)")
    inspect.add_argument("--open", action="store_true", help="open a browser")
    inspect.set_defaults(run=_inspect)

    decide = subparsers.add_parser(
        "decide",
        help="write a decision about a page or site into a file that recipes follow",
        description="Adds a line to a file of decisions; a recipe that names it (decisions: [FILE]) follows it.",
    )
    decide.add_argument("file", metavar="FILE", help="the file of decisions; made where there is none")
    decide.add_argument(
        "verdict", choices=("drop", "keep", "undo"), help="undo takes back the line before about the same"
    )
    decide.add_argument("value", metavar="WHAT", help="a URL (a prefix with * at its end), an id, a domain or a host")
    decide.add_argument(
        "--scope", choices=("id", "url", "prefix", "host", "domain"), help="what WHAT is (by its form)"
    )
    decide.add_argument("--why", default="", help="erasure, opt-out, licence, false positive, or other words")
    decide.add_argument("--note", default="", help="for whoever reads the file")
    decide.add_argument("--who", default="", help="who decides (the user of this machine)")
    decide.set_defaults(run=_decide)


def _inspect(arguments: argparse.Namespace) -> int:
    quieten()
    import_with_beam()
    # After logging is set up, and only for this command: Beam takes a second to load.
    from review.inspect.inspector import Inspector
    from review.inspect.server import InspectServer

    if not 0 <= arguments.port < 65_536:
        raise ValueError(f"--port is {arguments.port}, and must lie between 0 and 65535")
    if arguments.queue < 0:
        raise ValueError(f"--queue is {arguments.queue}; give how many pages to look at")
    inspector = Inspector(
        arguments.dir, arguments.inputs, arguments.decisions, arguments.reveal, arguments.reviewer, arguments.queue,
        arguments.seed,
    )  # fmt: skip
    with InspectServer(inspector, arguments.port) as server:
        inspector.prepare()
        print(f"{server.address}\nDecisions go to {inspector.decider.path}; Ctrl-C ends this.", flush=True)
        if arguments.open:
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        finally:
            inspector.close()
    return 0


def _decide(arguments: argparse.Namespace) -> int:
    quieten()
    # Only for this command: the public suffix list.
    from blocklists.decisions import append
    from review.inspect.decide import made_by_hand

    made = made_by_hand(
        arguments.verdict, arguments.value, arguments.scope or "", arguments.why, arguments.note, arguments.who
    )
    append(Path(arguments.file), [made])
    print(f"Added to {arguments.file}: {made.verdict} {made.scope} {made.value}")
    return 0
