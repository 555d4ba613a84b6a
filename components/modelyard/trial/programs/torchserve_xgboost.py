# pyright: reportMissingImports=false
"""TorchServe's handler for an XGBoost model, as its model archive carries it: rows in, scores out.

Behind the envelope of the Open Inference Protocol a handler gets a list of input tensors and answers with as many.
"""

import os

import numpy as np
import xgboost


class Classifier:
    def initialize(self, context):
        folder = context.system_properties["model_dir"]
        file = context.manifest["model"]["serializedFile"]
        self.booster = xgboost.Booster({"nthread": 1}, model_file=os.path.join(folder, file))

    def handle(self, data, context):
        return [self.scores(tensor) for tensor in data]

    def scores(self, tensor):
        # What comes over gRPC has been a float of 32 bits in JSON; the envelope gives it as one of 64.
        rows = np.asarray(tensor["data"], dtype=np.float32).reshape(tensor["shape"])
        return self.booster.inplace_predict(rows).astype(np.float32)
