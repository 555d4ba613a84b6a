"""Models of Seldon Core 2: each lives in the pods of a Server, alone or with others."""

from __future__ import annotations

from modelyard.cost.bill import Bill
from modelyard.cost.owner import owner_of
from modelyard.graph import Resource
from modelyard.placement.reading import at, text
from modelyard.placement.replicas import namespace
from modelyard.placement.seldon import SERVER


def charge_shared_model(bill: Bill, resource: Resource) -> None:
    """A Model costs what its Server's pods cost, which are charged to whom the Server's labels name, whoever's Models
    it holds: Seldon places them when they are loaded. Where no Server of the graph can hold it, its share has no price.
    """
    name = text(at(resource.inputs, "spec", "server"))
    servers = (
        server
        for server in bill.graph.of_type(SERVER)
        if (server.provider, namespace(server)) == (resource.provider, namespace(resource))
        and name in (None, text(at(server.inputs, "metadata", "name")))
    )
    server = next(servers, None)
    if server is not None and owner_of(server, bill.graph).department != owner_of(resource, bill.graph).department:
        payer = owner_of(server, bill.graph).department or "all departments"
        bill.findings.note(
            f"models of other departments on Seldon's Server {server.name} are charged to {payer} with it"
        )
    elif server is None:
        where = f"the shared Server {name}" if name else "a Server that Seldon chooses"
        bill.unpriced(resource, "share of a Server", f"it runs on {where}, which is not in this graph with its pods")
