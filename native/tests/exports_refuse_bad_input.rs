//! NULL, sizes and flags of another version, stale and invented numbers, in every place of every export: a status,
//! never a crash.

mod support;

use std::ptr::{null, null_mut};

use support::*;

/// The status of a call whose failure is also told in the error block, and again without one.
fn status(mut call: impl FnMut(*mut jetstream_error) -> i32) -> i32 {
    let mut error = no_error();
    let status = call(&mut error);
    if status < 0 {
        let fault = fault(&error);
        assert_eq!(fault.status, status);
        assert!(!fault.message.is_empty());
        assert_eq!(call(null_mut()), status, "the error block may be NULL: {}", fault.message);
    }
    status
}

/// Each call is refused as an illegal argument, whose name the message has.
fn names(name: &str, mut call: impl FnMut(*mut jetstream_error) -> i32) {
    assert_eq!(status(&mut call), JETSTREAM_STATUS_INVALID_ARGUMENT, "{name}");
    let mut error = no_error();
    call(&mut error);
    let message = fault(&error).message;
    assert!(message.contains(name), "{name} is not in: {message}");
}

/// Numbers that are no handle of `kind`: none, never given out, of another kind, and given back.
fn stale(live_of_other_kind: u64, freed: u64) -> [u64; 5] {
    [0, u64::MAX, freed ^ 0x5555_0000, live_of_other_kind, freed]
}

#[test]
fn library_exports() {
    assert_eq!(jetstream_abi_version(), JETSTREAM_ABI_VERSION);
    // SAFETY: NULL is what is tested; the rest is valid.
    unsafe {
        names("out_info", |err| jetstream_library_describe(null_mut(), err));
        names("out_counters", |err| jetstream_counters_read(null_mut(), err));
        let (mut text, mut len) = (null(), 0);
        names("out_text", |err| jetstream_layouts(null_mut(), &raw mut len, err));
        names("out_text_len", |err| jetstream_layouts(&raw mut text, null_mut(), err));
        let mut info: jetstream_library_info = std::mem::zeroed();
        for size in [0, 1, size_of::<jetstream_library_info>() as u32 + 1, u32::MAX] {
            info.size = size;
            assert_eq!(status(|err| jetstream_library_describe(&raw mut info, err)), JETSTREAM_STATUS_VERSION);
            assert_eq!(info.size, size, "outputs are written only on success");
        }
        let mut counters: jetstream_counters = std::mem::zeroed();
        assert_eq!(status(|err| jetstream_counters_read(&raw mut counters, err)), JETSTREAM_STATUS_VERSION);
    }
}

