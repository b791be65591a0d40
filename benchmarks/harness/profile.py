"""Writing anew the profile by which the native library is optimized (docs/adr/0015)."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from . import machine, peers
from .process import Implementation, Missing, Trouble
from .sampling import say
from .workloads import MIB

NATIVE = machine.ROOT / "native"
# What a program may do often, all of it on both sides and with mutual TLS.
TRAINING = {
    "java": (
        f"down {1024 * MIB}",
        f"up {1024 * MIB}",
        f"down {256 * MIB} 8",
        f"up {256 * MIB} 8",
        "calls 20000 1",
        "calls 100000 64",
        "calls 50000 512",
        "pingpong 10000 32",
        f"pingpong 200 {MIB}",
        "connections 400 1",
        "connections 800 32",
    ),
    "java-inline": ("calls 20000 1", "calls 200000 64"),
    "java-rpc": ("rpc 10000 1 32", "rpc 50000 64 32"),
}


def rustc_says(name):
    said = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return next(line.partition(": ")[2] for line in said.splitlines() if line.startswith(f"{name}: "))


def find_profdata():
    """LLVM's tool that merges what was counted; it must be as new as the format that rustc's LLVM writes."""
    root = subprocess.run(["rustc", "--print", "sysroot"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    component = pathlib.Path(root) / "lib/rustlib" / rustc_says("host") / "bin/llvm-profdata"
    for tool in (os.environ.get("LLVM_PROFDATA"), component, "llvm-profdata"):
        found = tool and shutil.which(tool)
        if found:
            return found
    raise Missing(
        "llvm-profdata is not there: `rustup component add llvm-tools`, or install LLVM 19 or newer and set LLVM_PROFDATA to it"
    )


def train(java, library, certs, counts):
    """Runs all of it with the library that counts; each process writes what it counted when it ends."""
    environment = ["env", f"LLVM_PROFILE_FILE={counts}/%p.profraw"]
    jvm, _ = machine.commands(java, [*peers.JVM_FLAGS, f"-Djetstream.native.path={library}"])
    for name, lines in TRAINING.items():
        peer = peers.PEERS[name]
        implementation = Implementation(peer, environment + jvm, certs, {**peers.SETTINGS, **peer.options})
        try:
            for line in lines:
                say(f"{name}: {line}")
                implementation.run(line)
        finally:
            implementation.close()
        if implementation.troubles:
            raise Trouble(f"{name}: {implementation.troubles[0]}")


def merge(profdata, counts, profile):
    """Only what ran at all: what did not is then as if there were no profile, not made slow. All of the file or nothing."""
    files = sorted(pathlib.Path(counts).glob("*.profraw"))
    if len(files) != 2 * len(TRAINING):
        raise Trouble(f"{len(files)} of {2 * len(TRAINING)} processes told what they counted")
    new = profile.with_suffix(".new")
    done = subprocess.run([profdata, "merge", "--sparse", "-o", new, *files], stdout=sys.stderr)
    if done.returncode != 0:
        new.unlink(missing_ok=True)
        raise Missing(f"{profdata} cannot read what was counted: what it said stands above")
    os.replace(new, profile)


def make():
    """Writes the profile of this platform and this rustc, and says where."""
    java, profdata = machine.find_java(), find_profdata()
    machine.build(rust=False)
    if subprocess.run([machine.ROOT / "build-native.sh", "--instrumented"], stdout=sys.stderr).returncode != 0:
        raise Missing("there is no library that counts: what was wrong stands above")
    library = next(it for it in (NATIVE / "target/lib-instrumented").iterdir() if it.suffix in (".so", ".dylib"))
    profile = NATIVE / "profile" / f"{rustc_says('host')}-{rustc_says('release')}.profdata"
    profile.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jetstream-profile-") as scratch:
        certs, counts = f"{scratch}/certs", f"{scratch}/counts"
        machine.certificates(certs)
        train(java, library, certs, counts)
        merge(profdata, counts, profile)
    return profile


def main(words):
    argparse.ArgumentParser(
        prog="benchmarks/profile",
        description="Writes anew the profile by which build-native.sh optimizes, in some five minutes. Commit it for a release.",
    ).parse_args(words)
    try:
        profile = make()
    except (Missing, Trouble, OSError) as wrong:
        say(f"benchmarks/profile: {wrong}")
        return 1
    say(f"{profile.relative_to(machine.ROOT)}: {profile.stat().st_size:,} bytes; commit it, and build again")
    return 0
