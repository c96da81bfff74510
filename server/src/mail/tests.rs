//! Mail over a real socket, to a mail server of the test's own.

use super::*;
use mock_systems::MailServer;

fn mailer(server: &MailServer) -> Mailer {
    settings(&server.url(), "Waymark <waymark@example.com>").unwrap()
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
    let server = MailServer::start().await.unwrap();
    let body = "Grüße\n.a line that begins with a dot\n<b>no markup</b>";
    mailer(&server).send(&mail("ada@example.com", "Your plan", body)).await.unwrap();
    let [received] = &server.letters()[..] else { panic!("one message") };
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
    let server = MailServer::start().await.unwrap();
    let mailer = mailer(&server);
    for to in ["ada@example.com", "ada@example.com", "bob@example.com"] {
        mailer.send(&mail(to, "s", "b")).await.unwrap();
    }
    let ids: Vec<String> = server
        .letters()
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
    let server = MailServer::start().await.unwrap();
    let mailer = mailer(&server);
    let subject = "Hello\r\nBcc: eve@example.com\r\n\r\nand a body";
    mailer.send(&mail("ada@example.com", subject, "b")).await.unwrap();
    let received = &server.letters()[0];
    let (head, _) = received.text.split_once("\n\n").unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc:")), "{head}");
    assert_eq!(received.to, ["ada@example.com"]);
    for to in
        ["ada@example.com, eve@example.com", "ada@example.com\r\nRCPT TO:<eve@example.com>", "ada"]
    {
        let failure = mailer.send(&mail(to, "s", "b")).await.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Permanent, "mail.unfit"));
    }
    assert_eq!(server.letters().len(), 1);
}

#[tokio::test]
async fn an_answer_of_the_mail_server_says_whether_to_try_again() {
    let server = MailServer::start().await.unwrap();
    let mailer = mailer(&server);
    let outcome = async |answer| {
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
