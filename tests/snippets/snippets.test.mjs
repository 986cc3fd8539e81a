// Every program that the portal offers to begin with, taken from its page as a developer would and run against a running
// instance. A runtime that is missing is a failure: ./test installs them.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as send } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../..");
const BINARY = process.env.OMNIPORT ?? join(ROOT, "target/release/omniport");
const TARGET = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "snippets");
const PATIENCE = 20_000;
const PASSWORD = "correct horse battery";
const REDIRECT = "https://app.example/callback?a=1&b=it's";

// How each is saved and run; `$FILE` is the file, the code follows.
const LANGUAGES = {
  curl: { file: "app.sh", command: ["sh", "$FILE"] },
  javascript: { file: "app.mjs", command: [process.execPath, "$FILE"] },
  python: { file: "app.py", command: ["python3", "$FILE"] },
  go: { file: "main.go", command: ["go", "run", "$FILE"] },
  php: { file: "app.php", command: ["php", "$FILE"] },
  java: { file: "App.java", command: ["java", "$FILE"] },
  rust: { file: "rust/main.rs", command: ["cargo", "run", "--quiet", "--locked", "--target-dir", TARGET, "--"] },
};

let work;
let server;
let issuer;
const apps = {};

before(async () => {
  work = mkdtempSync(join(tmpdir(), "omniport-snippets-"));
  const port = await freePort();
  issuer = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    OMNIPORT_DATABASE: `sqlite:${join(work, "omniport.db")}`,
    OMNIPORT_ISSUER: issuer,
    OMNIPORT_LISTEN: `127.0.0.1:${port}`,
  };
  const omniport = (args, input) =>
    execFileSync(BINARY, args, { env, input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
  const add = ["person", "add", "--password-stdin", "--username"];
  omniport([...add, "asha", "--set", "person.full_name=Asha Rao"], PASSWORD);
  omniport([...add, "dev", "--role", "developer"], PASSWORD);
  for (const method of ["client_secret_post", "none"]) {
    const file = join(work, `${method}.json`);
    const metadata = {
      client_name: method,
      redirect_uris: [REDIRECT],
      data_points: ["person.full_name"],
      token_endpoint_auth_method: method,
    };
    writeFileSync(file, JSON.stringify(metadata));
    apps[method] = JSON.parse(omniport(["app", "add", "--owner", "dev", "--file", file, "--approved", "--json"]));
  }
  const log = [];
  server = spawn(BINARY, ["serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.on("data", (text) => log.push(text));
  for (const end = Date.now() + PATIENCE; ; ) {
    const ready = await fetch(`${issuer}/health/ready`).catch(() => undefined);
    if (ready?.ok) break;
    if (Date.now() > end || server.exitCode !== null) throw new Error(`omniport serve did not come up:\n${log.join("")}`);
    await new Promise((done) => setTimeout(done, 50));
  }
});

after(async () => {
  const ended = new Promise((done) => server?.once("exit", done) ?? done());
  server?.kill("SIGTERM");
  await ended;
  rmSync(work, { recursive: true, force: true });
});

for (const [language, { file, command }] of Object.entries(LANGUAGES)) {
  for (const method of ["client_secret_post", "none"]) {
    test(`${language}, ${method === "none" ? "a public app" : "a confidential app"}`, async () => {
      const app = apps[method];
      const program = await programOf(app, language);
      assert.ok(program.includes(app.client_id), "the client ID is filled in");
      assert.ok(!app.client_secret || !program.includes(app.client_secret), "never the secret");
      const folder = join(work, language, method);
      mkdirSync(join(folder, "rust"), { recursive: true });
      for (const name of ["Cargo.toml", "Cargo.lock"]) {
        copyFileSync(join(import.meta.dirname, "rust", name), join(folder, "rust", name));
      }
      const path = join(folder, file);
      writeFileSync(path, program);
      const run = (...args) => {
        const words = command.map((word) => (word === "$FILE" ? path : word));
        const env = { ...process.env, OMNIPORT_CLIENT_SECRET: app.client_secret ?? "" };
        const cwd = language === "rust" ? join(folder, "rust") : folder;
        const ran = spawnSync(words[0], [...words.slice(1), ...args], { cwd, env, encoding: "utf8", timeout: 600_000 });
        assert.equal(ran.error, undefined, `${words[0]} is missing or did not end: ${ran.error}`);
        return ran;
      };
      const first = run();
      assert.equal(first.status, 0, first.stderr);
      const address = first.stdout.trim().split("\n").at(-1);
      const code = await allow(address);
      const second = run(code);
      assert.equal(second.status, 0, second.stderr);
      assert.match(second.stdout, /Asha Rao/, "the person's data");
      assert.match(second.stdout, /Refreshed\.\s*$/);
      const used = run(code);
      assert.notEqual(used.status, 0, "a used code is told");
      assert.match(used.stderr + used.stdout, /invalid_grant/);
    });
  }
}

/** The program on the portal's page, as the developer copies it. */
async function programOf(app, language) {
  const browser = new Browser();
  await browser.signIn("dev");
  const page = await browser.get(`/developer/apps/${app.client_id}/code?language=${language}`);
  const [, text] = page.html.match(/<code id="program">([\s\S]*?)<\/code>/);
  return unescape(text);
}

/** Opens an authorise address as Asha and allows: the code. */
async function allow(address) {
  const browser = new Browser();
  await browser.signIn("asha");
  let page = await browser.get(address);
  if (page.html.includes('id="consent-allow"')) {
    const fields = { decision: "allow" };
    for (const name of ["csrf_token", "request", "version"]) {
      [, fields[name]] = page.html.match(new RegExp(`name="${name}" value="([^"]*)"`));
    }
    page = await browser.post("/consent", fields);
  }
  const back = new URL(page.away);
  assert.equal(back.searchParams.get("b"), "it's", "the redirect URL's own query is kept");
  return back.searchParams.get("code");
}

/** A browser of few words: cookies and redirects within the site; `away` is where it was sent beyond it. */
class Browser {
  #cookies = new Map();

  get = (path) => this.#go("GET", path);
  post = (path, fields) => this.#go("POST", path, new URLSearchParams(fields).toString());

  async signIn(username) {
    const { html } = await this.get("/login");
    const [, token] = html.match(/name="csrf_token" value="([^"]*)"/);
    await this.post("/login", { csrf_token: token, username, password: PASSWORD });
  }

  async #go(method, path, body) {
    const url = new URL(path, issuer);
    if (url.origin !== issuer) return { html: "", away: url.href };
    const headers = { accept: "text/html", cookie: [...this.#cookies].map(([n, v]) => `${n}=${v}`).join("; ") };
    if (body) Object.assign(headers, { origin: issuer, "content-type": "application/x-www-form-urlencoded" });
    const response = await new Promise((done, fail) => {
      send(url, { method, headers, agent: false }, done).on("error", fail).end(body);
    });
    const html = Buffer.concat(await response.toArray()).toString();
    for (const line of response.headers["set-cookie"] ?? []) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      this.#cookies.set(name, value);
    }
    const { location } = response.headers;
    if (location) return this.#go("GET", new URL(location, url).href);
    assert.equal(response.statusCode, 200, html.replace(/<[^>]*>/g, " "));
    return { html };
  }
}

function unescape(text) {
  const entities = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return text.replace(/&(#?\w+);/g, (whole, entity) =>
    entity.startsWith("#") ? String.fromCodePoint(Number(entity.slice(1))) : (entities[entity] ?? whole));
}

async function freePort() {
  const listener = createServer();
  await new Promise((done) => listener.listen(0, "127.0.0.1", done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}
