// The person in front of the browser, by plain HTTP: follows redirects, signs in, allows, and keeps cookies.
import { request as send } from "node:https";
import { PERSON } from "./provider.mjs";

const MOST_STEPS = 20;

/** One browser: its cookies live until it is dropped. */
export class Browser {
  #cookies = new Map();

  /** Walks from `url` to the first address that `isEnd` says is the app's, answering the pages on the way. */
  async walk(url, isEnd) {
    let request = { url, method: "GET" };
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (isEnd(request.url, request)) return { ...request, url: request.url };
      const response = await this.#send(request);
      const { location } = response.headers;
      if (location) {
        request = { url: new URL(location, request.url).href, method: "GET" };
        continue;
      }
      const html = Buffer.concat(await response.toArray()).toString();
      const form = this.#form(html);
      if (!form) return { url: request.url, status: response.statusCode, headers: response.headers, html };
      request = { url: new URL(form.action || request.url, request.url).href, method: "POST", body: form.fields };
    }
    throw new Error(`no end in ${MOST_STEPS} steps`);
  }

  async #send({ url, method, body }) {
    const { origin } = new URL(url);
    const headers = {
      accept: "text/html",
      cookie: [...(this.#cookies.get(origin) ?? [])].map(([n, v]) => `${n}=${v}`).join("; "),
    };
    if (method === "POST") {
      Object.assign(headers, { origin, "content-type": "application/x-www-form-urlencoded" });
    }
    // Not `fetch`: that says of itself that it is a script, and some sites answer scripts otherwise.
    const response = await new Promise((done, fail) => {
      send(url, { method, headers }, done).on("error", fail).end(body?.toString());
    });
    const jar = this.#cookies.get(origin) ?? new Map();
    for (const line of response.headers["set-cookie"] ?? []) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      jar.set(name, value);
    }
    this.#cookies.set(origin, jar);
    return response;
  }

  /** The form that a person would fill in: sign-in, consent (allow), a device's code that the link brought, or one that only goes on. */
  #form(html) {
    const found = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag, inner]) => ({ tag, inner }));
    const one = found.find(({ tag, inner }) => /id="(username|consent-allow|device-submit)"|data-submit-at-once/.test(tag + inner));
    if (!one) return undefined;
    const fields = new URLSearchParams();
    for (const [tag] of one.inner.matchAll(/<input\b[^>]*>/g)) {
      const box = /type="checkbox"/.test(tag) && !/\bchecked\b/.test(tag);
      const name = attribute(tag, "name");
      if (name && !box) fields.append(name, attribute(tag, "value") ?? "");
    }
    if (one.inner.includes('id="username"')) {
      fields.set("username", PERSON.username);
      fields.set("password", PERSON.password);
    } else if (one.inner.includes('id="consent-allow"')) {
      const [button] = one.inner.match(/<button\b[^>]*id="consent-allow"[^>]*>/);
      fields.set(attribute(button, "name"), attribute(button, "value"));
    }
    return { action: attribute(one.tag, "action"), fields };
  }
}

function attribute(tag, name) {
  const text = tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1];
  const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#34": '"', "#38": "&", "#60": "<", "#62": ">" };
  return text?.replace(/&([^;]+);/g, (whole, entity) => entities[entity] ?? whole);
}
