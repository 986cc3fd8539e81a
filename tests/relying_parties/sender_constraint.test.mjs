// Tokens bound to a key (DPoP), and FAPI 2.0, by openid-client and oauth4webapi, unmodified from npm.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oauth from "oauth4webapi";
import * as client from "openid-client";
import { Browser } from "./person.mjs";
import { startProvider } from "./provider.mjs";

const CALLBACK = "https://rp.example/callback";
let provider;
before(async () => {
  provider = await startProvider();
});
after(() => provider?.stop());

/** A key of a client's own: what it signs with, and what it registers. */
async function clientKey() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { key: { key: privateKey, kid: "one" }, jwks: { keys: [{ kty, crv, x, y, kid: "one" }] } };
}

async function discovered(metadata, authentication) {
  const app = provider.addApp({ redirect_uris: [CALLBACK], ...metadata });
  return client.discovery(new URL(provider.issuer), app.client_id, app.client_secret, authentication);
}

/** The code flow, pushed or not, with a DPoP key: the tokens. */
async function signIn(config, DPoP, push = client.buildAuthorizationUrlWithPAR) {
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: CALLBACK,
    scope: "openid profile offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  };
  const url = await push(config, parameters, { DPoP });
  const back = await new Browser().walk(url.href, (at) => at.startsWith(CALLBACK));
  assert.ok(back.url.startsWith(CALLBACK), back.html);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return client.authorizationCodeGrant(config, new URL(back.url), checks, undefined, { DPoP });
}

test("openid-client: a public client's tokens are its key's, also with nonces", async () => {
  for (const dpop_require_nonce of [false, true]) {
    const metadata = { token_endpoint_auth_method: "none", dpop_bound_access_tokens: true, dpop_require_nonce };
    const config = await discovered(metadata, client.None());
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const tokens = await signIn(config, DPoP);
    assert.equal(tokens.token_type, "dpop");
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
    assert.equal(userinfo.name, "Asha Rao");
    const again = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    assert.equal(again.token_type, "dpop");
    const another = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    await assert.rejects(client.refreshTokenGrant(config, again.refresh_token, undefined, { DPoP: another }), {
      error: "invalid_grant",
    });
    await assert.rejects(client.fetchUserInfo(config, again.access_token, tokens.claims().sub), { status: 401 });
  }
});

test("openid-client: the FAPI 2.0 Security Profile with private_key_jwt and DPoP", async () => {
  const { key, jwks } = await clientKey();
  const config = await discovered(
    { profile: "fapi2", token_endpoint_auth_method: "private_key_jwt", jwks },
    client.PrivateKeyJwt(key),
  );
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("Ed25519"));
  const tokens = await signIn(config, DPoP);
  assert.equal(JSON.parse(atob(tokens.id_token.split(".")[0])).alg, "PS256");
  for (let round = 0; round < 2; round += 1) {
    const again = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    assert.equal(again.refresh_token, undefined);
    const userinfo = await client.fetchUserInfo(config, again.access_token, tokens.claims().sub, { DPoP });
    assert.equal(userinfo.name, "Asha Rao");
  }
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_request" });
});

test("openid-client: FAPI 2.0 Message Signing, with JAR and JARM", async () => {
  const { key, jwks } = await clientKey();
  const config = await discovered(
    { profile: "fapi2-message-signing", token_endpoint_auth_method: "private_key_jwt", jwks },
    client.PrivateKeyJwt(key),
  );
  client.useJwtResponseMode(config);
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
  const signedAndPushed = async (of, parameters, options) => {
    const signed = await client.buildAuthorizationUrlWithJAR(of, parameters, key);
    return client.buildAuthorizationUrlWithPAR(of, { request: signed.searchParams.get("request") }, options);
  };
  const tokens = await signIn(config, DPoP, signedAndPushed);
  assert.equal(tokens.token_type, "dpop");
});

test("oauth4webapi: client credentials with a proof, and a protected resource", async () => {
  const { key, jwks } = await clientKey();
  const app = provider.addApp({
    grant_types: ["client_credentials"],
    redirect_uris: [],
    token_endpoint_auth_method: "private_key_jwt",
    jwks,
    dpop_bound_access_tokens: true,
    dpop_require_nonce: true,
  });
  const issuer = new URL(provider.issuer);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
  assert.ok(as.dpop_signing_alg_values_supported.includes("ES256"));
  const self = { client_id: app.client_id };
  const DPoP = oauth.DPoP(self, await oauth.generateKeyPair("ES256"));
  const ask = async () => {
    const answer = await oauth.clientCredentialsGrantRequest(as, self, oauth.PrivateKeyJwt(key), {}, { DPoP });
    return oauth.processClientCredentialsResponse(as, self, answer);
  };
  const tokens = await ask().catch((error) => {
    assert.ok(oauth.isDPoPNonceError(error), error);
    return ask();
  });
  assert.equal(tokens.token_type, "dpop");
  // A token without a person behind it passes as a token, and tells nothing.
  const url = new URL(`${provider.issuer}/open_auth/get_user_data/`);
  const read = () => oauth.protectedResourceRequest(tokens.access_token, "GET", url, undefined, null, { DPoP });
  await assert.rejects(read, { status: 403 });
});
