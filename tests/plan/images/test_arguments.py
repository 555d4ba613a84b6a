"""Arguments of what builds and verifies images: what other Pulumi languages see, and that they say the same as the
declarations."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.environment import image_build, image_verification
from modelyard.environment.declaration import Declaration
from modelyard.registry import image_build_args, image_verification_args
from modelyard.registry.binary_authorization import BinaryAuthorization
from modelyard.registry.image_build import ImageBuild
from modelyard.registry.image_verification import ImageVerification

MIRRORS: list[tuple[type[Declaration], type, set[str]]] = [
    # declaration, arguments, arguments of the component's own
    (image_build.ImageBuild, image_build_args.ImageBuildArgs, {"repository_url", "ownership"}),
    (image_verification.SigningKey, image_verification_args.SigningKeyArgs, set()),
    (image_verification.KeylessIdentity, image_verification_args.KeylessIdentityArgs, set()),
    (image_verification.NotationCertificate, image_verification_args.NotationCertificateArgs, set()),
    (
        image_verification.ImageVerification,
        image_verification_args.ImageVerificationArgs,
        {"ownership", "gcp_service_account", "azure_client_id"},
    ),
    (image_verification.AttestorKey, image_verification_args.AttestorKeyArgs, set()),
    (image_verification.BinaryAuthorization, image_verification_args.BinaryAuthorizationArgs, {"project"}),
]


def test_every_component_can_be_used_from_other_languages() -> None:
    usable_elsewhere([ImageBuild, ImageVerification, BinaryAuthorization])


@pytest.mark.parametrize(("declaration", "arguments", "own"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any, own: set[str]) -> None:
    mirrors(declaration, arguments, own=own)
