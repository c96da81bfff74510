use super::*;
use axum::{
    body::Bytes,
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    net::TcpStream,
};

const SHORT: Patience = Patience { head: Duration::from_millis(500), idle: Duration::from_secs(2) };

/// Longer than any connection may be without a request.
const LONG: Duration = Duration::from_secs(3);

/// How late a busy machine may be.
const LATE: Duration = Duration::from_secs(20);

fn router() -> Router {
    let slow = async || {
        sleep(LONG).await;
        "at last\n"
    };
    let streamed = async || {
        let pieces = stream::iter(["one\n", "two\n"]).then(|piece| async move {
            sleep(LONG).await;
            Ok::<_, Infallible>(Bytes::from(piece))
        });
        Body::from_stream(pieces)
    };
    Router::new()
        .route("/", get(async || "hello\n"))
        .route("/slow", get(slow))
        .route("/stream", get(streamed))
        .route("/echo", post(async |body: Bytes| body))
}

/// A connection to a server of little patience.
fn connect() -> DuplexStream {
    let (client, server) = duplex(1 << 16);
    tokio::spawn(connection(server, router(), SHORT, CancellationToken::new()));
    client
}

async fn send(client: &mut DuplexStream, text: &str) {
    client.write_all(text.as_bytes()).await.unwrap();
}

/// Reads until `ending` has come.
async fn read_to(client: &mut DuplexStream, ending: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(ending.as_bytes()) {
        read.push(client.read_u8().await.unwrap());
    }
    String::from_utf8(read).unwrap()
}

/// Waits until the server closes the connection, which it does for want of patience, and not before.
async fn until_closed(client: &mut DuplexStream, patience: Duration) {
    let since = Instant::now();
    let mut read = Vec::new();
    timeout(LATE, client.read_to_end(&mut read)).await.expect("it is closed").unwrap();
    assert!(read.is_empty(), "{}", String::from_utf8_lossy(&read));
    // What the server counts from was a moment before.
    let least = patience.saturating_sub(Duration::from_millis(50));
    assert!(since.elapsed() >= least, "{:?}", since.elapsed());
}

const HELLO: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn who_never_says_what_they_want_is_cut_off() {
    let mut silent = connect();
    until_closed(&mut silent, SHORT.head).await;
    for beginning in ["GET / HT", "PRI * HT", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let mut half = connect();
        send(&mut half, beginning).await;
        until_closed(&mut half, SHORT.head).await;
    }
}

#[tokio::test]
async fn a_head_that_comes_a_byte_now_and_then_is_cut_off_as_well() {
    let mut client = connect();
    send(&mut client, HELLO).await;
    read_to(&mut client, "hello\n").await;
    let dripping = async {
        for byte in HELLO.bytes().cycle() {
            if client.write_all(&[byte]).await.is_err() {
                return;
            }
            sleep(SHORT.head / 2).await;
        }
    };
    timeout(LATE, dripping).await.expect("it is closed");
}

#[tokio::test]
async fn a_connection_is_kept_between_requests_but_not_for_ever() {
    let mut client = connect();
    for _ in 0..3 {
        send(&mut client, HELLO).await;
        let answer = read_to(&mut client, "hello\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("content-length: 6\r\n"), "{answer}");
        sleep(SHORT.idle / 4).await;
    }
    send(&mut client, HELLO).await;
    read_to(&mut client, "hello\n").await;
    until_closed(&mut client, SHORT.idle).await;
}

#[tokio::test]
async fn who_waits_for_an_answer_or_reads_a_stream_is_not_cut_off() {
    let mut client = connect();
    send(&mut client, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    read_to(&mut client, "at last\n").await;
    send(&mut client, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n").await;
    read_to(&mut client, "one\n\r\n").await;
    read_to(&mut client, "two\n\r\n").await;
    read_to(&mut client, "0\r\n\r\n").await;
    send(&mut client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n").await;
    for _ in 0..5 {
        send(&mut client, ".").await;
        sleep(SHORT.head).await;
    }
    send(&mut client, "!").await;
    read_to(&mut client, "!").await;
}

#[tokio::test]
async fn who_stands_in_line_when_the_server_stops_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(HELLO.as_bytes()).await.unwrap();
        clients.push(client);
    }
    let stopping = CancellationToken::new();
    stopping.cancel();
    let serving = tokio::spawn(serve(listener, router(), PATIENCE, stopping));
    for mut client in clients {
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("hello\n"), "{answer}");
    }
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