// r[verify security.1.23]
#[test]
fn endpoint_exports() {
    let server = Config::server();
    let open = [jetstream_server_open, jetstream_client_open];
    // SAFETY: NULL is what is tested; the rest is valid.
    unsafe {
        let mut raw: jetstream_endpoint_config = std::mem::zeroed();
        let size = size_of::<jetstream_endpoint_config>() as u32;
        names("out_config", |err| jetstream_endpoint_config_init(size, null_mut(), err));
        for size in [0, size - 1, size + 1, u32::MAX] {
            assert_eq!(status(|err| jetstream_endpoint_config_init(size, &raw mut raw, err)), JETSTREAM_STATUS_VERSION);
        }
        for open in open {
            let mut handle = 0;
            names("out_endpoint", |err| open(&server.raw, null_mut(), err));
            names("config", |err| open(null(), &raw mut handle, err));
            for size in [0, size - 8, size + 8, u32::MAX] {
                let bad = jetstream_endpoint_config { size, ..server.raw };
                assert_eq!(status(|err| open(&bad, &raw mut handle, err)), JETSTREAM_STATUS_VERSION);
            }
            let bad = jetstream_endpoint_config { flags: 1 << 20, ..server.raw };
            assert_eq!(status(|err| open(&bad, &raw mut handle, err)), JETSTREAM_STATUS_VERSION);
            let nothing = jetstream_bytes { data: null(), len: 10 };
            let endless = jetstream_bytes { data: std::ptr::NonNull::dangling().as_ptr(), len: usize::MAX };
            for bytes in [nothing, endless] {
                for (name, bad) in [
                    ("config.alpn", jetstream_endpoint_config { alpn: bytes, ..server.raw }),
                    (
                        "config.identity_chain_pem",
                        jetstream_endpoint_config { identity_chain_pem: bytes, ..server.raw },
                    ),
                    ("config.identity_key_pem", jetstream_endpoint_config { identity_key_pem: bytes, ..server.raw }),
                    ("config.trust_pem", jetstream_endpoint_config { trust_pem: bytes, ..server.raw }),
                    ("config.security_policy", jetstream_endpoint_config { security_policy: bytes, ..server.raw }),
                ] {
                    names(name, |err| open(&bad, &raw mut handle, err));
                }
            }
            let bad = jetstream_endpoint_config { token: 7, ..server.raw };
            names("config.token", |err| open(&bad, &raw mut handle, err));
            let bad = jetstream_endpoint_config { abandoned_stream_code: 1 << 62, ..server.raw };
            names("code", |err| open(&bad, &raw mut handle, err));
            assert_eq!(handle, 0, "outputs are written only on success");
        }
        let bad = jetstream_endpoint_config { client_auth: 3, ..server.raw };
        let mut handle = 0;
        names("client_auth", |err| jetstream_server_open(&bad, &raw mut handle, err));
    }
    // SAFETY: as above.
    unsafe {
        names("out_address", |err| jetstream_socket_inspect(3, null_mut(), err));
        let mut address = loopback(0);
        names("descriptor", |err| jetstream_socket_inspect(2, &raw mut address, err));
        assert_eq!(address.port, 0, "outputs are written only on success");
    }
    let pair = Pair::new();
    let (endpoint, client) = (pair.server.handle, pair.client.handle);
    let peer = loopback(pair.server.port());
    let name = b"localhost";
    // SAFETY: as above.
    unsafe {
        names("out_info", |err| jetstream_endpoint_describe(endpoint, null_mut(), err));
        let mut info: jetstream_endpoint_info = std::mem::zeroed();
        assert_eq!(status(|err| jetstream_endpoint_describe(endpoint, &raw mut info, err)), JETSTREAM_STATUS_VERSION);
        names("out_refusal", |err| jetstream_server_take_refusal(endpoint, null_mut(), err));
        let mut refusal: jetstream_refusal = std::mem::zeroed();
        assert_eq!(
            status(|err| jetstream_server_take_refusal(endpoint, &raw mut refusal, err)),
            JETSTREAM_STATUS_VERSION
        );
        let mut out = 0;
        names("out_connection", |err| jetstream_server_poll_accept(endpoint, 8, null_mut(), err));
        names("token", |err| jetstream_server_poll_accept(endpoint, 9, &raw mut out, err));
        assert_eq!(
            status(|err| jetstream_server_poll_accept(client, 8, &raw mut out, err)),
            JETSTREAM_STATUS_WRONG_KIND
        );
        let connect = |endpoint, peer, name: *const u8, len, token, out, err| {
            jetstream_client_connect(endpoint, peer, name, len, token, out, err)
        };
        let (n, l) = (name.as_ptr(), name.len());
        names("out_connect", |err| connect(client, &raw const peer, n, l, 8, null_mut(), err));
        names("peer", |err| connect(client, null(), n, l, 8, &raw mut out, err));
        names("server_name", |err| connect(client, &raw const peer, null(), 9, 8, &raw mut out, err));
        names("server_name", |err| connect(client, &raw const peer, null(), 0, 8, &raw mut out, err));
        names("server_name", |err| connect(client, &raw const peer, n, usize::MAX, 8, &raw mut out, err));
        names("server_name", |err| connect(client, &raw const peer, [0xffu8; 3].as_ptr(), 3, 8, &raw mut out, err));
        names("token", |err| connect(client, &raw const peer, n, l, 1, &raw mut out, err));
        names("peer.port", |err| connect(client, &loopback(0), n, l, 8, &raw mut out, err));
        let family = jetstream_address { family: 0, ..peer };
        names("peer.family", |err| connect(client, &raw const family, n, l, 8, &raw mut out, err));
        let v6 = jetstream_address { family: 6, ..peer };
        names("IPv6", |err| connect(client, &raw const v6, n, l, 8, &raw mut out, err));
        assert_eq!(
            status(|err| connect(endpoint, &raw const peer, n, l, 8, &raw mut out, err)),
            JETSTREAM_STATUS_WRONG_KIND
        );
        names("code", |err| jetstream_endpoint_close(endpoint, 1 << 62, 0, err));
        assert_eq!(out, 0, "outputs are written only on success");
    }
    let (connect, _) = pair.client.begin_connect(peer.port, "localhost").expect("begins");
    // SAFETY: as above.
    unsafe { names("out_connection", |err| jetstream_connect_poll(connect, null_mut(), err)) };
    assert_eq!(jetstream_connect_free(connect), JETSTREAM_STATUS_OK);
    for connect in stale(pair.here.handle, connect) {
        let mut out = 0;
        // SAFETY: as above.
        let polled = status(|err| unsafe { jetstream_connect_poll(connect, &raw mut out, err) });
        assert_eq!(polled, JETSTREAM_STATUS_CLOSED);
        assert_eq!(jetstream_connect_free(connect), JETSTREAM_STATUS_OK);
    }
    let freed = {
        let gone = Config::server().open_server().expect("server");
        gone.handle
    };
    for endpoint in stale(pair.here.handle, freed) {
        let mut info = pair.server.info();
        // SAFETY: as above; zeros are a legal refusal.
        let statuses = unsafe {
            let mut refusal: jetstream_refusal = std::mem::zeroed();
            refusal.size = size_of::<jetstream_refusal>() as u32;
            let mut out = 0;
            [
                status(|err| jetstream_endpoint_describe(endpoint, &raw mut info, err)),
                status(|err| jetstream_server_take_refusal(endpoint, &raw mut refusal, err)),
                status(|err| jetstream_server_poll_accept(endpoint, 8, &raw mut out, err)),
                status(|err| {
                    jetstream_client_connect(endpoint, &peer, name.as_ptr(), name.len(), 8, &raw mut out, err)
                }),
                status(|err| jetstream_endpoint_close(endpoint, 0, 0, err)),
                status(|err| jetstream_endpoint_poll_closed(endpoint, err)),
            ]
        };
        assert_eq!(statuses, [JETSTREAM_STATUS_CLOSED; 6]);
        assert_eq!(jetstream_endpoint_free(endpoint), JETSTREAM_STATUS_OK);
    }
}

