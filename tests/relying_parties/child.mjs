// A relying party in another language: a process that prints JSON, a line a word, and reads where the person came back to.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Runs it; `answer` says what to tell it for each `url` it prints. Its other lines. */
export async function converse(command, args, env, answer) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done, fail) => child.once("exit", done) && child.once("error", fail));
  const said = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const words = JSON.parse(line);
    if (words.url) child.stdin.write(`${await answer(words.url)}\n`);
    else said.push(words);
  }
  const status = await ended;
  if (status !== 0) throw new Error(`${command} ended with ${status} after ${JSON.stringify(said)}`);
  return said;
}
