"""Authlib and requests-oauthlib, unmodified from PyPI: says where the person must go, hears where they came back to."""
import json
import os
import secrets
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt  # Authlib 1.x; it moves to joserfc with 2.0
from requests_oauthlib import OAuth2Session as PlainSession

CALLBACK = "https://rp.example/callback"
SCOPE = "openid profile email"


def say(**words):
    print(json.dumps(words), flush=True)


def hear():
    return sys.stdin.readline().strip()


def with_authlib(app, metadata):
    """The code flow with PKCE; the ID token checked with the published keys."""
    session = OAuth2Session(
        app["client_id"], app["client_secret"], scope=SCOPE, redirect_uri=CALLBACK, code_challenge_method="S256"
    )
    nonce, verifier = secrets.token_urlsafe(), secrets.token_urlsafe(48)
    url, _ = session.create_authorization_url(
        metadata["authorization_endpoint"], nonce=nonce, code_verifier=verifier
    )
    say(url=url)
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=hear(), code_verifier=verifier
    )
    keys = JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    claims = jwt.decode(
        token["id_token"],
        keys,
        claims_options={
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": app["client_id"]},
            "nonce": {"essential": True, "value": nonce},
        },
    )
    claims.validate()
    userinfo = session.get(metadata["userinfo_endpoint"]).json()
    assert userinfo["sub"] == claims["sub"]
    renewed = session.refresh_token(metadata["token_endpoint"])
    assert renewed["access_token"] != token["access_token"]
    session.revoke_token(metadata["revocation_endpoint"], renewed["access_token"])
    assert session.get(metadata["userinfo_endpoint"]).status_code == 401
    say(name=userinfo["name"])


def with_requests_oauthlib(app, metadata):
    """The code flow of plain OAuth, as the apps before us do it."""
    session = PlainSession(app["client_id"], redirect_uri=CALLBACK, scope=["read", "write"])
    url, _ = session.authorization_url(metadata["issuer"] + "/oauth/authorise")
    say(url=url)
    session.fetch_token(
        metadata["issuer"] + "/open_auth/token/",
        authorization_response=hear(),
        client_secret=app["client_secret"],
        include_client_id=True,
    )
    data = session.get(metadata["issuer"] + "/open_auth/get_user_data/").json()
    say(name=data["person"]["fullName"])


app, issuer = json.loads(os.environ["APP"]), os.environ["ISSUER"]
found = requests.get(issuer + "/.well-known/openid-configuration", timeout=10).json()
with_authlib(app, found)
with_requests_oauthlib(app, found)
