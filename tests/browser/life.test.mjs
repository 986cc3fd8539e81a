// The whole life of an app: draft, sandbox, test people, review and its answer, approval, consent with something left out,
// more asked for, the difference, suspended, resumed, withdrawn. Each page is looked at by axe-core and in pictures.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { getWith, person, post, startApp, startDemo, stopAll } from "./instance.mjs";
import { authoriseUrl, enter, fillAddForm, openReview, words } from "./portal.mjs";

const NAME = "Hall laundry";
const PURPOSE = "To tell which machines are near your room.";

let demo, app, browser, developer, maintainer, asker, tester, dashboard;
const client = {};

before(async () => {
  [demo, app, browser] = await Promise.all([startDemo(), startApp(), launch()]);
  [developer, maintainer, asker, tester] = await Promise.all([1, 2, 3, 4].map(() => visitor(browser)));
  await enter(developer.page, demo, person(demo, { role: "developer" }));
  await enter(maintainer.page, demo, person(demo, { role: "maintainer" }));
});

after(() => {
  const everyone = [developer, maintainer, asker, tester];
  return stopAll(...everyone.map((one) => one?.close), () => browser?.close(), demo?.stop, app?.stop);
});

async function look(page, name) {
  await pictures(page, `life-${name}`);
  await accessible(page, name);
}

const press = (page, label) => page.getByRole("button", { name: label, exact: true }).click();
const authorise = (more) => authoriseUrl(demo, { clientId: client.id, callback: app.callback, state: "s", ...more });
const userData = (token) => getWith(token, `${demo.issuer}/open_auth/get_user_data/`);
const standing = (page) => page.locator("#app-status").getAttribute("data-status");

/** Presses Allow and redeems what comes back. */
async function allow(page) {
  await page.click("#consent-allow");
  await page.waitForURL(`${app.callback}?**`);
  return redeem();
}

