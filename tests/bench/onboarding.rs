//! The example on its real input: 7,043 customers imported and onboarded over a signed webhook.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde_json::json;
use tests::stage::Stage;
use tests::telco::{self, CUSTOMERS};
use tests::webhook::Sender;

use crate::clients::ask;
use crate::figure::{Figure, Report};
use crate::process;

const PART: &str = "onboarding";
const CLIENTS: usize = 16;

/// The values of all rounds.
#[derive(Default)]
struct Rounds {
    import: Vec<f64>,
    cpu: Vec<f64>,
    rate: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    bytes: Vec<f64>,
}

/// Measures the import and the run, each round on a workspace of its own.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let mut measured = Rounds::default();
    for _ in 0..rounds {
        round(&mut measured).await?;
    }
    let mut add = |what: &str, unit, values| report.add(Figure::new(PART, what, unit, values));
    add("CPU of importing 7,043 accounts", "s", measured.import);
    add("CPU of the server per journey, 16 clients", "ms", measured.cpu);
    add("journeys per second, 16 clients", "1/s", measured.rate);
    add("latency, median, 16 clients", "ms", measured.p50);
    add("latency, 99th percentile, 16 clients", "ms", measured.p99);
    add("disk per journey", "bytes", measured.bytes);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes far below 2⁵²")]
async fn round(measured: &mut Rounds) -> Result<()> {
    let stage = Stage::set().await?;
    let journey = stage.publish("onboarding").await?;
    let spent = process::children_cpu_seconds()?;
    telco::import(&stage.server, &telco::table())?;
    measured.import.push(process::children_cpu_seconds()? - spent);

    let customers = Mutex::new(telco::customers()?);
    let next = move || customers.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let sender = Arc::new(Sender::for_journey(&stage.admin, "onboarding", &journey).await?);
    let client = stage.server.stranger()?;
    let bytes = process::bytes_in(stage.server.data())?;
    let cpu = process::cpu_seconds(stage.server.id())?;
    let load = ask(CLIENTS, next, move |customer| {
        let (sender, client) = (sender.clone(), client.clone());
        async move {
            let body = json!({ "id": customer.id });
            sender.deliver(&client, &customer.id, &body).await?.expect(200)
        }
    })
    .await?;
    let cpu = process::cpu_seconds(stage.server.id())? - cpu;
    let journeys = CUSTOMERS as f64;
    measured.cpu.push(cpu * 1000.0 / journeys);
    measured.rate.push(load.rate());
    measured.p50.push(load.latency(0.5));
    measured.p99.push(load.latency(0.99));
    measured.bytes.push((process::bytes_in(stage.server.data())? - bytes) as f64 / journeys);
    Ok(())
}
