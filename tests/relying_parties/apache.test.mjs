// Debian's mod_auth_openidc under Apache, unmodified: a site that knows nothing of sign-in itself.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { Browser } from "./person.mjs";
import { startProvider } from "./provider.mjs";

async function startApache(provider) {
  const work = mkdtempSync(join(tmpdir(), "omniport-apache-"));
  chmodSync(work, 0o755);
  mkdirSync(join(work, "site"));
  writeFileSync(join(work, "site/index.html"), "<!doctype html><title>Members only</title>");
  const files = Object.fromEntries(
    ["CERTIFICATE", "KEY", "CA"].map((name) => {
      const copy = join(work, `${name}.pem`);
      copyFileSync(process.env[name], copy);
      chmodSync(copy, 0o644);
      return [name, copy];
    }),
  );
  const port = provider.appPort;
  const app = provider.addApp({ redirect_uris: [`https://localhost:${port}/callback`] });
  const env = {
    ...process.env,
    ...files,
    WORK: work,
    PORT: String(port),
    ISSUER: provider.issuer,
    CLIENT_ID: app.client_id,
    CLIENT_SECRET: app.client_secret,
    PASSPHRASE: crypto.randomUUID(),
  };
  const args = ["-f", resolve(import.meta.dirname, "apache.conf"), "-DFOREGROUND"];
  const apache = spawn("/usr/sbin/apache2", args, { env, stdio: "inherit" });
  const ended = new Promise((done) => apache.once("exit", done));
  const url = `https://localhost:${port}/`;
  const stop = async () => {
    apache.kill("SIGTERM");
    await ended;
    rmSync(work, { recursive: true, force: true });
  };
  const log = () => readFileSync(join(work, "error.log"), "utf8");
  for (const end = Date.now() + 20_000; ; ) {
    if (await fetch(url, { redirect: "manual" }).catch(() => undefined)) return { url, stop, log };
    if (Date.now() > end || apache.exitCode !== null) {
      const said = log();
      await stop();
      throw new Error(`apache2 did not come up:\n${said}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

test("Apache with mod_auth_openidc lets in whom we signed in", async () => {
  const provider = await startProvider();
  try {
    const apache = await startApache(provider);
    try {
      const page = await new Browser().walk(apache.url, () => false);
      assert.equal(page.status, 200, `${page.html}\n${apache.log()}`);
      assert.equal(page.headers["x-signed-in-as"]?.split("@")[0], "asha");
      assert.match(page.html, /Members only/);
    } finally {
      await apache.stop();
    }
  } finally {
    await provider.stop();
  }
});
