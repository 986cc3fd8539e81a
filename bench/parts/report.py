"""What is told: ratios first, since a bare time says more about the machine than about the program."""

from statistics import median

# The limits that issue 3 sets, in multiples of the bare handler's CPU.
BUDGET = {
    "introspection": 2.5,
    "user_data": 2.5,
    "discovery": 1.3,
    "jwks": 1.3,
    "client_credentials": 4.5,
    "code_redemption": 9,
    "refresh": 9,
}
# Of the raw inserts' rate, on PostgreSQL with two nodes.
AIM = 60
READING = ("introspection", "user_data", "userinfo", "discovery", "jwks")
TITLES = {
    "introspection": "introspection",
    "user_data": "user data",
    "userinfo": "userinfo",
    "discovery": "discovery",
    "jwks": "JWKS",
    "client_credentials": "client_credentials",
    "code_redemption": "code redemption",
    "refresh": "refresh",
    "authorise": "authorise, remembered",
}


def ratios(rows, name, member="cpu_micros"):
    """A row over the bare handler, round by round."""
    return [row[member] / bare[member] for row, bare in zip(rows[name], rows["bare"], strict=True)]


def middle(rows, name, member):
    return median(row[member] for row in rows[name])


def spread(values):
    """How far the rounds lie apart, in percent of their median."""
    return (max(values) - min(values)) / median(values) * 100


def table(heads, lines):
    align = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(line) + " |" for line in [heads, align, *lines])


def of_rows(whole):
    rows, lines = whole["rows"], []
    raw = middle(rows, "raw", "per_second")
    for name, title in TITLES.items():
        found = ratios(rows, name)
        ratio, budget = median(found), BUDGET.get(name)
        held = "" if budget is None else f"{budget:g} {'held' if ratio <= budget else '**missed**'}"
        writes = name not in READING
        lines.append(
            [
                title,
                f"**{ratio:.2f} x**",
                f"{spread(found):.0f} %",
                held,
                f"{middle(rows, name, 'per_second') / raw * 100:.1f} %" if writes else "",
                f"{middle(rows, name, 'cpu_micros'):.1f}",
                f"{middle(rows, name, 'per_second'):,.0f}",
                f"{middle(rows, name, 'p50_micros') / 1000:.1f}",
                f"{middle(rows, name, 'p99_micros') / 1000:.1f}",
                f"{middle(rows, name, 'rss_kib') / 1024:.1f}",
            ]
        )
    lines.append(
        ["*limit: bare axum form handler*", "1.00 x", f"{spread([row['cpu_micros'] for row in rows['bare']]):.0f} %", "", ""]
        + [f"{middle(rows, 'bare', 'cpu_micros'):.1f}", f"{middle(rows, 'bare', 'per_second'):,.0f}"]
        + [f"{middle(rows, 'bare', member) / 1000:.1f}" for member in ("p50_micros", "p99_micros")]
        + [f"{middle(rows, 'bare', 'rss_kib') / 1024:.1f}"]
    )
    lines.append(
        ["*limit: raw inserts, committed together*", f"{median(ratios(rows, 'raw')):.2f} x", f"{spread(ratios(rows, 'raw')):.0f} %"]
        + ["", "100 %", f"{middle(rows, 'raw', 'cpu_micros'):.1f}", f"{raw:,.0f}", "", "", ""]
    )
    heads = ["row", "CPU / bare", "rounds differ", "budget", "of raw inserts", "CPU us", "req/s", "p50 ms", "p99 ms", "RSS MiB"]
    return table(heads, lines)


def of_peers(whole):
    lines = []
    for name in ("introspection", "client_credentials"):
        ours = median(ratios(whole["rows"], name))
        for peer, measured in whole["peers"].items():
            theirs = median(ratios(measured["rows"], name))
            cells = [f"{theirs:.1f} x", f"**{theirs / ours:.1f} x**"]
            cells += [f"{whole_rate(whole['rows'], name) / whole_rate(measured['rows'], name):.1f} x"]
            cells += [f"{middle(measured['rows'], name, 'rss_kib') / 1024:.0f}"]
            lines.append([f"{TITLES[name]}, {peer}", *cells])
    return table(["row, peer", "its CPU / bare", "its CPU / ours", "our req/s / its", "its RSS MiB"], lines)


def whole_rate(rows, name):
    return middle(rows, name, "per_second")


def of_growth(whole):
    lines = []
    for size, rows in whole["growth"].items():
        for name, rounds in rows.items():
            found = [each["full"]["cpu_micros"] / each["empty"]["cpu_micros"] for each in rounds]
            held = "held" if median(found) <= 1.1 else "**missed**"
            rss = median(each["full"]["rss_kib"] for each in rounds) / 1024
            lines.append([TITLES[name], f"{int(size):,}", f"**{median(found):.2f} x**", f"1.10 {held}", f"{spread(found):.0f} %", f"{rss:.1f}"])
    return table(["row", "live tokens", "CPU / empty database", "budget", "rounds differ", "RSS MiB"], lines)


