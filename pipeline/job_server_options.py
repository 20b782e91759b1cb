"""Options that Beam's Python SDK does not know, because the job server of an engine defines them.

Beam's portable runner asks the job server for its options (``DescribePipelineOptions``) when a job is submitted, reads
the command line once more with them, and drops what is still unknown with a warning. gristmill refuses unknown options
before work starts, so it asks the same question first; where no job server answers (``--runner=FlinkRunner`` starts
one later), the options that Beam documents count as known.
"""

from __future__ import annotations

import grpc
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

_SECONDS = 10

# https://beam.apache.org/documentation/runners/flink/#pipeline-options-for-the-flink-runner, the table for Python.
FLINK = (
    "allow_non_restored_state", "auto_balance_write_files_sharding_enabled", "auto_watermark_interval",
    "checkpoint_timeout_millis", "checkpointing_interval", "checkpointing_mode", "disable_metrics",
    "execution_mode_for_batch", "execution_retry_delay", "externalized_checkpoints_enabled",
    "fail_on_checkpointing_errors", "faster_copy", "finish_bundle_before_checkpointing", "flink_conf_dir",
    "latency_tracking_interval", "max_bundle_size", "max_bundle_time_mills", "min_pause_between_checkpoints",
    "num_concurrent_checkpoints", "number_of_execution_retries", "object_reuse", "operator_chaining",
    "re_iterable_group_by_key_result", "report_checkpoint_duration", "retain_externalized_checkpoints_on_cancellation",
    "savepoint_path", "shutdown_sources_after_idle_ms", "state_backend", "state_backend_factory",
    "state_backend_storage_path",
)  # fmt: skip
# The getters of SparkPipelineOptions, SparkCommonPipelineOptions and SparkPortableStreamingPipelineOptions
# (beam, runners/spark/src/main/java/org/apache/beam/runners/spark), written with underscores.
SPARK = (
    "batch_interval_millis", "bundle_size", "cache_disabled", "checkpoint_dir", "checkpoint_duration_millis",
    "enable_spark_metric_sinks", "event_log_enabled", "max_records_per_batch", "min_read_time_millis",
    "read_time_percentage", "spark_history_dir", "spark_master", "storage_level", "streaming_timeout_ms",
    "uses_provided_spark_context",
)  # fmt: skip
# FileStagingOptions and PortablePipelineOptions (beam, sdks/java/core), which every Java job server has.
ANY = ("enable_heap_dumps", "files_to_stage", "load_balance_bundles", "retain_docker_containers")


def job_server_options(endpoint: str | None) -> set[str]:
    """The names of the options of the job server at ``endpoint`` (HOST:PORT); those of Flink's and Spark's where none
    is given or none answers within ten seconds."""
    if endpoint and endpoint != "embed":
        request = beam_job_api_pb2.DescribePipelineOptionsRequest()
        with grpc.insecure_channel(endpoint) as channel:
            try:
                answer = beam_job_api_pb2_grpc.JobServiceStub(channel).DescribePipelineOptions(
                    request, timeout=_SECONDS, wait_for_ready=True
                )
                return {option.name for option in answer.options}
            except grpc.RpcError:
                pass  # what is wrong there is said when the first job is submitted
    return {*FLINK, *SPARK, *ANY}
