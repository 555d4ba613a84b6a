"""Azure Machine Learning: workspaces, registries, Arc clusters as compute, and online endpoints.

Nothing but ``endpoint``, ``workspace``, ``registry`` and ``kubernetes_compute`` imports Pulumi, and they import its
Azure SDK (``modelyard[azure]``) when one of them is declared and not before. Follows the REST API of
Microsoft.MachineLearningServices as pulumi-azure-native 3.29 has it.
"""
