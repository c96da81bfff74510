//! Makes connections: resolves a name, refuses special addresses, and connects to the very address it checked.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::{address, limits};

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("{0}")]
    Address(String),
    #[error("{0}")]
    Tls(String),
    #[error("{0}")]
    Unreachable(String),
}

/// TLS with the web's roots, by ring.
pub(super) fn tls_config() -> Result<Arc<ClientConfig>, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Connects for one set of granted private ranges.
#[derive(Clone)]
pub(super) struct Guarded {
    ranges: Arc<[IpNet]>,
    tls: Arc<ClientConfig>,
}

impl Guarded {
    pub(super) fn new(ranges: Arc<[IpNet]>, tls: Arc<ClientConfig>) -> Self {
        Guarded { ranges, tls }
    }

    async fn connect(self, uri: Uri) -> Result<Stream, Refused> {
        let host =
            uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let addresses = self.checked(&host, port).await?;
        let tcp =
            tokio::time::timeout(limits::CONNECT, TcpStream::connect(addresses.as_slice())).await;
        let tcp = tcp.map_err(|_| {
            Refused::Unreachable(format!("{host}:{port} did not accept a connection in time"))
        })?;
        let tcp = tcp.map_err(|error| {
            Refused::Unreachable(format!("{host}:{port} cannot be reached: {error}"))
        })?;
        let set = tcp.set_nodelay(true);
        set.map_err(|error| {
            Refused::Unreachable(format!("{host}:{port} cannot be reached: {error}"))
        })?;
        if !secure {
            return Ok(Stream::Plain(TokioIo::new(tcp)));
        }
        let name = ServerName::try_from(host.clone())
            .map_err(|error| Refused::Tls(format!("{host} cannot be named in TLS: {error}")))?;
        let tls = TlsConnector::from(self.tls).connect(name, tcp).await;
        let tls = tls.map_err(|error| {
            Refused::Tls(format!("{host}:{port} does not prove who it is: {error}"))
        })?;
        Ok(Stream::Tls(Box::new(TokioIo::new(tls))))
    }

    /// The addresses of `host`, all of them allowed: a name that also leads inside is refused as a whole.
    async fn checked(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refused> {
        let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => tokio::net::lookup_host((host, port))
                .await
                .map_err(|error| Refused::Unreachable(format!("{host} has no address: {error}")))?
                .collect(),
        };
        match addresses.iter().find(|address| !address::allowed(address.ip(), &self.ranges)) {
            Some(refused) => Err(Refused::Address(denial(host, refused.ip()))),
            None if addresses.is_empty() => {
                Err(Refused::Unreachable(format!("{host} has no address")))
            }
            None => Ok(addresses),
        }
    }
}

fn denial(host: &str, address: IpAddr) -> String {
    let range = IpNet::from(address::embedded(address));
    format!(
        "{host} leads to {address}, which is not public; grant the connection \"{range}\" among its private addresses"
    )
}

impl tower_service::Service<Uri> for Guarded {
    type Response = Stream;
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Refused>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// A connection, plain or by TLS.
pub(super) enum Stream {
    Plain(TokioIo<TcpStream>),
    Tls(Box<TokioIo<TlsStream<TcpStream>>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl Write for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