#[test]
fn connection_exports() {
    let pair = Pair::new();
    let live = pair.here.handle;
    let (mut stream, mut id, mut accepted) = (0, 0, 0);
    let (mut local, mut peer) = (loopback(0), loopback(0));
    let data = [1u8; 4];
    // SAFETY: NULL is what is tested; the rest is valid.
    unsafe {
        let (s, i, a) = (&raw mut stream, &raw mut id, &raw mut accepted);
        let open = |kind, token, data, len, flags, s, i, a, err| {
            jetstream_connection_poll_open(live, kind, token, data, len, flags, s, i, a, err)
        };
        names("out_stream", |err| open(0, 8, null(), 0, 0, null_mut(), i, a, err));
        names("out_stream_id", |err| open(0, 8, null(), 0, 0, s, null_mut(), a, err));
        names("out_accepted", |err| open(0, 8, null(), 0, 0, s, i, null_mut(), err));
        names("data", |err| open(0, 8, null(), 4, 0, s, i, a, err));
        names("data", |err| open(0, 8, data.as_ptr(), usize::MAX, 0, s, i, a, err));
        names("token", |err| open(0, 4, null(), 0, 0, s, i, a, err));
        names("kind", |err| open(2, 8, null(), 0, 0, s, i, a, err));
        names("flags", |err| open(0, 8, null(), 0, 2, s, i, a, err));
        names("out_stream", |err| jetstream_connection_poll_accept(live, 0, 8, null_mut(), i, err));
        names("out_stream_id", |err| jetstream_connection_poll_accept(live, 0, 8, s, null_mut(), err));
        names("token", |err| jetstream_connection_poll_accept(live, 0, 1, s, i, err));
        names("kind", |err| jetstream_connection_poll_accept(live, u32::MAX, 8, s, i, err));
        names("code", |err| jetstream_connection_close(live, u64::MAX, err));
        names("out_local", |err| jetstream_connection_addresses(live, null_mut(), &raw mut peer, err));
        names("out_peer", |err| jetstream_connection_addresses(live, &raw mut local, null_mut(), err));
        names("out_info", |err| jetstream_connection_tls(live, null_mut(), err));
        let mut tls: jetstream_tls_info = std::mem::zeroed();
        assert_eq!(status(|err| jetstream_connection_tls(live, &raw mut tls, err)), JETSTREAM_STATUS_VERSION);
        names("out_needed_len", |err| jetstream_connection_peer_chain(live, null_mut(), 0, null_mut(), err));
        names("out_buffer", |err| jetstream_connection_peer_chain(live, null_mut(), 9, a, err));
        assert_eq!((stream, id, accepted, peer.port), (0, 0, 0, 0), "outputs are written only on success");

        // Memory that is too small is left alone, and how much is needed is told.
        let mut small = [0xaa; 10];
        assert_eq!(
            status(|err| jetstream_connection_peer_chain(live, small.as_mut_ptr(), 10, a, err)),
            JETSTREAM_STATUS_OK
        );
        assert!(accepted > 10);
        assert_eq!(small, [0xaa; 10]);
    }
    let freed = {
        let other = pair.client.connect(pair.server.port(), "localhost").expect("connect");
        other.handle
    };
    for connection in stale(pair.client.handle, freed) {
        let mut tls = pair.here.tls();
        // SAFETY: as above.
        let statuses = unsafe {
            let (s, i, a) = (&raw mut stream, &raw mut id, &raw mut accepted);
            [
                status(|err| jetstream_connection_poll_open(connection, 0, 8, null(), 0, 0, s, i, a, err)),
                status(|err| jetstream_connection_poll_accept(connection, 0, 8, s, i, err)),
                status(|err| jetstream_connection_close(connection, 0, err)),
                status(|err| jetstream_connection_poll_closed(connection, err)),
                status(|err| jetstream_connection_addresses(connection, &raw mut local, &raw mut peer, err)),
                status(|err| jetstream_connection_keep_alive(connection, 1, err)),
                status(|err| jetstream_connection_tls(connection, &raw mut tls, err)),
                status(|err| jetstream_connection_peer_chain(connection, null_mut(), 0, a, err)),
            ]
        };
        assert_eq!(statuses, [JETSTREAM_STATUS_CLOSED; 8]);
        assert_eq!(jetstream_connection_free(connection), JETSTREAM_STATUS_OK);
    }
    // SAFETY: the error block is valid.
    let on = done(|err| unsafe { jetstream_connection_keep_alive(live, 1, err) });
    on.expect("a live connection is not hurt by all that");
}

