"""The arrows of the house, read from the source: which package may import which, and where the engine may show."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each package may import of ours. A package that is missing here fails the tests until someone decides.
ARROWS: dict[str, set[str]] = {
    "text": set(),
    "tokens": set(),
    "blocklists": {"text"},
    "recipes": set(),
    "parsers": {"text"},
    "filters": {"text"},
    "dedup": {"text"},
    "trainer": {"tokens", "recipes"},
    "pipeline": {"parsers", "filters", "dedup", "blocklists", "tokens", "recipes", "text"},
    "review": {"pipeline", "parsers", "filters", "dedup", "blocklists", "tokens", "recipes", "text"},
    "gristmill": {"review", "pipeline", "trainer", "recipes", "tokens", "blocklists", "filters"},
}
# The rooms inside a package, as floors from the top one down. A module may import from floors below its own, and
# within its own room; rooms of one floor know nothing of each other. A room is a folder or a module that lies in
# none; ``__init__`` is the package's own face. A package without an entry has no rooms yet.
INNER: dict[str, list[tuple[str, ...]]] = {
    "parsers": [
        ("parser_process",),
        ("sandbox",),
        ("__init__",),
        ("explanation",),
        ("backends",),
        ("parsed_page",),
        ("selection",),
        ("classifier",),
        ("metadata",),
        ("blocks",),
        ("scanner",),
        ("formulas", "code_blocks", "embedded_json"),
        ("limits", "markup_text"),
        ("page_cost",),
        ("markup", "encoding"),
        ("jit", "extracted", "fork_server", "forked_child", "messages"),
    ],
    "trainer": [
        ("__main__",),
        ("cli",),
        ("model_commands",),
        ("posttraining",),
        ("training",),
        ("evaluation",),
        ("metrics",),
        ("distributed", "checkpoint"),
        ("optim", "data"),
        ("model",),
        ("config",),
        ("outputs",),
        ("errors", "labels", "files", "argument_bounds", "__init__"),
    ],
    "pipeline": [
        ("estimate", "derived", "retokenising"),
        ("driver", "reports", "pilot", "redeciding", "remeasuring"),
        ("run_status", "taking_over"),
        ("outputs",),
        ("ledger", "preflight", "timings"),
        ("phases", "warming"),
        ("transforms", "seams", "mix", "runners", "counts"),
        ("early_start",),
        ("phase", "input_units", "job_server_options", "options", "jobs", "mix_weights"),
        ("run_state", "sources", "domain_files"),
        ("listing", "progress"),
        ("commit", "tables", "stopwatch", "json_pieces"),
        ("lock", "worker_server", "watched_worker", "local_runner"),
        ("calls", "worker_pool"),
        ("pool_worker",),
        ("storage", "stages", "worker", "counters", "__init__"),
        ("object_stores",),
        ("ranges",),
        ("retries", "storage_errors"),
    ],
    "review": [
        ("report", "compare_views", "summary", "dataset_card", "inspect", "erasure"),
        ("compare", "html", "looked_at", "marks"),
        ("published",),
        ("__init__",),
    ],
    "gristmill": [
        ("__main__",),
        ("cli",),
        (
            "blocklist_commands",
            "estimate_command",
            "quality_commands",
            "review_commands",
            "export_commands",
            "inspect_commands",
            "derived_commands",
        ),
        ("run_commands", "commands"),
        ("demo",),
        ("progress",),
        ("display", "options", "sample", "interruption", "erasing"),
        ("logs",),
        ("__init__",),
    ],
}
# Packages whose rooms each say in their ``__init__`` which of their modules are for others. Nothing is re-exported
# there: importing one module of a room must not load (or compile) the others.
FACES = ["gristmill", "parsers", "review", "trainer"]
# Folders at the root that hold Python but are not installed.
NOT_INSTALLED = {"tests", "bench"}


def shipped_packages() -> list[str]:
    """The list PACKAGES of setup.py, read without running it."""
    for statement in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "PACKAGES":
            return ast.literal_eval(statement.value)
    raise AssertionError("setup.py has no list called PACKAGES")


def imported_modules(source: str) -> set[str]:
    """Full names of the modules that ``source`` imports anywhere, inside functions too. Relative ones stay at home."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
    return found


