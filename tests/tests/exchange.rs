//! Journeys of other programs: a file becomes a journey, what it could not take along is told, and a journey becomes a file.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::canvas::Canvas;
use tests::cdp::{Browser, Screen};
use tests::server::DESIGNER;
use tests::stage::{Stage, example_draft};
use tests::visit::{must_fit_a_phone, picture, visit};

/// A process as another modeler writes it: a person's step, a choice in a language that is not ours, and a store of data, which has no counterpart.
const PROCESS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://example.com">
  <bpmn:process id="Welcome" name="Welcome a customer" isExecutable="true">
    <bpmn:startEvent id="Start" name="A customer signs"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="Call" name="Call the customer"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:exclusiveGateway id="Large" name="Is it large?" default="f4"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing><bpmn:outgoing>f4</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:dataStoreReference id="Crm" name="Customers" />
    <bpmn:endEvent id="Vip" name="Looked after"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="Done" name="Welcomed"><bpmn:incoming>f4</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="Start" targetRef="Call" />
    <bpmn:sequenceFlow id="f2" sourceRef="Call" targetRef="Large" />
    <bpmn:sequenceFlow id="f3" sourceRef="Large" targetRef="Vip"><bpmn:conditionExpression>${employees &gt; 500}</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f4" sourceRef="Large" targetRef="Done" />
  </bpmn:process>
</bpmn:definitions>
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journey_that_is_written_as_a_file_is_the_same_when_it_is_read() -> Result<()> {
    let stage = Stage::set().await?;
    let draft = example_draft("w1")?;
    let made = json!({ "name": draft["name"], "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let id = made["id"].as_str().context("a journey has an id")?;
    let kept = stage.admin.get(&format!("/api/v1/journeys/{id}/draft")).await?.expect(200)?;
    for (format, kind) in [("json", "application/json"), ("bpmn", "application/bpmn+xml")] {
        let address = format!("/api/v1/journeys/{id}/export?format={format}");
        let request = stage.admin.request(reqwest::Method::GET, &address);
        let answer = request.send().await?.error_for_status()?;
        let header = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        ensure!(header("content-type").as_deref() == Some(kind), "{:?}", answer.headers());
        let saved = header("content-disposition").unwrap_or_default();
        ensure!(
            saved.starts_with("attachment; filename=\"")
                && saved.ends_with(&format!(".{format}\"")),
            "{saved}"
        );
        let text = answer.text().await?;
        let import = json!({ "format": format, "name": "Again", "text": text });
        let again = stage.admin.post("/api/v1/journeys/import", &import).await?.expect(201)?;
        ensure!(again["left_out"] == json!([]), "{again}");
        let again = again["id"].as_str().context("an id")?;
        let again =
            stage.admin.get(&format!("/api/v1/journeys/{again}/draft")).await?.expect(200)?;
        ensure!(again == kept, "{format}: {again}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused_with_its_place() -> Result<()> {
    let stage = Stage::set().await?;
    let count = async || -> Result<usize> {
        let all = stage.admin.get("/api/v1/journeys").await?.expect(200)?;
        Ok(all["items"].as_array().map_or(0, Vec::len))
    };
    let before = count().await?;
    let broken = PROCESS.replace("</bpmn:process>", "</bpmn:porcess>");
    for (format, text, said) in [
        ("bpmn", broken.as_str(), "line"),
        ("bpmn", "<!DOCTYPE x [<!ENTITY a \"b\">]><x/>", "line 1"),
        ("json", "{ \"format\": 1, ", "draft"),
        ("csv", "", ""),
    ] {
        let import = json!({ "format": format, "name": "Broken", "text": text });
        let refused = stage
            .admin
            .post("/api/v1/journeys/import", &import)
            .await?
            .problem(422, "invalid-body")?;
        let at = &refused["errors"][0];
        let message = at["message"].as_str().unwrap_or_default();
        ensure!(at["pointer"] == "/text" && message.contains(said), "{format}: {refused}");
    }
    ensure!(count().await? == before, "nothing was made of what cannot be read");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_and_a_checklist_are_imported_in_the_browser() -> Result<()> {
    let stage = Stage::set().await?;
    let folder = tempfile::tempdir()?;
    let (process, list) = (folder.path().join("welcome.bpmn"), folder.path().join("Kick-off.md"));
    std::fs::write(&process, PROCESS)?;
    std::fs::write(
        &list,
        "# Before\n- [ ] Send the agenda (owner: team onboarding, due 2 business days)\n# After\n- [ ] Write the minutes\n",
    )?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&format!("{}/journeys", stage.server.url())).await?;
    page.click("[data-action=import-journey]").await?;
    page.wait_for("[data-dialog=import-journey] input").await?;
    picture(&page, "journeys-import").await?;
    page.choose_file("[data-dialog=import-journey] input", &process).await?;
    page.click("[data-action=confirm-import]").await?;
    page.wait_for("[data-state=left-out] >> Customers").await?;
    picture(&page, "journeys-left-out").await?;
    page.click("[data-action=open-imported]").await?;
    Canvas::on(&page).await?;
    page.wait_for("[data-node] >> Call the customer").await?;
    picture(&page, "imported-process").await?;
    page.click("[data-action=more]").await?;
    page.wait_for("[data-action=export-bpmn]").await?;

    page.goto(&format!("{}/journeys", stage.server.url())).await?;
    page.click("[data-action=import-journey]").await?;
    page.wait_for("[data-dialog=import-journey] input").await?;
    page.choose_file("[data-dialog=import-journey] input", &list).await?;
    page.click("[data-action=confirm-import]").await?;
    page.wait_until("the list is read", "document.querySelector('[data-node]') !== null || document.querySelector('[data-state=left-out]') !== null").await?;
    if page.shows("[data-action=open-imported]").await? {
        page.click("[data-action=open-imported]").await?;
    }
    Canvas::on(&page).await?;
    page.wait_for("[data-node] >> Send the agenda").await?;
    page.wait_for("[data-node] >> Write the minutes").await?;
    picture(&page, "imported-checklist").await?;
    page.assert_no_console_errors()?;

    let phone = visit(&browser, &stage.server, DESIGNER, Screen::SMALL_PHONE).await?;
    phone.goto(&format!("{}/journeys", stage.server.url())).await?;
    phone.wait_for("[data-action=import-journey]").await?;
    must_fit_a_phone(&phone).await?;
    phone.tap("[data-action=import-journey]").await?;
    phone.wait_for("[data-dialog=import-journey] input").await?;
    phone.choose_file("[data-dialog=import-journey] input", &process).await?;
    phone.tap("[data-action=confirm-import]").await?;
    phone.wait_for("[data-state=left-out] >> Customers").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "journeys-left-out-phone").await?;
    phone.assert_no_console_errors()
}
