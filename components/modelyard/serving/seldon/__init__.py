"""Seldon Core 2: Models on Servers, Experiments between them, and Pipelines.

Seldon Core 2 is under the Business Source License 1.1: it is a target that users bring themselves. Nothing of it is
part of Modelyard or needed by it, and these objects are written from its documentation. Nothing but ``service`` and
``pipeline_service`` imports Pulumi.
"""
