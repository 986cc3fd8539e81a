// Step 2 of the walkthrough: everything that the dashboard administers, by the buttons that a developer sees.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, visitor } from "./browser.mjs";
import { person, post, startApp, startDemo, stopAll, visitors } from "./instance.mjs";
import { approve, authoriseUrl, enter, register, words } from "./portal.mjs";

const NAME = "Lost and found";

let demo, app, browser, developer, member, maintainer, client, dashboard;

before(async () => {
  [demo, app, browser] = await Promise.all([startDemo(), startApp(), launch()]);
  [developer, member, maintainer] = await Promise.all([1, 2, 3].map(() => visitor(browser)));
  await enter(developer.page, demo, person(demo, { role: "developer" }));
  await enter(maintainer.page, demo, person(demo, { role: "maintainer" }));
  client = await register(developer.page, demo, { name: NAME, redirectUris: [app.callback] });
  dashboard = `${demo.issuer}/developer/apps/${client.clientId}`;
});

after(() => {
  const everyone = [developer, member, maintainer];
  return stopAll(...everyone.map((one) => one?.close), () => browser?.close(), demo?.stop, app?.stop);
});

const press = (page, label) => page.getByRole("button", { name: label, exact: true }).click();
const open = () => developer.page.goto(dashboard);

/** Whether a secret authenticates the app: a wrong code is then what is refused. */
async function opens(clientSecret) {
  const fields = { client_id: client.clientId, client_secret: clientSecret, redirect_uri: app.callback };
  const { body } = await post(`${demo.issuer}/open_auth/token/`, { ...fields, grant_type: "authorization_code", code: "x" });
  return body.error === "invalid_grant";
}

test("Copy puts the secret on the clipboard", async () => {
  const { page, context } = developer;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const secret = page.locator(".credential", { has: page.locator("#client-secret") });
  await secret.getByRole("button", { name: /^Copy/ }).click();
  await secret.getByRole("button", { name: /^Copied/ }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), client.clientSecret);
});

test("a redirect URL is refused while it is typed and by the server, in the same words", async () => {
  const { page } = developer;
  await open();
  for (const url of [
    "nowhere",
    "https://a.example/#x",
    "https://*.example/",
    "https://me:pw@a.example/",
    "javascript:alert(1)",
    "http://a.example/",
    "https://a.example/caf\u00e9",
    "https://a.example/../b",
  ]) {
    await page.fill('[name="redirect_uris"]', url);
    const told = (await page.locator("#redirect_uris-live li").textContent()).trim();
    await press(page, "Save the redirect URLs");
    assert.equal((await page.locator("#redirect_uris-error").textContent()).trim(), told);
    assert.equal(await page.inputValue('[name="redirect_uris"]'), url);
  }
});

test("what another saved meanwhile is shown beside what was typed, and neither is lost", async () => {
  const { page, context } = developer;
  const other = await context.newPage();
  await open();
  await other.goto(dashboard);
  await other.fill('[name="description"]', words(150));
  await press(other, "Save the description");
  await other.waitForURL(/saved=/);
  await other.close();
  await page.fill('[name="description"]', words(160));
  await press(page, "Save the description");
  await page.locator("#unsaved").waitFor();
  assert.ok((await page.textContent("#unsaved")).includes(words(150)), "theirs");
  assert.equal(await page.inputValue('[name="description"]'), words(160), "mine");
  await pictures(page, "administer-meanwhile");
  await accessible(page, "administer-meanwhile");
  await press(page, "Save the description");
  await page.waitForURL(/saved=/);
  assert.equal(await page.inputValue('[name="description"]'), words(160));
});

test("a logo is taken, re-encoded, and shown", async () => {
  const { page } = developer;
  const drawn = await page.locator("h1").screenshot();
  await page.setInputFiles('[name="logo"]', { name: "logo.png", mimeType: "image/png", buffer: drawn });
  await press(page, "Upload the logo");
  const logo = page.locator(".app-head img.mark");
  await logo.waitFor();
  assert.ok(await logo.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));
});

test("what is no picture is refused beside the field", async () => {
  const { page } = developer;
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  await page.setInputFiles('[name="logo"]', { name: "logo.png", mimeType: "image/png", buffer: svg });
  await press(page, "Upload the logo");
  await page.locator("#logo-error").waitFor();
});

