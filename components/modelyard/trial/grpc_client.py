"""``tritonclient.grpc`` with a deadline on every call."""

from __future__ import annotations

from typing import Any

from .address import ServerAddress
from .tensor import numpy_dtype

_TLS = "grpcs://"


class GrpcClient:
    """Raises ``InferenceServerException`` for every error, a missing answer included."""

    def __init__(self, address: ServerAddress, timeout_s: float) -> None:
        import tritonclient.grpc as grpc

        url = address.grpc or ""
        self.timeout_s = timeout_s
        self._headers = {name.lower(): value for name, value in address.headers.items()}
        self._client = grpc.InferenceServerClient(url.removeprefix(_TLS), ssl=url.startswith(_TLS))

    def live(self) -> bool:
        return bool(self._client.is_server_live(headers=self._headers, client_timeout=self.timeout_s))

    def ready(self) -> bool:
        return bool(self._client.is_server_ready(headers=self._headers, client_timeout=self.timeout_s))

    def model_ready(self, model: str, version: str) -> bool:
        return bool(self._client.is_model_ready(model, version, headers=self._headers, client_timeout=self.timeout_s))

    def metadata(self, model: str, version: str) -> dict[str, Any]:
        """As the HTTP protocol words it."""
        found = self._client.get_model_metadata(
            model, version, headers=self._headers, as_json=True, client_timeout=self.timeout_s
        )
        assert isinstance(found, dict)
        tensors = {kind: list(found.get(kind, ())) for kind in ("inputs", "outputs")}
        for tensor in (*tensors["inputs"], *tensors["outputs"]):
            tensor.setdefault("shape", [])  # protobuf leaves out what is empty
        return tensors

    def infer(self, model: str, version: str, inputs: list[Any], sequence: dict[str, Any]) -> dict[str, Any]:
        """Outputs by name: dtype and array."""
        answer = self._client.infer(
            model, inputs, model_version=version, headers=self._headers, client_timeout=self.timeout_s, **sequence
        )
        return _outputs(answer)

    def stream(self, model: str, version: str, inputs: list[Any], sequence: dict[str, Any]) -> dict[str, Any]:
        """The first answer of a decoupled model."""
        import queue

        from tritonclient.utils import InferenceServerException

        answers: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._client.start_stream(lambda result, error: answers.put((result, error)), headers=self._headers)
        try:
            self._client.async_stream_infer(model, inputs, model_version=version, **sequence)
            result, error = answers.get(timeout=self.timeout_s)
        except queue.Empty:
            raise InferenceServerException(f"no answer within {self.timeout_s:g} s") from None
        finally:
            self._client.stop_stream(cancel_requests=True)
        if error is not None:
            raise error
        return _outputs(result)

    def close(self) -> None:
        self._client.close()


def _outputs(answer: Any) -> dict[str, Any]:
    message = answer.get_response()
    if message.raw_output_contents:
        return {output.name: (output.datatype, answer.as_numpy(output.name)) for output in message.outputs}
    return {output.name: (output.datatype, _listed(output)) for output in message.outputs}


def _listed(output: Any) -> Any:
    """The values of a tensor that came as a list, as KServe sends them; ``tritonclient`` reads lists of BYTES alone."""
    import numpy as np

    values = next((list(values) for _, values in output.contents.ListFields()), [])
    return np.array(values, dtype=numpy_dtype(output.datatype)).reshape(tuple(output.shape))
