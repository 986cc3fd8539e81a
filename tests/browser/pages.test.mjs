// Every page: axe-core finds nothing in light or dark, nothing sticks out at 320 px, and pictures are kept of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { person, startApp, startDemo, stopAll, visitors } from "./instance.mjs";
import { approve, authoriseUrl, DATA_POINTS, enter, fillAddForm, openReview, register, words } from "./portal.mjs";

const LONG = "An uncommonly long name of an app for the interdisciplinary timetable committee of our hostels";
const MORE = ["person.display_picture", "social_information.links", "biological_information.date_of_birth"];

let demo, app, browser, developer, maintainer, asker;
const known = {};

before(async () => {
  [demo, app, browser] = await Promise.all([startDemo(), startApp(), launch()]);
  [developer, maintainer, asker] = await Promise.all([1, 2, 3].map(() => visitor(browser)));
});

after(() => {
  const everyone = [developer, maintainer, asker];
  return stopAll(...everyone.map((one) => one?.close), () => browser?.close(), demo?.stop, app?.stop);
});

/** Looks at the page as it stands. Pictures first: axe opens what is closed. */
async function look(page, name) {
  assert.notEqual(await page.title(), "");
  await pictures(page, name);
  await accessible(page, name);
}

const student = () => person(demo, { kind: "student" });
const authorise = () => authoriseUrl(demo, { clientId: known.clientId, callback: app.callback, state: "s" });

for (const [name, path] of [
  ["home-signed-out", "/"],
  ["login", "/login"],
  ["terms", "/legal/developer_terms_of_use"],
  ["not-found", "/no/such/page"],
  ["error-unknown-client", "/oauth/authorise?client_id=nobody"],
]) {
  test(`page: ${name}`, async () => {
    await asker.page.goto(demo.issuer + path);
    await look(asker.page, name);
  });
}

test("page: login, refused", async () => {
  const { page } = asker;
  await page.goto(`${demo.issuer}/login`);
  await signIn(page, { username: student().username, password: "not the password" });
  await page.locator("#login-error").waitFor();
  await look(page, "login-refused");
});

test("page: add an app, empty and refused", async () => {
  const { page } = developer;
  await enter(page, demo, person(demo, { role: "developer" }));
  await page.goto(`${demo.issuer}/developer/add`);
  await look(page, "developer-add");
  await page.goto(`${demo.issuer}/developer/add`);
  await fillAddForm(page, { name: LONG, redirectUris: ["javascript:alert(1)"], description: words(3) });
  await page.click("#app-add");
  await page.locator("#redirect_uris-error").waitFor();
  await look(page, "developer-add-refused");
});

test("page: a new app's dashboard, with its secret", async () => {
  const { page } = developer;
  const dataPoints = [...DATA_POINTS, ...MORE];
  Object.assign(known, await register(page, demo, { name: LONG, redirectUris: [app.callback], dataPoints }));
  await look(page, "developer-app-new");
});

test("page: what came of the app's requests, its usage, code to begin with, and the account", async () => {
  const { page } = developer;
  const wrong = authoriseUrl(demo, { clientId: known.clientId, callback: `${app.callback}/x`, state: "s" });
  await page.goto(wrong);
  const reference = (await page.locator(".reference code").last().textContent()).trim();
  const dashboard = `${demo.issuer}/developer/apps/${known.clientId}`;
  await page.goto(`${dashboard}/requests?result=refused`);
  const row = page.locator(".request", { hasText: reference });
  assert.match(await row.textContent(), /letter by letter/);
  assert.ok((await row.textContent()).includes(`${app.callback}/x`) && (await row.textContent()).includes(app.callback));
  await look(page, "developer-requests");
  for (const [name, path] of [["usage", "/usage"], ["code", "/code?language=go"], ["history", "/history"]]) {
    await page.goto(dashboard + path);
    await look(page, `developer-${name}`);
  }
  await page.goto(`${demo.issuer}/account`);
  await look(page, "account");
});

test("page: the developer's home and list", async () => {
  const { page } = developer;
  for (const [name, path] of [["developer-home", "/"], ["developer-list", "/developer"]]) {
    await page.goto(demo.issuer + path);
    await look(page, name);
  }
});

test("page: consent in the sandbox", async () => {
  await developer.page.goto(authorise());
  await developer.page.locator("#consent-allow").waitFor();
  await look(developer.page, "consent-sandbox");
});

test("page: an unapproved app's error page for others", async () => {
  await asker.page.goto(authorise());
  await asker.page.locator("#error-code").waitFor();
  await look(asker.page, "error-unapproved");
});

test("page: the review queue, an app in it, and what is left", async () => {
  const { page } = maintainer;
  await enter(page, demo, person(demo, { role: "maintainer" }));
  await page.goto(`${demo.issuer}/maintainer/review`);
  await look(page, "review-queue");
  await openReview(page, demo, LONG);
  await look(page, "review-app");
  await page.goto(`${demo.issuer}/maintainer/review/${known.clientId}/history`);
  await look(page, "review-history");
  await approve(page, demo, LONG, "Good.");
  await page.goto(`${demo.issuer}/maintainer/review?status=all`);
  await look(page, "review-all");
});

test("page: an approved app's dashboard", async () => {
  const { page } = developer;
  await page.goto(`${demo.issuer}/developer/apps/${known.clientId}`);
  await look(page, "developer-app-approved");
});

test("page: sign-in on the way to an app, and consent", async () => {
  const { page } = asker;
  await page.goto(authorise());
  await page.locator("#login-submit").waitFor();
  await look(page, "login-for-app");
  await signIn(page, student());
  await page.locator("#consent-allow").waitFor();
  await look(page, "consent");
  await pictures(page, "consent-open");
});

test("page: home with a connected app", async () => {
  const { page } = asker;
  await page.click("#consent-allow");
  await page.waitForURL(`${app.callback}?**`);
  await page.goto(`${demo.issuer}/`);
  assert.ok((await page.textContent("main")).includes(LONG));
  await look(page, "home");
});

test("page: a member of staff sees what is not on file", async () => {
  const { page, close } = await visitor(browser);
  const who = visitors(demo).find((one) => one.kind !== "student");
  await page.goto(authorise());
  await signIn(page, who);
  await page.locator("#consent-allow").waitFor();
  await look(page, "consent-staff");
  await close();
});

test("page: signing out, and signed out", async () => {
  const { page } = asker;
  await page.goto(`${demo.issuer}/logout`);
  await look(page, "logout");
  await page.click("#logout-confirm");
  await page.waitForURL("**/logout/done");
  await look(page, "logout-done");
});
