"""An instance of Omniport for the benchmark: its database, and what its rows ask."""

import base64
import hashlib
import http.client
import json
import secrets
import shutil
import sqlite3
import time
from urllib.parse import urlencode

from .machine import Failed, Server, command, free_port, tool

CLIENT, SECRET = "bench", "abcdefghij0123456789" * 3
REDIRECT = "https://bench.example/callback"
COOKIE = "b" * 43
# As one app of many: what the walkthrough's sample app asks for, and a description of the least length.
POINTS = ["contact_information.institute_webmail_address", "person.full_name", "person.roles", "student.enrolment_number"]
PEOPLE = 1_000
CREDENTIALS = {"client_id": CLIENT, "client_secret": SECRET}
# An "empty" database still has something to ask for.
FEW = 4_000
# Most runs of the refresh row on one instance.
RUNS = 16


class Instance:
    """A prepared database, and how to start a server on it."""

    def __init__(self, binary, load, folder):
        self.binary, self.load, self.folder = binary, load, folder
        self.database = folder / "omniport.db"
        # One person asks for all the codes, from one address: far more than people do.
        self.environment = {"OMNIPORT_LIMITS_REQUESTS_PER_MINUTE": "60000"}
        # Codes that there are, and those of them that were asked for.
        self.codes = self.asked = 0
        self.pairs = 0
        self.refreshed = 0

    def prepare(self, tokens):
        """People, an approved app, a remembered consent, a session, and so many live tokens."""
        address = ["--database", f"sqlite:{self.database}"]
        person = ["--set", "person.full_name=Asha Rao", "--set", "person.roles=Student"]
        person += ["--set", "student.enrolment_number=21114021"]
        person += ["--set", "contact_information.institute_webmail_address=asha@example.edu"]
        command(
            [self.binary, "person", "add", "--username", "asha", "--password-stdin", "--role", "developer", *person, *address],
            input="correct horse battery staple",
        )
        metadata = {
            **CREDENTIALS,
            "client_name": "Bench",
            "redirect_uris": [REDIRECT, "https://bench.example/second"],
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "description": " ".join(["word"] * 127),
            "data_points": POINTS,
        }
        command(
            [self.binary, "app", "add", "--owner", "asha", "--file", "-", "--approved", "--json", *address],
            input=json.dumps(metadata),
        )
        now = int(time.time())
        with sqlite3.connect(self.database) as database:
            database.executemany(
                "INSERT INTO people (username, username_folded, password_hash, is_maintainer, is_developer, data, created_at)"
                " SELECT ?, ?, password_hash, 0, 0, data, created_at FROM people WHERE id = 1",
                ((f"person{number}", f"person{number}") for number in range(1, PEOPLE)),
            )
            database.execute(
                "INSERT INTO consents (person_id, client_id, version, data_points, since, given_at) VALUES (1, ?, 1, ?, ?, ?)",
                (CLIENT, " ".join(sorted(POINTS)), now, now),
            )
            database.execute(
                "INSERT INTO sessions (hash, person_id, auth_time, created_at, expires_at) VALUES (?, 1, ?, ?, ?)",
                (hashlib.sha256(COOKIE.encode()).digest(), now, now, now + 36_000),
            )
        database.close()
        self.fill(tokens=max(tokens, FEW), openid=FEW // 2)
        self.pairs = (max(tokens, FEW) + 1) // 2

    def more_codes(self, count):
        self.fill(codes=count, first_code=self.codes)
        self.codes += count

    def fill(self, **what):
        job = {
            "database": str(self.database),
            "client_id": CLIENT,
            "redirect_uri": REDIRECT,
            "people": [1, PEOPLE],
            "data_points": " ".join(sorted(POINTS)),
            "now": int(time.time()),
        }
        return tool(self.load, "fill", {**job, **what})

    def serve(self):
        return self._server("omniport", free_port(), f"sqlite:{self.database}")

    def move(self, address):
        """Moves everything into another database; from then on this one is not used."""
        # No server has made signing keys yet, so the key to them may be any.
        self.environment["OMNIPORT_KEYS_ENCRYPTION_KEY"] = base64.b64encode(secrets.token_bytes(32)).decode()
        command([self.binary, "db", "move", "--database", f"sqlite:{self.database}", "--to", address])

    def nodes(self, address, count):
        """So many servers on a database that everything was moved to."""
        ports = [free_port() for _ in range(count)]
        return [self._server(f"node-{number}", port, address, ports[0]) for number, port in enumerate(ports, 1)]

    def _server(self, name, port, address, site=None):
        issuer = f"http://127.0.0.1:{site or port}"
        arguments = [self.binary, "serve", "--listen", f"127.0.0.1:{port}", "--issuer", issuer, "--database", address]
        return Server(name, arguments, port, self.folder, self.environment)

    def raw(self, connections, seconds, most):
        """The limit of the disk and of SQLite: on a copy, so that the instance stays as it is."""
        copy = self.folder / "raw.db"
        shutil.copy(self.database, copy)
        job = {"database": str(copy), "client_id": CLIENT, "together": connections, "seconds": seconds}
        done = tool(self.load, "raw", {**job, "most": most, "prefix": "w", "now": int(time.time())})
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"raw.db{suffix}").unlink(missing_ok=True)
        return done

    def row(self, name, most):
        """What a row asks, and what must come back."""
        return getattr(self, f"_{name}")(most)

    def _introspection(self, _most):
        return {
            "path": "/oauth/introspect",
            "body": urlencode(CREDENTIALS) + "&token={token}",
            "members": {"active": True, "client_id": CLIENT, "scope": "read write", "token_type": "Bearer"},
            "present": ["sub", "username", "exp", "iat", "iss"],
            "tokens": self._any("a"),
        }

    def _discovery(self, _most):
        present = ["authorization_endpoint", "token_endpoint", "jwks_uri", "scopes_supported"]
        return {"method": "GET", "path": "/.well-known/openid-configuration", "present": ["issuer", *present]}

    def _jwks(self, _most):
        return {"method": "GET", "path": "/oauth/jwks", "present": ["keys"]}

    def _userinfo(self, _most):
        return {
            "method": "GET",
            "path": "/oauth/userinfo",
            "headers": [["authorization", "Bearer {token}"]],
            "present": ["sub"],
            "tokens": {"prefix": "o", "from": 0, "to": FEW // 2, "pick": "random"},
        }

    def _user_data(self, _most):
        return {
            "method": "GET",
            "path": "/open_auth/get_user_data/",
            "headers": [["authorization", "Bearer {token}"]],
            "members": {
                "person": {"fullName": "Asha Rao", "roles": [{"role": "Student", "activeStatus": "ActiveStatus.IS_ACTIVE"}]},
                "student": {"enrolmentNumber": "21114021"},
                "contactInformation": {"instituteWebmailAddress": "asha@example.edu"},
            },
            "present": ["userId", "username"],
            "tokens": self._any("a"),
        }

    def _client_credentials(self, _most):
        return self._token({"grant_type": "client_credentials", "scope": "read write"}, "", "access_token", [])

    def _code_redemption(self, most):
        if self.asked + most > self.codes:
            self.more_codes(self.asked + most - self.codes)
        first, self.asked = self.asked, self.asked + most
        row = self._token(
            {"grant_type": "authorization_code", "redirect_uri": REDIRECT}, "&code={token}", "access_token", ["refresh_token"]
        )
        return {**row, "tokens": {"prefix": "c", "from": first, "to": self.asked, "pick": "once"}}

    def _refresh(self, _most):
        row = self._token({"grant_type": "refresh_token"}, "&refresh_token={token}", "access_token", ["refresh_token"])
        # Each run rotates its own part of the families, since what it was given is forgotten at its end.
        if self.refreshed == RUNS:
            raise Failed(f"the refresh row runs at most {RUNS} times on one database")
        part = self.pairs // RUNS
        first, self.refreshed = part * self.refreshed, self.refreshed + 1
        return {**row, "tokens": {"prefix": "r", "from": first, "to": first + part, "pick": "rotate"}}

    def _authorise(self, _most):
        query = urlencode({"client_id": CLIENT, "redirect_uri": REDIRECT, "state": "xyz"})
        return {
            "method": "GET",
            "path": f"/oauth/authorise?{query}",
            "headers": [["cookie", f"__Host-omniport-session={COOKIE}"]],
            "status": 303,
            "location": REDIRECT,
        }

    def proves(self, server, row, sample):
        """That what a row was given works: tokens are live, and a code redeems. Gives back how many were tried."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        for secret in sample:
            if row == "authorise":
                form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code": secret}
                path, member = "/open_auth/token/", "access_token"
            else:
                form, path, member = {"token": secret}, "/oauth/introspect", "active"
            headers = {"content-type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode({**CREDENTIALS, **form}), headers)
            answer = connection.getresponse()
            body = json.load(answer)
            if answer.status != 200 or not body.get(member):
                raise Failed(f"{row}: what it answered does not work: {answer.status} {body}")
        connection.close()
        return len(sample)

    def _any(self, prefix):
        return {"prefix": prefix, "from": 0, "to": self.pairs, "pick": "random"}

    @staticmethod
    def _token(form, more, fresh, present):
        return {
            "path": "/open_auth/token/",
            "body": urlencode({**CREDENTIALS, **form}) + more,
            "members": {"token_type": "Bearer", "scope": "read write", "expires_in": 36_000},
            "present": present,
            "fresh": fresh,
        }
