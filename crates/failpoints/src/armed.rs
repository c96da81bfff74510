//! The switch.

#[cfg(debug_assertions)]
pub(crate) use tested::reach;

/// Nothing.
#[cfg(not(debug_assertions))]
pub(crate) const fn reach(_: &str, _: &str) {}

#[cfg(debug_assertions)]
mod tested {
    use crate::{DEADLY, REACHED};
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
            Self { deadly: deadly.map(|place| Deadly::read(&place)), reached }
        }

        fn tell(&self, what: &str) {
            if let Some(mut file) = self.reached.as_ref() {
                // A place that is not written down is one that the test misses.
                let _ = file.write_all(format!("{what}\n").as_bytes());
            }
        }
    }

    impl Deadly {
        fn read(place: &str) -> Self {
            let (place, hit) = place.rsplit_once('#').unwrap_or((place, "1"));
            let spared = hit.parse::<u64>().unwrap_or(1).saturating_sub(1);
            Self { place: place.to_owned(), spared: AtomicU64::new(spared) }
        }

        fn is_hit(&self, moment: &str, name: &str) -> bool {
            let rest = self.place.strip_prefix(moment).and_then(|rest| rest.strip_prefix(' '));
            let less = |spared: u64| spared.checked_sub(1);
            rest == Some(name)
                && self.spared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err()
        }
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
            let deadly = Deadly::read("after keep a journey#3");
            assert!(!deadly.is_hit("before", "keep a journey"));
            assert!(!deadly.is_hit("after", "keep a version"));
            let hits: Vec<bool> =
                (0..4).map(|_| deadly.is_hit("after", "keep a journey")).collect();
            assert_eq!(hits, [false, false, true, true]);
            assert!(Deadly::read("before look").is_hit("before", "look"));
        }
    }
}