// r[verify security.1.23]
#[test]
fn stream_and_memory_exports() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    let live = ours.handle;
    theirs.send(b"bytes that wait", 0).expect("room");
    theirs.flush().expect("acknowledged");
    let (mut count, mut end, mut lease) = (0usize, 0u32, 0u64);
    let (mut claimed, mut claim) = (null_mut::<u8>(), 0u64);
    let mut chunk = jetstream_chunk { data: null(), len: 0 };
    let mut byte = 0u8;
    let kept = ours.claim(10).expect("within the limit");
    // SAFETY: NULL is what is tested; the rest is valid.
    unsafe {
        let (c, e, l) = (&raw mut count, &raw mut end, &raw mut lease);
        names("out_accepted", |err| jetstream_stream_poll_send(live, null(), 0, 0, null_mut(), err));
        names("data", |err| jetstream_stream_poll_send(live, null(), 1, 0, c, err));
        names("data", |err| jetstream_stream_poll_send(live, &raw const byte, usize::MAX, 0, c, err));
        names("flags", |err| jetstream_stream_poll_send(live, null(), 0, 0x8000_0000, c, err));
        names("code", |err| jetstream_stream_reset(live, 1 << 62, err));
        names("code", |err| jetstream_stream_stop_sending(live, u64::MAX, err));
        names("out_received", |err| jetstream_stream_poll_receive_copy(live, &raw mut byte, 1, null_mut(), e, err));
        names("out_end", |err| jetstream_stream_poll_receive_copy(live, &raw mut byte, 1, c, null_mut(), err));
        names("out_data", |err| jetstream_stream_poll_receive_copy(live, null_mut(), 1, c, e, err));
        names("out_data", |err| jetstream_stream_poll_receive_copy(live, &raw mut byte, usize::MAX, c, e, err));
        let k = &raw mut chunk;
        names("out_chunks", |err| jetstream_stream_poll_receive(live, null_mut(), 1, c, e, l, err));
        names("chunks_len", |err| jetstream_stream_poll_receive(live, k, 0, c, e, l, err));
        names("out_count", |err| jetstream_stream_poll_receive(live, k, 1, null_mut(), e, l, err));
        names("out_end", |err| jetstream_stream_poll_receive(live, k, 1, c, null_mut(), l, err));
        names("out_lease", |err| jetstream_stream_poll_receive(live, k, 1, c, e, null_mut(), err));
        let (d, m) = (&raw mut claimed, &raw mut claim);
        names("out_data", |err| jetstream_stream_claim(live, 1, null_mut(), m, err));
        names("out_claim", |err| jetstream_stream_claim(live, 1, d, null_mut(), err));
        names("len", |err| jetstream_stream_claim(live, 0, d, m, err));
        names("len", |err| jetstream_stream_claim(live, usize::MAX, d, m, err));
        names("len", |err| jetstream_stream_poll_commit(live, kept.handle, 11, 0, err));
        names("flags", |err| jetstream_stream_poll_commit(live, kept.handle, 1, 2, err));
        assert_eq!((count, end, lease, claim, claimed), (0, 0, 0, 0, null_mut()), "outputs only on success");
        // Nothing asked for is nothing received, and no end.
        assert_eq!(
            status(|err| jetstream_stream_poll_receive_copy(live, null_mut(), 0, c, e, err)),
            JETSTREAM_STATUS_OK
        );
        assert_eq!((count, end), (0, 0));
    }
    let mut buffer = [0; 64];
    assert_eq!(ours.receive(&mut buffer).expect("a live stream is not hurt by all that"), (15, false));

    let freed = {
        let (other, _) = pair.stream();
        other.handle
    };
    for stream in stale(pair.here.handle, freed) {
        // SAFETY: as above.
        let statuses = unsafe {
            let (c, e, l) = (&raw mut count, &raw mut end, &raw mut lease);
            [
                status(|err| jetstream_stream_poll_send(stream, null(), 0, 0, c, err)),
                status(|err| jetstream_stream_finish(stream, err)),
                status(|err| jetstream_stream_poll_flush(stream, err)),
                status(|err| jetstream_stream_reset(stream, 0, err)),
                status(|err| jetstream_stream_stop_sending(stream, 0, err)),
                status(|err| jetstream_stream_poll_receive_copy(stream, &raw mut byte, 1, c, e, err)),
                status(|err| jetstream_stream_poll_receive(stream, &raw mut chunk, 1, c, e, l, err)),
                status(|err| jetstream_stream_claim(stream, 1, &raw mut claimed, &raw mut claim, err)),
                status(|err| jetstream_stream_poll_commit(stream, kept.handle, 1, 0, err)),
            ]
        };
        assert_eq!(statuses, [JETSTREAM_STATUS_CLOSED; 9]);
        assert_eq!(jetstream_stream_free(stream), JETSTREAM_STATUS_OK);
    }
    let gone = ours.claim(1).expect("within the limit").handle;
    for claim in stale(live, gone) {
        // SAFETY: as above.
        let commit = status(|err| unsafe { jetstream_stream_poll_commit(live, claim, 1, 0, err) });
        assert_eq!(commit, JETSTREAM_STATUS_CLOSED);
        assert_eq!(jetstream_claim_free(claim), JETSTREAM_STATUS_OK);
    }
    for lease in stale(live, 5 << 56 | 1 << 40) {
        assert_eq!(jetstream_lease_free(lease), JETSTREAM_STATUS_OK);
    }
    ours.send(b"still well", 0).expect("room");
}

