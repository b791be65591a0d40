"""The page with the plots, and the README's."""

import html
import re

from . import report
from .plots import bars, lines, number, plot, plotting, size, summary
from .workloads import GROUPS


def places(group, prefix, text=number):
    """The points of a curve: how each is called, and its workload."""
    return [(text(int(it.key.rsplit("-", 1)[1])), it.key) for it in GROUPS[group].workloads if it.key.startswith(prefix)]


def bad_networks():
    return [("{} %\n{} ms".format(*it.key.split("-")[1:]), it.key) for it in GROUPS["loss"].workloads]


def sections():
    """Title, what it says, and its plots: each a function that draws, and a title."""

    def bar(*args, **more):
        return (lambda axes, data: bars(axes, data, *args, **more)), args[3]

    def line(*args, **more):
        return (lambda axes, data: lines(axes, data, *args, **more)), args[3]

    yield "Bulk", "512 MiB over loopback; the cost is that of both processes.", (
        bar("transport", "down", "mib_per_s", "Down, MiB/s", "higher"),
        bar("transport", "up", "mib_per_s", "Up, MiB/s", "higher"),
        bar("transport", "down-8", "mib_per_s", "Down on 8 streams, MiB/s", "higher"),
        bar("transport", "down", "cpu", "Down, CPU s per GiB", "lower", digits=2),
    )
    yield "Small calls", "32 bytes there and back, each on a new stream (on TCP: on the caller's connection).", (
        bar("transport", "calls-1", "p50_us", "One at a time, p50 µs", "lower", digits=1),
        bar("transport", "calls-64", "per_s", "64 at a time, calls/s", "higher"),
        line("transport", "per_s", places("transport", "calls-"), "Calls/s by calls at a time", "at a time", "calls/s", log=True),
        bar("transport", "calls-64", "cpu", "64 at a time, CPU s per 1,000", "lower", digits=3),
    )
    yield "Calls of services", "Unary, 32 bytes, mutual TLS.", (
        bar("rpc", "rpc-1", "p50_us", "One at a time, p50 µs", "lower", digits=1),
        bar("rpc", "rpc-64", "per_s", "64 at a time, calls/s", "higher"),
        bar("rpc", "rpc-mib", "mib_per_s", "1 MiB there and back, MiB/s", "higher"),
    )
    yield "New connections", "Full handshakes with client certificates, until the server has taken them, 32 at a time. A library's own key exchange is here X25519 with ML-KEM-768.", (
        bar("connections", "connections-32", "per_s", "Its own key exchange, per s", "higher"),
        bar("classic", "connections-32", "per_s", "X25519 for all, per s", "higher"),
        bar("hybrid", "connections-32", "per_s", "With ML-KEM-768 for all, per s", "higher"),
        bar("server-only", "connections-32", "per_s", "No client certificates, per s", "higher"),
    )
    yield "Memory and start", "What the server's process grows by for each idle connection, Java heap included; the client's start until its first answer.", (
        bar("memory", "idle-1000", "server_kib", "KiB per connection, 1,000", "lower", digits=1),
        bar("memory", "idle-10000", "server_kib", "KiB per connection, 10,000", "lower", digits=1),
        bar("start", "start", "first_ms", "Start to first answer, ms", "lower"),
    )
    yield "How it grows", "By the size of a call, by streams, by connections, and through a proxy that loses packets both ways and delays them: there the first point is the proxy's own limit.", (
        line("payload", "mib_per_s", places("payload", "calls-size", size), "Calls by size, 8 at a time", "size of a call", "MiB/s each way", log=True),
        line("streams", "mib_per_s", places("streams", "down-streams"), "Bulk by streams", "streams at once", "MiB/s"),
        line("growth", "per_s", places("growth", "spread"), "Calls by connections, 64 at a time", "connections", "calls/s"),
        line("loss", "mib_per_s", bad_networks(), "Bulk by loss and round trip", "lost each way, round trip", "MiB/s", log=True),
    )
    yield "Steady calls", "8 at a time, for as long as the table says.", (
        bar("steady", "steady", "p50_us", "p50 µs", "lower", digits=1),
        bar("steady", "steady", "p999_us", "p99.9 µs", "lower"),
    )
    yield "Packets of 9,000 bytes", "Where the path carries them.", (
        bar("mtu", "down", "mib_per_s", "Down, MiB/s", "higher"),
        bar("mtu", "up", "mib_per_s", "Up, MiB/s", "higher"),
    )
    yield "512 calls at a time where the peer allows 100 streams", "Callers wait for streams, and streams for acknowledgements.", (
        bar("limit", "calls-512", "per_s", "calls/s", "higher"),
        bar("limit", "calls-512", "p99_us", "p99 µs", "lower"),
    )


