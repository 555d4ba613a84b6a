"""Offers the components to the other languages of Pulumi: ``pulumi package add <this folder>``."""

import modelyard
from pulumi.provider.experimental import component_provider_host

if __name__ == "__main__":
    component_provider_host(
        name="modelyard", components=[getattr(modelyard, component) for component in modelyard.COMPONENTS]
    )
