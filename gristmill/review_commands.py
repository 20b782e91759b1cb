"""``gristmill report``, ``compare`` and ``summary``: what finished runs did, what differs, and what the law asks of them."""

from __future__ import annotations

import argparse
import json

from pipeline.worker import import_with_beam, quieten


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the commands about finished runs to the command line."""
    report = subparsers.add_parser(
        "report",
        help="write a page that says what a finished run did, with samples of all that it kept and dropped",
        description="Writes one HTML file that opens anywhere and asks nobody for anything: every stage with what it "
        "took, samples of each reason, how each measure is spread.",
    )
    report.add_argument("dir", metavar="DIR", help="the folder of a finished run")
    report.add_argument("--output", metavar="FILE", help="where the page is written (DIR/report.html)")
    report.add_argument("--samples", type=int, default=5, metavar="N", help="of each outcome; 0 shows no text (5)")
    report.add_argument(
        "--reveal", action="store_true", help="show personal data in samples, which is masked otherwise"
    )
    report.add_argument(
        "--decisions", metavar="FILE", help="what people decided while they looked (DIR/decisions.jsonl)"
    )
    report.set_defaults(run=_report)

    compare = subparsers.add_parser(
        "compare",
        help="say what differs between two finished runs",
        description="Compares two finished runs: settings, ledgers, and every record that ended otherwise. The exit "
        "status is 0 where all records ended alike and 3 where some did not.",
    )
    compare.add_argument("one", metavar="RUN_A", help="the folder of a finished run")
    compare.add_argument("other", metavar="RUN_B", help="the folder of another one")
    compare.add_argument("--html", metavar="FILE", help="write a page, too")
    compare.add_argument("--json", action="store_true", help="print JSON instead of text")
    compare.set_defaults(run=_compare)

    summary = subparsers.add_parser(
        "summary",
        help="draft what the law asks to be said of training data",
        description="Drafts the public summary of training content of the EU's AI Act (Article 53(1)(d)) and the documentation "
        "of California's AB 2013 from the figures of finished runs. What runs can't know is marked.",
    )
    summary.add_argument("dirs", nargs="+", metavar="RUN", help="folders of finished runs")
    summary.add_argument("--json", action="store_true", help="all figures, all listed domains")
    summary.add_argument(
        "--small-provider",
        action="store_true",
        help="list 5 %% of domains, at most 1,000, as small and medium-sized enterprises may; else 10 %%",
    )
    summary.add_argument("--output", metavar="FILE", help="write there instead of printing")
    summary.set_defaults(run=_summary)


def _report(arguments: argparse.Namespace) -> int:
    quieten()
    import_with_beam()
    # Beam comes in with pipeline, which takes a second that other commands don't need.
    from review.report.document import write_report

    if arguments.samples < 0:
        raise ValueError(
            f"--samples is {arguments.samples}; give how many records of each outcome to show, 0 for none"
        )
    print(write_report(arguments.dir, arguments.output, arguments.samples, arguments.reveal, arguments.decisions))
    return 0


def _summary(arguments: argparse.Namespace) -> int:
    quieten()
    import_with_beam()
    # Beam comes in with pipeline, which takes a second that other commands don't need.
    from pipeline import json_pieces, storage
    from review.summary import templates
    from review.summary.measure import measure_runs

    found = measure_runs(arguments.dirs)
    if arguments.json:
        texts = json_pieces.texts(templates.as_json(found, arguments.small_provider), indent=1, sort_keys=False)
    else:
        texts = iter([templates.as_markdown(found, arguments.small_provider)])
    if arguments.output:
        storage.write_pieces(arguments.output, (text.encode("utf-8", "backslashreplace") for text in texts))
        print(arguments.output)
    else:
        for text in texts:
            print(text, end="")
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    quieten()
    import_with_beam()
    # Beam comes in with pipeline, which takes a second that other commands don't need.
    from pipeline import storage
    from review import compare_views
    from review.compare import compare_runs

    found = compare_runs(arguments.one, arguments.other)
    if arguments.json:
        print(json.dumps(compare_views.as_json(found), indent=1, ensure_ascii=False))
    else:
        for line in compare_views.lines(found):
            print(line)
    if arguments.html:
        storage.write_bytes(arguments.html, compare_views.as_page(found).encode("utf-8", "backslashreplace"))
    return 0 if found.equal else 3
