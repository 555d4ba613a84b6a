"""What a role needs so that EC2 encrypts disks with a key of one's own for it.

Follows "Required permissions" of EBS encryption in the Amazon EBS user guide, for the one who starts the machine:
Karpenter's controller, or the cluster of EKS Auto Mode. Of managed groups that is the service role of EC2 Auto Scaling,
which the key's own policy has to let in.
"""

from __future__ import annotations

from typing import Any

from ...governance.partition import dns_suffix

_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*")


def disk_key_statements(key_arn: str, region: str) -> list[dict[str, Any]]:
    """Statements of a policy: the key through EC2 alone, and grants for EC2 alone."""
    through = {"kms:ViaService": f"ec2.{region}.{dns_suffix(region)}"}
    return [
        {
            "Sid": "EncryptDisks",
            "Effect": "Allow",
            "Action": list(_USE),
            "Resource": key_arn,
            "Condition": {"StringEquals": through},
        },
        {
            "Sid": "LetDisksBeRead",
            "Effect": "Allow",
            "Action": "kms:CreateGrant",
            "Resource": key_arn,
            "Condition": {"StringEquals": through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]
