"""PostgreSQL for the benchmark: a server of its own as Debian installs it, two nodes of Omniport on it, and its limits."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from .machine import Failed, Server, command, free_port, tool
from .omniport import CLIENT

# What callers together can fill: a node's committer takes 60 at most to a commit.
TOGETHER = 60
# More than two nodes write on (an eighth of 16 connections each), so that it is a limit.
WRITERS = 8
# The server refuses root, and so do its tools.
AS_USER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []


def programs():
    """Where the server's programs are; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return found[-1].parent if found else None


class Cluster(Server):
    """A server in a folder of its own, every setting its default, so that each commit is on disk."""

    def __init__(self, folder):
        self.bin, self.data = programs(), folder / "postgres"
        self.data.mkdir()
        if AS_USER:
            shutil.chown(self.data, "postgres", "postgres")
        # The way to it must be open to the server's user.
        for above in (folder, folder.parent):
            above.chmod(above.stat().st_mode | 0o011)
        arguments = [self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        command([*AS_USER, *arguments], cwd="/")
        port = free_port()
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        super().__init__("postgresql", [*AS_USER, self.bin / "postgres", "-D", self.data, "-p", port, *settings], port, folder)
        self.address = f"postgres://postgres@127.0.0.1:{port}/omniport"
        self.settings = f"host=127.0.0.1 port={port} user=postgres dbname=omniport"

    def __enter__(self):
        super().__enter__()
        until = time.monotonic() + 30
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False).returncode:
            if time.monotonic() > until:
                raise Failed(f"PostgreSQL was not ready within 30 s: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        command([self.bin / "createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "omniport"])
        return self

    def sql(self, text):
        command([self.bin / "psql", "-q", "-d", self.settings, "-v", "ON_ERROR_STOP=1", "-c", text])

    def cpu_seconds(self):
        """CPU of the whole server: the postmaster, those it has buried, and those that live."""
        return ticks(self.process.pid, 4) + sum(ticks(pid, 2) for pid in self.pids()[1:])

    def costing(self, work, asked):
        """Does some work and notes what each request of it cost the server."""
        before = self.cpu_seconds()
        done = work()
        done["server_cpu_micros"] = (self.cpu_seconds() - before) / max(1, done[asked]) * 1e6
        return done

    def version(self):
        return command([self.bin / "postgres", "--version"]).split()[2]

    def raw(self, load, seconds, most, prefix):
        """The row of an access token, so many to a commit, pipelined, and nothing else."""
        job = {"database": self.settings, "client_id": CLIENT, "connections": WRITERS, "together": TOGETHER, "seconds": seconds}
        return tool(load, "raw-postgres", {**job, "most": most, "prefix": prefix, "now": int(time.time())})

    def pgbench(self, folder, seconds):
        """The same row by PostgreSQL's own tool: one to a commit, as many at a time."""
        script = folder / "pgbench.sql"
        script.write_text(
            "INSERT INTO access_tokens (hash, client_id, grant_id, scope, issued_at, expires_at) VALUES "
            f"(sha256(gen_random_uuid()::text::bytea), '{CLIENT}', NULL, 'pgbench', 1800000000, 1800036000);\n"
        )
        told = command(
            [self.bin / "pgbench", "-n", "-M", "prepared", "-c", WRITERS, "-j", 2, "-T", max(1, round(seconds)), "-f", script]
            + ["-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "omniport"],
            cwd="/",
        )
        rate = re.search(r"tps = ([0-9.]+)", told)
        if not rate:
            raise Failed(f"pgbench told no rate: {told}")
        return {"per_second": float(rate.group(1))}


def ticks(pid, fields):
    """proc_pid_stat(5): utime, stime, and with 4 those of children that have ended; in seconds."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return 0
    return sum(int(field) for field in stat.rsplit(")", 1)[1].split()[11 : 11 + fields]) / os.sysconf("SC_CLK_TCK")


class Nodes:
    """Several nodes as one server: what `Bench.drive` needs of it."""

    name = "two nodes on PostgreSQL"

    def __init__(self, nodes):
        self.nodes = nodes
        self.ports = [node.port for node in nodes]
        self.port = self.ports[0]

    def pids(self):
        return [pid for node in self.nodes for pid in node.pids()]
