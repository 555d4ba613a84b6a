# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportOptionalIterable=false
"""A forest of trees, run by the library that trained it in place of Triton's FIL backend.

The outputs follow fil_backend's src/tl_model.h from release 25.09: a classifier answers with its class (a binary one
by ``threshold``) or, with ``predict_proba``, with a score for each class, where a binary classifier with an output of
one column gives the score of its second class; anything else answers with its value.
"""

import json
import os

import numpy
from batched import Model


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        self.model = Model(config)
        parameters = self.model.parameters
        self.classifies = _yes(parameters, "is_classifier") or _yes(parameters, "output_class")
        self.gives_scores = _yes(parameters, "predict_proba")
        self.threshold = float(parameters.get("threshold", 0.5))
        self.columns = int(config["output"][0]["dims"][-1])
        file = os.path.join(args["model_repository"], args["model_version"], parameters["substitute_file"])
        threads = int(parameters.get("cpu_nthread", 1))
        kind = parameters["model_type"]
        load = {"lightgbm": _lightgbm, "treelite_checkpoint": _treelite}.get(kind, _xgboost)
        self.predict = load(file, os.cpu_count() if threads <= 0 else threads)

    def execute(self, requests):
        return self.model.answer(requests, self.run)

    def run(self, tensors):
        rows = numpy.ascontiguousarray(next(iter(tensors.values())), dtype=numpy.float32)
        scores = self.predict(rows).reshape(len(rows), -1)
        return {self.model.outputs[0]: self.output(scores)}

    def output(self, scores):
        """``scores``: a row for each row, one column or one for each of three or more classes."""
        several = scores.shape[1] > 1
        if not self.classifies:
            return scores
        if not self.gives_scores:
            return scores.argmax(axis=1)[:, None] if several else scores > self.threshold
        if not several and self.columns == 2:
            return numpy.concatenate([1 - scores, scores], axis=1)
        return scores


def _yes(parameters, name):
    return parameters.get(name, "false").lower() == "true"


def _xgboost(file, threads):
    import xgboost

    booster = xgboost.Booster({"nthread": threads}, model_file=file)
    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    if not objective.startswith("multi:"):
        return lambda rows: booster.inplace_predict(rows, validate_features=False)

    def scores(rows):
        margins = booster.inplace_predict(rows, predict_type="margin", validate_features=False)
        raised = numpy.exp(margins - margins.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    return scores


def _lightgbm(file, threads):
    import lightgbm

    booster = lightgbm.Booster(model_file=file)
    return lambda rows: booster.predict(rows, num_threads=threads)


def _treelite(file, threads):
    import treelite

    forest = treelite.Model.deserialize(file)
    return lambda rows: treelite.gtil.predict(forest, rows, nthread=threads)
