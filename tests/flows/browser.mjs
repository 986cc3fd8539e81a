#!/usr/bin/env node
// The person in front of the browser, for the pages of docs/flows: `browser URL [USERNAME]` (asha, where none is named)
// signs in with $PASSWORD, allows what is asked, there or on their home page, and prints the address it ends at: the app's, outside of $ISSUER, or that
// of the first page without such a form. Cookies are kept in `cookies.json` for the next call.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [, , url, username = "asha"] = process.argv;
const { ISSUER, PASSWORD } = process.env;
const JAR = `cookies-${username}.json`;
const jar = new Map(existsSync(JAR) ? JSON.parse(readFileSync(JAR, "utf8")) : []);
const MOST_STEPS = 20;

let request = { url, method: "GET" };
for (let step = 0; ; step += 1) {
  if (step === MOST_STEPS) throw new Error(`no end in ${MOST_STEPS} steps, at ${request.url}`);
  if (!request.url.startsWith(`${ISSUER}/`)) break;
  const headers = { accept: "text/html", origin: ISSUER, cookie: [...jar].map((pair) => pair.join("=")).join("; ") };
  const response = await fetch(request.url, { method: request.method, body: request.body, headers, redirect: "manual" });
  for (const line of response.headers.getSetCookie()) {
    const [name, value] = line.split(";")[0].split(/=(.*)/s);
    jar.set(name, value);
  }
  const location = response.headers.get("location");
  if (location) {
    request = { url: new URL(location, request.url).href, method: "GET" };
    continue;
  }
  const form = formOf(await response.text());
  if (!form) break;
  request = { url: new URL(form.action || request.url, request.url).href, method: "POST", body: form.fields };
}
writeFileSync(JAR, JSON.stringify([...jar]));
console.log(request.url);

/** The form that a person would fill in: sign-in, consent (allow), what waits on the home page, or one that only goes on. */
function formOf(html) {
  const found = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag, inner]) => ({ tag, inner }));
  const one = found.find(({ tag, inner }) => /id="(username|consent-allow)"|data-submit-at-once|action="\/account\/requests\/open"/.test(tag + inner));
  if (!one) return undefined;
  const fields = new URLSearchParams();
  for (const [tag] of one.inner.matchAll(/<input\b[^>]*>/g)) {
    const box = /type="checkbox"/.test(tag) && !/\bchecked\b/.test(tag);
    const name = attribute(tag, "name");
    if (name && !box) fields.append(name, attribute(tag, "value") ?? "");
  }
  if (one.inner.includes('id="username"')) {
    fields.set("username", username);
    fields.set("password", PASSWORD);
  } else if (one.inner.includes('id="consent-allow"')) {
    const [button] = one.inner.match(/<button\b[^>]*id="consent-allow"[^>]*>/);
    fields.set(attribute(button, "name"), attribute(button, "value"));
  }
  return { action: attribute(one.tag, "action"), fields };
}

function attribute(tag, name) {
  const text = tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1];
  const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#34": '"', "#38": "&", "#60": "<", "#62": ">" };
  return text?.replace(/&([^;]+);/g, (whole, entity) => entities[entity] ?? whole);
}
