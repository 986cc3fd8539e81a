// The pages that only lead on: back to an app that itself leads on to another host, by a form, and out through apps' frames.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessible, launch, pictures, signIn, visitor } from "./browser.mjs";
import { addApp, person, startDemo, stopAll } from "./instance.mjs";
import { authoriseUrl } from "./portal.mjs";

let demo, browser, front, elsewhere, clientId;
const posted = [];

/** A site that answers every request by `answer`. */
async function site(answer) {
  const server = createServer(answer);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const stop = () => new Promise((done) => server.close(done) && server.closeAllConnections());
  return { port: server.address().port, stop };
}

const page = (response, title) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html lang=en><title>${title}</title><h1>${title}</h1></html>`);
};

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  elsewhere = await site((_, response) => page(response, "Elsewhere"));
  front = await site(async (request, response) => {
    if (request.method === "POST") posted.push(Buffer.concat(await request.toArray()).toString());
    // The app's own way on, to another host.
    if (request.url.startsWith("/callback")) response.writeHead(302, { location: `http://localhost:${elsewhere.port}/home` }).end();
    else page(response, "The app");
  });
  clientId = addApp(demo, person(demo, { role: "developer" }), {
    client_name: "Two hosts",
    redirect_uris: [at("/callback")],
    data_points: ["person.full_name"],
    post_logout_redirect_uris: [at("/bye")],
    frontchannel_logout_uri: at("/front"),
  });
});

after(() => stopAll(() => browser?.close(), demo?.stop, front?.stop, elsewhere?.stop));

const at = (path) => `http://127.0.0.1:${front.port}${path}`;

/** A new visitor signs in to the app, and ends where the app sends them. */
async function signedIn(more = {}, options = {}) {
  const one = await visitor(browser, options);
  const params = { door: "authorize", response_type: "code", scope: "openid", state: "s", prompt: "consent", ...more };
  await one.page.goto(authoriseUrl(demo, { clientId, callback: at("/callback"), ...params }));
  await signIn(one.page, person(demo, { kind: "student" }));
  await one.page.click("#consent-allow");
  return one;
}

const home = () => `http://localhost:${elsewhere.port}/home`;

test("an app may lead on from its redirect URL to another host", async () => {
  const one = await signedIn();
  await one.page.waitForURL(home());
  await one.close();
});

test("an answer by form posts itself", async () => {
  const one = await signedIn({ response_mode: "form_post" });
  await one.page.waitForURL(home());
  assert.match(posted.at(-1), /(^|&)code=\w+/);
  await one.close();
});

test("without scripts an answer by form waits for one press", async () => {
  const one = await signedIn({ response_mode: "form_post" }, { javaScriptEnabled: false });
  await pictures(one.page, "form-post");
  const before = posted.length;
  await one.page.click("button[type=submit]");
  await one.page.waitForURL(home());
  assert.equal(posted.length, before + 1);
  await one.close();
});

test("an app asks to sign its person out; they are asked, see which apps hear of it, and go on", async () => {
  const one = await signedIn();
  await one.page.waitForURL(home());
  const url = new URL(`${demo.issuer}/logout`);
  for (const [name, value] of Object.entries({ client_id: clientId, post_logout_redirect_uri: at("/bye"), state: "t" })) {
    url.searchParams.set(name, value);
  }
  await one.page.goto(url.href);
  await pictures(one.page, "logout-asked-by-an-app");
  await accessible(one.page, "logout-asked-by-an-app");
  // Held back, so that the page can be looked at.
  await one.page.route("**/assets/onward.*", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await one.page.click("#logout-confirm");
  await one.page.locator("#logout-continue").waitFor();
  assert.equal(await one.page.locator("iframe").count(), 1);
  await pictures(one.page, "logout-frames");
  await accessible(one.page, "logout-frames");
  await one.page.click("#logout-continue");
  await one.page.waitForURL(`${at("/bye")}?state=t`);
  await one.close();
});
