"""Jobs of Model Monitor over what an endpoint has captured, their schedules and their alarms, as the API takes them.

Metrics and their names follow "Interpret CloudWatch metrics" and "Model quality metrics and Amazon CloudWatch
monitoring" of the SageMaker developer guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...catalog import sagemaker_instances, sagemaker_monitor
from ...environment.sagemaker_quality import DataQuality, ModelQuality, Quality
from .container import below
from .endpoint_declaration import SageMakerEndpointDeclaration

NAMESPACES = ("aws/sagemaker/Endpoints/data-metrics", "aws/sagemaker/Endpoints/model-metrics")
_INPUT = "/opt/ml/processing/input/endpoint"
_OUTPUT = "/opt/ml/processing/output"
_PROBLEMS = {
    "binary_classification": "BinaryClassification",
    "multiclass_classification": "MulticlassClassification",
    "regression": "Regression",
}
_METRICS = {"publish_cloudwatch_metrics": "Enabled"}


@dataclass(frozen=True, slots=True)
class QualityAlarm:
    """One alarm, but for its dimensions."""

    signal: str
    """End of its name: ``drift-age``, ``quality-f1``."""
    given: dict[str, Any]
    """Arguments of ``aws.cloudwatch.MetricAlarm``, in Python's spelling."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """One job with its schedule."""

    name: str
    """``data-quality`` or ``model-quality``."""
    resource: str
    """Class of the job definition in ``pulumi_aws_native.sagemaker``."""
    monitoring_type: str
    definition: dict[str, Any]
    """Arguments of the job definition, in Python's spelling, but for tags."""
    alarms: tuple[QualityAlarm, ...]


def reports_url(declared: SageMakerEndpointDeclaration) -> Any:
    """Where reports are put; None: there are none."""
    if declared.quality is None:
        return None
    return declared.quality.reports_url or below(declared.data_url, "quality")


def reads(quality: Quality) -> list[str]:
    """s3:// URLs of what the jobs read besides captured data; a folder ends with a slash."""
    found = []
    if quality.data is not None:
        found += [quality.data.constraints_url, quality.data.statistics_url]
    if quality.model is not None:
        found += [quality.model.constraints_url, f"{quality.model.ground_truth_url}/"]
    return found


def monitors(
    declared: SageMakerEndpointDeclaration, endpoint_name: Any, role_arn: Any, security_group_ids: list[Any]
) -> tuple[Monitor, ...]:
    """Every job that is declared.

    Args:
        declared: the endpoint's arguments, with ``quality``.
        endpoint_name: of the endpoint, known once it is there: SageMaker asks it what it captures.
        role_arn: of the jobs' own role.
        security_group_ids: where the endpoint is in a network.
    """
    quality = declared.quality
    assert quality is not None
    shared = {**_where(declared, quality, security_group_ids), "endpoint_name": endpoint_name, "role_arn": role_arn}
    image = sagemaker_monitor.image(declared.region)
    found = []
    if quality.data is not None:
        found.append(_data(declared, quality, quality.data, shared, image))
    if quality.model is not None:
        found.append(_model(declared, quality, quality.model, shared, image))
    return tuple(found)


def schedule(quality: Quality, monitor: Monitor, definition_name: Any) -> dict[str, Any]:
    """``monitoring_schedule_config``: another definition is taken in place, and the schedule stays."""
    return {
        "monitoring_job_definition_name": definition_name,
        "monitoring_type": monitor.monitoring_type,
        "schedule_config": {"schedule_expression": quality.schedule_expression},
    }


def _data(
    declared: SageMakerEndpointDeclaration, quality: Quality, data: DataQuality, shared: dict[str, Any], image: str
) -> Monitor:
    definition = {
        "data_quality_app_specification": {"image_uri": image, "environment": dict(_METRICS)},
        "data_quality_baseline_config": {
            "constraints_resource": {"s3_uri": data.constraints_url},
            "statistics_resource": {"s3_uri": data.statistics_url},
        },
        "data_quality_job_input": {"endpoint_input": _endpoint_input(shared)},
        "data_quality_job_output_config": _reports(declared, "data"),
        **shared,
    }
    alarms = tuple(
        QualityAlarm(
            f"drift-{feature}",
            {
                **_each_run(quality),
                "alarm_description": f"Model {declared.model}: {feature} is farther than {most:g} from its baseline",
                "namespace": NAMESPACES[0],
                "metric_name": f"feature_baseline_drift_{feature}",
                "comparison_operator": "GreaterThanThreshold",
                "statistic": "Maximum",
                "threshold": most,
            },
        )
        for feature, most in sorted(data.drift_alarms.items())
    )
    return Monitor("data-quality", "DataQualityJobDefinition", "DataQuality", definition, alarms)


