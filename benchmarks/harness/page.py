"""The page with the plots, and the README's: made from the raw results by matplotlib, which is installed when it is not there."""

import html
import io
import re
import subprocess
import sys

from . import machine, report
from .process import Missing
from .store import median, replace, values
from .workloads import GROUPS

# Colours that people of all kinds of sight tell apart (Okabe and Ito); ours is the strong one.
OURS, RUST, QUIC, TCP = "#d55e00", "#0072b2", "#009e73", "#8a8a8a"
COLOURS = {"java": OURS, "java-inline": "#e69f00", "java-rpc": OURS, "quinn": "#56b4e9"}


def colour(name):
    if name in COLOURS:
        return COLOURS[name]
    if name.startswith("rust"):
        return RUST
    return TCP if "tls" in name else QUIC


def plotting():
    """matplotlib, in an environment of its own where the system has none."""
    try:
        import matplotlib
    except ImportError:
        venv = machine.BENCHMARKS / "target/venv"
        wanted = machine.BENCHMARKS / "requirements.txt"
        made = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True)
        if made.returncode == 0:
            pip = [venv / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:", "--require-hashes", "-r", wanted]
            made = subprocess.run(pip, capture_output=True, text=True)
        if made.returncode != 0:
            raise Missing(f"the plots need matplotlib, which cannot be installed here: {(made.stderr or made.stdout).strip()[-300:]}") from None
        sys.path[:0] = [str(path) for path in venv.glob("lib/python3*/site-packages")]
        import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update(
        {
            "svg.hashsalt": "jetstream",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
        }
    )
    from matplotlib import pyplot

    return pyplot


def bars(axes, data, group, workload, figure, title, better, names=None, digits=0):
    """Medians with what they spread from and to, the best on top. Gives whether there was anything."""
    samples = data["samples"]
    found = {name: values(samples, group, workload, name, figure) for name in names or GROUPS[group].peers}
    found = {name: numbers for name, numbers in found.items() if numbers}
    if not found:
        return False
    from matplotlib.ticker import MaxNLocator

    medians = {name: median(samples, group, workload, name, figure) for name in found}
    order = sorted(found, key=medians.get, reverse=better == "lower")
    for place, name in enumerate(order):
        low, high = min(found[name]), max(found[name])
        axes.barh(place, medians[name], color=colour(name), height=0.72)
        axes.plot([low, high], [place, place], color="#222222", linewidth=1.2)
        axes.annotate(
            f"{medians[name]:,.{digits}f}", (high, place), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_yticks(range(len(order)), order)
    axes.set_title(f"{title}\n", pad=2)
    axes.text(0, 1.01, f"{better} is better", transform=axes.transAxes, fontsize=8, color="#555555")
    axes.margins(x=0.18)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(axis="y", length=0)
    return True


def lines(axes, data, group, figure, places, title, xlabel, ylabel):
    """One line for each implementation; `places` are the workloads by their place on the axis."""
    any_line = False
    xs_of_all = [x for x, _ in places]
    for name in GROUPS[group].peers:
        points = [(x, values(data["samples"], group, workload, name, figure)) for x, workload in places]
        points = [(x, numbers) for x, numbers in points if numbers]
        if len(points) < 2:
            continue
        any_line = True
        xs = [x for x, _ in points]
        medians = [median(data["samples"], group, dict(places)[x], name, figure) for x in xs]
        own = name.startswith("java")
        axes.plot(xs, medians, marker="o", markersize=4, color=colour(name), label=name, linewidth=2.4 if own else 1.3,
                  linestyle="-" if own or name.startswith("rust-multi") else "--")  # fmt: skip
        axes.fill_between(xs, [min(n) for _, n in points], [max(n) for _, n in points], color=colour(name), alpha=0.15, linewidth=0)
    axes.set_title(title)
    axes.set_xscale("log")
    axes.set_xticks(xs_of_all, [f"{x:,}" for x in xs_of_all], fontsize=8)
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#e5e5e5")
    if any_line:
        axes.legend(frameon=False, fontsize=8)
    return any_line


def svg(figure, pyplot):
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    text = out.getvalue()
    return text[text.index("<svg") :].replace("<svg ", '<svg role="img" ', 1)


def row(pyplot, data, *plots):
    """Plots beside each other; those without figures are left out. None when all are."""
    figure, axes = pyplot.subplots(1, len(plots), figsize=(5.2 * len(plots), 3.6), squeeze=False)
    shown = [plot(place) for plot, place in zip(plots, axes[0])]
    for keep, place in zip(shown, axes[0]):
        if not keep:
            figure.delaxes(place)
    figure.tight_layout(w_pad=3)
    if not any(shown):
        pyplot.close(figure)
        return None
    return svg(figure, pyplot)


def sections(data, pyplot):
    """Title, what it says, and the plots."""

    def bar(*args, **more):
        return lambda axes: bars(axes, data, *args, **more)

    def line(*args):
        return lambda axes: lines(axes, data, *args)

    def suffixed(group, prefix):
        return [(int(it.key.rsplit("-", 1)[1]), it.key) for it in GROUPS[group].workloads if it.key.startswith(prefix)]

    yield "Bulk on one stream", "512 MiB over loopback.", row(
        pyplot, data,
        bar("transport", "down", "mib_per_s", "Down, MiB/s", "higher"),
        bar("transport", "up", "mib_per_s", "Up, MiB/s", "higher"),
    )
    yield "What bulk costs", "CPU seconds of both processes.", row(
        pyplot, data,
        bar("transport", "down", "cpu", "Down, CPU s per GiB", "lower", digits=2),
        bar("transport", "down-8", "mib_per_s", "Down on 8 streams, MiB/s", "higher"),
    )
    yield "Small calls", "32 bytes there and back, each on a new stream (on TCP: on the caller's connection).", row(
        pyplot, data,
        bar("transport", "calls-1", "p50_us", "One at a time, p50 µs", "lower", digits=1),
        line("transport", "per_s", suffixed("transport", "calls-"), "Calls/s by calls at a time", "at a time", "calls/s"),
    )
    yield "Calls of services", "Unary, 32 bytes, mutual TLS.", row(
        pyplot, data,
        bar("rpc", "rpc-1", "p50_us", "One at a time, p50 µs", "lower", digits=1),
        bar("rpc", "rpc-64", "per_s", "64 at a time, calls/s", "higher"),
        bar("rpc", "rpc-mib", "mib_per_s", "1 MiB echo, MiB/s each way", "higher"),
    )
    yield "New connections", "Full handshakes with client certificates, until the server has taken them. On the left each library's own key exchange: here X25519 with ML-KEM-768.", row(
        pyplot, data,
        bar("connections", "connections-32", "per_s", "32 at a time, per s", "higher"),
        bar("classic", "connections-32", "per_s", "The same with X25519 for all", "higher"),
    )
    yield "512 calls at a time where the peer allows 100 streams", "Callers wait for streams, and streams for acknowledgements.", row(
        pyplot, data,
        bar("limit", "calls-512", "per_s", "calls/s", "higher"),
        bar("limit", "calls-512", "p99_us", "p99 µs", "lower"),
    )
    yield "Memory and start", "What the server's process grows by for each idle connection; the client's JVM start until its first answer.", row(
        pyplot, data,
        bar("memory", "idle-1000", "server_kib", "KiB per connection, 1,000", "lower", digits=1),
        bar("memory", "idle-10000", "server_kib", "KiB per connection, 10,000", "lower", digits=1),
        bar("start", "start", "first_ms", "Start to first answer, ms", "lower"),
    )
    yield "Packets of 9,000 bytes", "Where the path carries them.", row(
        pyplot, data,
        bar("mtu", "down", "mib_per_s", "Down, MiB/s", "higher"),
        bar("mtu", "up", "mib_per_s", "Up, MiB/s", "higher"),
    )
    yield "How it grows", "", row(
        pyplot, data,
        line("payload", "mib_per_s", suffixed("payload", "calls-size"), "Calls by size, 8 at a time", "bytes", "MiB/s each way"),
        line("streams", "mib_per_s", suffixed("streams", "down-streams"), "Bulk by streams", "streams", "MiB/s"),
        line("growth", "per_s", suffixed("growth", "spread"), "Calls by connections", "connections", "calls/s"),
    )


STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;max-width:1120px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.8rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin:2.4rem 0 .2rem}p{margin:.2rem 0 .8rem;color:#444}
svg{max-width:100%;height:auto}table{border-collapse:collapse;font-size:.85rem;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e3e3e3}td.n{text-align:right;font-variant-numeric:tabular-nums}
.reached{color:#00694a}.spread{color:#7a5200}.missed{color:#a32000;font-weight:600}ul{font-size:.85rem;color:#444}
"""


def goals(data):
    lines_ = []
    for goal, ratios, said in report.verdicts(data):
        kind = {"reached": "reached", "missed": "missed"}.get(said, "spread")
        cells = [goal.ours, goal.theirs, f"{GROUPS[goal.group].title}: {report.title(goal)}"]
        lines_.append(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in cells)
            + f'<td class="n">{goal.text()}</td><td class="n">{report.cell(ratios, 2)}</td><td class="{kind}">{said}</td></tr>'
        )  # fmt: skip
    head = "<tr><th>ours</th><th>against</th><th></th><th>goal</th><th>ratio, median (min–max)</th><th></th></tr>"
    return f"<table>{head}{''.join(lines_)}</table>" if lines_ else ""


def plain(markdown):
    """A line of RESULTS.md as HTML: what is code and what is bold."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(markdown))
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)


def document(data, parts):
    conditions = "".join(f"<li>{plain(line[2:])}</li>" for line in report.conditions(data).splitlines())
    body = "".join(f"<h2>{html.escape(title)}</h2><p>{html.escape(text)}</p>{plot}" for title, text, plot in parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>JetStream for Java: benchmarks</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>JetStream for Java: benchmarks</h1><p>Bars are medians, the thin lines go from the least to the most of the repeats.</p>"
        f"{body}<h2>Goals</h2>{goals(data)}<h2>How it was measured</h2><ul>{conditions}</ul></body></html>\n"
    )


def summary(data, pyplot):
    """The README's plot."""
    names = ("java", "java-inline", "rust-multi", "quinn", "netty-quic", "kwik")
    return row(
        pyplot, data,
        lambda axes: bars(axes, data, "transport", "down", "mib_per_s", "Bulk down, MiB/s", "higher", names),
        lambda axes: bars(axes, data, "transport", "calls-64", "per_s", "64 calls at a time, calls/s", "higher", names),
        lambda axes: bars(axes, data, "transport", "calls-1", "p50_us", "One call, p50 µs", "lower", names, 1),
    )  # fmt: skip


def write(data, benchmarks):
    pyplot = plotting()
    parts = [part for part in sections(data, pyplot) if part[2]]
    replace(benchmarks / "results.html", document(data, parts))
    plot = summary(data, pyplot)
    if plot:
        replace(benchmarks / "summary.svg", '<?xml version="1.0" encoding="utf-8"?>\n' + plot)
