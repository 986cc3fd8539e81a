// oauth4webapi, unmodified from npm: what edge functions and browsers use. A pushed request, PKCE, and tokens bound to a key.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oauth from "oauth4webapi";
import { Browser } from "./person.mjs";
import { startProvider } from "./provider.mjs";

const CALLBACK = "https://rp.example/callback";
let provider;
let as;
before(async () => {
  provider = await startProvider();
  const issuer = new URL(provider.issuer);
  as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
});
after(() => provider?.stop());

/** The code flow of an app, its request pushed, its tokens bound to a fresh key: the tokens, and the key. */
async function signIn(client, authentication) {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const parameters = new URLSearchParams({
    response_type: "code",
    redirect_uri: CALLBACK,
    scope: "openid profile offline_access",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  const pushed = await oauth.processPushedAuthorizationResponse(
    as,
    client,
    await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, { DPoP }),
  );
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  const back = await new Browser().walk(url.href, (at) => at.startsWith(CALLBACK));
  const answer = oauth.validateAuthResponse(as, client, new URL(back.url), state);
  const tokens = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, authentication, answer, CALLBACK, verifier, { DPoP }),
    { expectedNonce: nonce, requireIdToken: true },
  );
  return { tokens, DPoP };
}

for (const method of ["client_secret_basic", "client_secret_post", "none"]) {
  test(`a pushed request, PKCE and DPoP, with ${method}`, async () => {
    const app = provider.addApp({
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: method,
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    });
    const client = { client_id: app.client_id };
    const authentication = {
      client_secret_basic: () => oauth.ClientSecretBasic(app.client_secret),
      client_secret_post: () => oauth.ClientSecretPost(app.client_secret),
      none: () => oauth.None(),
    }[method]();
    const { tokens, DPoP } = await signIn(client, authentication);
    assert.equal(tokens.token_type, "dpop");
    const { sub } = oauth.getValidatedIdTokenClaims(tokens);
    const asked = await oauth.userInfoRequest(as, client, tokens.access_token, { DPoP });
    assert.equal((await oauth.processUserInfoResponse(as, client, sub, asked)).name, "Asha Rao");
    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token, { DPoP }),
    );
    assert.equal(refreshed.token_type, "dpop");
    const revoked = await oauth.revocationRequest(as, client, authentication, refreshed.access_token);
    assert.equal(await oauth.processRevocationResponse(revoked), undefined);
    assert.equal((await oauth.userInfoRequest(as, client, refreshed.access_token, { DPoP })).status, 401);
  });
}
