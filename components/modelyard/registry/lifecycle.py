"""Which images a repository forgets."""

from __future__ import annotations

import json

from ..environment.image_registry import ImageRegistry


def lifecycle_policy(declared: ImageRegistry) -> str:
    """An ECR lifecycle policy: untagged images by age, tagged ones by count.

    A rule over tagged images has to say which tags; ``*`` is all (ECR user guide, "Lifecycle policy parameters").
    """
    rules = [
        {
            "rulePriority": 1,
            "description": f"Untagged images go after {declared.expire_untagged_days} days",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": declared.expire_untagged_days,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "description": f"The newest {declared.keep_tagged_images} tagged images stay",
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["*"],
                "countType": "imageCountMoreThan",
                "countNumber": declared.keep_tagged_images,
            },
            "action": {"type": "expire"},
        },
    ]
    return json.dumps({"rules": rules})
