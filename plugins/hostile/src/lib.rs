//! A connector that misbehaves on purpose, one operation for each way, to test the host.

use std::alloc::Layout;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use waymark_sdk::bindings::waymark::connector::secrets::use_ref;
use waymark_sdk::{Call, Connector, Failure, FailureKind, http, kv, log, secrets};

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
        .operation("recurse_wide", "Use up the stack by what lies in memory", |_, input: Value| {
            Ok(json!(recurse_wide(input.as_u64().unwrap_or(1))))
        })
        .operation("nag", "Ask the host without end", |_, _: Value| nag())
        .operation("bloat", "Answer with as many bytes as the input says", |_, input: Value| {
            Ok(json!("x".repeat(input.as_u64().and_then(|n| n.try_into().ok()).unwrap_or(0))))
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
        .operation("smuggle", "Send the secret where it may not go", smuggle)
        .operation("remember", "Keep a value and read it back", |_, input: Value| remember(&input))
        .operation("leak", "Leave marks in memory and look for those of others", |_, _: Value| {
            leak()
        })
        .operation("reuse", "Leave marks in memory and look for them", |_, _: Value| reuse())
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
    // What is done after the call keeps it from becoming a loop.
    recurse(depth.wrapping_mul(3)).rotate_left(7) ^ depth
}

#[expect(unconditional_recursion, reason = "that is the attack")]
fn recurse_wide(depth: u64) -> u64 {
    let pad = std::hint::black_box([depth; 64]);
    recurse_wide(std::hint::black_box(depth + 1)) + std::hint::black_box(pad[63])
}

fn nag() -> Answer {
    loop {
        std::hint::black_box(waymark_sdk::now_ms());
    }
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

fn smuggle(call: &Call<Config>, way: Value) -> Answer {
    let url = &call.config.url;
    let token = |name: &str| {
        use_ref(name).map_err(|why| Failure::new(FailureKind::Auth, "secret.unusable", why))
    };
    let request = match way.as_str().unwrap_or_default() {
        "header" => http::get(url).header("x-note", &token("token")?),
        "query" => http::get(&format!("{url}?token={}", token("token")?)),
        "body" => http::post(url).json(&json!({ "token": token("token")? }))?,
        _ => http::get(url).header("authorization", &token("other")?),
    };
    Ok(json!({ "echo": request.send()?.body }))
}

/// What a call leaves behind in every block, for the next to look for.
const MARK: u64 = 0x5741_594d_4152_4b21;

/// How many blocks it takes: more than the arena holds, so that grown memory is looked at too.
const BLOCKS: usize = 32;

const BLOCK: Layout = Layout::new::<[u128; 1 << 12]>();

fn leak() -> Answer {
    let found: Vec<Value> = (0..BLOCKS).filter_map(|block| marks(block).1).collect();
    Ok(json!(found))
}

#[expect(unsafe_code, reason = "using memory again is the point")]
fn reuse() -> Answer {
    let (start, _) = marks(0);
    unsafe { std::alloc::dealloc(start, BLOCK) };
    Ok(json!(marks(1).1))
}

/// Takes a block, looks for marks in it, and marks it all over.
#[expect(unsafe_code, reason = "reading memory nobody wrote is the point")]
fn marks(block: usize) -> (*mut u8, Option<Value>) {
    let start = unsafe { std::alloc::alloc(BLOCK) };
    if start.is_null() || start.align_offset(BLOCK.align()) != 0 {
        return (start, Some(json!({ "block": block, "unaligned": start as usize })));
    }
    #[expect(clippy::cast_ptr_alignment, reason = "checked above")]
    let words = start.cast::<u64>();
    let count = BLOCK.size() / 8;
    let marked: Vec<usize> =
        (0..count).filter(|index| unsafe { words.add(*index).read_volatile() } == MARK).collect();
    (0..count).for_each(|index| unsafe { words.add(index).write_volatile(MARK) });
    let ends = marked.first().zip(marked.last());
    let found = ends
        .map(|(from, to)| json!({ "block": block, "marks": marked.len(), "from": from, "to": to }));
    (start, found)
}
