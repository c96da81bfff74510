//! Mail over a real socket, to a mail server of the test's own.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A message as the mail server got it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) to: Vec<String>,
    pub(crate) text: String,
}

/// A mail server on loopback that keeps what it is sent.
pub(crate) struct MailServer {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    /// What it answers a recipient with; taken unless set.
    answer: Arc<Mutex<&'static str>>,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (received, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new("250 OK")));
        let (kept, says) = (Arc::clone(&received), Arc::clone(&answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, says) = (Arc::clone(&kept), Arc::clone(&says));
                tokio::spawn(async move { serve(stream, &kept, &says).await });
            }
        });
        Self { url, received, answer }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    fn answer(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }
}

/// One session, as far as RFC 5321 needs to be spoken to take a message.
async fn serve(stream: TcpStream, kept: &Mutex<Vec<Received>>, says: &Mutex<&'static str>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = Vec::new();
    if write.write_all(b"220 test\r\n").await.is_err() {
        return;
    }
    while let Ok(Some(line)) = lines.next_line().await {
        let command = line.to_uppercase();
        let answer = if command.starts_with("RCPT TO:") {
            to.push(line[8..].trim().trim_matches(['<', '>']).to_owned());
            (*says.lock().unwrap()).to_owned()
        } else if command == "DATA" {
            write.write_all(b"354 go on\r\n").await.unwrap();
            let mut text = String::new();
            while let Ok(Some(line)) = lines.next_line().await {
                if line == "." {
                    break;
                }
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
            kept.lock().unwrap().push(Received { to: std::mem::take(&mut to), text });
            "250 taken".to_owned()
        } else if command == "QUIT" {
            "221 bye".to_owned()
        } else {
            "250 OK".to_owned()
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

fn mailer(server: &MailServer) -> Mailer {
    settings(&server.url, "Waymark <waymark@example.com>").unwrap()
}

fn settings(url: &str, from: &str) -> Result<Mailer> {
    Mailer::new(&MailSettings { url: url.to_owned(), from: from.to_owned() })
}

fn mail(to: &str, subject: &str, body: &str) -> Mail {
    Mail {
        idempotency_key: "i:7".to_owned(),
        to: to.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let server = MailServer::start().await;
    let body = "Grüße\n.a line that begins with a dot\n<b>no markup</b>";
    mailer(&server).send(&mail("ada@example.com", "Your plan", body)).await.unwrap();
    let [received] = &server.received()[..] else { panic!("one message") };
    assert_eq!(received.to, ["ada@example.com"]);
    let (head, text) = received.text.split_once("\n\n").unwrap();
    for line in [
        "From: Waymark <waymark@example.com>",
        "To: ada@example.com",
        "Subject: Your plan",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(head.lines().any(|known| known == line), "{line} in {head}");
    }
    assert!(text.contains("<b>no markup</b>") && text.contains(".a line"), "{text}");
}

#[tokio::test]
async fn each_attempt_has_the_same_message_id_and_each_recipient_another() {
    let server = MailServer::start().await;
    let mailer = mailer(&server);
    for to in ["ada@example.com", "ada@example.com", "bob@example.com"] {
        mailer.send(&mail(to, "s", "b")).await.unwrap();
    }
    let ids: Vec<String> = server
        .received()
        .iter()
        .map(|received| {
            let line = received.text.lines().find(|line| line.starts_with("Message-ID: "));
            line.unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert!(ids[0].ends_with("@example.com>"), "{}", ids[0]);
}

#[tokio::test]
async fn nothing_filled_in_makes_a_header_or_another_recipient() {
    let server = MailServer::start().await;
    let mailer = mailer(&server);
    let subject = "Hello\r\nBcc: eve@example.com\r\n\r\nand a body";
    mailer.send(&mail("ada@example.com", subject, "b")).await.unwrap();
    let received = &server.received()[0];
    let (head, _) = received.text.split_once("\n\n").unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc:")), "{head}");
    assert_eq!(received.to, ["ada@example.com"]);
    for to in
        ["ada@example.com, eve@example.com", "ada@example.com\r\nRCPT TO:<eve@example.com>", "ada"]
    {
        let failure = mailer.send(&mail(to, "s", "b")).await.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Permanent, "mail.unfit"));
    }
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn an_answer_of_the_mail_server_says_whether_to_try_again() {
    let server = MailServer::start().await;
    let mailer = mailer(&server);
    let mut outcome = async |answer| {
        server.answer(answer);
        let failure = mailer.send(&mail("ada@example.com", "s", "b")).await.unwrap_err();
        (failure.kind, failure.code)
    };
    assert_eq!(outcome("451 later").await, (FailureKind::Transient, "smtp.451".to_owned()));
    assert_eq!(outcome("550 no such box").await, (FailureKind::Permanent, "smtp.550".to_owned()));
    let gone = settings("smtp://127.0.0.1:1", "w@example.com").unwrap();
    let failure = gone.send(&mail("ada@example.com", "s", "b")).await.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Transient, "smtp.unreachable"));
}

#[test]
fn settings_that_cannot_work_are_refused_without_showing_the_password() {
    let why = |url: &str, from: &str| format!("{:#}", settings(url, from).err().unwrap());
    assert!(why("smtp://h", "nobody").contains("'nobody' is no e-mail address"));
    let clear = why("smtp://u:hunter2@mail.example.com", "w@x.y");
    assert!(clear.contains("in the clear") && !clear.contains("hunter2"), "{clear}");
    let wrong = why("http://u:hunter2@mail.example.com", "w@x.y");
    assert!(!wrong.contains("hunter2"), "{wrong}");
    assert!(settings("smtp://u:p@mail.example.com?tls=required", "w@x.y").is_ok());
    assert!(settings("smtps://u:p@mail.example.com", "w@x.y").is_ok());
}
