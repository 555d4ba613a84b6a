"""A model served by Vertex AI of Google Cloud.

No Pulumi SDK has models, deployed models and their traffic split, so these three are resources of our own
(:mod:`.resources`) over Vertex AI's REST API; everything else is ``pulumi-gcp``'s.
"""
