"""An identity provider on loopback: an authority of its own, a signing key, and HTTPS where it is published."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .triton_server import CannotInstall

PORT = 8443
ISSUER = "https://id.example.org"
JWKS_URI = f"https://localhost:{PORT}/keys"

_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


@dataclass(frozen=True)
class TokenIssuer:
    """What the provider made, in a folder."""

    folder: Path

    @property
    def authority(self) -> Path:
        """Certificate that signed every other one."""
        return self.folder / "authority.crt"

    def token(self, **claims: Any) -> str:
        """A token of ``ann`` for ``models`` with the scope ``predict``, ten minutes valid; other ``claims`` stand in
        place of these, and None leaves one out."""
        held = {
            "iss": ISSUER,
            "aud": "models",
            "sub": "ann",
            "scope": "predict",
            "exp": int(time.time()) + 600,
            **claims,
        }
        header = {"alg": "RS256", "kid": "first"}
        kept = {name: value for name, value in held.items() if value is not None}
        signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(kept).encode())}"
        signature = _openssl("dgst", "-sha256", "-sign", str(self.folder / "signing.key"), given=signed.encode())
        return f"{signed}.{_part(signature)}"

    def certificate(self, name: str) -> Path:
        """Certificate and key in one file, for servers and clients that are called ``name``."""
        made = self.folder / f"{name}.pem"
        if not made.exists():
            key, signed = self.folder / f"{name}.key", self.folder / f"{name}.crt"
            _openssl(
                "req", "-x509", *_EC, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                "-addext", "basicConstraints=critical,CA:FALSE", "-CA", str(self.authority),
                "-CAkey", str(self.folder / "authority.key"), "-keyout", str(key), "-out", str(signed),
            )  # fmt: skip
            made.write_text(signed.read_text() + key.read_text())
        return made


@contextmanager
def token_issuer(folder: Path) -> Iterator[TokenIssuer]:
    """A provider that publishes its keys at :data:`JWKS_URI`.

    Raises:
        CannotInstall: there is no openssl.
    """
    if shutil.which("openssl") is None:
        raise CannotInstall("openssl is not on PATH, which signs the tokens")
    folder.mkdir(parents=True)
    issuer = TokenIssuer(folder)
    key = str(folder / "authority.key")
    _openssl("req", "-x509", *_EC, "-subj", "/CN=authority", "-keyout", key, "-out", str(issuer.authority))
    _openssl("genrsa", "-out", str(folder / "signing.key"), "2048")
    published = json.dumps({"keys": [_public_key(folder / "signing.key")]}).encode()
    server = ThreadingHTTPServer(("127.0.0.1", PORT), _publishing(published))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issuer.certificate("localhost"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _public_key(signing: Path) -> dict[str, str]:
    modulus = _openssl("rsa", "-in", str(signing), "-noout", "-modulus").decode().strip().partition("=")[2]
    return {"kty": "RSA", "kid": "first", "alg": "RS256", "use": "sig", "n": _part(bytes.fromhex(modulus)), "e": "AQAB"}


def _publishing(content: bytes) -> type[BaseHTTPRequestHandler]:
    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Keys


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _openssl(*arguments: str, given: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, check=True, capture_output=True).stdout
