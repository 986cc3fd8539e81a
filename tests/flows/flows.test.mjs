// Every page of docs/flows runs: its ```sh blocks, one after the other, are one script (bash -euo pipefail) against an
// instance of its own, whose configuration file is the page's ```toml blocks. See docs/flows/README.md.
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createSite } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = join(ROOT, "docs/flows");
const BINARY = resolve(process.env.OMNIPORT ?? join(ROOT, "target/release/omniport"));
const PASSWORD = "correct horse battery";
const PATIENCE = 20_000;

const wanted = (process.env.PAGES ?? "").split(" ").filter(Boolean);
const names = readdirSync(PAGES)
  .filter((name) => name.endsWith(".md") && name !== "README.md")
  .map((name) => name.slice(0, -3))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
assert.ok(names.length > 0, "there is no such page");

for (const name of names) {
  test(`docs/flows/${name}.md`, async () => {
    const text = readFileSync(join(PAGES, `${name}.md`), "utf8");
    const blocks = (language) =>
      [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , code]) => code);
    const script = blocks("sh").join("\n");
    assert.ok(script.trim(), "it has a ```sh block");
    const files = { "omniport.toml": blocks("toml"), "issuers.toml": blocks("toml issuers.toml") };
    const instance = await start(files);
    try {
      const file = join(instance.work, "page.sh");
      writeFileSync(file, script);
      const { env } = instance;
      const ran = await run("bash", ["-euo", "pipefail", file], { cwd: instance.work, env, timeout: 100_000 });
      assert.equal(ran.error, null, `${ran.error}\n${ran.stdout}\n${ran.stderr}\n${instance.log.join("")}`);
    } finally {
      await instance.stop();
    }
  });
}

/** Runs a program to its end, while the site beside it answers. */
function run(command, args, options) {
  return new Promise((done) => {
    execFile(command, args, options, (error, stdout, stderr) => done({ error, stdout, stderr }));
  });
}

/** A fresh instance with `asha`, who has some values, and the developer `dev`. */
async function start(files) {
  const work = mkdtempSync(join(tmpdir(), "omniport-flows-"));
  const tools = join(work, "bin");
  mkdirSync(tools);
  symlinkSync(join(import.meta.dirname, "browser.mjs"), join(tools, "browser"));
  const site = await startSite(work);
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const config = join(work, "omniport.toml");
  for (const [file, texts] of Object.entries(files)) writeFileSync(join(work, file), texts.join("\n"));
  const env = {
    PATH: `${tools}:${process.env.PATH}`,
    HOME: work,
    ISSUER: issuer,
    OMNIPORT: BINARY,
    PASSWORD,
    OMNIPORT_CONFIG: config,
    OMNIPORT_DATABASE: `sqlite:${join(work, "omniport.db")}`,
    OMNIPORT_ISSUER: issuer,
    OMNIPORT_LISTEN: `127.0.0.1:${port}`,
    SITE: `https://${site.authority}`,
    OMNIPORT_FETCH_ALLOW_HOSTS: site.authority,
    OMNIPORT_FETCH_EXTRA_CA_FILE: site.certificate,
  };
  const add = (args) => execFileSync(BINARY, ["person", "add", "--password-stdin", ...args], { env, input: PASSWORD });
  add(["--username", "asha", "--set", "person.full_name=Asha Rao", "--set", "contact_information.email_address=asha@example.org"]);
  add(["--username", "dev", "--role", "developer"]);
  const log = [];
  const server = spawn(BINARY, ["serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.on("data", (text) => log.push(text));
  const ended = new Promise((done) => server.once("exit", done));
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    site.close();
    rmSync(work, { recursive: true, force: true });
  };
  for (const end = Date.now() + PATIENCE; ; ) {
    const ready = await fetch(`${issuer}/health/ready`).catch(() => undefined);
    if (ready?.ok) return { env, work, log, stop };
    if (Date.now() > end || server.exitCode !== null) {
      await stop();
      throw new Error(`omniport serve did not come up:\n${log.join("")}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** An app's site over TLS, with a certificate that only the instance trusts: the JSON documents in the folder `site`. */
async function startSite(work) {
  const folder = join(work, "site");
  mkdirSync(folder);
  const [key, certificate] = [join(work, "site.key"), join(work, "site.pem")];
  const config = join(work, "site.cnf");
  writeFileSync(
    config,
    "[req]\nprompt=no\ndistinguished_name=who\nx509_extensions=what\n[who]\nCN=localhost\n" +
      "[what]\nsubjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\n",
  );
  const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" ");
  execFileSync("openssl", [...made, "-config", config, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const server = createSite({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    const file = join(folder, basename(request.url));
    response.writeHead(existsSync(file) ? 200 : 404, { "content-type": "application/json" });
    response.end(existsSync(file) ? readFileSync(file) : "");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { authority: `localhost:${server.address().port}`, certificate, close: () => server.close() };
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