/// Frees from many threads at once: one of them frees, the others find nothing.
#[test]
fn a_handle_can_be_freed_by_many_threads_at_once() {
    let pair = Pair::new();
    for _ in 0..50 {
        let (ours, theirs) = pair.stream();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(jetstream_stream_free(ours.handle), JETSTREAM_STATUS_OK));
            }
            // And during a call.
            scope.spawn(|| match ours.try_send(&[1; 1000], 0) {
                Ok(_) => {}
                Err(fault) => {
                    assert!([JETSTREAM_STATUS_CLOSED, JETSTREAM_STATUS_BUSY].contains(&fault.status), "{fault:?}")
                }
            });
        });
        let fault = theirs.receive_to_end().expect_err("half a message");
        assert_eq!(fault.status, JETSTREAM_STATUS_STREAM_RESET);
    }
    assert_eq!(counters().panics, 0);
}

#[test]
fn control_exports() {
    let pair = Pair::new();
    let (server, connection) = (pair.server.handle, pair.here.handle);
    let closed = JETSTREAM_STATUS_CLOSED;
    // SAFETY: NULL is what is tested; the rest is valid.
    unsafe {
        names("config", |err| jetstream_endpoint_reload(server, null(), err));
        let mut bad: jetstream_endpoint_config = std::mem::zeroed();
        assert_eq!(status(|err| jetstream_endpoint_reload(server, &raw const bad, err)), JETSTREAM_STATUS_VERSION);
        bad = Config::new().raw;
        names("identity", |err| jetstream_endpoint_reload(server, &raw const bad, err));
        names("blocks", |err| jetstream_server_deny(server, null(), 1, err));
        let endless = loopback(8);
        names("blocks", |err| jetstream_server_deny(server, &raw const endless, usize::MAX, err));
        names("kinds", |err| jetstream_endpoint_want_events(server, 1 << 7, err));
        names("out_event", |err| jetstream_endpoint_poll_event(server, null_mut(), err));
        let mut event: jetstream_event = std::mem::zeroed();
        assert_eq!(status(|err| jetstream_endpoint_poll_event(server, &raw mut event, err)), JETSTREAM_STATUS_VERSION);
        names("out_question", |err| jetstream_endpoint_poll_question(server, null_mut(), err));
        let mut question: jetstream_question = std::mem::zeroed();
        assert_eq!(
            status(|err| jetstream_endpoint_poll_question(server, &raw mut question, err)),
            JETSTREAM_STATUS_VERSION
        );
        let mut needed = 0;
        names("out_needed_len", |err| jetstream_endpoint_question_data(server, 1, null_mut(), 0, null_mut(), err));
        names("out_buffer", |err| jetstream_endpoint_question_data(server, 1, null_mut(), 1, &raw mut needed, err));
        names("data", |err| jetstream_endpoint_answer(server, 1, 1, null(), 1, err));
        names("out_stats", |err| jetstream_connection_stats_read(connection, null_mut(), err));
        let mut stats: jetstream_connection_stats = std::mem::zeroed();
        let read = status(|err| jetstream_connection_stats_read(connection, &raw mut stats, err));
        assert_eq!(read, JETSTREAM_STATUS_VERSION);
        names("out_parameters", |err| jetstream_connection_peer_parameters(connection, null_mut(), err));
        let mut parameters: jetstream_transport_parameters = std::mem::zeroed();
        let read = status(|err| jetstream_connection_peer_parameters(connection, &raw mut parameters, err));
        assert_eq!(read, JETSTREAM_STATUS_VERSION);
        names("out_taken", |err| jetstream_connection_send_datagram(connection, null(), 0, null_mut(), err));
        let mut taken = 0;
        names("data", |err| jetstream_connection_send_datagram(connection, null(), 1, &raw mut taken, err));
        names("out_len", |err| jetstream_connection_poll_receive_datagram(connection, null_mut(), 0, null_mut(), err));
        names("out_stats", |err| jetstream_connection_datagram_stats_read(connection, null_mut(), err));
        let mut numbers: jetstream_datagram_stats = std::mem::zeroed();
        let read = status(|err| jetstream_connection_datagram_stats_read(connection, &raw mut numbers, err));
        assert_eq!(read, JETSTREAM_STATUS_VERSION);
        names("out_packet", |err| jetstream_connection_ping(connection, null_mut(), err));
        names("index", |err| jetstream_connection_exported(connection, 0, null_mut(), 0, &raw mut needed, err));
        for id in [0, 1, u64::MAX] {
            let data = |err| jetstream_endpoint_question_data(server, id, null_mut(), 0, &raw mut needed, err);
            assert_eq!(status(data), closed);
            assert_eq!(status(|err| jetstream_endpoint_answer(server, id, 1, null(), 0, err)), closed);
        }
        for bad in stale(connection, server + 1000) {
            assert_eq!(status(|err| jetstream_server_drain(bad, err)), closed);
            assert_eq!(status(|err| jetstream_server_deny(bad, null(), 0, err)), closed);
            assert_eq!(status(|err| jetstream_endpoint_want_events(bad, 0, err)), closed);
            let mut packet = 0;
            let connection = if bad == connection { 0 } else { bad };
            assert_eq!(status(|err| jetstream_connection_ping(connection, &raw mut packet, err)), closed);
            assert_eq!(status(|err| jetstream_connection_poll_ping(connection, 0, err)), closed);
        }
    }
}