async function redeem() {
  const { status, body } = await post(`${demo.issuer}/open_auth/token/`, {
    client_id: client.id,
    client_secret: client.secret,
    grant_type: "authorization_code",
    redirect_uri: app.callback,
    code: app.answers.at(-1).params.get("code"),
  });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** Decides as the maintainer, in the app's review. */
async function decide(button, comment) {
  await openReview(maintainer.page, demo, NAME);
  if (comment) await maintainer.page.fill("#review-comment", comment);
  await maintainer.page.click(button);
  await maintainer.page.waitForURL(/saved=/);
}

test("a draft works at once for its own team, under a badge", async () => {
  const { page } = developer;
  await page.goto(`${demo.issuer}/developer/add`);
  const dataPoints = ["person.full_name", "student.branch.name", "biological_information.sex"];
  await fillAddForm(page, { name: NAME, redirectUris: [app.callback], description: words(150), dataPoints });
  await page.fill('[name="purpose.student.branch.name"]', PURPOSE);
  await page.locator('[name="optional"][value="student.branch.name"]').check();
  await page.locator('[name="optional"][value="biological_information.sex"]').check();
  await page.fill("#contact", "laundry@example.edu");
  await page.fill("#home_url", "https://laundry.example.edu/");
  await page.fill("#privacy_url", "https://laundry.example.edu/privacy");
  await page.click("#app-add-draft");
  client.id = (await page.textContent("#client-id")).trim();
  client.secret = (await page.textContent("#client-secret")).trim();
  dashboard = `${demo.issuer}/developer/apps/${client.id}`;
  assert.equal(await standing(page), "draft");
  await page.locator("#sandbox-badge").waitFor();
  await page.goto(dashboard);
  assert.match(await page.textContent("#next"), /Date of birth|Sex|what for/i, "the pre-check names what has no purpose");
  await look(page, "draft");
  for (const path of ["/requests", "/usage", "/code"]) {
    await page.goto(dashboard + path);
    await page.locator("#sandbox-badge").waitFor();
  }
  await page.goto(authorise());
  await page.locator("#consent-allow").waitFor();
  await look(page, "sandbox-consent");
  const { access_token: token } = await allow(page);
  assert.equal((await userData(token)).status, 200);
});

test("a test person has a value for everything, signs in to this app, and sees the badge", async () => {
  await developer.page.goto(dashboard);
  await developer.page.click("#test-person-add");
  await look(developer.page, "test-people");
  await developer.page.goto(dashboard);
  assert.equal(await developer.page.locator("#test-password").count(), 0, "the password is shown once");
  await developer.page.getByRole("button", { name: /^New password/ }).click();
  const username = (await developer.page.textContent("#test-username")).trim();
  const password = (await developer.page.textContent("#test-password")).trim();

  const { page } = tester;
  await page.goto(authorise());
  await page.goto(await page.locator("main a", { hasText: "Sign in" }).first().getAttribute("href").then((to) => demo.issuer + to));
  await signIn(page, { username, password });
  await page.locator("#consent-allow").waitFor();
  assert.ok(!(await page.textContent("main")).includes("nothing on file"));
  const { access_token: token } = await allow(page);
  const { body } = await userData(token);
  assert.match(body.person.fullName, /Test/);
  await page.goto(`${demo.issuer}/`);
  await page.locator("#sandbox-badge").waitFor();
  await look(page, "test-person-home");
});

test("anyone else gets an error page", async () => {
  const { page } = asker;
  await enter(page, demo, person(demo, { kind: "student" }));
  await page.goto(authorise());
  assert.equal((await page.textContent("#error-code")).trim(), "unauthorized_client");
});

test("sent to review, claimed, noted, sent back with a comment, answered, sent again, approved", async () => {
  await developer.page.goto(dashboard);
  await developer.page.click("#app-submit");
  assert.equal(await standing(developer.page), "pending");

  const { page } = maintainer;
  await openReview(page, demo, NAME);
  await page.click("#review-claim");
  await page.locator("#review-release").waitFor();
  await page.fill("#review-note", "Ask the wardens.");
  await press(page, "Write the note");
  assert.ok((await page.textContent("main")).includes("Ask the wardens."));
  await look(page, "review");
  await page.getByRole("link", { name: "See the consent screen as people would" }).click();
  await page.getByRole("button", { name: "Allow" }).waitFor();
  await look(page, "review-consent");
  await decide("#review-changes", "Say what **Sex** is for.");

  await developer.page.goto(`${demo.issuer}/`);
  assert.match(await developer.page.textContent(".news"), /asked for changes of/);
  await developer.page.goto(dashboard);
  assert.equal(await standing(developer.page), "changes_requested");
  const text = await developer.page.textContent("main");
  assert.ok(text.includes("Say what Sex is for.") && !text.includes("Ask the wardens."));
  await look(developer.page, "changes-requested");
  await developer.page.fill('[name="purpose.biological_information.sex"]', "Some halls have machines for women only.");
  await press(developer.page, "Save the data points");
  await developer.page.fill("#answer", "Done.");
  await press(developer.page, "Write it down");
  await developer.page.click("#app-submit");

  await page.goto(`${demo.issuer}/maintainer/review`);
  await look(page, "queue");
  await decide("#review-approve", "Welcome.");
  await developer.page.goto(dashboard);
  assert.equal(await standing(developer.page), "approved");
  assert.equal(await developer.page.locator("#sandbox-badge").count(), 0);
});

test("an outsider leaves one optional data point out, and the scope says so", async () => {
  const { page } = asker;
  const scope = "person.full_name student.branch.name biological_information.sex";
  await page.goto(authorise({ door: "authorize", response_type: "code", scope }));
  const text = await page.textContent("main");
  assert.ok(text.includes(PURPOSE) && text.includes("by Dev Patel"), text);
  const links = await page.locator(".app-links a").evaluateAll((all) => all.map((one) => one.href));
  assert.deepEqual(links.slice(0, 2), ["https://laundry.example.edu/", "https://laundry.example.edu/privacy"]);
  await look(page, "consent-optional");
  await page.locator('[name="data_points"][value="biological_information.sex"]').uncheck();
  const first = await allow(page);
  assert.equal(first.scope, "person.full_name student.branch.name");
  const { body } = await userData(first.access_token);
  assert.deepEqual(Object.keys(body).sort(), ["person", "student", "userId", "username"]);
  // Through the walkthrough's door the same passes silently, and `read write` means what remained.
  await page.goto(authorise());
  await page.waitForURL(`${app.callback}?**`);
  const second = await redeem();
  assert.equal(second.scope, "read write");
  assert.equal((await userData(second.access_token)).body.biologicalInformation, undefined);
  Object.assign(client, { token: second.access_token });
});

test("asking for more waits in review, and then for the difference only", async () => {
  const { page } = developer;
  await page.goto(dashboard);
  const box = page.locator('[name="data_points"][value="contact_information.email_address"]');
  await page.locator("details", { has: box }).locator("summary").first().click();
  await box.check();
  await page.fill('[name="purpose.contact_information.email_address"]', "To write when your laundry is done.");
  await press(page, "Save the data points");
  await page.goto(dashboard);
  await look(page, "change-in-review");
  await asker.page.goto(authorise());
  await asker.page.waitForURL(`${app.callback}?**`);
  assert.equal((await userData((await redeem()).access_token)).body.contactInformation, undefined);

  await openReview(maintainer.page, demo, NAME);
  assert.match(await maintainer.page.textContent("main"), /Difference from the live version/);
  await look(maintainer.page, "review-change");
  await decide("#review-approve", "Fine.");
  await asker.page.goto(authorise());
  await asker.page.locator("#consent-allow").waitFor();
  const asked = await asker.page.textContent(".facts");
  assert.ok(asked.includes("Email address") && !asked.includes("Full name") && !asked.includes("Sex"));
  await look(asker.page, "consent-difference");
  const { access_token: token } = await allow(asker.page);
  assert.ok((await userData(token)).body.contactInformation);
  assert.equal((await userData(client.token)).body.contactInformation, undefined, "an old token is not widened");
  client.token = token;
});

test("suspended, it works for nobody; resumed, as before; withdrawn, not for this person", async () => {
  await maintainer.page.goto(`${demo.issuer}/maintainer/review/${client.id}`);
  await maintainer.page.fill("#review-comment", "Its secret was published.");
  await maintainer.page.click("#review-suspend");
  await maintainer.page.waitForURL(/saved=/);
  assert.equal((await userData(client.token)).status, 401);
  for (const { page } of [asker, developer, tester]) {
    await page.goto(authorise());
    assert.equal((await page.textContent("#error-code")).trim(), "unauthorized_client");
  }
  await developer.page.goto(dashboard);
  await look(developer.page, "suspended");
  await maintainer.page.goto(`${demo.issuer}/maintainer/review/${client.id}`);
  await maintainer.page.click("#review-resume");
  await maintainer.page.waitForURL(/saved=/);
  assert.equal((await userData(client.token)).status, 200);

  await asker.page.goto(`${demo.issuer}/`);
  await asker.page.getByRole("button", { name: `Withdraw access of ${NAME}` }).click();
  assert.equal((await userData(client.token)).status, 401);
  await asker.page.goto(authorise());
  await asker.page.locator("#consent-allow").waitFor();
});
