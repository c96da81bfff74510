//! One page: where it is, what it shows, what it complains about.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::connection::Session;

/// How long a person would wait before calling it broken; long, for the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a wait looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// How much of a page's text a failure shows.
const SHOWN_TEXT: usize = 2_000;

/// The size and kind of a screen.
#[derive(Clone, Copy, PartialEq)]
pub struct Screen {
    width: u32,
    height: u32,
    /// Pixels of the screen in one of the page.
    density: f64,
    is_phone: bool,
}

impl Screen {
    /// A laptop.
    pub const DESKTOP: Self = Self { width: 1280, height: 800, density: 1.0, is_phone: false };
    /// A screen on a desk.
    pub const DESK: Self = Self { width: 1440, height: 900, density: 1.0, is_phone: false };
    /// A larger laptop, as a picture shows it.
    pub const WIDE: Self = Self { width: 1440, height: 760, density: 1.5, is_phone: false };
    /// A phone, held upright, with fingers instead of a pointer.
    pub const PHONE: Self = Self { width: 390, height: 844, density: 2.0, is_phone: true };
    /// The narrowest phone that must work.
    pub const SMALL_PHONE: Self = Self { width: 360, height: 640, density: 2.0, is_phone: true };
}

/// The colours a person's system asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A page in a browser.
pub struct Page {
    pub(super) session: Session,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Page {
    pub(super) async fn attach(session: Session, screen: Screen) -> Result<Self> {
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let page = Self { session, complaints: Arc::clone(&complaints) };
        let mut events = page.session.events();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Some(complaint) = complaint(&event) {
                    complaints.lock().unwrap_or_else(PoisonError::into_inner).push(complaint);
                }
            }
        });
        for domain in ["Page", "Runtime", "Log"] {
            page.session.call(&format!("{domain}.enable"), json!({})).await?;
        }
        page.resize(screen).await?;
        Ok(page)
    }

    /// Changes the screen the page is shown on.
    pub async fn resize(&self, screen: Screen) -> Result<()> {
        let (factor, phone) = (screen.density, screen.is_phone);
        let metrics = json!({ "width": screen.width, "height": screen.height, "deviceScaleFactor": factor, "mobile": phone });
        self.session.call("Emulation.setDeviceMetricsOverride", metrics).await?;
        let touch = json!({ "enabled": phone, "maxTouchPoints": if phone { 5 } else { 1 } });
        self.session.call("Emulation.setTouchEmulationEnabled", touch).await?;
        Ok(())
    }

    /// Changes the colours the person's system asks for.
    pub async fn prefer(&self, scheme: Scheme) -> Result<()> {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.session.call("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// Runs a script in every document from now on, before anything of its own.
    pub async fn begin_with(&self, script: &str) -> Result<()> {
        let parameters = json!({ "source": script });
        self.session.call("Page.addScriptToEvaluateOnNewDocument", parameters).await.map(drop)
    }

    /// Goes to an address and waits until it has loaded.
    pub async fn goto(&self, url: &str) -> Result<()> {
        let answer = self.session.call("Page.navigate", json!({ "url": url })).await?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("{url}: {error}");
        }
        self.wait_until(
            "the page has loaded",
            "document.readyState === 'complete' && location.href !== 'about:blank'",
        )
        .await
    }

    /// Loads the page again, as F5 does.
    pub async fn reload(&self) -> Result<()> {
        self.evaluate("window.waymarkBeforeReload = true").await?;
        self.session.call("Page.reload", json!({})).await?;
        self.wait_until(
            "the page has loaded again",
            "document.readyState === 'complete' && !window.waymarkBeforeReload",
        )
        .await
    }

    /// Goes back to where the page was before, as the browser's own button does.
    pub async fn back(&self) -> Result<()> {
        self.evaluate("history.back()").await.map(drop)
    }

    /// Where the page is.
    pub async fn url(&self) -> Result<String> {
        Ok(self.evaluate("location.href").await?.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page is at an address that contains `part`; gives the address.
    pub async fn wait_for_url(&self, part: &str) -> Result<String> {
        let condition = format!("location.href.includes({})", json!(part));
        self.wait_until(&format!("the address contains {part}"), &condition).await?;
        self.url().await
    }

    /// Waits until a JavaScript condition holds; it only looks, and changes nothing.
    pub async fn wait_until(&self, what: &str, condition: &str) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            // While a page is being replaced there is nothing to look at.
            if self.evaluate(condition).await.is_ok_and(|value| value == Value::Bool(true)) {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(self
                    .failure(&format!("waited {PATIENCE:?} in vain until {what}"))
                    .await);
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// The value of a JavaScript expression, for looking at what is shown; never for acting.
    pub async fn evaluate(&self, expression: &str) -> Result<Value> {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.session.call("Runtime.evaluate", parameters).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("{expression}: {}", exception["exception"]["description"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Errors on the console and exceptions since the page was opened.
    pub fn console_errors(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fails if the page has complained on its console or thrown an exception.
    pub fn assert_no_console_errors(&self) -> Result<()> {
        let errors = self.console_errors();
        if !errors.is_empty() {
            bail!("the page complained:\n{}", errors.join("\n"));
        }
        Ok(())
    }

    /// An error that says what failed, where a picture of the page is, and what the page says.
    pub(super) async fn failure(&self, what: &str) -> anyhow::Error {
        static FAILURES: AtomicU32 = AtomicU32::new(0);
        let count = FAILURES.fetch_add(1, Ordering::Relaxed);
        let name = format!("failure-{}-{count}", std::process::id());
        let picture = match self.snapshot(&name).await {
            Ok(path) => path.display().to_string(),
            Err(error) => format!("none: {error}"),
        };
        let text = self
            .evaluate("location.href + '\\n' + document.body.innerText")
            .await
            .unwrap_or_default();
        let text: String = text.as_str().unwrap_or_default().chars().take(SHOWN_TEXT).collect();
        let errors = self.console_errors().join("\n");
        anyhow::anyhow!("{what}\npicture: {picture}\nconsole: {errors}\npage: {text}")
    }
}

/// What an event complains of. A request refused by the server is an answer the page must handle, not a complaint.
fn complaint(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &parameters["exceptionDetails"];
            let description =
                details["exception"]["description"].as_str().or(details["text"].as_str())?;
            Some(format!("exception: {description}"))
        }
        "Runtime.consoleAPICalled"
            if ["error", "assert"].contains(&parameters["type"].as_str()?) =>
        {
            let words = parameters["args"].as_array()?.iter();
            let words: Vec<String> = words
                .map(|word| {
                    let text = word["value"].as_str().or(word["description"].as_str());
                    text.map_or_else(|| word["value"].to_string(), str::to_owned)
                })
                .collect();
            Some(format!("console: {}", words.join(" ")))
        }
        "Log.entryAdded"
            if parameters["entry"]["level"] == "error"
                && parameters["entry"]["source"] != "network" =>
        {
            Some(format!("log: {}", parameters["entry"]["text"].as_str()?))
        }
        _ => None,
    }
}
