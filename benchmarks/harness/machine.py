"""Building what is measured, and what it is measured on."""

import datetime
import os
import pathlib
import platform
import shutil
import subprocess
import sys

from .peers import JVM_FLAGS
from .process import Missing

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent
RUST = BENCHMARKS / "rust-baseline/target/release/rust-baseline"


def find_java():
    script = f'. "{ROOT}/scripts/lib.sh"; check_jdk && echo "$JDK"'
    said = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True)
    if said.returncode != 0:
        raise Missing("there is no JDK that is new enough")
    return said.stdout.strip() + "/bin/java"


def build(rust=True):
    """The Java side, which has the native half in it, and the Rust peers."""
    for tool in ("mvn", "cargo"):
        if shutil.which(tool) is None:
            raise Missing(f"{tool} is not installed: see the README")
    maven = ["mvn", "-q", "-B", "-Pbenchmarks", "-pl", "benchmarks", "-am", "package", "-Dmaven.test.skip=true"]
    cargo = ["cargo", "build", "--release", "--locked", "--target-dir", "target"]
    for command, place in ((maven, ROOT), *([(cargo, BENCHMARKS / "rust-baseline")] if rust else [])):
        if subprocess.run(command, cwd=place, stdout=sys.stderr).returncode != 0:
            raise Missing(f"`{' '.join(command)}` in {place.relative_to(ROOT.parent)} failed: what it said stands above")


def commands(java, flags):
    """How to run the Java and the Rust peers."""
    target = BENCHMARKS / "target"
    class_path = f"{target}/classes:{target}/lib/*"
    jvm = [java, *flags, "--enable-native-access=ALL-UNNAMED", "-cp", class_path, "rs.jetstream.benchmarks.Peer"]
    return jvm, [str(RUST)]


def certificates(directory):
    done = subprocess.run([ROOT / "certs/generate_certs.sh", directory], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Missing("there are no test certificates: " + done.stdout.strip())


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def facts(java, flags, arguments, command="benchmarks/run"):
    now = datetime.datetime.now(datetime.timezone.utc)
    version = subprocess.run([java, "-version"], stderr=subprocess.PIPE, text=True).stderr.splitlines()
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return {
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "stamp": now.strftime("%Y%m%d-%H%M%S"),
        "machine": f"{os.cpu_count()} cores, {processor()}, {platform.system()} {platform.release()}",
        "jvm": version[1] if len(version) > 1 else "",
        "jvm_flags": flags,
        "rustc": rustc,
        "commit": commit,
        "command": " ".join([command, *arguments]),
        "default_flags": flags == JVM_FLAGS,
    }