test("redirect URLs and description are saved alone, and checked as when registering", async () => {
  const { page } = developer;
  await open();
  await page.fill('[name="redirect_uris"]', `${app.callback}\nhttp://plain.example/cb`);
  await press(page, "Save the redirect URLs");
  await page.locator("#redirect_uris-error").waitFor();
  await page.fill('[name="redirect_uris"]', `${app.callback}\nhttps://found.example/cb`);
  await press(page, "Save the redirect URLs");
  await page.fill('[name="description"]', words(140));
  await press(page, "Save the description");
  await open();
  assert.equal(await page.inputValue('[name="redirect_uris"]'), `${app.callback}\nhttps://found.example/cb`);
  assert.equal(await page.inputValue('[name="description"]'), words(140));
});

test("somebody invited accepts, sees the app, and is told when removed; the owner cannot be removed", async () => {
  const [who] = visitors(demo);
  await enter(member.page, demo, who);
  assert.equal((await member.page.goto(dashboard)).status(), 404, "case_109: another team's app");
  await open();
  await developer.page.fill("#team-username", who.username);
  await press(developer.page, "Invite to the team");
  await developer.page.locator("#team li", { hasText: "has yet to answer" }).waitFor();
  assert.equal(await developer.page.locator("#team li", { hasText: "creator" }).getByRole("button").count(), 0);

  await member.page.goto(`${demo.issuer}/`);
  assert.ok((await member.page.textContent("main")).includes(NAME), "asked on the home page");
  await member.page.getByRole("button", { name: `Accept ${NAME}` }).click();
  await member.page.locator("#app-status").waitFor();
  await open();
  await member.page.goto(authoriseUrl(demo, { clientId: client.clientId, callback: app.callback, state: "t" }));
  await member.page.locator("#consent-allow").waitFor();

  await open();
  await developer.page.locator("#team li", { hasText: who.username }).getByRole("button").click();
  await developer.page.locator("#team li", { hasText: who.username }).waitFor({ state: "detached" });
  assert.equal((await member.page.goto(dashboard)).status(), 404);
  await member.page.goto(`${demo.issuer}/`);
  assert.match(await member.page.textContent("main"), /removed you/);
});

test("rotating shows a new secret once; the old one works on, or stops at once", async () => {
  const { page } = developer;
  const rotate = async (grace) => {
    await open();
    await page.locator("summary", { hasText: "Rotate the secret" }).click();
    await page.fill('[name="grace_hours"]', grace);
    await press(page, "Rotate the secret");
    return (await page.textContent("#client-secret")).trim();
  };
  const second = await rotate("24");
  assert.deepEqual([await opens(client.clientSecret), await opens(second)], [true, true]);
  await open();
  assert.equal(await page.locator("summary", { hasText: "Rotate the secret" }).count(), 0, "a third is not offered");
  await page.locator("#credentials tbody tr").last().getByRole("button", { name: /^Revoke/ }).click();
  await page.waitForURL(/saved=revoked/);
  assert.deepEqual([await opens(client.clientSecret), await opens(second)], [false, true]);
  const third = await rotate("0");
  assert.deepEqual([await opens(second), await opens(third)], [false, true]);
  await open();
  assert.equal(await page.locator("#client-secret").count(), 0);
});

test("asking for more sends the change to review; what was approved goes on working", async () => {
  const { page } = developer;
  await approve(maintainer.page, demo, NAME, "Good.");
  await open();
  assert.match(await page.textContent("#app-status"), /approved/i);
  const box = page.locator('[name="data_points"][value="biological_information.blood_group"]');
  const category = page.locator("details", { has: box });
  if (!(await category.evaluate((one) => one.open))) await category.locator("summary").click();
  await box.check();
  await press(page, "Save the data points");
  await open();
  assert.match(await page.textContent("#app-status"), /approved/i);
  await member.page.goto(authoriseUrl(demo, { clientId: client.clientId, callback: app.callback, state: "m" }));
  await member.page.locator("#consent-allow").waitFor();
  assert.ok(!(await member.page.textContent("main")).includes("Blood group"), "not before it is approved");

  await approve(maintainer.page, demo, NAME, "Now with blood groups.");
  await member.page.goto(authoriseUrl(demo, { clientId: client.clientId, callback: app.callback, state: "m" }));
  assert.ok((await member.page.textContent("main")).includes("Blood group"));
});

test("deleting wants the app's name, and then it is gone", async () => {
  const { page } = developer;
  await open();
  await page.fill('[name="confirm_name"]', "lost");
  await press(page, "Delete this app");
  await page.locator("#confirm_name-error").waitFor();
  await page.fill('[name="confirm_name"]', NAME);
  await press(page, "Delete this app");
  await page.waitForURL((url) => url.pathname === "/developer");
  assert.equal(await opens(client.clientSecret), false);
  await member.page.goto(authoriseUrl(demo, { clientId: client.clientId, callback: app.callback, state: "d" }));
  await member.page.locator("#error-code").waitFor();
});
