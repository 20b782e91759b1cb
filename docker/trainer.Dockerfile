# The image of the trainer: PyTorch with CUDA, the token shards' reader, the model. No Beam.
# Build it from the root of the project: docker build -f docker/trainer.Dockerfile -t gristmill-trainer .
FROM python:3.11.13-slim-bookworm

# torch.compile builds its kernels' launchers with a C compiler. Of that Debian keeps one version, so none is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*

# What NVIDIA's container runtime lends to the container; CUDA's libraries come with torch's own wheel.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

# The requirements of setup.py's extra [train]; a bare install of the project would bring the curation along.
WORKDIR /opt/gristmill
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt \
        torch fsspec numpy pyarrow pyyaml regex rich safetensors tiktoken tokenizers \
    && pip check

COPY gristmill_installation.py ./
COPY tokens tokens
COPY recipes recipes
COPY trainer trainer
ENV PYTHONPATH=/opt/gristmill

# Nobody needs to be root here. Folders that are mounted must let this user write, or run with --user.
RUN useradd --create-home --uid 10001 mill
# By its number, which a host that forbids root can check.
USER 10001
ENV HOME=/home/mill

ENTRYPOINT ["python", "-m", "trainer"]
