from .test_kserve import *  # noqa
from .test_kserve import _apply, _manifests, _until_ready, cluster
def pytest_generate_tests(metafunc): pass
def test_copies(cluster):
    for name in ("triton", "sklearn"):
        for service in _apply(cluster, _manifests(name, SHOP)):
            _until_ready(cluster, service)
            import time
            for _ in range(20):
                got = cluster.get(service)
                st = got["status"]
                print(name, [ (c["type"],c["status"]) for c in st.get("conditions",[])][:6], st.get("modelStatus"), st.get("observedGeneration"), got["metadata"]["generation"])
                if (st.get("modelStatus") or {}).get("copies",{}).get("totalCopies"): break
                time.sleep(1)
            cluster.delete(service)
