// An app asks a person on their own page: found, opened and answered with and without JavaScript, and how it looks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { addApp, person, post, startDemo, stopAll, visitors } from "./instance.mjs";

const GRANT = "urn:openid:params:grant-type:ciba";
const SECRET = "a-secret-of-the-till-that-nobody-guesses";

let demo, browser, app;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  const client_id = addApp(demo, person(demo, { role: "developer" }), {
    client_name: "Canteen till",
    client_secret: SECRET,
    grant_types: [GRANT],
    token_endpoint_auth_method: "client_secret_post",
    data_points: ["person.full_name", "person.roles"],
  });
  app = { client_id, client_secret: SECRET };
});

after(() => stopAll(() => browser?.close(), demo?.stop));

const ask = async ({ username }, binding_message) => {
  const form = { ...app, scope: "openid read", login_hint: username };
  if (binding_message) form.binding_message = binding_message;
  const { status, body } = await post(`${demo.issuer}/oauth/backchannel_authentication`, form);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};
const poll = ({ auth_req_id }) => post(`${demo.issuer}/oauth/token`, { ...app, grant_type: GRANT, auth_req_id });
const OPEN = "#asked button";

test("without JavaScript: found on the home page, looked at, allowed", async () => {
  const { page, close } = await visitor(browser, { javaScriptEnabled: false });
  const one = visitors(demo)[0];
  const asked = await ask(one, "Till 4, 3.50 EUR: W4SCT");
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, one);
  await page.click(OPEN);
  assert.equal(await page.textContent("#binding-message"), "Till 4, 3.50 EUR: W4SCT");
  await page.click("#consent-allow");
  await page.waitForURL("**/?saved=allowed");
  assert.equal(await page.locator("#asked").count(), 0);
  assert.equal((await poll(asked)).status, 200);
  await close();
});

test("deny is a no", async () => {
  const { page, close } = await visitor(browser);
  const one = visitors(demo)[1];
  const asked = await ask(one);
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, one);
  await page.click(OPEN);
  await page.click("#consent-deny");
  await page.waitForURL("**/?saved=denied");
  assert.equal((await poll(asked)).body.error, "access_denied");
  await close();
});

test("the pages look as they should, and everybody can use them", async () => {
  const { page, close } = await visitor(browser);
  const one = visitors(demo)[2];
  await ask(one, "Till 4, 3.50 EUR: W4SCT");
  await ask(one);
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, one);
  await page.locator("#asked").waitFor();
  await accessible(page, "asked-home");
  await pictures(page, "asked-home");
  await page.goto(`${demo.issuer}/account`);
  await page.locator("#asked-notice").waitFor();
  await accessible(page, "asked-account");
  await pictures(page, "asked-account");
  await page.goto(`${demo.issuer}/`);
  await page.locator("#asked li", { hasText: "W4SCT" }).locator("button").click();
  await page.locator("#consent-allow").waitFor();
  await accessible(page, "asked-consent");
  await pictures(page, "asked-consent");
  await page.click("#consent-deny");
  await page.waitForURL("**/?saved=denied");
  await close();
});