def _model(
    declared: SageMakerEndpointDeclaration, quality: Quality, model: ModelQuality, shared: dict[str, Any], image: str
) -> Monitor:
    asked: dict[str, Any] = {
        "inference_attribute": model.inference_attribute,
        "probability_attribute": model.probability_attribute,
        "probability_threshold_attribute": model.probability_threshold,
    }
    if model.start_hours_ago is not None:
        asked["start_time_offset"] = f"-PT{model.start_hours_ago}H"
        asked["end_time_offset"] = f"-PT{model.end_hours_ago}H"
    told = {key: value for key, value in asked.items() if value is not None}
    definition = {
        "model_quality_app_specification": {
            "image_uri": image,
            "problem_type": _PROBLEMS[model.problem],
            "environment": dict(_METRICS),
        },
        "model_quality_baseline_config": {"constraints_resource": {"s3_uri": model.constraints_url}},
        "model_quality_job_input": {
            "endpoint_input": {**_endpoint_input(shared), **told},
            "ground_truth_s3_input": {"s3_uri": model.ground_truth_url},
        },
        "model_quality_job_output_config": _reports(declared, "model"),
        **shared,
    }
    better = sagemaker_monitor.metrics(model.problem)
    alarms = tuple(
        QualityAlarm(
            f"quality-{metric}",
            {
                **_each_run(quality),
                "alarm_description": f"Model {declared.model}: {metric} is "
                f"{'below' if better[metric] == 'higher' else 'above'} {bound:g}",
                "namespace": NAMESPACES[1],
                "metric_name": metric,
                "comparison_operator": "LessThanThreshold" if better[metric] == "higher" else "GreaterThanThreshold",
                "statistic": "Minimum" if better[metric] == "higher" else "Maximum",
                "threshold": bound,
            },
        )
        for metric, bound in sorted(model.alarms.items())
    )
    return Monitor("model-quality", "ModelQualityJobDefinition", "ModelQuality", definition, alarms)


def _where(declared: SageMakerEndpointDeclaration, quality: Quality, security_group_ids: list[Any]) -> dict[str, Any]:
    """What both jobs run on."""
    cluster: dict[str, Any] = {
        "instance_count": quality.instances,
        "instance_type": quality.instance_type,
        "volume_size_in_gb": quality.volume_gib,
    }
    known = quality.instance_type in sagemaker_instances.names()
    own_disk = known and sagemaker_instances.get(quality.instance_type).has_local_disk
    if declared.kms_key_arn is not None and not own_disk:
        cluster["volume_kms_key_id"] = declared.kms_key_arn
    network: dict[str, Any] = {
        "enable_inter_container_traffic_encryption": quality.instances > 1,
        "enable_network_isolation": quality.network_isolation,
    }
    if declared.subnet_ids:
        network["vpc_config"] = {"subnets": declared.subnet_ids, "security_group_ids": security_group_ids}
    return {
        "job_resources": {"cluster_config": cluster},
        "network_config": network,
        "stopping_condition": {"max_runtime_in_seconds": quality.max_runtime_seconds},
    }


def _endpoint_input(shared: dict[str, Any]) -> dict[str, Any]:
    return {
        "endpoint_name": shared["endpoint_name"],
        "local_path": _INPUT,
        "s3_data_distribution_type": "FullyReplicated",
        "s3_input_mode": "File",
    }


def _reports(declared: SageMakerEndpointDeclaration, kind: str) -> dict[str, Any]:
    output = {"local_path": _OUTPUT, "s3_uri": below(reports_url(declared), kind), "s3_upload_mode": "EndOfJob"}
    given: dict[str, Any] = {"monitoring_outputs": [{"s3_output": output}]}
    if declared.kms_key_arn is not None:
        given["kms_key_id"] = declared.kms_key_arn
    return given


def _each_run(quality: Quality) -> dict[str, Any]:
    """A run measures once."""
    return {
        "evaluation_periods": 1,
        "datapoints_to_alarm": 1,
        "period": quality.every_hours * 3600,
        "treat_missing_data": "notBreaching",
    }
