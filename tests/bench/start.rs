//! Coming up on an empty workspace, resting there, and what a browser loads first.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use tests::program::Program;
use tests::server::{Server, waymark};
use tests::stage::Stage;
use tokio::time::{Instant, sleep};

use crate::figure::{Figure, Report};
use crate::process;
use crate::w1;

const PART: &str = "start";
/// How long a server rests before its memory is read.
const REST: Duration = Duration::from_secs(2);
const MIB: f64 = 1024.0 * 1024.0;

/// Measures start, rest and first load.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let (mut seconds, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(waymark()?);
        command.arg("serve").arg("--data").arg(folder.path()).args(["--listen", "127.0.0.1:0"]);
        let begin = Instant::now();
        let server = Program::start(command, &folder.path().join("server.log"))?;
        let answer = reqwest::get(format!("{}/readyz", server.url())).await?;
        answer.error_for_status()?;
        seconds.push(begin.elapsed().as_secs_f64());
        sleep(REST).await;
        resident.push(process::resident_mib(server.id(), "VmRSS")?);
    }
    report.add(Figure::new(PART, "empty workspace to the first answer", "s", seconds).at_most(1.0));
    report.add(Figure::new(PART, "resident at rest", "MiB", resident).at_most(80.0));
    let bytes = fs::metadata(waymark()?)?.len();
    report.add(
        Figure::new(PART, "the program on disk", "MB", vec![in_mib(bytes) * MIB / 1e6])
            .at_most(60.0),
    );
    cold(report, rounds).await?;
    let first = in_mib(first_load(&Server::start().await?).await?) * MIB / 1e6;
    report.add(
        Figure::new(PART, "first load of the designer, compressed", "MB", vec![first])
            .at_most(0.45),
    );
    Ok(())
}

/// From the start of the process on a workspace that is set up, until a first W1 journey stands at its task.
async fn cold(report: &mut Report, rounds: u32) -> Result<()> {
    let mut seconds = Vec::new();
    let mut stage = Stage::set().await?;
    stage.publish("w1").await?;
    for round in 0..rounds {
        stage.server.stop().await?;
        let begin = Instant::now();
        stage.server.restart().await?;
        w1::start(stage.server.stranger()?, format!("cold{round}")).await?;
        seconds.push(begin.elapsed().as_secs_f64());
    }
    let name = "start of the process to the first finished W1 journey";
    report.add(Figure::new("W3", name, "s", seconds).at_most(1.0));
    Ok(())
}

/// Bytes over the wire until the designer can start: the page and all it names.
async fn first_load(server: &Server) -> Result<u64> {
    let client = reqwest::Client::new();
    let fetch = async |path: &str| {
        let request =
            client.get(format!("{}{path}", server.url())).header(ACCEPT_ENCODING, "br, gzip");
        let answer = request.send().await?.error_for_status()?;
        let is_compressed = answer.headers().contains_key(CONTENT_ENCODING);
        anyhow::Ok((is_compressed, answer.bytes().await?))
    };
    let page = client.get(server.url()).send().await?.error_for_status()?.text().await?;
    let (_, compressed) = fetch("/").await?;
    let mut bytes = compressed.len() as u64;
    let mut named = 0;
    for attribute in ["href=\"/", "src=\"/"] {
        for rest in page.split(attribute).skip(1) {
            let (path, _) = rest.split_once('"').context("an attribute ends")?;
            let (_, body) = fetch(&format!("/{path}")).await?;
            bytes += body.len() as u64;
            named += 1;
        }
    }
    anyhow::ensure!(named >= 3, "the page names its style, its script and its program: {page}");
    Ok(bytes)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files")]
fn in_mib(bytes: u64) -> f64 {
    bytes as f64 / MIB
}
