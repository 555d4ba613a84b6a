# pyright: reportMissingImports=false
"""KServe's Python server with an XGBoost model, on loopback alone: ``python kserve_xgboost.py NAME FILE PORT``

It runs in an environment of its own, with the packages of ``triton_beside_peers.py``.
"""

from __future__ import annotations

import asyncio
import sys

import numpy as np
import xgboost
from kserve import InferOutput, InferRequest, InferResponse, Model
from kserve.model_repository import ModelRepository
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer
from kserve.utils.utils import generate_uuid


class Classifier(Model):
    def __init__(self, name: str, file: str) -> None:
        super().__init__(name)
        self._booster = xgboost.Booster({"nthread": 1}, model_file=file)
        self.ready = True

    def predict(self, payload: InferRequest, headers: dict[str, str] | None = None, **_: object) -> InferResponse:
        (rows,) = payload.inputs
        scores = self._booster.inplace_predict(rows.as_numpy()).astype(np.float32).reshape(-1, 1)
        output = InferOutput("output__0", list(scores.shape), "FP32")
        output.set_data_from_numpy(scores, binary_data=False)
        return InferResponse(payload.id or generate_uuid(), self.name, [output])


def main() -> None:
    name, file, port = sys.argv[1:]
    models = ModelRepository()
    models.update(Classifier(name, file))
    extension = ModelRepositoryExtension(model_registry=models)
    # What kserve.ModelServer starts for one worker; it offers no address to bind, and would listen on all.
    server = RESTServer("kserve.model_server:app", DataPlane(models), extension, int(port))
    server.config.host = "127.0.0.1"
    asyncio.run(server.start())


if __name__ == "__main__":
    main()
