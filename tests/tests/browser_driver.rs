//! The driver itself: what it does with a page must be what a person would have done.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use anyhow::Result;
use tests::cdp::{Browser, Modifiers, Page, Scheme, Screen};

/// Everything that happens to this page is written into `#seen`, and only if the browser trusts that a person did it.
const PAGE: &str = r#"<!doctype html><meta name="viewport" content="width=device-width"><title>driver</title>
<style>
  body { margin: 0; font: 16px sans-serif; touch-action: none }
  #far { margin-top: 1500px }
  #chip, #target { position: absolute; width: 60px; height: 60px }
  #chip { left: 300px; top: 20px; background: teal } #target { left: 600px; top: 300px; background: gold }
  #under, #over { position: absolute; left: 800px; top: 20px; width: 50px; height: 50px }
  @media (max-width: 500px) { #chip, #target, #under, #over { display: none } }
  @media (prefers-color-scheme: dark) { body { background: black; color: white } }
</style>
<button id="click">Click me</button> <button>Publish</button> <input id="name" value="old">
<div id="chip"></div><div id="target"></div><div id="under"></div><div id="over"></div>
<pre id="seen"></pre><button id="far">Far away</button>
<script>
  const seen = (event, text) => { if (event.isTrusted) document.getElementById('seen').textContent += text + '\n' };
  document.getElementById('click').onclick = (event) => seen(event, 'click');
  document.getElementById('far').onclick = (event) => seen(event, 'far');
  document.getElementById('over').onclick = (event) => event.target.remove();
  document.getElementById('click').ontouchend = (event) => seen(event, 'touch');
  document.getElementById('name').onkeydown = (event) => seen(event, `key ${event.ctrlKey ? 'ctrl+' : ''}${event.key}`);
  let moves = 0;
  document.getElementById('chip').onpointerdown = (event) => { moves = 0; event.target.setPointerCapture(event.pointerId) };
  document.getElementById('chip').onpointermove = () => { moves += 1 };
  document.getElementById('chip').onpointerup = (event) =>
    seen(event, `dropped at ${Math.round(event.clientX)},${Math.round(event.clientY)} after ${moves >= 8 ? 'many' : moves} moves`);
</script>"#;

/// Serves the page on loopback for as long as the test runs.
fn serve() -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let url = format!("http://{}/", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let is_page = request[..length].starts_with(b"GET / ");
            let (status, body) = if is_page { ("200 OK", PAGE) } else { ("404 Not Found", "") };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {}\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes());
        }
    });
    Ok(url)
}

async fn seen(page: &Page) -> Result<Vec<String>> {
    let text = page.evaluate("document.getElementById('seen').textContent").await?;
    Ok(text.as_str().unwrap_or_default().lines().map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pointer_keys_and_fingers_reach_the_page_as_a_persons_would() -> Result<()> {
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::DESKTOP).await?;
    page.goto(&serve()?).await?;

    page.click("#click").await?;
    page.drag("#chip", "#target", 12).await?;
    page.fill("#name", "Nová & Sons").await?;
    assert_eq!(page.value("#name").await?, "Nová & Sons");
    page.press("Enter", Modifiers::CONTROL.and(Modifiers::SHIFT)).await?;
    page.click("#far").await?;
    let happened = seen(&page).await?;
    let keys = happened.iter().filter(|line| line.starts_with("key ")).count();
    // Ctrl+A, eleven characters, Ctrl+Shift+Enter.
    assert_eq!(keys, 13, "{happened:?}");
    assert!(happened.contains(&"key ctrl+Enter".to_owned()), "{happened:?}");
    let others: Vec<&String> = happened.iter().filter(|line| !line.starts_with("key ")).collect();
    assert_eq!(others, ["click", "dropped at 630,330 after many moves", "far"]);

    assert_eq!(page.text("button >> Publish").await?, "Publish");
    assert!(!page.shows("button >> Unpublish").await?);
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_small_and_is_touched() -> Result<()> {
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::PHONE).await?;
    page.goto(&serve()?).await?;
    assert_eq!(page.evaluate("[innerWidth, innerHeight]").await?, serde_json::json!([390, 844]));
    page.tap("#click").await?;
    page.wait_until(
        "the tap became a click",
        "document.getElementById('seen').textContent.includes('click')",
    )
    .await?;
    assert_eq!(seen(&page).await?, ["touch", "click"]);

    page.prefer(Scheme::Dark).await?;
    assert_eq!(
        page.evaluate("getComputedStyle(document.body).backgroundColor").await?,
        "rgb(0, 0, 0)"
    );
    let picture = std::fs::read(page.screenshot("driver-phone-dark").await?)?;
    assert_eq!(&picture[1..4], b"PNG");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_complains_of_is_caught() -> Result<()> {
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::DESKTOP).await?;
    page.goto(&serve()?).await?;
    page.assert_no_console_errors()?;
    page.evaluate("console.error('broken', 7); setTimeout(() => { throw new Error('thrown') }); 1")
        .await?;
    page.evaluate("new Promise((done) => setTimeout(done, 50))").await?;
    let errors = page.console_errors();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[0], "console: broken 7");
    assert!(errors[1].starts_with("exception: Error: thrown"), "{errors:?}");
    assert!(page.assert_no_console_errors().is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_could_not_reach_is_not_clicked() -> Result<()> {
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::DESKTOP).await?;
    page.goto(&serve()?).await?;
    let reachable = page.click("#under");
    assert!(tokio::time::timeout(std::time::Duration::from_secs(2), reachable).await.is_err());
    page.click("#over").await?;
    page.click("#under").await?;
    Ok(())
}
