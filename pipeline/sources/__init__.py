"""Crawls in, records out: WARC, WET, Parquet and JSONL, from local disks and object stores."""