def imported_packages(package: str) -> dict[str, set[str]]:
    """For each top-level package that ``package`` imports, the files in which it does."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        for module in imported_modules(path.read_text("utf-8")):
            found.setdefault(module.partition(".")[0], set()).add(str(path.relative_to(ROOT)))
    return found


def modules_of(package: str) -> dict[str, Path]:
    """The modules of a package by full name; a folder's ``__init__`` has the folder's name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def inner_imports(module: str, source: str, modules: set[str] | dict[str, Path]) -> set[str]:
    """Which of ``modules`` are imported by ``module``, inside functions and by type checkers too. Where ``from a
    import b`` names a module ``a.b``, that is meant; else ``a``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # Relative imports count from the module's own folder, which a package's __init__ is itself.
            base = node.module or ""
            if node.level:
                is_folder = any(name.startswith(f"{module}.") for name in modules)
                above = module.split(".")[: len(module.split(".")) - node.level + is_folder]
                base = ".".join([*above, *filter(None, [node.module])])
            found |= {name if (name := f"{base}.{alias.name}") in modules else base for alias in node.names}
    return {name for name in found if name in modules} - {module}


def room_of(module: str) -> str:
    """``a.b`` and ``a.b.c`` lie in room ``b``, ``a`` itself is ``__init__``."""
    return module.split(".")[1] if "." in module else "__init__"


def test_the_reader_of_imports_sees_all_forms() -> None:
    source = "import a.b as c, d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ndef k():\n    import l\n"
    assert imported_modules(source) == {"a.b", "d", "e.f", "l"}


def test_every_package_has_its_arrows() -> None:
    assert {name.partition(".")[0] for name in shipped_packages()} == set(ARROWS)


@pytest.mark.parametrize("package", ARROWS)
def test_a_package_imports_of_ours_only_what_its_arrows_allow(package: str) -> None:
    found = imported_packages(package)
    forbidden = (set(ARROWS) | NOT_INSTALLED) - ARROWS[package] - {package}
    assert {name: files for name, files in found.items() if name in forbidden} == {}


def test_the_reader_of_inner_imports_tells_modules_from_names() -> None:
    modules = {"a", "a.b", "a.b.c", "a.d", "a.e"}
    source = "from a import d, f\nimport a.b.c\ndef g():\n    from . import e\n    from .b.c import h\n"
    assert inner_imports("a.x", source, modules) == {"a", "a.d", "a.e", "a.b.c"}
    assert inner_imports("a.b", "from .c import h\nfrom ..d import i\n", modules) == {"a.b.c", "a.d"}
    assert [room_of(name) for name in ("a", "a.b", "a.b.c")] == ["__init__", "b", "b"]


@pytest.mark.parametrize("package", INNER)
def test_every_room_has_a_floor(package: str) -> None:
    floors = [room for floor in INNER[package] for room in floor]
    assert len(floors) == len(set(floors))
    assert {room_of(module) for module in modules_of(package)} == set(floors)


@pytest.mark.parametrize("package", INNER)
def test_inside_a_package_imports_go_down(package: str) -> None:
    floor = {room: height for height, rooms in enumerate(INNER[package]) for room in rooms}
    modules = modules_of(package)
    wrong = [
        f"{module} -> {other}"
        for module, path in modules.items()
        for other in sorted(inner_imports(module, path.read_text("utf-8"), modules))
        if room_of(module) != room_of(other) and floor[room_of(module)] >= floor[room_of(other)]
    ]
    assert wrong == []


@pytest.mark.parametrize("package", FACES)
def test_no_function_is_called_like_its_module(package: str) -> None:
    kinds = (ast.FunctionDef, ast.ClassDef)
    same = {
        module
        for module, path in modules_of(package).items()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, kinds) and node.name == module.rpartition(".")[2]
    }
    assert same == set()


@pytest.mark.parametrize("package", FACES)
def test_a_rooms_face_names_the_modules_that_others_import(package: str) -> None:
    modules, users = modules_of(package), {}
    for top in shipped_packages():
        users |= modules_of(top) if "." not in top else {}
    unnamed = set()
    for user, path in users.items():
        for other in inner_imports(user, path.read_text("utf-8"), modules):
            room, _, module = other.removeprefix(f"{package}.").partition(".")
            is_outside = user.split(".")[:2] != [package, room]
            if module and is_outside and f"``{module}``" not in modules[f"{package}.{room}"].read_text("utf-8"):
                unnamed.add(other)
    assert unnamed == set()


@pytest.mark.parametrize("package", INNER)
def test_no_circle_of_imports_between_the_modules_of_a_package(package: str) -> None:
    modules = modules_of(package)
    graph = {module: inner_imports(module, path.read_text("utf-8"), modules) for module, path in modules.items()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("package", sorted(set(ARROWS) - {"pipeline"}))
def test_only_the_pipeline_imports_beam(package: str) -> None:
    assert "apache_beam" not in imported_packages(package)


@pytest.mark.parametrize("package", sorted(set(ARROWS) - {"trainer"}))
def test_only_the_trainer_imports_torch_and_what_opens_a_classifier(package: str) -> None:
    # A transformer that a recipe names is opened by the function that runs it.
    assert imported_packages(package).get("torch", set()) <= {"filters/text_classifier.py"}


def test_the_pipeline_and_the_trainer_do_import_their_engines() -> None:
    assert "apache_beam" in imported_packages("pipeline")
    assert "torch" in imported_packages("trainer")


def test_no_circle_of_imports_between_packages() -> None:
    graph = {package: (set(imported_packages(package)) & set(ARROWS)) - {package} for package in ARROWS}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_setup_lists_every_package() -> None:
    ignored = NOT_INSTALLED | {"build", "dist"}
    tops = [top for top in ROOT.iterdir() if top.name not in ignored and not top.name.startswith(".")]
    folders = {path.parent.relative_to(ROOT) for top in tops for path in top.rglob("__init__.py")}
    assert sorted(shipped_packages()) == sorted(".".join(folder.parts) for folder in folders)


def modules_after(statement: str) -> set[str]:
    """Top-level names in ``sys.modules`` of a fresh interpreter that ran ``statement``."""
    script = f"{statement}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", script]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_the_command_line_answers_without_torch_and_beam() -> None:
    loaded = modules_after("import gristmill.cli")
    assert "gristmill" in loaded and not loaded & {"torch", "apache_beam"}


def test_phases_and_driver_are_imported_without_torch() -> None:
    """Which would cost each worker seconds and hundreds of MiB; Beam's RunInference imports it where it is installed."""
    loaded = modules_after("import pipeline.driver, pipeline.phases")
    assert "apache_beam" in loaded and "torch" not in loaded


