"""NVIDIA Triton Inference Server on Kubernetes.

``service`` declares the resources; every manifest comes from a pure function of this folder, which rendering to
files shares. Nothing but ``service`` and ``secret_environment`` imports Pulumi.
"""
