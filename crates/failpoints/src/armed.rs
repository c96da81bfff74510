//! The switch.

#[cfg(debug_assertions)]
pub(crate) use tested::reach;

/// Nothing.
#[cfg(not(debug_assertions))]
pub(crate) const fn reach(_: &str, _: &str) {}

#[cfg(debug_assertions)]
mod tested {
    use crate::{DEADLY, Point, REACHED};
    use rustix::process::{Signal, getpid, kill_process};
    use std::{
        env,
        fs::{File, OpenOptions},
        io::Write,
        sync::{
            LazyLock,
            atomic::{AtomicU64, Ordering},
        },
    };

    /// What the environment said when the first place was reached.
    static SWITCH: LazyLock<Switch> = LazyLock::new(Switch::read);

    struct Switch {
        deadly: Option<Deadly>,
        reached: Option<File>,
    }

    struct Deadly {
        place: String,
        /// How often it may be reached before it is deadly.
        spared: AtomicU64,
    }

    impl Switch {
        fn read() -> Self {
            let deadly = env::var(DEADLY).ok().filter(|place| !place.is_empty());
            let reached = env::var_os(REACHED)
                .and_then(|file| OpenOptions::new().create(true).append(true).open(file).ok());
            let deadly = deadly.map(|place| Deadly::read(&place)).transpose();
            Self { deadly: deadly.unwrap_or_else(|wrong| refuse(&wrong)), reached }
        }

        fn tell(&self, what: &str) {
            if let Some(mut file) = self.reached.as_ref() {
                // A place that is not written down is one that the test misses.
                let _ = file.write_all(format!("{what}\n").as_bytes());
            }
        }
    }

    impl Deadly {
        /// What is deadly, or why nothing is: a test of a place that is misspelt would find that nothing is lost there.
        fn read(named: &str) -> Result<Self, String> {
            let (place, hit) = named.rsplit_once('#').unwrap_or((named, "1"));
            if !is_one(place) {
                return Err(format!(
                    "there is no place '{place}': it is `before POINT`, `after POINT` or `amid WORK`, with a point of crates/failpoints/src/points.rs"
                ));
            }
            let spared = hit.parse::<u64>().ok().and_then(|hit| hit.checked_sub(1));
            let spared = spared.ok_or(format!("'{hit}' behind `#` is no number from 1 on"))?;
            Ok(Self { place: place.to_owned(), spared: AtomicU64::new(spared) })
        }

        fn is_hit(&self, moment: &str, name: &str) -> bool {
            let rest = self.place.strip_prefix(moment).and_then(|rest| rest.strip_prefix(' '));
            let less = |spared: u64| spared.checked_sub(1);
            rest == Some(name)
                && self.spared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err()
        }
    }

    /// Whether a place of that name can be reached; what a database is doing is known to it alone.
    fn is_one(place: &str) -> bool {
        let is_point = |name: &str| Point::ALL.iter().any(|point| point.name() == name);
        match place.split_once(' ') {
            Some(("before" | "after", name)) => is_point(name),
            Some(("amid", work)) => !work.is_empty(),
            _ => false,
        }
    }

    /// Ends a program that was told something it cannot do.
    fn refuse(wrong: &str) -> ! {
        eprintln!("{DEADLY}: {wrong}");
        std::process::exit(2);
    }

    pub(crate) fn reach(moment: &str, name: &str) {
        SWITCH.tell(&format!("{moment} {name}"));
        if SWITCH.deadly.as_ref().is_some_and(|deadly| deadly.is_hit(moment, name)) {
            SWITCH.tell("dead");
            let _ = kill_process(getpid(), Signal::KILL);
            // Where it is not dead yet, it does nothing any more.
            std::process::abort();
        }
    }

    #[cfg(test)]
    mod tests {
        use super::Deadly;

        #[test]
        fn only_the_place_that_is_named_is_deadly_and_only_from_its_hit_on() {
            let deadly = Deadly::read("after keep a journey#3").unwrap();
            assert!(!deadly.is_hit("before", "keep a journey"));
            assert!(!deadly.is_hit("after", "keep a version"));
            let hits: Vec<bool> =
                (0..4).map(|_| deadly.is_hit("after", "keep a journey")).collect();
            assert_eq!(hits, [false, false, true, true]);
            let amid = Deadly::read("amid looking around").unwrap();
            assert!(amid.is_hit("amid", "looking around"));
        }

        #[test]
        fn a_place_that_is_not_there_is_refused_and_named() {
            for (named, wrong) in [
                ("nonsense", "'nonsense'"),
                ("before keep a jorney", "'before keep a jorney'"),
                ("around keep a journey", "'around keep a journey'"),
                ("amid", "'amid'"),
                ("after keep a journey#often", "'often'"),
                ("after keep a journey#0", "'0'"),
            ] {
                let refused = Deadly::read(named).err().unwrap_or_default();
                assert!(refused.contains(wrong), "{named}: {refused}");
            }
        }
    }
}
