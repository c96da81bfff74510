//! Ids that are valid, none twice, and the same for the same file.

use std::collections::HashMap;

/// Longest id of a node.
const ID_BYTES: usize = 64;

/// Gives ids out, each once.
#[derive(Default)]
pub(crate) struct Ids {
    /// An id that was given out, and the number tried next when it is asked for again.
    given: HashMap<String, usize>,
}

impl Ids {
    /// This id, or the first with a number behind it that is free.
    pub(crate) fn free(&mut self, wanted: &str) -> String {
        let Some(next) = self.given.get(wanted).copied() else {
            self.given.insert(wanted.to_owned(), 2);
            return wanted.to_owned();
        };
        let mut number = next;
        loop {
            let end = format!("_{number}");
            number += 1;
            let mut start = wanted;
            while start.len() + end.len() > ID_BYTES {
                start = start.char_indices().last().map_or("", |(at, _)| &start[..at]);
            }
            let made = format!("{start}{end}");
            if !self.given.contains_key(&made) {
                self.given.insert(wanted.to_owned(), number);
                self.given.insert(made.clone(), 2);
                return made;
            }
        }
    }

    /// Keeps an id from being given out; whether it was free.
    pub(crate) fn take(&mut self, id: &str) -> bool {
        self.given.insert(id.to_owned(), 2).is_none()
    }
}

/// What a text is as an id of ours: lower-case letters, digits and underscores, beginning with a letter; `otherwise` when nothing is left.
pub(crate) fn of_text(text: &str, otherwise: &str) -> String {
    let mut id = String::new();
    for letter in text.chars().flat_map(plain) {
        let is_gap = letter == '_';
        if is_gap && (id.is_empty() || id.ends_with('_')) {
            continue;
        }
        if id.is_empty() && letter.is_ascii_digit() {
            id.push_str(otherwise);
            id.push('_');
        }
        id.push(letter);
        if id.len() >= ID_BYTES - 8 {
            break;
        }
    }
    let id = id.trim_end_matches('_');
    if id.is_empty() { otherwise.to_owned() } else { id.to_owned() }
}

/// A letter as letters of an id.
fn plain(letter: char) -> Vec<char> {
    match letter {
        'ä' | 'Ä' => vec!['a', 'e'],
        'ö' | 'Ö' => vec!['o', 'e'],
        'ü' | 'Ü' => vec!['u', 'e'],
        'ß' => vec!['s', 's'],
        'á' | 'à' | 'â' | 'ã' | 'å' => vec!['a'],
        'é' | 'è' | 'ê' | 'ë' | 'É' => vec!['e'],
        'í' | 'ì' | 'î' | 'ï' => vec!['i'],
        'ó' | 'ò' | 'ô' | 'õ' => vec!['o'],
        'ú' | 'ù' | 'û' => vec!['u'],
        'ç' => vec!['c'],
        'ñ' => vec!['n'],
        '\'' | '’' => Vec::new(),
        letter if letter.is_ascii_alphanumeric() => vec![letter.to_ascii_lowercase()],
        _ => vec!['_'],
    }
}

#[cfg(test)]
mod tests {
    use super::{Ids, of_text};

    #[test]
    fn a_text_becomes_an_id_and_an_empty_one_the_other() {
        assert_eq!(of_text("Überprüfung: Kunde's Daten!", "task"), "ueberpruefung_kundes_daten");
        assert_eq!(of_text("2nd call", "task"), "task_2nd_call");
        assert_eq!(of_text("  ", "task"), "task");
        assert!(of_text(&"a".repeat(500), "task").len() <= 64);
    }

    #[test]
    fn no_id_is_given_out_twice() {
        let mut ids = Ids::default();
        assert!(ids.take("call_2"));
        let given: Vec<String> = (0..3).map(|_| ids.free("call")).collect();
        assert_eq!(given, ["call", "call_3", "call_4"]);
        let long = "x".repeat(64);
        assert_eq!(ids.free(&long), long);
        assert_eq!(ids.free(&long).len(), 64);
    }
}
