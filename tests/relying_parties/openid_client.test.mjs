// openid-client, unmodified from npm: the relying party that most Node sites use.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as client from "openid-client";
import { Browser } from "./person.mjs";
import { startProvider } from "./provider.mjs";

const CALLBACK = "https://rp.example/callback";
let provider;
before(async () => {
  provider = await startProvider();
});
after(() => provider?.stop());

/** Discovers the provider as an app of these metadata. */
async function discovered(metadata = {}, authentication) {
  const app = provider.addApp({ redirect_uris: [CALLBACK], ...metadata });
  const config = await client.discovery(new URL(provider.issuer), app.client_id, app.client_secret, authentication);
  return { app, config };
}

/** The whole code flow with PKCE, state and nonce: the tokens. */
async function signIn(config, parameters = {}, browser = new Browser()) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: "openid profile email address phone offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  });
  const back = await browser.walk(url.href, (at) => at.startsWith(CALLBACK));
  assert.ok(back.url.startsWith(CALLBACK), back.html);
  const current = back.body ? new Request(CALLBACK, { method: "POST", body: back.body }) : new URL(back.url);
  return client.authorizationCodeGrant(config, current, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

test("discovery, the code flow, userinfo, refresh and revocation", async () => {
  const { config } = await discovered();
  const tokens = await signIn(config);
  const claims = tokens.claims();
  assert.equal(claims.iss, provider.issuer);
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(userinfo.name, "Asha Rao");
  assert.equal(userinfo.email, "asha@example.org");
  assert.equal(userinfo.email_verified, true);
  assert.equal(userinfo.address.locality, "Roorkee");
  assert.equal(userinfo.phone_number, "+91 99999 00000");
  const again = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(again.claims().sub, claims.sub);
  const introspected = await client.tokenIntrospection(config, again.access_token);
  assert.equal(introspected.active, true);
  await client.tokenRevocation(config, again.access_token);
  assert.equal((await client.tokenIntrospection(config, again.access_token)).active, false);
});

test("the secret in the header, a public client, and client credentials", async () => {
  const basic = await discovered({ token_endpoint_auth_method: "client_secret_basic" }, client.ClientSecretBasic());
  assert.ok((await signIn(basic.config)).access_token);
  const open = await discovered({ token_endpoint_auth_method: "none" }, client.None());
  assert.ok((await signIn(open.config)).id_token);
  const service = await discovered({ grant_types: ["client_credentials"] });
  assert.ok((await client.clientCredentialsGrant(service.config)).access_token);
});

test("a key in place of a secret", async () => {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const { config, app } = await discovered(
    { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty, crv, x, y, kid: "one" }] } },
    client.PrivateKeyJwt({ key: keys.privateKey, kid: "one" }),
  );
  assert.equal(app.client_secret ?? undefined, undefined);
  const tokens = await signIn(config);
  const again = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal((await client.tokenIntrospection(config, again.access_token)).active, true);
  await client.tokenRevocation(config, again.access_token);
  const shared = await discovered({ token_endpoint_auth_method: "client_secret_jwt" }, client.ClientSecretJwt());
  assert.ok((await signIn(shared.config)).id_token);
  const pushed = await client.buildAuthorizationUrlWithPAR(config, { redirect_uri: CALLBACK, scope: "openid" });
  assert.ok(pushed.searchParams.get("request_uri"));
});

test("the answer by form_post, max_age, and claims by name", async () => {
  const { config } = await discovered();
  const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { nickname: null } });
  const tokens = await signIn(config, { response_mode: "form_post", scope: "openid", max_age: "600", claims });
  assert.equal(tokens.claims().email, "asha@example.org");
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(userinfo.nickname, "Asha");
  assert.equal(userinfo.name, undefined);
});

test("the second sign-in passes silently, also with prompt=none and a hint", async () => {
  const { config } = await discovered();
  const browser = new Browser();
  const first = await signIn(config, {}, browser);
  const second = await signIn(config, { prompt: "none", id_token_hint: first.id_token }, browser);
  assert.equal(second.claims().sub, first.claims().sub);
  assert.equal(second.claims().auth_time, first.claims().auth_time);
});
