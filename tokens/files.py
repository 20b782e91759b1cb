"""Which files a directory of the mill consists of, on a local disk or on any fsspec file system."""

from __future__ import annotations

import json

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

# Arrow, Spark, DuckDB's and Polars' readers of folders, pandas and datasets pass over names that begin with "_".
MANIFEST = "_manifest.json"
# What older runs wrote.
FORMER_MANIFEST = "manifest.json"


def parquet_files(root: str, folder: str = "") -> list[tuple[AbstractFileSystem, str]]:
    """The Parquet files of ``root/folder``, by name, each as (file system, path there).

    With a manifest (:data:`MANIFEST`) in it, the files are those that the manifest names, ``{"files": [{"path": …}]}`` with
    paths relative to the manifest's own directory, and a file that it does not name does not exist. Raises
    :class:`FileNotFoundError` with a sentence where there is no such directory or nothing in it.
    """
    fs, base = url_to_fs(f"{root.rstrip('/')}/{folder}".rstrip("/"))
    if not fs.isdir(base):
        raise FileNotFoundError(f"There is no directory {root.rstrip('/')}/{folder}".rstrip("/") + ".")
    names = (f"{base}/{name}" for name in (MANIFEST, FORMER_MANIFEST))
    manifest = next((name for name in names if fs.exists(name)), None)
    if manifest is not None:
        paths = [f"{base}/{file['path']}" for file in json.loads(fs.cat_file(manifest))["files"]]
        for path in paths:
            if not fs.exists(path):
                raise FileNotFoundError(f"{manifest} names {path}, which is not there. Run the mill again.")
    else:
        paths = fs.glob(f"{base}/*.parquet")
    if not paths:
        raise FileNotFoundError(f"There is no Parquet file in {base}. Has the run that writes it finished?")
    return [(fs, path) for path in sorted(paths)]
