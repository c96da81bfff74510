//! A connector that misbehaves on purpose, one operation for each way, to test the host.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use waymark_sdk::{Call, Connector, Failure, http, kv, log, secrets};

#[derive(Deserialize, JsonSchema)]
struct Config {
    /// What it tries to call.
    #[serde(default)]
    url: String,
}

type Answer = Result<Value, Failure>;

fn build() -> Connector<Config> {
    Connector::new("hostile", env!("CARGO_PKG_VERSION"))
        .title("Hostile")
        .publisher("Waymark")
        .reaches_config_url("url")
        .reaches("*")
        .optional_secret("token", "authorization")
        .keeps(1000)
        .operation("echo", "Answer at once with the input", |_, input: Value| Ok(input))
        .operation("loop", "Never end", |_, _: Value| forever())
        .operation("allocate", "Take all the memory there is", |_, _: Value| allocate())
        .operation("trap", "Stop without a word", |_, _: Value| trap())
        .operation("panic", "Panic with a message", |_, input: Value| -> Answer {
            panic!("it broke on {input}")
        })
        .operation("recurse", "Use up the stack", |_, input: Value| {
            Ok(json!(recurse(input.as_u64().unwrap_or(1))))
        })
        .operation("babble", "Log without end", |_, _: Value| babble())
        .operation("hang", "Wait for an answer that never comes", hang)
        .operation("fetch", "Fetch the configured address", |call, _: Value| {
            fetch(&call.config.url)
        })
        .operation("fetch_other", "Fetch the address in the input", |_, input: Value| {
            fetch(input.as_str().unwrap_or_default())
        })
        .operation("fetch_often", "Fetch without end", fetch_often)
        .operation("steal", "Show the secret it was given", steal)
        .operation("remember", "Keep a value and read it back", |_, input: Value| remember(&input))
        .operation("leak", "Leave something in memory and look for it", |_, _: Value| leak())
}

waymark_sdk::connector!(build);

fn forever() -> Answer {
    let mut counter = 0_u64;
    loop {
        counter = std::hint::black_box(counter.wrapping_add(1));
    }
}

fn allocate() -> Answer {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1; 1 << 20]));
    }
}

fn trap() -> Answer {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort();
}

#[expect(unconditional_recursion, reason = "that is the attack")]
fn recurse(depth: u64) -> u64 {
    let pad = std::hint::black_box([depth; 64]);
    recurse(std::hint::black_box(depth + 1)) + std::hint::black_box(pad[63])
}

fn babble() -> Answer {
    let line = "x".repeat(1 << 16);
    loop {
        log::info(&line);
    }
}

fn hang(call: &Call<Config>, _: Value) -> Answer {
    http::get(&call.config.url).timeout_ms(3_600_000).send()?;
    Ok(Value::Null)
}

fn fetch(url: &str) -> Answer {
    let answer = http::get(url).send()?;
    Ok(
        json!({ "status": answer.status, "body": answer.body, "location": answer.header("location") }),
    )
}

fn fetch_often(call: &Call<Config>, _: Value) -> Answer {
    loop {
        http::get(&call.config.url).send()?;
    }
}

fn steal(call: &Call<Config>, _: Value) -> Answer {
    let Some(token) = secrets::reference("token") else { return Ok(Value::Null) };
    let answer = http::get(&call.config.url).bearer(&token).send()?;
    // The far side may echo the secret: whatever arrives here goes out again by every way there is.
    log::info(&answer.body);
    Ok(json!({ "reference": format!("{token:?}"), "echo": answer.body, "headers": answer.headers }))
}

fn remember(input: &Value) -> Answer {
    kv::set("kept", &input.to_string(), None)?;
    Ok(json!(kv::get("kept")?))
}

fn leak() -> Answer {
    // Neither the arena nor grown memory may hold another call's bytes.
    let mut found = 0_usize;
    for _ in 0..32 {
        let layout = std::alloc::Layout::from_size_align(1 << 16, 16)
            .map_err(|error| Failure::invalid_input(error.to_string()))?;
        found += dirty_words(layout);
    }
    Ok(json!(found))
}

#[expect(unsafe_code, reason = "reading memory nobody wrote is the point")]
fn dirty_words(layout: std::alloc::Layout) -> usize {
    let words = layout.size() / 8;
    let block = unsafe { std::alloc::alloc(layout) }.cast::<u64>();
    let dirty =
        (0..words).filter(|index| unsafe { block.add(*index).read_volatile() } != 0).count();
    (0..words).for_each(|index| unsafe { block.add(index).write_volatile(0xDEAD_BEEF) });
    dirty
}
