"""The bucket's lifecycle rules, given to an S3 over HTTP as docs/go-live.md says."""

import json
from pathlib import Path
from typing import Any

import boto3  # comes with moto
import pytest
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/s3/lifecycle.json"


@pytest.fixture
def s3() -> Any:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    yield boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys)
    server.stop()


def test_the_documented_rules_end_unfinished_uploads_and_delete_nothing_else(s3: Any) -> None:
    assert "file://deploy/s3/lifecycle.json" in (ROOT / "docs/go-live.md").read_text(encoding="utf-8")
    s3.create_bucket(Bucket="documents")
    s3.put_bucket_lifecycle_configuration(
        Bucket="documents", LifecycleConfiguration=json.loads(RULES.read_text())
    )
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket="documents")["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "Expiration" not in rule
