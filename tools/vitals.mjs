// Size, start-up and idle memory of the release binary, measured and printed; fails where one is over its limit.
// Time is only failed at five times its limit: a busy machine is not a slow program.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LIMIT = { megabytes: 25, milliseconds: 100, idleMegabytes: 30 };
const STARTS = 5;

const binary = process.env.OMNIPORT;
if (!binary) throw new Error("OMNIPORT must name the binary");
const folder = mkdtempSync(join(tmpdir(), "omniport-vitals-"));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isReady(origin) {
  try {
    return (await fetch(`${origin}/health/ready`)).status === 200;
  } catch {
    return false;
  }
}

// One start: how long until it is ready, and its resident memory after two idle seconds if asked.
async function start({ idle = false } = {}) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const database = `sqlite:${join(folder, "vitals.db")}`;
  const began = performance.now();
  const server = spawn(
    binary,
    ["serve", "--listen", `127.0.0.1:${port}`, "--issuer", origin, "--database", database],
    { stdio: ["ignore", "ignore", "inherit"], cwd: folder, env: { ...process.env, OMNIPORT_LOG_LEVEL: "warn" } },
  );
  try {
    while (!(await isReady(origin))) {
      if (server.exitCode !== null) throw new Error(`serve ended with ${server.exitCode}`);
      if (performance.now() - began > 20_000) throw new Error("serve was not ready within 20 s");
      await pause(1);
    }
    const milliseconds = performance.now() - began;
    if (!idle) return { milliseconds };
    await pause(2_000);
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    return { milliseconds, idleMegabytes: Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) / 1024 };
  } finally {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    if (server.exitCode === null && server.kill("SIGTERM")) await gone;
  }
}

const over = [];
function report(what, value, limit, unit, failsAt = limit) {
  console.log(`${what}: ${value.toFixed(1)} ${unit} (limit ${limit})`);
  if (value > failsAt) over.push(what);
}

try {
  report("size", statSync(binary).size / 1e6, LIMIT.megabytes, "MB");
  console.log(`first start, on a new database: ${(await start()).milliseconds.toFixed(1)} ms`);
  const times = [];
  for (let round = 0; round < STARTS; round += 1) times.push((await start()).milliseconds);
  const median = times.sort((a, b) => a - b)[Math.floor(STARTS / 2)];
  report(`ready, median of ${STARTS} starts`, median, LIMIT.milliseconds, "ms", 5 * LIMIT.milliseconds);
  report("idle memory", (await start({ idle: true })).idleMegabytes, LIMIT.idleMegabytes, "MB");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (over.length > 0) {
  console.error(`over the limit: ${over.join(", ")}`);
  process.exit(1);
}
