// The device flow: a code typed in, with and without JavaScript, and how its pages look.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { addApp, person, post, startDemo, stopAll, visitors } from "./instance.mjs";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

let demo, browser, clientId;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  clientId = addApp(demo, person(demo, { role: "developer" }), {
    client_name: "Hall display",
    grant_types: [GRANT],
    token_endpoint_auth_method: "none",
    data_points: ["person.full_name", "person.roles"],
  });
});

after(() => stopAll(() => browser?.close(), demo?.stop));

const begin = async () => (await post(`${demo.issuer}/oauth/device_authorization`, { client_id: clientId })).body;
const poll = ({ device_code }) =>
  post(`${demo.issuer}/oauth/token`, { grant_type: GRANT, client_id: clientId, device_code });

test("without JavaScript: the code, sign-in, consent, and back to the device", async () => {
  const { page, close } = await visitor(browser, { javaScriptEnabled: false });
  const device = await begin();
  await page.goto(device.verification_uri);
  await page.fill("#user-code", device.user_code.toLowerCase().replace("-", ""));
  await page.click("#device-submit");
  await signIn(page, visitors(demo)[0]);
  await page.click("#consent-allow");
  await page.waitForURL("**/device/done?**");
  assert.equal((await page.textContent("#device-done")).trim(), "Done");
  assert.equal((await poll(device)).status, 200);
  await close();
});

test("the complete address fills the code in, and deny is a no", async () => {
  const { page, close } = await visitor(browser);
  const device = await begin();
  await page.goto(device.verification_uri_complete);
  assert.equal(await page.inputValue("#user-code"), device.user_code);
  assert.equal((await poll(device)).body.error, "authorization_pending");
  await page.click("#device-submit");
  await signIn(page, visitors(demo)[1]);
  await page.click("#consent-deny");
  await page.waitForURL("**/device/done?**");
  assert.equal((await poll(device)).body.error, "access_denied");
  await close();
});

test("the pages look as they should, and everybody can use them", async () => {
  const { page, close } = await visitor(browser);
  const device = await begin();
  await page.goto(device.verification_uri);
  await accessible(page, "device");
  await pictures(page, "device");
  await page.fill("#user-code", "BBBB-BBBB");
  await page.click("#device-submit");
  await page.locator("#user-code-error").waitFor();
  await accessible(page, "device-wrong");
  await pictures(page, "device-wrong");
  await page.goto(device.verification_uri_complete);
  await accessible(page, "device-filled-in");
  await pictures(page, "device-filled-in");
  await page.click("#device-submit");
  await signIn(page, visitors(demo)[2]);
  await page.locator("#consent-allow").waitFor();
  await accessible(page, "device-consent");
  await pictures(page, "device-consent");
  await page.click("#consent-allow");
  await page.locator("#device-done").waitFor();
  await accessible(page, "device-done");
  await pictures(page, "device-done");
  await close();
});
