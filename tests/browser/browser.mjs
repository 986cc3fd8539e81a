// Chromium, watched: what a page complains of, what axe-core finds in it, how it looks.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const ARTEFACTS = resolve(import.meta.dirname, "../../artefacts/screens");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [320, 768, 1440];
const DARK_WIDTH = 768;
// The rules of axe-core that look at colours.
const COLOURS = ["color-contrast", "link-in-text-block"];
const SCHEMES = ["light", "dark"];

// Chromium reports every answer of 400 and above on its console; those are expected here.
const EXPECTED = /Failed to load resource: the server responded with a status of 4\d\d/;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A new visitor: cookies of their own, and a list of what went wrong in their pages. */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Kolkata", ...options });
  context.setDefaultTimeout(10_000);
  if (options.javaScriptEnabled !== false) await context.addInitScript({ content: AXE });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const close = async () => {
    await context.close();
    assert.deepEqual(complaints, [], "the console of a page");
  };
  return { page, context, complaints, close };
}

/** Signs in at `/login`, from wherever the page is. */
export async function signIn(page, { username, password }) {
  await page.fill("#username", username);
  await page.fill("#password", password);
  await page.click("#login-submit");
}

/**
 * Fails where axe-core finds anything, in light or dark; every `details` is opened first, so that nothing hides. In dark
 * only what concerns colours is looked at again: nothing else differs.
 */
export async function accessible(page, name) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const which = colorScheme === "light" ? { rules: { "target-size": { enabled: true } } } : { runOnly: COLOURS };
    const violations = await page.evaluate(async (which) => {
      const found = await window.axe.run(document, { ...which, resultTypes: ["violations"] });
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
    }, which);
    assert.deepEqual(violations, [], `${name}, ${colorScheme}`);
  }
}

/**
 * Pictures of the page at every width, as build artefacts; nothing may stick out sideways. In dark at one width: a picture of
 * a page that is 9,000 pixels long takes a second or two, and by axe-core both schemes are looked at whole.
 */
export async function pictures(page, name) {
  mkdirSync(ARTEFACTS, { recursive: true });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: width === 320 ? 640 : 900 });
    for (const colorScheme of width === DARK_WIDTH ? SCHEMES : ["light"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(ARTEFACTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overhang <= 0, `${name} sticks out by ${overhang} px at ${width} px`);
    const cut = await page.$$eval(".nav a", (links) =>
      links.filter((link) => link.getBoundingClientRect().right > innerWidth).map((link) => link.textContent.trim()));
    assert.deepEqual(cut, [], `${name}: entries of the navigation are cut at ${width} px`);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}
