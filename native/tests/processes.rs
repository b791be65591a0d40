//! What other processes, and signals, have to do with the library. In a process of its own: others open files as well.
#![cfg(target_os = "linux")]

mod support;

use std::{
    collections::BTreeSet,
    fs,
    os::fd::AsRawFd,
    process::{Command, Stdio},
};

use support::*;

/// What a child has open when it begins, beyond its three streams.
fn inherited() -> Vec<String> {
    let listing = Command::new("ls").args(["-l", "/proc/self/fd"]).stdin(Stdio::null()).output().expect("starts");
    let listing = String::from_utf8(listing.stdout).expect("UTF-8");
    let targets = listing.lines().filter_map(|line| line.split_once(" -> ")).map(|(_, target)| target.to_owned());
    targets.filter(|target| target.starts_with("socket:") || target.starts_with("anon_inode:")).collect()
}

/// Sockets and event loops of this process.
fn open() -> BTreeSet<String> {
    let files = fs::read_dir("/proc/self/fd").expect("Linux").flatten();
    let targets = files.filter_map(|file| fs::read_link(file.path()).ok()).map(|it| it.display().to_string());
    targets.filter(|target| target.starts_with("socket:") || target.starts_with("anon_inode:")).collect()
}

/// The signals that this process catches and ignores.
fn signals() -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    status.lines().filter(|line| line.starts_with("SigCgt") || line.starts_with("SigIgn")).map(str::to_owned).collect()
}

#[test]
fn a_child_process_inherits_nothing_and_no_signal_is_taken() {
    let (files, caught, before) = (open(), signals(), inherited());
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    ours.send(b"hello", JETSTREAM_SEND_FINISH).expect("room");
    assert_eq!(theirs.receive_to_end().expect("whole"), b"hello");
    // Two sockets, and what tokio and the library wake their loops by.
    assert!(open().difference(&files).count() >= 4, "{:?}", open());
    assert_eq!(inherited(), before);
    assert_eq!(signals(), caught, "the host's handlers are the host's");

    // The listing shows what is not closed for a child.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("loopback");
    // SAFETY: the descriptor is open; its copy is closed below.
    let copy = unsafe { libc::dup(socket.as_raw_fd()) };
    assert!(copy >= 0);
    assert_eq!(inherited().len(), before.len() + 1, "a copy made by dup() is inherited");
    // SAFETY: made above, and nobody else's.
    unsafe { libc::close(copy) };
}
