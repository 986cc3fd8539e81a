"""`bench/run`: the plan, the measuring, the end."""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from . import peers, postgres, report
from .machine import RESULTS, ROOT, Failed, Server, build, describe, free_port, say, tool
from .omniport import CLIENT, SECRET, Instance

ROWS = [
    *("introspection", "user_data", "userinfo", "discovery", "jwks"),
    *("client_credentials", "code_redemption", "refresh", "authorise"),
]
# On PostgreSQL; the first is measured against the limits of its row.
ON_NODES = ["client_credentials", "introspection", "code_redemption", "refresh"]
GROWING = ["introspection", "refresh", "client_credentials"]
COMPARED = ["introspection", "client_credentials"]


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measures Omniport beside its limits and its peers, on loopback, and writes bench/results/.",
        epilog="Example: bench/run --grow 100000 --docs",
    )
    parser.add_argument("--quick", action="store_true", help="one short round, no peers, no growth: under a minute once built")
    parser.add_argument("--rounds", type=int, default=3, help="how often each row is measured (default 3); medians are told")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement (default 3)")
    parser.add_argument("--connections", type=int, default=32, help="at a time (default 32)")
    parser.add_argument("--grow", type=int, action="append", metavar="TOKENS", help="live tokens to measure growth at (default 1000000); may be repeated")
    parser.add_argument("--ten-million", action="store_true", help="growth at 10 million tokens, too: 4 GB of disk, and --minutes 60")
    parser.add_argument("--no-postgres", action="store_true", help="leave the two nodes on PostgreSQL out")
    parser.add_argument("--node-connections", type=int, default=128, help="at a time, to two nodes together (default 128)")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--docs", action="store_true", help="also write docs/benchmark.md and docs/benchmark.svg")
    parser.add_argument("--minutes", type=float, default=10, help="longest run after building and installing (default 10)")
    parser.add_argument("--omniport", type=Path, metavar="FILE", help="measure this binary instead of building one: to compare two")
    parser.add_argument("--keep", action="store_true", help="keep the databases, to profile with")
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.seconds, given.no_peers, given.grow = 1, 1.0, True, given.grow or [0]
    given.grow = [size for size in given.grow or [1_000_000] if size > 0] + [10_000_000] * given.ten_million
    if not (1 <= given.rounds <= 5 and 0.2 <= given.seconds <= 30 and 1 <= given.connections <= 100):
        parser.error("1 to 5 rounds, 0.2 to 30 seconds, 1 to 100 connections")
    if not 2 <= given.node_connections <= 1_000:
        parser.error("2 to 1000 connections to the nodes")
    if any(size > 20_000_000 for size in given.grow):
        parser.error("at most 20 million tokens")
    return given


