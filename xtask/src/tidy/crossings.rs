//! What a server does to a disk or another system can be made deadly, so that a test sees that nothing is lost there.

use super::{Source, Violation};

/// Where the programs are that must lose nothing.
const SERVERS: [&str; 4] =
    ["server/src/", "crates/store/src/", "crates/runtime/src/", "crates/connector-host/src/"];

/// What writes to a disk or reaches another system.
const CROSSINGS: [&str; 10] = [
    "fs::write(",
    "fs::rename(",
    "fs::copy(",
    "fs::hard_link(",
    "fs::OpenOptions::",
    "File::options(",
    "File::create(",
    "TcpStream::connect(",
    "transport.send(",
    "pool.request(",
];

/// Where one stands without a failpoint, and why.
const EXCUSED: [(&str, &str); 5] = [
    // What the file says is read by people alone; what counts is the lock on it.
    ("server/src/lock.rs", "File::options("),
    // Within what `EndBackup` is around.
    ("server/src/cli/copying/ending.rs", "File::options("),
    // A copy in a folder that is thrown away; what it is copied to has its points.
    ("server/src/cli/copying/ending.rs", "File::create("),
    // Within what `WriteKey` is around.
    ("server/src/seal.rs", "fs::OpenOptions::"),
    // Within what `Fetch` is around.
    ("crates/connector-host/src/egress/connect.rs", "TcpStream::connect("),
];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let of_servers = sources.iter().filter(|source| {
        source.is_rust()
            && !source.is_tests()
            && SERVERS.iter().any(|server| source.path.starts_with(server))
    });
    of_servers.flat_map(without_failpoint).collect()
}

fn without_failpoint(source: &Source) -> Vec<Violation> {
    source
        .lines()
        .take_while(|(_, line)| !line.starts_with("mod tests {"))
        .filter(|(_, line)| !line.contains("failpoints::"))
        .filter_map(|(number, line)| {
            let crossing = CROSSINGS.into_iter().find(|crossing| line.contains(crossing))?;
            let is_excused = EXCUSED.contains(&(source.path.as_str(), crossing));
            (!is_excused).then(|| {
                let sentence = format!("`{crossing})` crosses to the outside without a failpoint: put it into `failpoints::around` or `at_once`");
                Violation::new(&source.path, number, sentence)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crosses_to_the_outside_needs_a_failpoint() {
        let text = "fn f() {\n    fs::write(a, b)?;\n    failpoints::at_once(P, || fs::write(a, b))?;\n}\n\nmod tests {\n    fs::write(a, b);\n}\n";
        let lines = |path: &str| -> Vec<usize> {
            check(&[Source::new(path, text)]).iter().map(|violation| violation.line).collect()
        };
        assert_eq!(lines("server/src/a.rs"), [2]);
        assert_eq!(lines("designer/src/a.rs"), [0; 0]);
        assert_eq!(lines("server/src/a/tests.rs"), [0; 0]);
    }

    #[test]
    fn an_excuse_is_for_one_call_in_one_file() {
        let found = |call: &str| {
            let text = format!("    {call}path)?;\n");
            check(&[Source::new("server/src/lock.rs", &text)]).len()
        };
        assert_eq!(found("File::options("), 0);
        assert_eq!(found("File::create("), 1);
    }
}
