"""KServe: InferenceServices, ServingRuntimes, InferenceGraphs and the model cache.

KServe's controller owns the Deployments; what its pods are made of is what every other runtime's pods are made of
(:mod:`modelyard.serving.workload`). Nothing but ``service``, ``graph_service``, ``cluster`` and ``resources`` imports
Pulumi. Follows serving.kserve.io of KServe 0.20.
"""