STYLE = """
:root{color-scheme:light dark;--ink:#1b1b1b;--muted:#595959;--grid:#e0e0e0;--paper:#fff;--card:#fafafa;
--ours:#d55e00;--rust:#0072b2;--quic:#009e73;--tcp:#8a8a8a;--quinn:#56b4e9;--good:#00694a;--fair:#7a5200;--bad:#a32000}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--muted:#a8a8a8;--grid:#3a3a3a;--paper:#161616;--card:#1f1f1f;
--ours:#f0793a;--rust:#4ea3dc;--quic:#2dbd94;--tcp:#9a9a9a;--quinn:#a5d8f8;--good:#4fcfa0;--fair:#e0b050;--bad:#ff8a70}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1160px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.8rem;line-height:1.2;margin-bottom:.4rem}h2{font-size:1.25rem;margin:2.6rem 0 .2rem}p{margin:.2rem 0 .8rem;color:var(--muted)}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1rem}
.of3{grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr))}
figure{margin:0;padding:.8rem;background:var(--card);border:1px solid var(--grid);border-radius:8px;display:flex;align-items:center}
svg{width:100%;max-width:520px;height:auto;margin:auto}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 .9em}.key:first-child{margin-left:0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.82rem;width:100%}code{font-size:.92em;overflow-wrap:anywhere}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--grid);vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.reached{color:var(--good)}.spread{color:var(--fair)}.missed{color:var(--bad);font-weight:600}
details{margin:.4rem 0}summary{cursor:pointer;color:var(--muted)}ul{font-size:.85rem;color:var(--muted);padding-left:1.2rem}
"""
KEYS = (("ours", "this library"), ("rust", "Rust"), ("quic", "QUIC for Java"), ("tcp", "TLS over TCP"))


def plain(markdown):
    """A line of RESULTS.md as HTML: what is code and what is bold."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(markdown))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)


def table(markdown):
    """A table of RESULTS.md as HTML; columns of numbers are those that it aligns to the right."""
    head, rule, *rows = [line[2:-2].split(" | ") for line in markdown.splitlines()]
    right = [cell.endswith(":") for cell in rule]

    def row(cells, tag):
        kinds = (' class="n"' if is_right else "" for is_right in right)
        return "<tr>" + "".join(f"<{tag}{kind}>{plain(cell)}</{tag}>" for cell, kind in zip(cells, kinds)) + "</tr>"

    return '<div class="wide"><table>' + row(head, "th") + "".join(row(cells, "td") for cells in rows) + "</table></div>"


def goals(data):
    rows, counts = [], dict.fromkeys(("reached", "spread", "missed"), 0)
    for goal, numbers, said in report.verdicts(data):
        kind = said if said in counts else "spread"
        counts[kind] += 1
        cells = (goal.ours, report.against(goal), f"{GROUPS[goal.group].title}: {report.title(goal)}")
        rows.append(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in cells)
            + f'<td class="n">{goal.text()}</td><td class="n">{report.cell(numbers, 2)}</td><td class="{kind}">{said}</td></tr>'
        )  # fmt: skip
    if not rows:
        return ""
    said = f"{counts['reached']} reached, {counts['spread']} by the spread of the repeats alone, {counts['missed']} missed. RESULTS.md says why."
    head = '<tr><th>ours</th><th>against</th><th></th><th class="n">goal</th><th class="n">ratio or figure, median (min–max)</th><th></th></tr>'
    return f'<h2 id="goals">Goals</h2><p>{said}</p><div class="wide"><table>{head}{"".join(rows)}</table></div>'


def tables(data):
    for group in GROUPS.values():
        text = report.table(data, group)
        if text:
            _, said, rows = text.strip().split("\n\n")
            yield f"<details><summary>{html.escape(group.title)}</summary><p>{plain(said)}</p>{table(rows)}</details>"


def document(data, parts):
    keys = "".join(f'<span class="key" style="background:var(--{key})"></span>{text}' for key, text in KEYS)
    conditions = "".join(f"<li>{plain(line[2:])}</li>" for line in report.conditions(data).splitlines())
    body = "".join(
        f'<h2>{html.escape(title)}</h2><p>{html.escape(text)}</p><div class="plots of{len(plots)}">'
        + "".join(f"<figure>{one}</figure>" for one in plots)
        + "</div>"
        for title, text, plots in parts
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>JetStream for Java: benchmarks</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body><main>'
        f"<h1>JetStream for Java: benchmarks</h1><p>Bars are medians, the thin lines on them go from the least to the most of the repeats. {keys}</p>"
        f"{body}{goals(data)}<h2>All figures</h2>{''.join(tables(data))}"
        f"<h2>Who</h2>{table(report.who(data))}<h2>How it was measured</h2><ul>{conditions}</ul></main></body></html>\n"
    )


def made(data):
    """What is written, by the names of the files."""
    pyplot = plotting()
    parts = []
    for title, text, wanted in sections():
        # As wide as it is shown, so that the texts of all plots are of one size.
        width = 4.2 if len(wanted) == 3 else 5.2
        drawn = [plot(pyplot, lambda axes, draw=draw: draw(axes, data), name, width) for draw, name in wanted]
        drawn = [one for one in drawn if one]
        if drawn:
            parts.append((title, text, drawn))
    files = {"results.html": document(data, parts)}
    short = summary(data, pyplot)
    return {**files, "summary.svg": short} if short else files
