"""``config.properties`` as TorchServe gets it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.environment.torchserve_config import MISTAKEN, OWNED, ConfigDeclaration
from modelyard.serving.torchserve.archived_version import ArchivedVersion
from modelyard.serving.torchserve.config_properties import Places, config_properties
from modelyard.serving.torchserve.service_args import TorchServeConfigArgs

VERSIONS = (
    ArchivedVersion(1, "1.0", "fraud-1.mar", max_workers=2),
    ArchivedVersion(2, "2.0", "fraud-2.mar", response_timeout_seconds=30, startup_timeout_seconds=300),
)

DOCUMENTED = """
    inference_address management_address metrics_address grpc_inference_address grpc_management_address
    grpc_inference_port grpc_management_port grpc_inference_max_connection_age_ms
    grpc_management_max_connection_age_ms grpc_inference_max_connection_age_grace_ms
    grpc_management_max_connection_age_grace_ms keystore keystore_pass keystore_type private_key_file
    certificate_file cors_allowed_origin cors_allowed_methods cors_allowed_headers prefer_direct_buffer
    install_py_dep_per_model blacklist_env_vars number_of_gpu enable_metrics_api models
    enable_envvars_config number_of_netty_threads netty_client_threads default_workers_per_model
    job_queue_size async_logging default_response_timeout default_startup_timeout unregister_model_timeout
    decode_input_request initial_worker_port model_store model_server_home max_request_size
    max_response_size limit_max_image_pixels allowed_urls use_env_allowed_urls workflow_store
    disable_system_metrics system_metrics_cmd load_models vmargs disable_token_authorization
    token_expiration_min enable_model_api metrics_mode metrics_config model_metrics_auto_detect
"""
"""Properties of "Advanced configuration", "Token authorization" and the metrics guide of TorchServe 0.12."""


def written(default: int = 2, open_inference: bool = True, **given: str) -> dict[str, str]:
    text = config_properties(
        "fraud", VERSIONS, default=default, open_inference=open_inference, places=Places("/models"), given=given
    )
    return {key: value for key, _, value in (line.partition("=") for line in text.splitlines())}


def test_everything_that_the_component_says() -> None:
    found = written()
    assert json.loads(found.pop("models")) == {
        "fraud": {
            "1.0": {
                "defaultVersion": False, "marName": "fraud-1.mar", "minWorkers": 1, "maxWorkers": 2, "batchSize": 1,
                "maxBatchDelay": 100,
            },
            "2.0": {
                "defaultVersion": True, "marName": "fraud-2.mar", "minWorkers": 1, "maxWorkers": 1, "batchSize": 1,
                "maxBatchDelay": 100, "responseTimeout": 30, "startupTimeout": 300,
            },
        }
    }  # fmt: skip
    assert found == {
        "inference_address": "http://0.0.0.0:8080",
        "management_address": "http://127.0.0.1:8081",
        "metrics_address": "http://0.0.0.0:8082",
        "grpc_inference_address": "0.0.0.0",
        "grpc_inference_port": "7070",
        "grpc_management_address": "127.0.0.1",
        "grpc_management_port": "7071",
        "enable_envvars_config": "false",
        "enable_model_api": "false",
        "enable_metrics_api": "true",
        "disable_token_authorization": "true",
        "install_py_dep_per_model": "false",
        "allowed_urls": "file:///models/.*",
        "metrics_mode": "prometheus",
        "model_store": "/models",
        "workflow_store": "/models",
        "load_models": "fraud-2.mar,fraud-1.mar",
        "service_envelope": "kservev2",
        "ts_open_inference_protocol": "true",
    }


def test_promotion_and_rollback_change_what_is_loaded_first() -> None:
    assert written(default=1)["load_models"] == "fraud-1.mar,fraud-2.mar"
    assert written(default=2)["load_models"] == "fraud-2.mar,fraud-1.mar"


def test_without_the_protocol_bodies_are_the_handlers() -> None:
    assert not {"service_envelope", "ts_open_inference_protocol"} & set(written(open_inference=False))


def test_values_survive_the_format() -> None:
    found = written(vmargs=" -Dx=C:\\temp", cors_allowed_origin="https://é.example")
    assert found["vmargs"] == "\\ -Dx=C:\\\\temp"
    assert found["cors_allowed_origin"] == "https://\\u00e9.example"


def test_settings_of_the_component_are_the_last_word() -> None:
    assert written(management_address="http://0.0.0.0:8081")["management_address"] == "http://127.0.0.1:8081"


def test_the_properties_of_a_user_are_those_that_nobody_else_writes() -> None:
    typed = set(ConfigDeclaration.model_fields)
    assert typed == set(TorchServeConfigArgs.__annotations__)
    assert not typed & (set(OWNED) | set(MISTAKEN))
    assert set(written()) <= set(OWNED)


def test_every_documented_property_is_known() -> None:
    documented = DOCUMENTED.split()
    assert [name for name in documented if name not in OWNED and name not in ConfigDeclaration.model_fields] == []


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"job_queue_size": 1000}, {"job_queue_size": "1000"}),
        ({"debug": True, "async_logging": False}, {"debug": "true", "async_logging": "false"}),
        ({}, {}),
    ],
)
def test_properties_are_worded_as_java_reads_them(given: dict[str, Any], lines: dict[str, str]) -> None:
    assert ConfigDeclaration.model_validate(given).properties() == lines
