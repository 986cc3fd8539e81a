"""Processes: building, starting, waiting, and ending every one of them, whatever happens."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import tomllib
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
RESULTS = BENCH / "results"
LOAD = BENCH / "load"


class Failed(Exception):
    """Something the benchmark cannot go on after; its text says what."""


def say(text):
    print(text, flush=True)


def command(arguments, **more):
    """Runs one command to its end and gives back its standard output."""
    done = subprocess.run(
        [str(argument) for argument in arguments], capture_output=True, text=True, check=False, **more
    )
    if done.returncode != 0:
        raise Failed(f"{arguments[0]} {arguments[1]}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def same_profile():
    """The limit must be compiled as Omniport is, or the ratio would compare compilers."""
    ours, theirs = (
        tomllib.loads((folder / "Cargo.toml").read_text())["profile"]["release"] for folder in (ROOT, LOAD)
    )
    # What Omniport compiles for size, and the limit does not hold at all, says nothing about the limit.
    in_both = {package["name"] for package in tomllib.loads((LOAD / "Cargo.lock").read_text())["package"]}
    ours["package"] = {name: how for name, how in ours["package"].items() if name in in_both}
    if ours != theirs:
        raise Failed("bench/load/Cargo.toml: make [profile.release] the same as in the root Cargo.toml")


def build(given=None):
    """Builds Omniport (unless a binary is given) and the benchmark's tool; gives back both paths."""
    same_profile()
    built = [given.resolve()] if given else []
    for folder, name in ((ROOT, "omniport"), (LOAD, "bench-load"))[len(built) :]:
        say(f"building {name}")
        log = RESULTS / f"build-{name}.log"
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
        environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
        with log.open("w") as file:
            built_well = subprocess.run(
                ["cargo", "build", "--release", "--locked", "--bin", name],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                check=False,
            )
        if built_well.returncode != 0:
            raise Failed(f"cargo build failed: see {log}")
        # A copy, which another build in the same folder does not replace while we measure.
        (RESULTS / "bin").mkdir(exist_ok=True)
        built.append(Path(shutil.copy(target / "release" / name, RESULTS / "bin" / name)))
    return built


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server on loopback, in a process group of its own; used with `with`, which ends it."""

    def __init__(self, name, arguments, port, folder, environment=None):
        self.name, self.port, self.ports = name, port, [port]
        self.log = folder / f"{name}.log"
        with self.log.open("w") as file:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
                start_new_session=True,
            )

    def __enter__(self):
        until = time.monotonic() + 30
        while True:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if time.monotonic() > until:
                    self.__exit__()
                    raise Failed(f"{self.name} did not listen within 30 s") from None
                time.sleep(0.02)

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def pids(self):
        """The process and its children: gunicorn's workers are what works."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]


def tool(load, what, argument):
    """One run of the benchmark's tool."""
    return json.loads(command([load, what, json.dumps(argument)], timeout=3600))


def describe():
    """The machine, for the report."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown",
    )
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "kernel": os.uname().release,
        "rustc": command(["rustc", "--version"]).strip(),
        "commit": command(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT).strip() if shutil.which("git") else "",
        "load_before": round(os.getloadavg()[0], 2),
    }
