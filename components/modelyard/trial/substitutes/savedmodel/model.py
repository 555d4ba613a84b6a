# pyright: reportMissingImports=false, reportMissingModuleSource=false
"""A TensorFlow SavedModel, run by tensorflow in place of Triton's TensorFlow backend."""

import json
import os

import tensorflow
from batched import Model


class TritonPythonModel:
    def initialize(self, args):
        self.model = Model(json.loads(args["model_config"]))
        parameters = self.model.parameters
        tensorflow.config.threading.set_intra_op_parallelism_threads(int(parameters.get("TF_NUM_INTRA_THREADS", 1)))
        tensorflow.config.threading.set_inter_op_parallelism_threads(int(parameters.get("TF_NUM_INTER_THREADS", 1)))
        folder = os.path.join(args["model_repository"], args["model_version"], parameters["substitute_file"])
        self.loaded = tensorflow.saved_model.load(folder)
        self.function = self.loaded.signatures[parameters.get("TF_SIGNATURE_DEF", "serving_default")]

    def execute(self, requests):
        return self.model.answer(requests, self.run)

    def run(self, tensors):
        answered = self.function(**{name: tensorflow.constant(array) for name, array in tensors.items()})
        return {name: answered[name].numpy() for name in self.model.outputs}
