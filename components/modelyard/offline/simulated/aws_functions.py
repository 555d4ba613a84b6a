"""Functions of the ``aws`` provider: what a laptop knows, computed; what only an account knows, unknown.

A region, a partition, a region's zones and a policy document need no account. An account number, an existing
network or cluster and a secret's value do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import wire
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated.aws_place import Place
from modelyard.offline.simulated.naming import hex_of
from modelyard.offline.simulated.policy_document import policy_document
from modelyard.offline.simulated.provider import Invoked
from modelyard.offline.simulated.unknown_token import UnknownFunction

SIMULATED_SECRET = "simulated-secret-value"


def invoke(token: str, args: Mapping[str, Any], place: Place, *, account_known: bool) -> Invoked:
    """The result of a function. Raises UnknownFunction for one that is not simulated.

    ``account_known`` says whether the simulated account may answer; if not, its answers are UNKNOWN as a whole.
    """
    place = place.in_region(args.get("region"))
    local = _LOCAL.get(token)
    if local is not None:
        result = local(args, place)
    elif token in _OF_ACCOUNT:
        if not account_known and not (token == _CALLER and place.configured_account):
            return Invoked(UNKNOWN)
        result = _OF_ACCOUNT[token](args, place)
    else:
        raise UnknownFunction("aws", token, sorted([*_LOCAL, *_OF_ACCOUNT]))
    return result if isinstance(result, Invoked) else Invoked(result)


_CALLER = "aws:index/getCallerIdentity:getCallerIdentity"


def _caller_identity(_args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    arn = f"arn:{place.partition}:iam::{place.account}:user/simulated"
    return {"id": place.account, "accountId": place.account, "arn": arn, "userId": "AIDASIMULATED"}


def _region(args: Mapping[str, Any], place: Place) -> Any:
    region = args.get("name") or place.region
    if not isinstance(region, str):
        return UNKNOWN
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": region,
        "endpoint": f"ec2.{region}.{place.dns_suffix}",
    }


def _partition(_args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    suffix = place.dns_suffix
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": place.partition, "partition": place.partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


def _availability_zones(args: Mapping[str, Any], place: Place) -> Any:
    if not isinstance(place.region, str):
        return UNKNOWN
    zones = _zones().get(place.region)
    if zones is None:
        return Invoked({}, [Problem("region", f"no availability zones are known for region {place.region!r}")])
    excluded = set(args.get("excludeNames") or ())
    names = [name for name in zones if name not in excluded]
    ids = [f"{_zone_id_prefix(place.region)}-az{number}" for number in range(1, len(names) + 1)]
    groups = [place.region] if names else []
    return {**args, "id": place.region, "names": names, "zoneIds": ids, "groupNames": groups}


def _zone_id_prefix(region: str) -> str:
    area, direction, number = region.rsplit("-", 2)
    short = "".join(part[0] for part in direction.replace("north", "n-").replace("south", "s-").split("-") if part)
    return f"{area.replace('-', '')}{short}{number}"


def _secret_version(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    secret_id = args.get("secretId", "")
    stage = args.get("versionStage") or "AWSCURRENT"
    return {
        "id": f"{secret_id}|{stage}",
        "arn": secret_id,
        "secretId": secret_id,
        "secretString": Secret(SIMULATED_SECRET),
        "secretBinary": Secret(""),
        "versionId": "00000000-0000-4000-8000-000000000000",
        "versionStage": stage,
        "versionStages": [stage],
        "createdDate": "2026-01-01T00:00:00Z",
        "region": place.region,
    }


def _eks_cluster(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    name = args["name"]
    digits = hex_of(name, 32).upper()
    host = f"eks.{place.region}.{place.dns_suffix}"
    return {
        "id": name,
        "name": name,
        "arn": f"arn:{place.partition}:eks:{place.region}:{place.account}:cluster/{name}",
        "endpoint": f"https://{digits}.gr7.{host}",
        "status": "ACTIVE",
        "version": "1.34",
        "certificateAuthorities": [{"data": "c2ltdWxhdGVkIGNlcnRpZmljYXRlIGF1dGhvcml0eQ=="}],
        "identities": [{"oidcs": [{"issuer": f"https://oidc.{host}/id/{digits}"}]}],
        "vpcConfig": {
            "clusterSecurityGroupId": f"sg-{hex_of(name, 17)}",
            "vpcId": f"vpc-{hex_of(name, 17)}",
            "subnetIds": [f"subnet-{hex_of(name, 17, letter)}" for letter in "ab"],
        },
        "tags": {},
    }


def _eks_cluster_auth(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return {"id": args["name"], "name": args["name"], "token": Secret("k8s-aws-v1.simulated"), "region": place.region}


def _registry_token(_args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return {
        "id": place.region,
        "userName": "AWS",
        "password": Secret("simulated-registry-password"),
        "authorizationToken": Secret("simulated-registry-token"),
        "expiresAt": "2026-01-01T12:00:00Z",
        "proxyEndpoint": f"https://{place.account}.dkr.ecr.{place.region}.{place.dns_suffix}",
        "region": place.region,
    }


def _vpc(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    vpc = args.get("id") or f"vpc-{hex_of(json.dumps(wire.revealed(args), sort_keys=True), 17)}"
    return {
        **args,
        "id": vpc,
        "arn": f"arn:{place.partition}:ec2:{place.region}:{place.account}:vpc/{vpc}",
        "cidrBlock": args.get("cidrBlock") or "10.0.0.0/16",
        "mainRouteTableId": f"rtb-{hex_of(vpc, 17)}",
        "ownerId": place.account,
        "tags": args.get("tags") or {},
    }


def _subnets(args: Mapping[str, Any], _place: Place) -> dict[str, Any]:
    key = json.dumps(wire.revealed(args), sort_keys=True)
    return {**args, "id": "subnets", "ids": [f"subnet-{hex_of(key, 17, letter)}" for letter in "abc"]}


def _subnet(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    subnet = args.get("id") or f"subnet-{hex_of(json.dumps(wire.revealed(args), sort_keys=True), 17)}"
    return {
        **args,
        "id": subnet,
        "arn": f"arn:{place.partition}:ec2:{place.region}:{place.account}:subnet/{subnet}",
        "availabilityZone": args.get("availabilityZone") or f"{place.region}a",
        "cidrBlock": args.get("cidrBlock") or "10.0.0.0/20",
        "vpcId": args.get("vpcId") or f"vpc-{hex_of(subnet, 17)}",
        "ownerId": place.account,
        "tags": args.get("tags") or {},
    }


def _instance_type_offerings(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """Every type that is asked for, in every zone of the region: a real account has gaps."""
    asked = [name for one in args.get("filters") or () if one["name"] == "instance-type" for name in one["values"]]
    zones = _zones().get(place.region, []) if isinstance(place.region, str) else []
    offers = [(zone, name) for zone in zones for name in asked]
    return {
        **args,
        "id": place.region,
        "locations": [zone for zone, _ in offers],
        "instanceTypes": [name for _, name in offers],
        "locationTypes": ["availability-zone"] * len(offers),
    }


def _parameter(args: Mapping[str, Any], place: Place) -> dict[str, Any]:
    arn = f"arn:{place.partition}:ssm:{place.region}:{place.account}:parameter{args['name']}"
    value = f"simulated-{hex_of(args['name'], 8)}"
    return {
        "id": args["name"],
        "name": args["name"],
        "arn": arn,
        "type": "String",
        "version": 1,
        "value": Secret(value),
    }


_Function = Callable[[Mapping[str, Any], Place], Any]

_LOCAL: dict[str, _Function] = {
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda args, _place: policy_document(args),
}

_OF_ACCOUNT: dict[str, _Function] = {
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
    _CALLER: _caller_identity,
    "aws:secretsmanager/getSecretVersion:getSecretVersion": _secret_version,
    "aws:eks/getCluster:getCluster": _eks_cluster,
    "aws:eks/getClusterAuth:getClusterAuth": _eks_cluster_auth,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": _instance_type_offerings,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ssm/getParameter:getParameter": _parameter,
}


@cache
def _zones() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "aws_zones.json").read_text(encoding="utf-8")
    return json.loads(text)["regions"]
