//! What the designer's code says in English outside of its views is looked up, too.

use super::bare_texts::{NAMES, reads_like_a_sentence, without_placeholders};
use super::{Source, Violation};
use crate::messages::extract::{has_messages, used_macro};
use crate::messages::lexer::{self, Token};

/// Keys as browsers name them, and other words between programs.
const WORDS_OF_PROGRAMS: [&str; 12] = [
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "Backspace",
    "Delete",
    "End",
    "Enter",
    "Escape",
    "Home",
    "Intl",
    "Tab",
];

/// Units that are written the same in every language.
const UNITS: [&str; 2] = ["kB", "px"];

/// What is said to programmers only.
const SAID_TO_PROGRAMMERS: [&str; 7] =
    ["assert", "assert_eq", "debug_assert", "expect", "panic", "unreachable", "todo"];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| has_messages(&source.path)) {
        let tokens = lexer::tokens(&source.text);
        let mut at = 0;
        while at < tokens.len() {
            if let Some(end) = unread(&tokens, at) {
                at = end;
                continue;
            }
            if let Some(text) = bare(&tokens, at) {
                let sentence = format!(
                    "\"{text}\" reads like what people read: say it with `t!`, `plural!` or, in a table, `text!`"
                );
                violations.push(Violation::new(&source.path, tokens[at].line, sentence));
            }
            at += 1;
        }
    }
    violations
}

/// Where a group ends that opens behind this token and whose texts are looked up, or read by no user.
fn unread(tokens: &[Token], at: usize) -> Option<usize> {
    let is = |place: usize, sign: char| tokens.get(place).is_some_and(|token| token.is_sign(sign));
    if used_macro(tokens, at).is_some() {
        // What is given to a text may hold further texts: only the literals of the macro itself are passed over.
        return Some(behind_literals(tokens, at + 2));
    }
    if tokens[at].is_sign('#') && is(at + 1, '[') {
        return Some(lexer::end_of_group(tokens, at + 1));
    }
    let is_said = SAID_TO_PROGRAMMERS.iter().any(|name| tokens[at].is_word(name));
    let open = at + 1 + usize::from(is(at + 1, '!'));
    (is_said && is(open, '(')).then(|| lexer::end_of_group(tokens, open))
}

/// The first token of a macro's group behind its own texts.
fn behind_literals(tokens: &[Token], open: usize) -> usize {
    let end = lexer::end_of_group(tokens, open);
    let mut last = open;
    let mut at = open + 1;
    while at < end {
        if tokens[at].text().is_some() && !tokens[at - 1].is_sign('=') {
            last = at;
        }
        at = if tokens[at].opens() { lexer::end_of_group(tokens, at) } else { at } + 1;
    }
    last + 1
}

fn bare(tokens: &[Token], at: usize) -> Option<&str> {
    let text = tokens[at].text()?;
    let is_of_programs =
        WORDS_OF_PROGRAMS.contains(&text) || NAMES.contains(&text) || is_of_keys(tokens, at);
    let says = reads_like_a_sentence(text) || is_formatted(tokens, at) && joins_words(text);
    (says && !is_of_programs).then_some(text)
}

/// The attribute that names keys: what is printed on them is shown as it is.
fn is_of_keys(tokens: &[Token], at: usize) -> bool {
    let Some(name) = at.checked_sub(2) else { return false };
    tokens[at - 1].is_sign('=') && ["key", "keys"].iter().any(|key| tokens[name].is_word(key))
}

fn is_formatted(tokens: &[Token], at: usize) -> bool {
    let Some(name) = at.checked_sub(3) else { return false };
    tokens[name].is_word("format") && tokens[name + 1].is_sign('!')
}

/// Whether words stand between what is filled in, as in `{field} becomes {value}`.
fn joins_words(text: &str) -> bool {
    let is_word = |word: &str| {
        !UNITS.contains(&word) && word.len() > 1 && word.chars().all(char::is_alphabetic)
    };
    text.starts_with('{') && without_placeholders(text).split_whitespace().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(source: &str) -> Vec<usize> {
        check(&[Source::new("designer/src/a.rs", source)])
            .iter()
            .map(|violation| violation.line)
            .collect()
    }

    #[test]
    fn english_is_found_wherever_code_says_it() {
        let source = "const A: [(&str, &str); 1] = [(\"mine\", \"My teams\")];\n\
            let b = if x { \"Hide it\" } else { t!(\"Show it\") };\n\
            let c = format!(\"{field} becomes {to}\");\n\
            let d = t!(\"{one} of it\", one = format!(\"Each {item}\"));\n\
            let e = plural!(list(\"x\"), \"{count} thing\", \"{count} things\", name = \"Nobody\");";
        assert_eq!(lines(source), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_programs_say_to_each_other_is_left() {
        let source = "#[serde(rename = \"Name\")]\n\
            const A: Text = text!(\"Mine\");\n\
            if event.key() == \"Enter\" { value.expect(\"It is there\"); }\n\
            assert!(x, \"It holds\");\n\
            let b = format!(\"chip {tone}\") + &format!(\"{a} · {b}\") + &format!(\"{a}:{b}\");\n\
            let c = plural!(of(a), \"{count} Thing\", \"{count} Things\");";
        assert_eq!(lines(source), Vec::<usize>::new());
    }
}
