// The ten steps of README.md's walkthrough, in a real browser and as an app's script, in order on one instance.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, signIn, visitor } from "./browser.mjs";
import { getWith, person, post, startApp, startDemo, stopAll, visitors } from "./instance.mjs";
import { approve, authoriseUrl, DATA_POINTS, enter, fillAddForm, words } from "./portal.mjs";

const NAME = "Noticeboard";
const STATE = "a b+c/ü&=%7E?#\u{1F511}";

let demo, app, browser, developer, maintainer, asker, other;
const known = {};

before(async () => {
  [demo, app, browser] = await Promise.all([startDemo(), startApp(), launch()]);
  [developer, maintainer, asker, other] = await Promise.all([1, 2, 3, 4].map(() => visitor(browser)));
});

after(() => {
  const everyone = [developer, maintainer, asker, other];
  return stopAll(...everyone.map((one) => one?.close), () => browser?.close(), demo?.stop, app?.stop);
});

const student = () => person(demo, { kind: "student" });
const authorise = (more = {}) =>
  authoriseUrl(demo, { clientId: known.clientId, callback: app.callback, state: STATE, ...more });
const credentials = () => ({ client_id: known.clientId, client_secret: known.clientSecret });

/** What came back to the app last. */
async function answer(page) {
  await page.waitForURL(`${app.callback}?**`);
  return app.answers.at(-1);
}

test("step 1: the form counts words while one types, as the server does", async () => {
  const { page } = developer;
  await enter(page, demo, person(demo, { role: "developer" }));
  await page.goto(`${demo.issuer}/developer/add`);
  const count = page.locator('#description-words [data-part="count"]');
  const verdict = page.locator('#description-words [data-part="verdict"]');
  for (const [text, expected, says] of [
    [words(126), "126", "1 more to go"],
    [`${words(126)} — ·  *** \n`, "126", "1 more to go"],
    [words(127), "127", "long enough"],
    [words(511), "511", "long enough"],
    [words(512), "512", "1 too many"],
  ]) {
    await page.fill('[name="description"]', text);
    assert.equal(await count.textContent(), expected);
    assert.equal(await verdict.textContent(), says);
  }
  await page.fill('[name="description"]', "");
  await page.locator('[name="description"]').pressSequentially("one two");
  assert.equal(await count.textContent(), "2");
});

test("step 1: a refused form says why beside each field and loses nothing", async () => {
  const { page } = developer;
  const typed = { name: NAME, redirectUris: ["https://app.example/cb#part"], description: words(126) };
  await fillAddForm(page, typed);
  await page.click("#app-add");
  for (const field of ["redirect_uris", "description"]) {
    await page.locator(`#${field}-error`).waitFor();
    assert.equal(await page.locator(`#${field}`).getAttribute("aria-invalid"), "true");
  }
  assert.equal(await page.inputValue('[name="name"]'), typed.name);
  assert.equal(await page.inputValue('[name="redirect_uris"]'), typed.redirectUris[0]);
  assert.equal(await page.inputValue('[name="description"]'), typed.description);
  assert.ok(await page.locator('[name="agrees_to_terms"]').isChecked());
  const chosen = await page.locator('[name="data_points"]:checked').evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(chosen.sort(), [...DATA_POINTS].sort());
});

test("steps 1 and 2: Add leads to the dashboard; case_107: the secret is shown once", async () => {
  const { page } = developer;
  await fillAddForm(page, { name: NAME, redirectUris: [app.callback], description: words(127) });
  await page.click("#app-add");
  known.clientId = (await page.textContent("#client-id")).trim();
  known.clientSecret = (await page.textContent("#client-secret")).trim();
  assert.ok(known.clientSecret.length >= 27, "at least 160 bits");
  assert.match(await page.textContent("#app-status"), /pending/i);
  await page.goto(`${demo.issuer}/developer/apps/${known.clientId}`);
  assert.equal((await page.textContent("#client-id")).trim(), known.clientId);
  assert.equal(await page.locator("#client-secret").count(), 0);
  assert.ok(!(await page.content()).includes(known.clientSecret));
});

test("step 3: until approved, strangers get an error page and the team gets the sandbox", async () => {
  const { page } = asker;
  const arrived = app.answers.length;
  const response = await page.goto(authorise());
  assert.ok(response.status() >= 400 && response.status() < 500, `${response.status()}`);
  assert.notEqual((await page.textContent("#error-code")).trim(), "");
  assert.notEqual((await page.textContent("#error-detail")).trim(), "");
  await enter(page, demo, student());
  await page.goto(authorise());
  await page.locator("#error-code").waitFor();
  assert.equal(await page.locator("#consent-allow").count(), 0);
  assert.equal(app.answers.length, arrived, "nothing reached the app");

  await developer.page.goto(authorise());
  await developer.page.locator("#consent-allow").waitFor();
});

test("step 3: a maintainer approves with a comment that the team sees", async () => {
  const { page } = maintainer;
  const comment = "Welcome. Keep the noticeboard tidy.";
  await enter(page, demo, person(demo, { role: "maintainer" }));
  await approve(page, demo, NAME, comment);
  await page.waitForLoadState();
  await developer.page.goto(`${demo.issuer}/developer/apps/${known.clientId}`);
  assert.match(await developer.page.textContent("#app-status"), /approved/i);
  assert.ok((await developer.page.textContent("body")).includes(comment));
});

