//! The example journeys check clean and run to their ends.
#![expect(clippy::wildcard_enum_match_arm, reason = "only some asks matter here")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use journey::{
    Ask, Context, Diagnostic, Event, Instance, Journey, Position, Status, Step, Timestamp,
    Workspace,
    calendar::Calendars,
    check, format, step,
    workspace::{Connection, Operation},
};
use serde_json::{Value, json};

/// A workspace with what the examples use: the team `onboarding` and the connection `crm`.
fn workspace() -> Workspace {
    let operation = |required: &[&str], properties: &[&str]| Operation {
        title: String::new(),
        input: json!({
            "type": "object",
            "required": required,
            "properties": properties.iter().map(|name| ((*name).to_owned(), json!({}))).collect::<serde_json::Map<_, _>>(),
        }),
        output: json!({}),
        idempotent: true,
    };
    let upsert = operation(&["id"], &["id", "name", "email", "segment", "tier", "owner"]);
    let note = operation(&["id", "text"], &["id", "text"]);
    let operations = [("upsert".to_owned(), upsert), ("note".to_owned(), note)].into();
    Workspace {
        connections: [("crm".to_owned(), Connection { connector: "crm".to_owned(), operations })]
            .into(),
        teams: ["onboarding".to_owned()].into(),
        ..Workspace::default()
    }
}

