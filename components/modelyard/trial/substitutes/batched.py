# pyright: reportMissingImports=false, reportAttributeAccessIssue=false, reportOptionalIterable=false
"""Answers the requests of one execution with as few passes of a model as their shapes allow.

It runs beside a substitute's model.py in the server, with that model's packages: it imports nothing of Modelyard.
"""

import numpy
import triton_python_backend_utils as pb_utils


class Model:
    """What a substitute knows of its model from the configuration that the server hands it."""

    def __init__(self, config):
        self.inputs = [each["name"] for each in config["input"]]
        self.outputs = [each["name"] for each in config["output"]]
        self.types = {each["name"]: pb_utils.triton_string_to_numpy(each["data_type"]) for each in config["output"]}
        self.takes_batches = int(config.get("max_batch_size", 0)) > 0
        self.parameters = {name: each["string_value"] for name, each in config.get("parameters", {}).items()}

    def answer(self, requests, run):
        """One response a request. ``run`` takes arrays by input name and gives arrays by output name; it is called
        once for all requests whose tensors have the same names and rows of the same shape."""
        given = [self._tensors(request) for request in requests]
        groups = {}
        for position, tensors in enumerate(given):
            alike = (position,)
            if self.takes_batches:
                alike = tuple((name, array.shape[1:], array.dtype.str) for name, array in tensors.items())
            groups.setdefault(alike, []).append(position)
        responses = [None] * len(requests)
        for positions in groups.values():
            wanted = [set(requests[position].requested_output_names()) for position in positions]
            answers = self._together([given[each] for each in positions], wanted, run)
            for position, response in zip(positions, answers, strict=True):
                responses[position] = response
        return responses

    def _tensors(self, request):
        found = {}
        for name in self.inputs:
            tensor = pb_utils.get_input_tensor_by_name(request, name)
            if tensor is not None:
                found[name] = tensor.as_numpy()
        return found

    def _together(self, group, wanted, run):
        try:
            if len(group) == 1:
                results = [run(group[0])]
            else:
                joined = {name: numpy.concatenate([each[name] for each in group]) for name in group[0]}
                answered = run(joined)
                ends = numpy.cumsum([len(next(iter(each.values()))) for each in group])[:-1]
                parts = {name: numpy.split(array, ends) for name, array in answered.items()}
                results = [{name: each[at] for name, each in parts.items()} for at in range(len(group))]
        except Exception as error:
            failed = pb_utils.TritonError(f"{type(error).__name__}: {error}")
            return [pb_utils.InferenceResponse(error=failed) for _ in group]
        return [
            pb_utils.InferenceResponse([self._tensor(name, result[name]) for name in self.outputs if name in names])
            for result, names in zip(results, wanted, strict=True)
        ]

    def _tensor(self, name, array):
        return pb_utils.Tensor(name, numpy.ascontiguousarray(array.astype(self.types[name], copy=False)))
