// Sign-in and consent without JavaScript, and with the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, signIn, visitor } from "./browser.mjs";
import { person, startApp, startDemo, stopAll, visitors } from "./instance.mjs";
import { approve, authoriseUrl, enter, register } from "./portal.mjs";

const NAME = "Library seats";

let demo, app, browser, client;

before(async () => {
  [demo, app, browser] = await Promise.all([startDemo(), startApp(), launch()]);
  const developer = await visitor(browser);
  await enter(developer.page, demo, person(demo, { role: "developer" }));
  client = await register(developer.page, demo, { name: NAME, redirectUris: [app.callback] });
  await developer.close();
  const maintainer = await visitor(browser);
  await enter(maintainer.page, demo, person(demo, { role: "maintainer" }));
  await approve(maintainer.page, demo, NAME, "Good.");
  await maintainer.close();
});

after(() => stopAll(() => browser?.close(), demo?.stop, app?.stop));

/** Opens the first category by `press`; one that says what its facts are for is open from the start, and is closed first. */
async function openFirst(page, press) {
  const details = page.locator("main details").first();
  if ((await details.getAttribute("open")) !== null) await press(details.locator("summary"));
  assert.equal(await details.getAttribute("open"), null);
  await press(details.locator("summary"));
}

const authorise = (state) => authoriseUrl(demo, { clientId: client.clientId, callback: app.callback, state });

test("without JavaScript: error page, sign-in, a wrong password, consent, the answer", async () => {
  const { page, close } = await visitor(browser, { javaScriptEnabled: false });
  const [who] = visitors(demo);
  await page.goto(authoriseUrl(demo, { clientId: "nobody", callback: app.callback, state: "x" }));
  assert.notEqual((await page.textContent("#error-code")).trim(), "");

  await page.goto(authorise("plain"));
  await signIn(page, { ...who, password: "not the password" });
  assert.equal(await page.inputValue("#username"), who.username);
  await signIn(page, who);
  await openFirst(page, (summary) => summary.click());
  assert.ok(await page.locator("main details[open] dd").first().isVisible());
  await page.click("#consent-allow");
  await page.waitForURL(`${app.callback}?**`);
  const { params } = app.answers.at(-1);
  assert.equal(params.get("state"), "plain");
  assert.notEqual(params.get("code"), null);
  await close();
});

test("without JavaScript: signing out", async () => {
  const { page, close } = await visitor(browser, { javaScriptEnabled: false });
  await enter(page, demo, visitors(demo)[0]);
  await page.goto(`${demo.issuer}/logout`);
  await page.click("#logout-confirm");
  await page.waitForURL("**/logout/done");
  await page.goto(authorise("again"));
  await page.locator("#login-submit").waitFor();
  await close();
});

/** Presses Tab until the element has the focus; each stop on the way must show its focus. */
async function tabTo(page, id) {
  for (let stop = 0; stop < 60; stop += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const here = document.activeElement;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(here);
      const shown = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      return { id: here.id, shown, html: here.outerHTML.slice(0, 120) };
    });
    assert.ok(at.shown, `the focus does not show on ${at.html}`);
    if (at.id === id) return;
  }
  assert.fail(`Tab never reached #${id}`);
}

test("with the keyboard alone: sign in, open a category, allow", async () => {
  const { page, close } = await visitor(browser);
  const who = visitors(demo)[1];
  await page.goto(authorise("keys"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "username", "ready to type");
  await page.keyboard.type(who.username);
  await tabTo(page, "password");
  await page.keyboard.type(who.password);
  await page.keyboard.press("Enter");
  await page.locator("#consent-allow").waitFor();
  await openFirst(page, async (summary) => {
    await summary.focus();
    await page.keyboard.press("Enter");
  });
  assert.ok(await page.locator("main details[open] dd").first().isVisible());
  await tabTo(page, "consent-allow");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${app.callback}?**`);
  assert.equal(app.answers.at(-1).params.get("state"), "keys");
  await close();
});