def test_plain_libraries_are_usable_with_no_engine_in_sight() -> None:
    loaded = modules_after("import parsers, filters, dedup, blocklists, tokens.shards, recipes, text, dedup.clusters")
    assert "dedup" in loaded and not loaded & {"torch", "apache_beam", "pipeline", "trainer"}


def test_the_trainer_runs_where_the_curation_is_not_installed() -> None:
    curation = {"apache_beam", "fastwarc", "resiliparse", "trafilatura", "lxml", "datasketch", "presidio_analyzer"}
    assert not set(imported_packages("trainer")) & curation
    assert not set(imported_packages("tokens")) & curation


@pytest.mark.parametrize("package", ["pipeline", "tokens", "recipes", "review", "gristmill"])
def test_an_import_inside_a_function_has_its_reason_beside_it(package: str) -> None:
    """A comment on its line or on the line above; imports that follow each other share one."""
    bare = []
    for path in modules_of(package).values():
        if path == ROOT / "pipeline" / "storage.py":
            continue  # to be moved with the changes to storage that are under way
        lines = path.read_text("utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.Import | ast.ImportFrom) and node.col_offset:
                above = node.lineno - 2
                while lines[above].strip().startswith(("import ", "from ")):
                    above -= 1
                if "#" not in lines[node.lineno - 1] and not lines[above].strip().startswith("#"):
                    bare.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert bare == []
