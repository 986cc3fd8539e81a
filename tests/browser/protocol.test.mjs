// The page Protocol, and signing out in the browser: a team sets what its app wants to hear, and hears it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { person, post, startApp, startDemo, stopAll } from "./instance.mjs";
import { approve, authoriseUrl, enter, register } from "./portal.mjs";

const NAME = "Lost and found";
const START = "https://lost.example.org/start";

let demo, app, browser, developer, maintainer, asker, client, seen;

before(async () => {
  [demo, app, browser] = await Promise.all([startDemo(), startApp(), launch()]);
  [developer, maintainer, asker] = await Promise.all([1, 2, 3].map(() => visitor(browser)));
  await enter(developer.page, demo, person(demo, { role: "developer" }));
  await enter(maintainer.page, demo, person(demo, { role: "maintainer" }));
  client = await register(developer.page, demo, { name: NAME, redirectUris: [app.callback] });
  await approve(maintainer.page, demo, NAME, "Fine.");
  seen = [];
  asker.page.on("request", (request) => seen.push(request.url()));
});

after(() => {
  const everyone = [developer, maintainer, asker];
  return stopAll(...everyone.map((one) => one?.close), () => browser?.close(), demo?.stop, app?.stop);
});

const at = (path) => new URL(path, app.callback).href;

async function look(page, name) {
  await pictures(page, name);
  await accessible(page, name);
}

test("the team sets the protocol\u2019s side; a mistake stands beside its field", async () => {
  const { page } = developer;
  await page.goto(`${demo.issuer}/developer/apps/${client.clientId}/protocol`);
  await look(page, "developer-protocol");
  const open = () => page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  await open();
  await page.fill("#backchannel_logout_uri", "http://elsewhere.example/");
  await page.fill("#post_logout_redirect_uris", at("/bye"));
  await page.fill("#frontchannel_logout_uri", at("/front"));
  await page.fill("#initiate_login_uri", START);
  await page.click("#protocol-save");
  await page.locator("#backchannel_logout_uri-error").waitFor();
  await look(page, "developer-protocol-refused");
  assert.equal((await page.inputValue("#post_logout_redirect_uris")).trim(), at("/bye"));
  await page.fill("#backchannel_logout_uri", "");
  await page.click("#protocol-save");
  // Addresses on hosts that nobody approved yet: what was approved goes on meanwhile, and a maintainer looks.
  await page.getByText("Saved and sent to review.").waitFor();
  assert.equal(await page.inputValue("#frontchannel_logout_uri"), at("/front"));
  await approve(maintainer.page, demo, NAME, "These hosts are theirs.");
  await page.reload();
  assert.equal(await page.inputValue("#frontchannel_logout_uri"), at("/front"));
});

/** A person signs in to the app; their ID token. */
async function signedIn(page) {
  const params = { door: "authorize", response_type: "code", scope: "openid", state: "s" };
  await page.goto(authoriseUrl(demo, { clientId: client.clientId, callback: app.callback, ...params }));
  if (page.url().includes("/login")) await signIn(page, person(demo, { kind: "student" }));
  if (page.url().includes("/consent")) await page.click("#consent-allow");
  await page.waitForURL(`${app.callback}*`);
  const { body } = await post(`${demo.issuer}/oauth/token`, {
    grant_type: "authorization_code",
    code: new URL(page.url()).searchParams.get("code"),
    redirect_uri: app.callback,
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
  return body.id_token;
}

function logoutUrl(hint) {
  const url = new URL(`${demo.issuer}/logout`);
  const params = { id_token_hint: hint, post_logout_redirect_uri: at("/bye"), state: "t" };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
}

test("a sign-in can be started from the home page", async () => {
  const { page } = asker;
  await signedIn(page);
  await page.goto(demo.issuer);
  const href = await page.getByRole("link", { name: `Open ${NAME}` }).getAttribute("href");
  assert.equal(href, `${START}?iss=${encodeURIComponent(demo.issuer)}`);
});

test("an app signs its person out: it hears of it in a frame, and has them back at once", async () => {
  const { page } = asker;
  const hint = await signedIn(page);
  const begun = Date.now();
  await page.goto(logoutUrl(hint));
  await page.waitForURL(`${at("/bye")}?state=t`);
  assert.ok(Date.now() - begun < 15_000, "it goes on when the frames are there");
  const frame = new URL(seen.find((url) => url.startsWith(at("/front"))));
  assert.equal(frame.searchParams.get("iss"), demo.issuer);
  assert.ok(frame.searchParams.get("sid"));
});

test("without scripts the page leaves time to stay", async () => {
  const quiet = await visitor(browser, { javaScriptEnabled: false });
  const hint = await signedIn(quiet.page);
  await quiet.page.goto(logoutUrl(hint));
  assert.equal(await quiet.page.getAttribute("meta[http-equiv]", "content"), `30; url=${at("/bye")}?state=t`);
  await quiet.page.click("#logout-stay");
  await quiet.page.waitForURL(`${demo.issuer}/logout/done`);
  await quiet.close();
});

test("the logout pages look right", async () => {
  const { page } = asker;
  await signedIn(page);
  await page.goto(`${demo.issuer}/logout`);
  await look(page, "logout");
  await page.click("#logout-confirm");
  await page.waitForURL(`${demo.issuer}/logout/done`);
  await look(page, "logout-done");
});
