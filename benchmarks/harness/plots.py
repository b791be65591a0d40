"""The plots: made from the raw results by matplotlib, which is installed when it is not there."""

import html
import io
import re
import subprocess
import sys

from . import machine
from .process import Missing
from .store import median, values
from .workloads import GROUPS

# Colours that people of all kinds of sight tell apart (Okabe and Ito); ours is the strong one.
OURS, RUST, QUIC, TCP = "#d55e00", "#0072b2", "#009e73", "#8a8a8a"
COLOURS = {
    "java": OURS,
    "java-inline": "#e69f00",
    "java-rpc": OURS,
    "java-rpc-inline": "#e69f00",
    "quinn": "#56b4e9",
    "rust-rpc-quinn": "#56b4e9",
}
INK, MUTED, GRID = "#1b1b1b", "#595959", "#e0e0e0"
# What the page has a second value of, for the dark.
VARIABLES = {INK: "ink", MUTED: "muted", GRID: "grid", OURS: "ours", RUST: "rust", QUIC: "quic", TCP: "tcp", "#56b4e9": "quinn"}
# A line is told from others of its colour by these.
MARKERS = {"rust-current": "^", "rust-split": "v", "netty-tls": "s", "netty-jdk-tls": "D", "kwik": "X", "rust-multi": "s", "quinn": "P"}


def colour(name):
    if name in COLOURS:
        return COLOURS[name]
    if name.startswith("rust"):
        return RUST
    return TCP if "tls" in name or name.startswith("grpc") else QUIC


def plotting():
    """matplotlib, in an environment of its own where the system has none."""
    try:
        import matplotlib
    except ImportError:
        install()
        import matplotlib
    matplotlib.use("svg")
    inks = ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.labelcolor", "ytick.labelcolor")
    matplotlib.rcParams.update(
        {
            **dict.fromkeys(inks, INK),
            **dict.fromkeys(("axes.edgecolor", "xtick.color", "ytick.color"), MUTED),
            "svg.hashsalt": "jetstream",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.facecolor": "none",
        }
    )
    from matplotlib import pyplot

    return pyplot


def install():
    venv, wanted = machine.BENCHMARKS / "target/venv", machine.BENCHMARKS / "requirements.txt"
    pip = [venv / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:"]
    for command in ([sys.executable, "-m", "venv", venv], [*pip, "--require-hashes", "-r", wanted]):
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode != 0:
            raise Missing(f"the plots need matplotlib, which cannot be installed here: {(made.stderr or made.stdout).strip()[-300:]}")
    sys.path[:0] = [str(path) for path in venv.glob("lib/python3*/site-packages")]


def number(value, _=None):
    return f"{value:,.10g}"


def size(count):
    """Bytes, for people."""
    for unit, text in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count // unit} {text}"
    return f"{count} B"


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
        if len(found[name]) > 1:
            axes.plot([low, high], [place, place], color=INK, linewidth=1.2)
        axes.annotate(
            f"{medians[name]:,.{digits}f}", (high, place), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_yticks(range(len(order)), order)
    axes.set_title(f"{title}\n", pad=2)
    axes.text(0, 1.01, f"{better} is better", transform=axes.transAxes, fontsize=8, color=MUTED)
    axes.set_xlim(left=0)
    axes.margins(x=0.18)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(number)
    axes.tick_params(axis="y", length=0)
    for label in axes.get_yticklabels():
        if label.get_text().startswith("java"):
            label.set_fontweight("bold")
    return True


def lines(axes, data, group, figure, places, title, xlabel, ylabel, log=False):
    """One line for each implementation, the points as far from each other as each is; `places` are (text, workload)."""
    shown = False
    for name in GROUPS[group].peers:
        points = [(x, values(data["samples"], group, workload, name, figure)) for x, (_, workload) in enumerate(places)]
        points = [(x, numbers) for x, numbers in points if numbers]
        if len(points) < 2:
            continue
        shown = True
        xs = [x for x, _ in points]
        medians = [median(data["samples"], group, places[x][1], name, figure) for x in xs]
        own = name.startswith("java")
        axes.plot(xs, medians, marker=MARKERS.get(name, "o"), markersize=5, color=colour(name), label=name,
                  linewidth=2.4 if own else 1.3, linestyle="-" if own else "--", zorder=3 if own else 2)  # fmt: skip
        axes.fill_between(xs, [min(n) for _, n in points], [max(n) for _, n in points], color=colour(name), alpha=0.13, linewidth=0)
    axes.set_title(title)
    axes.set_xticks(range(len(places)), [text for text, _ in places], fontsize=8)
    if log:
        from matplotlib.ticker import LogLocator

        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.minorticks_off()
    else:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(number)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.grid(axis="y", color=GRID)
    if shown:
        axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return shown


def svg(figure, pyplot, title):
    """For a page: its texts stay texts, it has no ids but what it refers to, and its colours can be set by the page."""
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    text = out.getvalue()
    text = re.sub(r'<g id="[^"]*"', "<g", text[text.index("<svg") :])
    for hex_, name in VARIABLES.items():
        text = text.replace(hex_, f"var(--{name}, {hex_})")
    return text.replace("<svg ", f'<svg role="img" aria-label="{html.escape(title, quote=True)}" ', 1)


def plot(pyplot, draw, title, width=5.2, height=3.4):
    """None where nothing was measured of it."""
    figure, axes = pyplot.subplots(figsize=(width, height))
    if not draw(axes):
        pyplot.close(figure)
        return None
    return svg(figure, pyplot, title)


def summary(data, pyplot):
    """The README's plot, on white, for nobody knows what is behind it."""
    names = ("java", "java-inline", "rust-multi", "quinn", "netty-quic", "kwik")
    what = (("down", "mib_per_s", "Bulk down, MiB/s", "higher"), ("calls-64", "per_s", "64 calls at a time, calls/s", "higher"),
            ("calls-1", "p50_us", "One call, p50 µs", "lower"))  # fmt: skip
    what = [it for it in what if any(values(data["samples"], "transport", it[0], name, it[1]) for name in names)]
    if not what:
        return None
    figure, axes = pyplot.subplots(1, len(what), figsize=(5.2 * len(what), 3.4), squeeze=False)
    for place, (workload, kind, title, better) in zip(axes[0], what):
        bars(place, data, "transport", workload, kind, title, better, names, 1 if kind == "p50_us" else 0)
    figure.tight_layout(w_pad=3)
    made = svg(figure, pyplot, "Bulk, calls and latency of JetStream for Java and of others")
    begin = made.index(">") + 1
    made = made[:begin] + '<rect width="100%" height="100%" fill="#ffffff"/>' + made[begin:]
    return '<?xml version="1.0" encoding="utf-8"?>\n' + re.sub(r"var\(--\w+, (#\w+)\)", r"\1", made)
