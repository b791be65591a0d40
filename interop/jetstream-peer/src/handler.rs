//! What the server does for the calls.

use crate::service::{Peer, Second};
use crate::types::{Everything, Failure, Names};
use jetstream::prelude::{Context, Data, Error, Result};
use jetstream_rpc::context::{Peer as Identity, RemoteAddr};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

#[derive(Clone, Debug, Default)]
pub struct PeerHandler {
    gates: Arc<Mutex<HashMap<u32, Arc<Semaphore>>>>,
}

impl PeerHandler {
    fn gate(&self, key: u32) -> Arc<Semaphore> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates
            .entry(key)
            .or_insert_with(|| Arc::new(Semaphore::new(0)));
        Arc::clone(gate)
    }
}

impl Peer for PeerHandler {
    async fn nothing(&mut self) -> Result<()> {
        Ok(())
    }

    async fn everything(&mut self, value: Everything) -> Result<Everything> {
        Ok(value)
    }

    async fn add(&mut self, a: u64, b: u64) -> Result<u64> {
        a.checked_add(b).ok_or_else(|| Error::new("overflow"))
    }

    async fn text(&mut self, text: String) -> Result<String> {
        Ok(text)
    }

    async fn blob(&mut self, data: Data) -> Result<Data> {
        Ok(data)
    }

    async fn hold(&mut self, key: u32) -> Result<u32> {
        let gate = self.gate(key);
        let permit = gate.acquire().await.map_err(Error::from_std)?;
        permit.forget();
        Ok(key)
    }

    async fn release(&mut self, key: u32) -> Result<()> {
        self.gate(key).add_permits(1);
        Ok(())
    }

    async fn fail(&mut self, failure: Failure) -> Result<u32> {
        // Two spans, innermost first in the frame, where a subscriber records them.
        let error = tracing::info_span!("outer", key = 7).in_scope(|| {
            tracing::warn_span!("inner", depth = 2, kind = "test")
                .in_scope(|| Error::new(failure.message))
        });
        let error = failure
            .code
            .into_iter()
            .fold(error, |error, code| error.set_code(code));
        let error = failure
            .help
            .into_iter()
            .fold(error, |error, help| error.set_help(help));
        Err(failure
            .url
            .into_iter()
            .fold(error, |error, url| error.set_url(url)))
    }

    async fn who_am_i(&mut self, ctx: Context) -> Result<Names> {
        let address = match ctx.remote() {
            Some(RemoteAddr::IpAddr(address)) => address.to_string(),
            _ => String::new(),
        };
        let leaf = match ctx.peer() {
            Some(Identity::Tls(peer)) => peer.leaf(),
            _ => None,
        };
        Ok(leaf.map_or_else(Names::default, |leaf| Names {
            address,
            fingerprint: leaf.fingerprint.clone(),
            common_name: leaf.common_name.clone(),
            dns_names: leaf.dns_names.clone(),
            ip_addresses: leaf.ip_addresses.iter().map(ToString::to_string).collect(),
            emails: leaf.emails.clone(),
            uris: leaf.uris.iter().map(ToString::to_string).collect(),
        }))
    }

    async fn silence(&mut self) -> Result<()> {
        std::future::pending().await
    }
}

#[derive(Clone, Debug, Default)]
pub struct SecondHandler;

impl Second for SecondHandler {
    async fn name(&mut self) -> Result<String> {
        Ok("second".to_owned())
    }
}

/// The crate has `From` for I/O errors alone.
trait FromStd {
    fn from_std(error: impl std::error::Error) -> Self;
}

impl FromStd for Error {
    fn from_std(error: impl std::error::Error) -> Self {
        Error::new(error.to_string())
    }
}
