"""TorchServe on Kubernetes.

``service`` declares the resources; every manifest comes from a pure function of this folder and of ``workload``.
Nothing but ``service`` imports Pulumi when it runs.
"""
