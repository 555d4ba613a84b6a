"""One client for a model wherever it is served: at a cluster's gateway, at SageMaker, Vertex AI or Azure ML.

    from modelyard.serving.client import Client, Endpoint, Tensor

    outputs = json.loads(Path("outputs.json").read_text())      # pulumi stack output --json
    client = Client(Endpoint.of_outputs(outputs, "sentiment"))
    answer = client.infer([Tensor.of("text", "BYTES", [["a lovely day"]])])

Requests are the Open Inference Protocol's, as JSON, as bytes or over gRPC, unless they are sent as they are. Nothing
here imports Pulumi; ``botocore``, ``google-auth`` and ``azure-identity`` are imported where an endpoint asks for their
credentials, and ``grpc`` where it is spoken.
"""

from .asking import Client
from .endpoint import Endpoint
from .inference import Answer, Reply
from .refusal import CannotAsk, NoCredentials, NoSuchEndpoint, NotAnswered, NotReached, Refused, TookTooLong, Unreadable
from .tensor import Tensor

__all__ = [
    "Answer",
    "CannotAsk",
    "Client",
    "Endpoint",
    "NoCredentials",
    "NoSuchEndpoint",
    "NotAnswered",
    "NotReached",
    "Refused",
    "Reply",
    "Tensor",
    "TookTooLong",
    "Unreadable",
]
