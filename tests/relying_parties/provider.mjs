// A whole provider to test against, over TLS as in earnest: `omniport serve` on a throw-away database with one person,
// a developer, and as many apps as the tests add.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const BINARY = process.env.OMNIPORT ?? join(ROOT, "target/release/omniport");
const PATIENCE = 20_000;

/** The person who signs in, and everything that a standard claim is fed by. */
export const PERSON = { username: "asha", password: "correct horse battery" };
const VALUES = {
  "person.full_name": "Asha Rao",
  "person.short_name": "Asha",
  "openid_profile.given_name": "Asha",
  "openid_profile.family_name": "Rao",
  "openid_profile.address_locality": "Roorkee",
  "contact_information.email_address": "asha@example.org",
  "contact_information.email_address_verified": "true",
  "contact_information.primary_phone_number": "+91 99999 00000",
};

/** The data points that every app here is approved for. */
const POINTS = Object.keys(VALUES);

/** A port that nobody listens on at the moment. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts a provider: its issuer, `addApp`, a port of which it may fetch, `omniport` for its commands, and `stop`. `CERTIFICATE` and `KEY` name the files it speaks TLS with; `settings` are more variables of its environment. */
export async function startProvider(settings = {}) {
  const data = mkdtempSync(join(tmpdir(), "omniport-rp-"));
  const { CERTIFICATE, KEY } = process.env;
  if (!CERTIFICATE || !KEY) throw new Error("run these tests by ./run, which makes a certificate for them");
  const [port, appPort] = [await freePort(), await freePort()];
  const issuer = `https://localhost:${port}`;
  const env = {
    ...process.env,
    OMNIPORT_DATABASE: `sqlite:${join(data, "omniport.db")}`,
    OMNIPORT_ISSUER: issuer,
    OMNIPORT_LISTEN: `127.0.0.1:${port}`,
    OMNIPORT_TLS_CERTIFICATE: CERTIFICATE,
    OMNIPORT_TLS_KEY: KEY,
    OMNIPORT_FETCH_ALLOW_HOSTS: `localhost:${appPort}`,
    OMNIPORT_FETCH_EXTRA_CA_FILE: process.env.CA,
    ...settings,
  };
  const omniport = (args, input) =>
    execFileSync(BINARY, args, { env, input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] });
  const set = Object.entries(VALUES).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  omniport(["person", "add", "--username", PERSON.username, "--password-stdin", ...set], PERSON.password);
  omniport(["person", "add", "--username", "dev", "--password-stdin", "--role", "developer"], PERSON.password);

  const log = [];
  const server = spawn(BINARY, ["serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  server.stderr.on("data", (text) => log.push(text));
  const ended = new Promise((done) => server.once("exit", done));
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  for (const end = Date.now() + PATIENCE; ; ) {
    const ready = await fetch(`${issuer}/health/ready`).catch(() => undefined);
    if (ready?.ok) break;
    if (Date.now() > end || server.exitCode !== null) {
      await stop();
      throw new Error(`omniport serve did not come up:\n${log.join("")}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  const addApp = (metadata) => {
    const file = join(data, `app-${crypto.randomUUID()}.json`);
    writeFileSync(file, JSON.stringify({ client_name: "Relying party", data_points: POINTS, ...metadata }));
    return JSON.parse(omniport(["app", "add", "--owner", "dev", "--file", file, "--approved", "--json"]));
  };
  return { issuer, appPort, addApp, omniport, stop, log };
}
