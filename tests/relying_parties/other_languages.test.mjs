// Relying parties in other languages, unmodified from their registries.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { converse } from "./child.mjs";
import { Browser } from "./person.mjs";
import { startProvider } from "./provider.mjs";

const CALLBACK = "https://rp.example/callback";
const GRANTS = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
];
let provider;
before(async () => {
  // Devices need not wait five seconds here.
  provider = await startProvider({ OMNIPORT_TOKENS_POLL_SECONDS: "1" });
});
after(() => provider?.stop());

/** What a relying party says once the person has been where it sent them. */
async function signedIn(command, args) {
  const app = provider.addApp({ redirect_uris: [CALLBACK], grant_types: GRANTS });
  const browser = new Browser();
  const answer = async (url) => (await browser.walk(url, (at) => at.startsWith(CALLBACK))).url;
  return converse(command, args, { APP: JSON.stringify(app), ISSUER: provider.issuer }, answer);
}

test("Python: Authlib and requests-oauthlib", async () => {
  const said = await signedIn(process.env.PYTHON, ["authlib_rp.py"]);
  assert.deepEqual(said, [{ name: "Asha Rao" }, { name: "Asha Rao" }]);
});

test("Rust: openidconnect, and oauth2 with a browser, for itself and on a device", async () => {
  const target = process.env.RUST_RP_TARGET ?? "rust/target";
  execFileSync("cargo", ["build", "--quiet", "--locked", "--manifest-path", "rust/Cargo.toml", "--target-dir", target]);
  assert.deepEqual(await signedIn(`${target}/debug/relying-party`, []), [{ name: "Asha Rao" }]);
  assert.deepEqual(await signedIn(`${target}/debug/oauth2-client`, []), [{ code: 30 }, { own: 30 }, { device: 30 }]);
});

const hasGo = spawnSync("go", ["version"]).status === 0;
(hasGo ? test : () => {})("Go: golang.org/x/oauth2 and go-oidc, also on a device", async () => {
  assert.deepEqual(await signedIn("go", ["run", "-C", "go", "."]), [{ name: "Asha Rao" }, { device: "Bearer" }]);
});