class Bench:
    """One run: what was built, where its files are, what was measured."""

    def __init__(self, given, omniport, load, folder):
        self.given, self.omniport, self.load, self.folder = given, omniport, load, folder
        # Far above what a machine reaches in the time, so that time ends a row; and an end all the same.
        self.most = int(given.seconds * 60_000)

    def drive(self, server, row, connections=None):
        job = {
            "addresses": [f"127.0.0.1:{port}" for port in server.ports],
            "pids": server.pids(),
            "connections": connections or self.given.connections,
            "warm_seconds": self.given.seconds / 5,
            "seconds": self.given.seconds,
            "most": self.most,
            "method": "POST",
            "status": 200,
            **row,
        }
        done = tool(self.load, "drive", job)
        if done["failure"]:
            raise Failed(f"{server.name} {row['path']}: {done['failure']}")
        if done["count"] == 0:
            raise Failed(f"{server.name} {row['path']}: nothing was answered")
        return done

    def bare(self):
        port = free_port()
        listen = json.dumps({"listen": f"127.0.0.1:{port}"})
        return Server("bare", [self.load, "bare", listen], port, self.folder)

    def drive_bare(self, server):
        body = f"client_id={CLIENT}&client_secret={SECRET}&token={{token}}"
        tokens = {"prefix": "a", "from": 0, "to": 1_000, "pick": "random"}
        return self.drive(server, {"path": "/bare", "body": body, "members": {"active": True}, "tokens": tokens})

    def instance(self, name, tokens):
        folder = self.folder / name
        folder.mkdir()
        instance = Instance(self.omniport, self.load, folder)
        instance.prepare(tokens)
        return instance

    def rows(self, instance, rows):
        """Every round: the limits, then each row, so that a neighbour's load on the machine meets all of them."""
        measured = {name: [] for name in ["bare", "raw", *rows]}
        with self.bare() as bare, instance.serve() as server:
            idle = idle_rss(server)
            for number in range(self.given.rounds):
                before = self.drive_bare(bare)
                for name in rows:
                    say(f"round {number + 1}: {name}")
                    measured[name].append(self.measure(server, instance, name))
                after = self.drive_bare(bare)
                measured["bare"].append(mean(before, after))
                measured["raw"].append(instance.raw(self.given.connections, self.given.seconds / 2, self.most))
        return measured, idle

    def measure(self, server, instance, name, connections=None):
        """One row, and the proof that what it was given works."""
        codes = int(min(self.most, self.given.seconds * 15_000))
        done = self.drive(server, instance.row(name, codes), connections)
        sample = done.pop("sample")
        if name in ("client_credentials", "code_redemption", "refresh", "authorise"):
            done["proved"] = instance.proves(server, name, sample)
        return done

    def growth(self, size):
        """Each row on an empty database and on a full one in turn, so that a neighbour's load meets both."""
        measured = {name: [] for name in GROWING}
        empty, full = self.instance(f"beside-{size}", 0), self.instance(f"tokens-{size}", size)
        with empty.serve() as small, full.serve() as large:
            for number in range(self.given.rounds):
                for name in GROWING:
                    say(f"round {number + 1}: {name}, {size} live tokens")
                    one, other = self.measure(small, empty, name), self.measure(large, full, name)
                    measured[name].append({"empty": one, "full": other})
        if not self.given.keep:
            shutil.rmtree(empty.folder)
            shutil.rmtree(full.folder)
        return measured

    def nodes(self):
        """Two nodes on one PostgreSQL, and what that server can do with the same row."""
        measured = {name: [] for name in ["raw", "pgbench", *ON_NODES]}
        folder = self.folder / "postgres"
        # So many that each connection has refresh tokens of its own to rotate.
        instance = self.instance("postgres", 2 * 16 * 2 * self.given.node_connections)
        instance.more_codes(int(self.given.seconds * 8_000) * self.given.rounds)
        most = int(self.given.seconds * 8_000)
        with postgres.Cluster(folder) as cluster:
            instance.move(cluster.address)
            cluster.sql("ANALYZE")
            one, other = instance.nodes(cluster.address, 2)
            with one, other:
                nodes = postgres.Nodes([one, other])
                for number in range(self.given.rounds):
                    say(f"round {number + 1}: two nodes on PostgreSQL")
                    prefix = f"w{number}"
                    measured["raw"].append(self.raw_postgres(cluster, prefix))
                    for name in ON_NODES:
                        row = instance.row(name, most)
                        drive = partial(self.drive, nodes, row, self.given.node_connections)
                        done = cluster.costing(drive, "asked")
                        sample = done.pop("sample")
                        if name != "introspection":
                            # What the one node gave works on the other.
                            done["proved"] = instance.proves(other, name, sample)
                        measured[name].append(done)
                        if name == "client_credentials":
                            # The limit before and after its row.
                            again = self.raw_postgres(cluster, prefix + "b")
                            measured["raw"][-1] = mean(measured["raw"][-1], again)
                    measured["pgbench"].append(cluster.pgbench(folder, self.given.seconds))
            return {"rows": measured, "version": cluster.version(), "connections": self.given.node_connections}

    def raw_postgres(self, cluster, prefix):
        return cluster.costing(lambda: cluster.raw(self.load, self.given.seconds, self.most, prefix), "count")

    def peer(self, peer):
        measured = {name: [] for name in ["bare", *COMPARED]}
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            with self.bare() as bare, peer.serve(Path(folder)) as server:
                for number in range(min(self.given.rounds, 2)):
                    measured["bare"].append(self.drive_bare(bare))
                    for name in COMPARED:
                        say(f"round {number + 1}: {peer.name}, {name}")
                        done = self.drive(server, peer.row(name, server), connections=8)
                        done.pop("sample")
                        measured[name].append(done)
        return measured


def mean(one, other):
    """Two measurements of the limit around a round: what lies between is compared with both."""
    for each in (one, other):
        each.pop("sample", None)
    return {name: other[name] if name == "failure" else (one[name] + other[name]) / 2 for name in one}


def idle_rss(server):
    time.sleep(1)
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def run(given):
    RESULTS.mkdir(exist_ok=True)
    omniport, load = build(given.omniport)
    found, gaps = ([], []) if given.no_peers else peers.available()
    for peer in found:
        peer.install()
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Failed(f"not done within {given.minutes} minutes")))
    signal.alarm(int(given.minutes * 60))
    began, machine = time.monotonic(), describe()
    # Beside the results and not in /tmp, which may be memory: a commit has to reach a disk.
    folder = Path(tempfile.mkdtemp(prefix="work-", dir=RESULTS))
    try:
        bench = Bench(given, omniport, load, folder)
        measured, idle = bench.rows(bench.instance("empty", 0), ROWS)
        nodes = None
        if given.no_postgres:
            gaps.append("PostgreSQL and two nodes: left out")
        elif postgres.programs() is None:
            gaps.append("PostgreSQL and two nodes: not installed here (apt-get install postgresql)")
        else:
            nodes = bench.nodes()
        growth = {size: bench.growth(size) for size in given.grow}
        compared = {peer.name: {"about": peer.about, "rows": bench.peer(peer)} for peer in found}
        machine["load_after"] = round(os.getloadavg()[0], 2)
        whole = {
            "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "machine": machine,
            "settings": {"rounds": given.rounds, "seconds": given.seconds, "connections": given.connections},
            "took_seconds": round(time.monotonic() - began, 1),
            "idle_rss_kib": idle,
            "rows": measured,
            "nodes": nodes,
            "growth": growth,
            "peers": compared,
            "gaps": gaps,
        }
        (RESULTS / "benchmark.json").write_text(json.dumps(whole, indent=1) + "\n")
        text, chart = report.markdown(whole), report.chart(whole)
        (RESULTS / "benchmark.md").write_text(text)
        (RESULTS / "benchmark.svg").write_text(chart)
        if given.docs:
            (ROOT / "docs" / "benchmark.md").write_text(text)
            (ROOT / "docs" / "benchmark.svg").write_text(chart)
        say("\n" + text)
    finally:
        signal.alarm(0)
        if given.keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    # Asked to end, it ends as by Ctrl-C: servers and databases go first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(arguments())
    except Failed as failed:
        sys.exit(f"bench/run: {failed}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
