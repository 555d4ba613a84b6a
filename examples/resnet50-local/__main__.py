"""ResNet-50 on this machine: TensorFlow Serving in a container, on 127.0.0.1 alone."""

from pathlib import Path

import pulumi
from modelyard import LocalModelServer

config = pulumi.Config()
server = LocalModelServer(
    "resnet50",
    {
        "model": "resnet50",
        "runtime": "tensorflow_serving",
        "repository": str(Path(__file__).parent / "models"),
        "http_port": config.get_int("http_port") or 8501,
        "grpc_port": config.get_int("grpc_port") or 8500,
        "memory_gib": 4,
        "server": {
            "labels": {"stable": 1},
            "batching": {
                "max_batch_size": 16,
                "batch_timeout_us": 2000,
                "max_enqueued_batches": 64,
                "num_batch_threads": 2,
                "allowed_batch_sizes": [1, 4, 16],
            },
        },
    },
)

for name in ("url", "predict_url", "metrics_url", "grpc_address", "container_name"):
    pulumi.export(name, getattr(server, name))
