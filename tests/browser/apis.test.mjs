// APIs: an owner registers one in the browser, an app asks for a scope of it, the owner answers, and the app gets a token.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, visitor } from "./browser.mjs";
import { person, post, startDemo, stopAll } from "./instance.mjs";
import { approve, enter, register } from "./portal.mjs";

const NAME = "Reading list";
const URI = "https://library.example/api";

let demo, browser, developer, owner, client;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  [developer, owner] = await Promise.all([visitor(browser), visitor(browser, { javaScriptEnabled: true })]);
  await enter(developer.page, demo, person(demo, { role: "developer" }));
  // The library is a maintainer's: whoever may review apps may register an API too.
  await enter(owner.page, demo, person(demo, { role: "maintainer" }));
});

after(() => stopAll(...[developer, owner].map((one) => one?.close), () => browser?.close(), demo?.stop));

async function look(page, name) {
  await pictures(page, name);
  await accessible(page, name);
}

test("an owner registers an API; a mistake stands beside its field", async () => {
  const { page } = owner;
  await page.goto(`${demo.issuer}/developer`);
  await page.getByRole("link", { name: "APIs", exact: true }).click();
  await look(page, "developer-apis-empty");
  await page.getByRole("link", { name: "Add an API" }).first().click();
  await look(page, "developer-api-add");
  await page.fill("#name", "Library");
  await page.fill("#uri", "library");
  await page.fill("#description", "Loans, renewals and fines of the library.");
  await page.fill("#scopes", "loans.read See which books you have borrowed\nloans.renew Renew your loans");
  await page.click("#api-add");
  await page.locator("#uri-error").waitFor();
  await look(page, "developer-api-add-refused");
  await page.fill("#uri", URI);
  await page.click("#api-add");
  await page.getByText("The API is registered.").waitFor();
  assert.equal((await page.textContent("#api-uri")).trim(), URI);
  const metadata = await fetch((await page.textContent("#api-metadata")).trim()).then((answer) => answer.json());
  assert.equal(metadata.resource, URI);
});

test("an app asks; its owner approves one scope and refuses the other", async () => {
  client = await register(developer.page, demo, { name: NAME, redirectUris: ["https://reading.example/callback"] });
  const dashboard = `${demo.issuer}/developer/apps/${client.clientId}`;
  await developer.page.goto(`${dashboard}/protocol`);
  await developer.page.check('[name="grant_types"][value="client_credentials"]');
  await developer.page.click("#protocol-save");
  await developer.page.goto(dashboard);
  await developer.page.fill("#scopes", "loans.read loans.renew");
  await developer.page.getByRole("button", { name: "Save the scopes" }).click();
  await developer.page.locator("#asked-scopes").getByText("Waiting").first().waitFor();
  await approve(owner.page, demo, NAME, "Fine.");
  const { page } = owner;
  await page.goto(`${demo.issuer}/developer/apis`);
  await look(page, "developer-apis");
  await page.getByRole("link", { name: "Library" }).click();
  await look(page, "developer-api");
  const token = () =>
    post(`${demo.issuer}/oauth/token`, {
      grant_type: "client_credentials",
      scope: "loans.read",
      client_id: client.clientId,
      client_secret: client.clientSecret,
    });
  assert.equal((await token()).body.error, "invalid_scope");
  await page.locator('[name="names"][value="loans.renew"]').uncheck();
  await page.click("#api-approve");
  await page.getByText("Approved. The app's team is told.").waitFor();
  const granted = await token();
  assert.equal(granted.status, 200, JSON.stringify(granted.body));
  assert.equal(granted.body.scope, "loans.read");
  await page.fill('[name="comment"]', "Tell us first what for.");
  await page.click("#api-refuse");
  await page.getByText("Refused. The app's team is told").waitFor();
  await look(page, "developer-api-answered");
  await developer.page.goto(dashboard);
  await developer.page.locator("#asked-scopes").getByText("Tell us first what for.").waitFor();
  await developer.page.goto(demo.issuer);
  await developer.page.getByText("opened the API").waitFor();
  const strangers = await developer.page.goto(page.url().split("?")[0]);
  assert.equal(strangers.status(), 404);
});
