# pyright: reportMissingImports=false
"""KServe's Python server with an XGBoost model, on loopback alone.

``python kserve_xgboost.py NAME FILE TENSORS HTTP_PORT GRPC_PORT``, where TENSORS is a JSON file with the model's
``inputs`` and ``outputs``. It runs in an environment of its own, with KServe's packages.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent import futures
from pathlib import Path

import numpy as np
import xgboost
from grpc import aio
from kserve import InferOutput, InferRequest, InferResponse, Model
from kserve.model_repository import ModelRepository
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.grpc import grpc_predict_v2_pb2_grpc
from kserve.protocol.grpc.interceptors import ExceptionToStatusInterceptor
from kserve.protocol.grpc.servicer import InferenceServicer
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer
from kserve.utils.utils import generate_uuid


class Classifier(Model):
    def __init__(self, name: str, file: str, tensors: dict[str, list[dict[str, object]]]) -> None:
        super().__init__(name)
        self._tensors = tensors
        self._booster = xgboost.Booster({"nthread": 1}, model_file=file)
        self.ready = True

    def get_input_types(self) -> list[dict[str, object]]:
        return self._tensors["inputs"]

    def get_output_types(self) -> list[dict[str, object]]:
        return self._tensors["outputs"]

    def predict(self, payload: InferRequest, headers: dict[str, str] | None = None, **_: object) -> InferResponse:
        (rows,) = payload.inputs
        scores = self._booster.inplace_predict(rows.as_numpy()).astype(np.float32).reshape(-1, 1)
        output = InferOutput(str(self._tensors["outputs"][0]["name"]), list(scores.shape), "FP32")
        output.set_data_from_numpy(scores, binary_data=False)
        return InferResponse(payload.id or generate_uuid(), self.name, [output])


async def serve(models: ModelRepository, http_port: int, grpc_port: int) -> None:
    """What kserve.ModelServer starts for one worker; it offers no address to bind, and would listen on all."""
    extension, plane = ModelRepositoryExtension(model_registry=models), DataPlane(models)
    rest = RESTServer("kserve.model_server:app", plane, extension, http_port)
    rest.config.host = "127.0.0.1"
    calls = aio.server(futures.ThreadPoolExecutor(max_workers=2), interceptors=(ExceptionToStatusInterceptor(),))
    grpc_predict_v2_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(InferenceServicer(plane, extension), calls)
    calls.add_insecure_port(f"127.0.0.1:{grpc_port}")
    await calls.start()
    try:
        await rest.start()
    finally:
        await calls.stop(1)


def main() -> None:
    name, file, tensors, http_port, grpc_port = sys.argv[1:]
    models = ModelRepository()
    models.update(Classifier(name, file, json.loads(Path(tensors).read_text(encoding="utf-8"))))
    asyncio.run(serve(models, int(http_port), int(grpc_port)))


if __name__ == "__main__":
    main()
