"""TensorFlow Serving on Kubernetes.

``service`` declares the resources; every manifest and configuration file comes from a pure function of this folder.
Nothing but ``service`` imports Pulumi.
"""