def of_nodes(nodes):
    rows, lines = nodes["rows"], []
    raw = middle(rows, "raw", "per_second")
    for name in [name for name in rows if name in TITLES]:
        pairs = list(zip(rows[name], rows["raw"], strict=True))
        cells = ["", "", "", ""]
        if name == "client_credentials":
            bears = [limit["server_cpu_micros"] / row["server_cpu_micros"] * 100 for row, limit in pairs]
            reached = [row["per_second"] / limit["per_second"] * 100 for row, limit in pairs]
            aim = f"{AIM} % {'held' if median(bears) >= AIM else '**missed**'}"
            cells = [f"**{median(bears):.0f} %**", aim, f"{spread(bears):.0f} %", f"{median(reached):.0f} %"]
        lines.append(
            [TITLES[name], f"{middle(rows, name, 'server_cpu_micros'):.1f}", *cells]
            + [f"{middle(rows, name, 'cpu_micros'):.1f}", f"{middle(rows, name, 'per_second'):,.0f}"]
            + [f"{middle(rows, name, member) / 1000:.1f}" for member in ("p50_micros", "p99_micros")]
            + [f"{middle(rows, name, 'rss_kib') / 2048:.1f}"]
        )
    lines.append(
        ["*limit: raw inserts of the same row, 60 to a commit*", f"{middle(rows, 'raw', 'server_cpu_micros'):.1f}", "100 %", ""]
        + [f"{spread([row['server_cpu_micros'] for row in rows['raw']]):.0f} %", "100 %", f"{middle(rows, 'raw', 'cpu_micros'):.1f}"]
        + [f"{raw:,.0f}", "", "", ""]
    )
    bench = middle(rows, "pgbench", "per_second")
    lines.append(["*pgbench, the same row, one to a commit*", "", "", "", "", f"{bench / raw * 100:.0f} %", "", f"{bench:,.0f}", "", "", ""])
    heads = ["row", "PostgreSQL's CPU us", "of raw inserts, by its CPU", "aim", "rounds differ", "of raw inserts, reached here"]
    return table([*heads, "nodes' CPU us", "req/s or rows/s", "p50 ms", "p99 ms", "RSS MiB a node"], lines)


def markdown(whole):
    machine, settings = whole["machine"], whole["settings"]
    parts = [
        "# Benchmark",
        "Made by `bench/run`; what it measures and how: [bench/README.md](../bench/README.md).",
        f"{whole['when']}, commit {machine['commit']}, {machine['cores']} cores ({machine['cpu']}), Linux {machine['kernel']}, "
        f"{machine['rustc']}. {settings['rounds']} rounds of {settings['seconds']:g} s a row, {settings['connections']} "
        f"connections (peers: 8), load generator on the same machine; medians. Other work on the machine: load average "
        f"{machine['load_before']} before, {machine['load_after']} after. CPU is the server's own (user and system, all "
        "threads), so it stays nearly as it is when others use the machine; req/s and latency do not. Beyond a load average of the "
        "cores' number ratios to the bare handler grow: it gets cheaper with every request that waits with others, and work does not.",
        "![CPU a request, in multiples of a bare handler](benchmark.svg)",
        "## Omniport and the limits",
        of_rows(whole),
        f"Idle RSS: {whole['idle_rss_kib'] / 1024:.1f} MiB. SQLite, WAL, `synchronous=FULL`: every answered token, code and "
        "rotation is on disk. Status and body of every answer were checked, no secret came twice, and a sample of what "
        "each writing row was given was used afterwards.",
    ]
    if whole["nodes"]:
        nodes = whole["nodes"]
        parts += ["## Two nodes on PostgreSQL", of_nodes(nodes)]
        parts.append(
            f"PostgreSQL {nodes['version']} with its default settings, every commit on disk; {nodes['connections']} connections to two "
            "nodes; in the limits 8 that insert. *By its CPU*: what the PostgreSQL server spends on a raw row over what it spends "
            "on a request, so how much of the raw rate it bears where it has a machine of its own. *Reached here*: requests a "
            "second over raw rows a second, while load generator and nodes take their share of the same cores, which the limits "
            "leave to PostgreSQL. The nodes' CPU is that of both a request (of the tool a row, in the limit)."
        )
    if whole["peers"]:
        parts += ["## Peers", of_peers(whole)]
        parts.append("\n".join(f"- {name}: {peer['about']}." for name, peer in whole["peers"].items()))
    if whole["growth"]:
        parts += ["## Growth", of_growth(whole)]
    if whole["gaps"]:
        parts += ["## Not measured", "\n".join(f"- {gap}." for gap in whole["gaps"])]
    return "\n\n".join(parts) + "\n"


def chart(whole):
    """Bars: each row's CPU in multiples of the bare handler, its budget as a mark; the peers on a logarithmic scale."""
    from .chart import draw

    ours = [(title, median(ratios(whole["rows"], name)), BUDGET.get(name)) for name, title in TITLES.items()]
    compared = []
    for name in ("introspection", "client_credentials"):
        compared.append((TITLES[name], "Omniport", median(ratios(whole["rows"], name))))
        for peer, measured in whole["peers"].items():
            compared.append((TITLES[name], peer, median(ratios(measured["rows"], name))))
    return draw(ours, compared if whole["peers"] else [], f"{whole['when']}, commit {whole['machine']['commit']}")
