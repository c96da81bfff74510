//! A mail server that keeps what it is sent, as far as RFC 5321 must be spoken for that.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it answers a recipient with unless it is told otherwise.
const TAKEN: &str = "250 OK";

/// A message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The addresses of the envelope.
    pub to: Vec<String>,
    /// Headers and body, with line feeds.
    pub text: String,
}

/// A running mail server on an address of its own; it ends when dropped.
pub struct MailServer {
    address: SocketAddr,
    kept: Arc<Kept>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Kept {
    letters: Mutex<Vec<Letter>>,
    answer: Mutex<String>,
}

impl MailServer {
    /// Starts one on a free loopback port.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let held =
            Arc::new(Kept { letters: Mutex::default(), answer: Mutex::new(TAKEN.to_owned()) });
        let kept = Arc::clone(&held);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                // A client that hangs up ends its own session.
                tokio::spawn(async move { kept.serve(stream).await });
            }
        });
        Ok(Self { address, kept: held, server })
    }

    /// Where it listens, as `smtp://…`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Every message so far, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.kept.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers every recipient so from now on: `550 no such box`.
    pub fn answer(&self, answer: &str) {
        let mut known = self.kept.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.clone_into(&mut known);
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Kept {
    /// One session, until the client leaves.
    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut to = Vec::new();
        write.write_all(b"220 mock\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = if let Some(recipient) = recipient(&line) {
                to.push(recipient);
                self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
            } else if line.eq_ignore_ascii_case("DATA") {
                write.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                let letter = Letter { to: std::mem::take(&mut to), text };
                self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
                TAKEN.to_owned()
            } else {
                TAKEN.to_owned()
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}

fn recipient(line: &str) -> Option<String> {
    let address = line.get(..8).filter(|command| command.eq_ignore_ascii_case("RCPT TO:"))?;
    let rest = line.get(address.len()..)?.trim();
    Some(rest.trim_start_matches('<').split('>').next().unwrap_or(rest).to_owned())
}
