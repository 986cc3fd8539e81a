"""Peers from the registries, each installed once below bench/results/peers and asked the same as Omniport."""

import http.client
import json
import os
import shutil
from urllib.parse import urlencode

from .machine import BENCH, RESULTS, Server, command, free_port, say

DOT = ["django-oauth-toolkit==3.4.1", "Django==5.2.19", "gunicorn==27.0.1"]
OIDC = "oidc-provider@9.13.3"
HOME = RESULTS / "peers"
CREDENTIALS = {"client_id": "bench", "client_secret": "s" * 40}


class DjangoOauthToolkit:
    """gunicorn, one worker a core, four threads each, SQLite on disk."""

    name = "django-oauth-toolkit"
    about = ", ".join(DOT) + "; SQLite, secret not stretched"

    def install(self):
        python = HOME / "dot" / "bin" / "python"
        if not (HOME / "dot" / "done").exists():
            say(f"installing {' '.join(DOT)}")
            command(["python3", "-m", "venv", "--clear", HOME / "dot"])
            command([python, "-m", "pip", "install", "--quiet", *DOT])
            (HOME / "dot" / "done").touch()
        return python

    def serve(self, folder):
        python, port = self.install(), free_port()
        environment = {"BENCH_DIR": str(folder), "PYTHONPATH": str(BENCH / "peers"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.token = json.loads(command([python, BENCH / "peers" / "dot.py"], env={**os.environ, **environment}))["token"]
        arguments = [python, "-m", "gunicorn", "dot:application", "--bind", f"127.0.0.1:{port}"]
        arguments += ["--workers", os.cpu_count(), "--worker-class", "gthread", "--threads", 4, "--log-level", "warning"]
        return Server("dot", arguments, port, folder, environment)

    def row(self, name, _server):
        if name == "introspection":
            return introspection("/o/introspect/", self.token)
        return client_credentials("/o/token/")


class OidcProvider:
    """Node, one process, everything in memory: nothing it answers outlives it."""

    name = "oidc-provider"
    about = OIDC + "; in memory, not durable"

    def install(self):
        if not (HOME / "oidc" / "done").exists():
            say(f"installing {OIDC}")
            shutil.rmtree(HOME / "oidc", ignore_errors=True)
            (HOME / "oidc").mkdir(parents=True)
            (HOME / "oidc" / "package.json").write_text('{"private": true}')
            command(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", OIDC], cwd=HOME / "oidc")
            (HOME / "oidc" / "done").touch()

    def serve(self, folder):
        self.install()
        port = free_port()
        server = Server("oidc", ["node", BENCH / "peers" / "oidc.mjs", port], port, HOME / "oidc", {"NODE_ENV": "production"})
        return server

    def row(self, name, server):
        if name == "client_credentials":
            return client_credentials("/token")
        # Its memory keeps the last thousand only: a new token each time.
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        row = client_credentials("/token")
        connection.request("POST", row["path"], row["body"], {"content-type": "application/x-www-form-urlencoded"})
        token = json.load(connection.getresponse())["access_token"]
        connection.close()
        return introspection("/token/introspection", token)


def introspection(path, token):
    return {
        "path": path,
        "body": urlencode({**CREDENTIALS, "token": token}),
        "members": {"active": True, "client_id": "bench", "scope": "read write"},
        "present": ["exp"],
    }


def client_credentials(path):
    form = {**CREDENTIALS, "grant_type": "client_credentials", "scope": "read write"}
    return {
        "path": path,
        "body": urlencode(form),
        "members": {"token_type": "Bearer", "scope": "read write"},
        "present": ["expires_in"],
        "fresh": "access_token",
    }


def available():
    """The peers that this machine can run, and a sentence for each that it cannot."""
    peers, gaps = [DjangoOauthToolkit()], []
    if shutil.which("node") and shutil.which("npm"):
        peers.append(OidcProvider())
    else:
        gaps.append("oidc-provider: node and npm are not installed")
    return peers, gaps
