// The demo's sample app walks the whole flow in the browser and shows each request and response.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { person, startDemo, stopAll } from "./instance.mjs";

let demo, browser, someone;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  someone = await visitor(browser);
});

after(() => stopAll(someone?.close, () => browser?.close(), demo?.stop));

/** What the newest step shows of its request and answer. */
const latest = (page) => page.locator("#latest").textContent();

/** Presses one of the app's buttons, and waits for the step that it makes. */
async function press(page, id) {
  const before = await page.locator(".step").count();
  await page.click(`#${id}`);
  await page.locator(".step").nth(before).waitFor();
  return latest(page);
}

test("the sample app signs a student in and exchanges the code", async () => {
  const { page } = someone;
  await page.goto(demo.sample_app);
  await pictures(page, "sample-app");
  await accessible(page, "sample-app");
  await page.click("#sign-in");
  await signIn(page, person(demo, { kind: "student" }));
  await page.click("#consent-allow");
  await page.locator("#user-data").waitFor();
  assert.ok(page.url().startsWith(demo.sample_app));
  const shown = await latest(page);
  assert.match(shown, /POST .*\/open_auth\/token/);
  assert.match(shown, /"access_token"/);
  assert.ok(!shown.includes(demo.client_secret), "the client's secret is not shown");
});

test("it reads the user data, refreshes and revokes, one press each", async () => {
  const { page } = someone;
  assert.match(await press(page, "user-data"), /GET .*\/open_auth\/get_user_data[\s\S]*"fullName"/);
  await pictures(page, "sample-app-steps");
  await accessible(page, "sample-app-steps");
  assert.match(await press(page, "refresh"), /grant_type = refresh_token[\s\S]*"refresh_token"/);
  assert.match(await press(page, "revoke"), /POST .*\/open_auth\/revoke_token/);
});

test("after that, the token is dead", async () => {
  assert.match(await press(someone.page, "user-data"), /401/);
});
