"""Whether TorchServe has registered every version that it was told to: ``python loaded.py PORT MODEL VERSION...``

Asks the management API on loopback, which answers once all archives have been read. Exit code 1 names what is missing.
"""

import json
import sys
import time
import urllib.error
import urllib.request


def main():
    port, model, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    url = f"http://127.0.0.1:{port}/models/{model}/all"
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                found = [each["modelVersion"] for each in json.load(answer)]
            break
        except urllib.error.HTTPError:
            found = []
            break
        except OSError:
            time.sleep(0.5)
    missing = [version for version in wanted if version not in found]
    if missing:
        print(f"TorchServe has not loaded version {', '.join(missing)} of {model}; the reason is above")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
