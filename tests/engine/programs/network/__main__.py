"""A stack that another one reads: a network's ids, a name and a secret."""

import pulumi
import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
pulumi.export("vpc_id", vpc.id)
pulumi.export("cidr", vpc.cidr_block)
pulumi.export("token", pulumi.Output.secret("network-token"))
pulumi.export("zones", ["us-east-1a", "us-east-1b"])