test("step 4: an unknown client and an unregistered redirect URL stay on our own site", async () => {
  const { page } = other;
  for (const url of [
    authorise({ clientId: "nobody" }),
    authorise({ callback: `${app.callback}/other` }),
  ]) {
    const arrived = app.answers.length;
    await page.goto(url);
    assert.ok(page.url().startsWith(demo.issuer));
    assert.notEqual((await page.textContent("#error-code")).trim(), "");
    assert.equal(app.answers.length, arrived);
  }
});

test("step 5: the person signs in, and sees each data point with their own value", async () => {
  const { page, context } = asker;
  await context.clearCookies();
  await page.goto(authorise());
  assert.equal(new URL(page.url()).pathname, "/login");
  await signIn(page, student());
  await page.locator("#consent-allow").waitFor();
  assert.equal(new URL(page.url()).pathname, "/consent");
  const text = await page.textContent("main");
  assert.ok(text.includes(NAME));
  known.consent = text;
});

test("step 6: Allow goes back with code, the unchanged state, and iss", async () => {
  const { page } = asker;
  await page.click("#consent-allow");
  const { params } = await answer(page);
  assert.equal(params.get("state"), STATE);
  assert.equal(params.get("iss"), demo.issuer);
  assert.equal(params.get("error"), null);
  known.code = params.get("code");
});

test("step 7: the code becomes a pair of tokens, once", async () => {
  const fields = { ...credentials(), grant_type: "authorization_code", redirect_uri: app.callback, code: known.code };
  const { status, body, headers } = await post(`${demo.issuer}/open_auth/token/`, fields);
  assert.equal(status, 200, JSON.stringify(body));
  assert.match(body.access_token, /^[A-Za-z0-9]{30}$/);
  assert.match(body.refresh_token, /^[A-Za-z0-9]{30}$/);
  assert.deepEqual({ ...body, access_token: 0, refresh_token: 0 }, {
    access_token: 0,
    refresh_token: 0,
    expires_in: 36000,
    token_type: "Bearer",
    scope: "read write",
  });
  assert.equal(headers.get("cache-control"), "no-store");
  known.tokens = body;
});

test("step 8: user data holds what was consented to, as the consent page showed it", async () => {
  const { status, body } = await getWith(known.tokens.access_token, `${demo.issuer}/open_auth/get_user_data/`);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), ["contactInformation", "person", "student", "userId", "username"]);
  assert.equal(body.username, student().username);
  assert.deepEqual(Object.keys(body.person).sort(), ["fullName", "roles"]);
  assert.deepEqual(Object.keys(body.student).sort(), ["branch name", "enrolmentNumber"]);
  assert.deepEqual(Object.keys(body.contactInformation), ["emailAddress"]);
  assert.ok(body.person.roles.some(({ role }) => role === "Student"));
  assert.ok(body.person.roles.every(({ activeStatus }) => activeStatus.startsWith("ActiveStatus.")));
  const values = [...Object.values(body.student), body.person.fullName, body.contactInformation.emailAddress, "Student"];
  for (const value of values) assert.ok(known.consent.includes(value), `${value} was not shown`);

  const bad = await getWith("wrong", `${demo.issuer}/open_auth/get_user_data/`);
  assert.equal(bad.status, 401);
  assert.deepEqual(bad.body, { detail: "Authentication credentials were not provided." });
});

test("step 9: a refresh token becomes a new pair", async () => {
  const fields = { ...credentials(), grant_type: "refresh_token", refresh_token: known.tokens.refresh_token };
  const { status, body } = await post(`${demo.issuer}/open_auth/token/`, fields);
  assert.equal(status, 200, JSON.stringify(body));
  assert.notEqual(body.access_token, known.tokens.access_token);
  assert.notEqual(body.refresh_token, known.tokens.refresh_token);
  known.tokens = body;
});

test("step 10: revoked is dead", async () => {
  const fields = { ...credentials(), token: known.tokens.access_token, token_type_hint: "access_token" };
  assert.equal((await post(`${demo.issuer}/open_auth/revoke_token/`, fields)).status, 200);
  assert.equal((await getWith(known.tokens.access_token, `${demo.issuer}/open_auth/get_user_data/`)).status, 401);
});

test("asked again, the same request passes silently", async () => {
  const { page } = asker;
  const arrived = app.answers.length;
  await page.goto(authorise());
  assert.notEqual((await answer(page)).params.get("code"), null);
  assert.equal(app.answers.length, arrived + 1);
});

test("step 6: Deny goes home through the walkthrough's door", async () => {
  const { page, context } = other;
  const who = visitors(demo).find((one) => one.username !== student().username);
  const arrived = app.answers.length;
  await page.goto(authorise());
  await signIn(page, who);
  await page.click("#consent-deny");
  await page.waitForURL(`${demo.issuer}/`);
  assert.equal(app.answers.length, arrived, "nothing reached the app");
  await context.clearCookies();
});

test("case_019: Deny answers access_denied through the standards' door", async () => {
  const { page } = other;
  const who = visitors(demo).find((one) => one.username !== student().username);
  await page.goto(authorise({ door: "authorize", response_type: "code", scope: "person.full_name" }));
  await signIn(page, who);
  await page.click("#consent-deny");
  const { params } = await answer(page);
  assert.equal(params.get("error"), "access_denied");
  assert.equal(params.get("state"), STATE);
  assert.equal(params.get("iss"), demo.issuer);
  assert.equal(params.get("code"), null);
});

test("a person withdraws on their home page, and is asked again", async () => {
  const { page } = asker;
  await page.goto(`${demo.issuer}/`);
  await page.locator("li", { hasText: NAME }).getByRole("button").click();
  await page.goto(authorise());
  await page.locator("#consent-allow").waitFor();
});
