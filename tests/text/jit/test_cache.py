"""Compiled kernels are never older than any source that they were made from, and are kept wherever one may write."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import pytest

from text.jit import cache

ROOT = cache.source_root()
CALLEE = "from text.jit.options import inner\n\nFACTOR = 2\n\n@inner\ndef scaled(x):\n    return x * FACTOR\n"
CALLER = """
import sys
import numpy as np
from text.jit.options import kernel
from parsers.callee import scaled
from parsers.constants import ADDED

@kernel
def total(values):
    found = values[0]
    for value in values[1:]:
        found += value
    return scaled(found) + ADDED

if __name__ == "__main__":
    from parsers.caller import total
    kinds = sys.argv[1].split(",")
    print([float(total(np.arange(4).astype(kind))) for kind in kinds])
    print(sum(total.stats.cache_misses.values()))
"""
# Three blocks in elements of one class each, which one template has made.
TOGETHER = """
from types import SimpleNamespace
import numpy as np
from parsers.classifier.template_smoothing import smooth_by_template
from parsers.scanner.page import ELEMENT, WORDS
elements, blocks = np.zeros((3, 7), np.int32), np.zeros((3, 25), np.int32)
blocks[:, ELEMENT], blocks[:, WORDS] = range(3), 70
page = SimpleNamespace(elements=elements, signature=np.full(3, 99, np.uint64), blocks=blocks)
print([round(float(p), 2) for p in smooth_by_template(page, np.array([0.8, 0.8, 0.1], np.float32))])
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The decorators, and a package called parsers with one kernel and what it calls and reads."""
    shutil.copytree(ROOT / "text" / "jit", tmp_path / "text" / "jit", ignore=shutil.ignore_patterns("*.pyc"))
    (tmp_path / "text" / "__init__.py").touch()
    (tmp_path / "parsers").mkdir()
    (tmp_path / "parsers" / "__init__.py").touch()
    (tmp_path / "parsers" / "callee.py").write_text(CALLEE)
    (tmp_path / "parsers" / "caller.py").write_text(CALLER)
    (tmp_path / "parsers" / "constants.py").write_text("ADDED = 100\n")
    return tmp_path


def started(root: Path, *command: str, **environment: str) -> subprocess.Popen:
    env = {**os.environ, "PYTHONPATH": str(root), "XDG_CACHE_HOME": str(root / "cache"), **environment}
    return subprocess.Popen(
        [sys.executable, *command], cwd=root, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finished(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def total(root: Path, kinds: str = "i8", **environment: str) -> tuple[list[float], int]:
    """What the kernel returns for 0 + 1 + 2 + 3 in each of the types, and how often it had to be compiled."""
    results, compiled = finished(started(root, "-m", "parsers.caller", kinds, **environment)).splitlines()
    return [float(value) for value in results.strip("[]").split(",")], int(compiled)


def edit(path: Path, old: str, new: str) -> None:
    source = path.read_text()
    assert old in source
    path.write_text(source.replace(old, new))


def folders(root: Path) -> set[str]:
    return {entry.name for entry in (root / "cache" / "gristmill-kernels").iterdir()}


def test_an_edit_of_a_callee_or_a_constant_in_another_file_changes_the_caller(small: Path) -> None:
    assert total(small) == ([112.0], 1)
    assert total(small) == ([112.0], 0)
    edit(small / "parsers" / "callee.py", "FACTOR = 2", "FACTOR = 3")
    assert total(small) == ([118.0], 1)
    edit(small / "parsers" / "callee.py", "return x * FACTOR", "return x")
    assert total(small) == ([106.0], 1)
    edit(small / "parsers" / "constants.py", "100", "200")
    assert total(small) == ([206.0], 1)
    assert len(folders(small)) == 4
    edit(small / "parsers" / "constants.py", "200", "100")
    edit(small / "parsers" / "callee.py", "return x", "return x * FACTOR")
    edit(small / "parsers" / "callee.py", "FACTOR = 3", "FACTOR = 2")
    assert total(small) == ([112.0], 0)  # the first folder again


def test_an_emptied_template_hash_changes_what_blocks_are_taken_together(tmp_path: Path) -> None:
    for package in cache.SOURCES["parsers"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    before = finished(started(tmp_path, "-c", TOGETHER))
    edit(
        tmp_path / "parsers" / "scanner" / "template_hash.py",
        "        key = key * GOLDEN ^ (signature[element] | UNIT)\n",
        "",
    )
    assert finished(started(tmp_path, "-c", TOGETHER)) != before == "[0.73, 0.73, 0.23]\n"


def test_checked_kernels_and_unchecked_ones_lie_apart(small: Path) -> None:
    assert total(small, NUMBA_BOUNDSCHECK="0") == total(small, NUMBA_BOUNDSCHECK="1") == ([112.0], 1)
    assert len(folders(small)) == 2


def test_a_checked_run_finds_an_index_out_of_range_in_an_inner_function(small: Path) -> None:
    (small / "parsers" / "reads.py").write_text(
        "import numpy as np\nfrom text.jit.options import inner, kernel\n\n"
        "@inner\ndef at(values, place):\n    return values[place]\n\n"
        "@kernel\ndef read(values, place):\n    return at(values, place)\n\n"
        "read(np.arange(4)[:3], 3)\n"
    )
    finished(started(small, "-m", "parsers.reads", NUMBA_BOUNDSCHECK="0"))
    _, err = started(small, "-m", "parsers.reads", NUMBA_BOUNDSCHECK="1").communicate(timeout=300)
    assert "IndexError" in err


def test_processes_that_start_at_once_leave_a_cache_that_holds_for_all(small: Path) -> None:
    kinds = ["i8", "f8", "i4", "f4"]
    orders = [",".join(kinds[turn:] + kinds[:turn]) for turn in range(len(kinds))]
    for process in [started(small, "-m", "parsers.caller", order) for order in orders]:
        assert set(eval(finished(process).splitlines()[0])) == {112.0}
    total(small, ",".join(kinds))
    assert total(small, ",".join(kinds)) == ([112.0] * 4, 0)


def test_without_any_folder_to_write_to_kernels_are_compiled_and_it_is_said_once(small: Path) -> None:
    file = small / "file"
    file.touch()
    script = f"import tempfile; tempfile.tempdir = {str(file)!r}; import parsers.caller as c, numpy; print(c.total(numpy.arange(4)))"
    process = started(small, "-c", script, XDG_CACHE_HOME=str(file))
    out, err = process.communicate(timeout=300)
    assert out == "112\n" and err.count("are not kept") == 1 and "NUMBA_CACHE_DIR" in err


def test_a_release_of_numba_that_was_not_tried_is_said_once_and_gives_the_same(small: Path) -> None:
    script = (
        "import numba; numba.__version__ = '9.9'; import parsers.caller as c, numpy; print(c.total(numpy.arange(4)))"
    )
    for _ in range(2):
        out, err = started(small, "-c", script).communicate(timeout=300)
        assert out == "112\n" and err.count("numba 9.9 was not tried") == 1


def test_the_key_looks_at_every_file_of_the_sources_and_at_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "parsers" / "scanner" / "page.py"
    path.parent.mkdir(parents=True)
    keys = [cache.key(tmp_path, "parsers")]
    for content in ("KIND = 5", "KIND = 6"):
        path.write_text(content)
        keys.append(cache.key(tmp_path, "parsers"))
    (tmp_path / "parsers" / "phrases.txt").write_text("related articles")
    keys.append(cache.key(tmp_path, "parsers"))
    path.rename(path.with_name("columns.py"))
    keys.append(cache.key(tmp_path, "parsers"))
    assert keys[0] == "" and len(set(keys)) == 5  # no sources, no key
    (tmp_path / "parsers" / "__pycache__").mkdir()
    (tmp_path / "parsers" / "__pycache__" / "page.nbi").touch()
    assert cache.key(tmp_path, "parsers") == keys[-1]


def test_a_package_has_a_key_of_its_own_and_looks_at_what_it_may_import(tmp_path: Path) -> None:
    for package in cache.SOURCES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "kernels.py").write_text("FACTOR = 2")
    before = {package: cache.key(tmp_path, package) for package in cache.SOURCES}
    assert len(set(before.values())) == len(cache.SOURCES)
    (tmp_path / "filters" / "kernels.py").write_text("FACTOR = 3")
    assert {each for each in before if cache.key(tmp_path, each) != before[each]} == {"filters"}
    (tmp_path / "text" / "kernels.py").write_text("FACTOR = 3")
    assert {each for each in before if cache.key(tmp_path, each) != before[each]} == set(cache.SOURCES)


def chosen() -> Path | None:
    return cache.folder.__wrapped__("parsers")


def test_the_folder_lies_where_the_user_says_or_in_the_users_cache(tmp_path: Path, monkeypatch) -> None:
    name = cache.key(ROOT, "parsers")
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert chosen() == tmp_path / "home" / ".cache" / "gristmill-kernels" / name
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert chosen() == tmp_path / "xdg" / "gristmill-kernels" / name
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "numba"))
    assert chosen() == tmp_path / "numba" / "gristmill-kernels" / name


def test_a_folder_that_others_may_write_to_is_not_read(tmp_path: Path, monkeypatch, caplog) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    parent = tmp_path / f"gristmill-kernels-{os.getuid()}"
    assert chosen().parent == parent and parent.stat().st_mode & 0o077 == 0
    parent.chmod(0o777)
    with caplog.at_level(logging.WARNING):
        assert chosen() is None
    assert "none of" in caplog.text and str(parent) in caplog.text


def test_folders_of_other_sources_go_when_nobody_has_used_them_for_long(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    parent = tmp_path / "gristmill-kernels"
    days_unused = {f"{number:032x}": days for number, days in enumerate([0.5] * 9 + [2] * 3 + [31])}
    parent.mkdir(mode=0o700)
    for name, days in days_unused.items():
        (parent / name / "scanner").mkdir(parents=True)
        os.utime(parent / name, (time.time() - days * 86_400,) * 2)
    (parent / "a-folder-of-somebody-else").mkdir()
    (parent / ".old-left-behind").mkdir()
    own = chosen()
    assert {entry.name for entry in parent.iterdir()} == {
        own.name, "a-folder-of-somebody-else", *(name for name, days in days_unused.items() if days < 1)
    }  # fmt: skip
    os.utime(own, (0, 0))
    assert chosen() == own and own.stat().st_mtime > time.time() - 60  # marked as in use


def test_every_kernel_of_the_parser_is_kept_in_the_folder() -> None:
    import parsers.parsed_page  # noqa: F401  (declares them)

    kernels = {
        value for name, module in list(sys.modules.items()) if name.startswith("parsers.")
        for value in vars(module).values() if isinstance(value, numba.core.registry.CPUDispatcher)
    }  # fmt: skip
    assert len(kernels) > 40
    assert {Path(kernel.stats.cache_path).parent for kernel in kernels} == {cache.folder("parsers")}
