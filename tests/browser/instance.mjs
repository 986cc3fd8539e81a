// A whole instance to test against: `omniport demo` on a throw-away database, and an app's own server.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
const BINARY = process.env.OMNIPORT ?? join(ROOT, "target/release/omniport");
const PATIENCE = 20_000;

/** Starts `omniport demo`; what it printed about itself, and `stop`. */
export async function startDemo() {
  const data = mkdtempSync(join(tmpdir(), "omniport-browser-"));
  const demo = spawn(BINARY, ["demo", "--listen", "127.0.0.1:0", "--data", data, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = [];
  createInterface({ input: demo.stderr }).on("line", (line) => log.push(line));
  const ended = new Promise((done) => demo.once("exit", done));
  const stop = async () => {
    demo.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const first = new Promise((done) => createInterface({ input: demo.stdout }).once("line", done));
  const late = new Promise((done) => setTimeout(done, PATIENCE, undefined).unref());
  const line = await Promise.race([first, ended, late]);
  if (typeof line !== "string") {
    await stop();
    throw new Error(`omniport demo said nothing about itself:\n${log.join("\n")}`);
  }
  return { ...JSON.parse(line), data, log, stop };
}

/** Adds an approved app behind the demo's pages; its client ID. */
export function addApp(demo, owner, metadata) {
  const file = join(demo.data, "app.json");
  writeFileSync(file, JSON.stringify(metadata));
  const env = { ...process.env, OMNIPORT_DATABASE: `sqlite:${join(demo.data, "omniport.db")}` };
  const args = ["app", "add", "--owner", owner.username, "--file", file, "--approved", "--json"];
  return JSON.parse(execFileSync(BINARY, args, { env, encoding: "utf8" })).client_id;
}

/** The first sample person who fits. */
export function person(demo, { role, kind }) {
  const fits = (one) => (role ? one.roles.includes(role) : one.roles.length === 0) && (!kind || one.kind === kind);
  const found = demo.people.find(fits);
  if (!found) throw new Error(`the demo has no ${role ?? kind}`);
  return found;
}

/** Every sample person who only uses apps. */
export const visitors = (demo) => demo.people.filter((one) => one.roles.length === 0);

/** An app's own server: `callback` is its redirect URL, `answers` what came back to it, newest last. */
export async function startApp() {
  const answers = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://app.invalid");
    if (url.pathname === "/callback") answers.push({ query: url.search, params: url.searchParams });
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end("<!doctype html><html lang=en><title>The app</title><h1>Back in the app</h1></html>");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const callback = `http://127.0.0.1:${server.address().port}/callback`;
  const stop = () => new Promise((done) => server.close(done) && server.closeAllConnections());
  return { callback, answers, stop };
}

/** POSTs a form as an app's script does; the status, the headers and the body (as JSON where it is). */
export async function post(url, fields) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  return read(response);
}

/** GETs with a bearer token. */
export async function getWith(token, url) {
  return read(await fetch(url, { headers: { authorization: `Bearer ${token}` } }));
}

async function read(response) {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Stops everything, in order, also where stopping one of them fails; then fails with that. */
export async function stopAll(...stops) {
  const failures = [];
  for (const stop of stops) await stop?.()?.catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