fn example(name: &str) -> (Option<Journey>, Vec<Diagnostic>) {
    let path = format!("{}/../../examples/journeys/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let draft = format::read(&std::fs::read(path).unwrap()).unwrap();
    check(&draft, Some(&workspace()))
}

#[test]
fn every_example_checks_clean() {
    let folder = format!("{}/../../examples/journeys", env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        let (journey, diagnostics) = example(&name);
        assert_eq!(diagnostics, [], "{name}");
        assert!(journey.is_some(), "{name}");
        seen += 1;
    }
    assert!(seen >= 3, "the examples are there");
}

#[test]
fn the_journey_that_is_measured_has_two_hundred_nodes_and_is_sound() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/bench/two-hundred.json");
    let draft = format::read(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(draft.nodes.len(), 200);
    let (journey, found) = check(&draft, None);
    assert!(journey.is_some());
    assert!(found.iter().all(|one| one.code == "unknown-here"), "{found:#?}");
}

/// Steps an instance, and proves each time that its records rebuild it.
struct Run {
    journey: Journey,
    account: Value,
    instance: Instance,
    rebuilt: Instance,
    calls: Vec<(Position, String, Value)>,
    offers: Vec<(Position, String)>,
}

impl Run {
    fn start(name: &str, trigger: &str, input: Value, account: Value) -> Self {
        let journey = example(name).0.unwrap();
        let (instance, rebuilt) = (Instance::new(), Instance::new());
        let mut run =
            Self { journey, account, instance, rebuilt, calls: Vec::new(), offers: Vec::new() };
        run.step(Event::Started { trigger: trigger.to_owned(), input });
        run
    }

    fn step(&mut self, event: Event) {
        let calendars = Calendars::default();
        let context =
            Context { now: Timestamp(0), account: Some(&self.account), calendars: &calendars };
        let Step { instance, records, effects } =
            step(&self.journey, self.instance.clone(), event, context).unwrap();
        for record in &records {
            self.rebuilt.apply(record).unwrap();
        }
        assert_eq!(instance, self.rebuilt);
        self.instance = instance;
        for effect in effects {
            match effect.ask {
                Ask::Call(call) => self.calls.push((effect.position, call.operation, call.input)),
                Ask::OfferTask(offer) => self.offers.push((effect.position, offer.title)),
                _ => {}
            }
        }
    }

    fn answer(&mut self, operation: &str, output: Value) -> Value {
        let (position, called, input) = self.calls.remove(0);
        assert_eq!(called, operation);
        self.step(Event::CallSucceeded { position, output });
        input
    }

    fn complete(&mut self, outcome: &str, form: Value) {
        let (position, _) = self.offers.remove(0);
        let by = "ana@example.com".to_owned();
        self.step(Event::TaskClaimed { position, by: by.clone() });
        self.step(Event::TaskCompleted {
            position,
            by,
            person: Value::Null,
            outcome: outcome.to_owned(),
            form,
        });
    }

    fn ends(&self, outcome: &str) {
        assert_eq!(
            (self.instance.status(), self.instance.outcome()),
            (Status::Ended, Some(outcome))
        );
        assert!(self.calls.is_empty() && self.offers.is_empty(), "nothing else came out");
    }
}

#[test]
fn onboarding_calls_the_crm_and_asks_a_person_for_a_high_value_customer() {
    let account = json!({"name": "Ada Ltd", "segment": "high-value"});
    let mut run = Run::start("onboarding", "hook", json!({"id": "7590-VHVEG"}), account);
    let input = run.answer("upsert", json!({"ok": true, "crmId": "c1", "health": 77}));
    assert_eq!(
        input,
        json!({"id": "7590-VHVEG", "name": "Ada Ltd", "segment": "high-value", "tier": "white glove"})
    );
    assert_eq!(run.offers[0].1, "Welcome Ada Ltd");
    run.complete("welcomed", json!({"goal": "Go live"}));
    let note = run.answer("note", json!({"ok": true}));
    assert_eq!(note["text"], "Goal of the first month: Go live");
    run.ends("onboarded");
}

#[test]
fn onboarding_serves_other_customers_without_a_person() {
    let healthy = |health| json!({"ok": true, "crmId": "c2", "health": health});
    let mut run =
        Run::start("onboarding", "hook", json!({"id": "a"}), json!({"segment": "standard"}));
    run.answer("upsert", healthy(90));
    run.ends("self_serve");
    let mut run = Run::start("onboarding", "hook", json!({"id": "b"}), json!({}));
    run.answer("upsert", healthy(10));
    assert_eq!(run.answer("note", json!({}))["text"], "Low health at the start: 10");
    run.ends("at_risk");
}

#[test]
fn w1_makes_two_calls_and_offers_a_task() {
    let input = json!({"id": "1", "segment": "enterprise", "account": " Ada ", "email": "A@B.C", "arr": 700});
    let mut run = Run::start("w1", "hook", input, Value::Null);
    let upsert = run.answer("upsert", json!({"ok": true, "crmId": "c", "health": 20}));
    assert_eq!(upsert["email"], "a@b.c");
    assert_eq!(run.answer("note", json!({}))["text"], "At risk");
    assert_eq!(run.offers[0].1, "Welcome Ada (gold)");
    run.complete("done", Value::Null);
    run.ends("success");
}

#[test]
fn simple_ends_by_either_way() {
    let account = json!({"name": "Ada", "external_id": "x1", "segment": "enterprise", "owner": "ana@example.com"});
    let mut run = Run::start("simple", "start", json!({}), account);
    run.complete("needs_help", json!({"summary": "stuck"}));
    assert_eq!(run.answer("note", json!({})), json!({"id": "x1", "text": "stuck"}));
    run.ends("success");
    let mut run = Run::start("simple", "start", json!({}), json!({"name": "Ben"}));
    run.complete("happy", json!({"summary": "fine"}));
    run.ends("success");
}

#[test]
fn the_example_triggers_say_who_and_under_which_key() {
    let journey = example("onboarding").0.unwrap();
    let input = json!({"id": "7590-VHVEG"});
    assert_eq!(journey.account_of("hook", &input), Ok(Some("7590-VHVEG".to_owned())));
    assert_eq!(journey.dedupe_key("hook", &input), Ok(Some("7590-VHVEG".to_owned())));
    assert_eq!(journey.webhook_slugs().collect::<Vec<_>>(), [("onboarding", "hook")]);
    assert!(journey.trigger("hook").unwrap().is_one_per_account());
    assert!(journey.account_of("hook", &json!({})).is_err());
}
