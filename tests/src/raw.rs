//! HTTP as bytes, for requests that no client library would send.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The head of an answer and as much of its body as came with `Connection: close`.
#[derive(Debug)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl RawAnswer {
    /// Its content type; empty when it names none.
    pub fn content_type(&self) -> &str {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default()
    }
}

/// Sends `METHOD TARGET` as it is written, with these header lines, and reads until the server closes the connection or, for a stream, until
/// its head is there.
pub async fn send(url: &str, line: &str, headers: &[String]) -> Result<RawAnswer> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await?;
    let mut request = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    timeout(PATIENCE, read(stream)).await.with_context(|| format!("no answer to {line}"))?
}

async fn read(mut stream: TcpStream) -> Result<RawAnswer> {
    let mut bytes = Vec::new();
    let mut part = vec![0; 16 * 1024];
    // A server that has refused the request may reset what it has not read.
    while let Ok(count @ 1..) = stream.read(&mut part).await {
        bytes.extend_from_slice(&part[..count]);
        if let Some((head, _)) = split(&bytes)
            && head.contains("text/event-stream")
        {
            break;
        }
    }
    let (head, body) = split(&bytes).context("the answer has a head")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(RawAnswer {
        status: status.context("the answer has a status")?,
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
        head,
    })
}

fn split(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&bytes[..end]).to_lowercase(), &bytes[end + 4..]))
}
