//! What the designer shows a person is looked up in their language: no text in a view stands there by itself.

use super::{Source, Violation};
use crate::messages::extract::has_messages;
use crate::messages::lexer::{self, Kind, Token};

/// Attributes of elements and arguments of our own components that people read.
const READ: [&str; 16] = [
    "alt",
    "aria-description",
    "aria-label",
    "aria-placeholder",
    "aria-roledescription",
    "aria-valuetext",
    "done",
    "empty",
    "example",
    "hint",
    "label",
    "placeholder",
    "text",
    "title",
    "verb",
    "words",
];

/// Elements that show what is written or pressed, in every language the same.
const LITERAL: [&str; 4] = ["code", "kbd", "samp", "var"];

/// `format!(`, in tokens.
const FORMAT: usize = 3;

/// What is called the same in every language.
pub(super) const NAMES: [&str; 1] = ["Waymark"];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| has_messages(&source.path)) {
        let tokens = lexer::tokens(&source.text);
        let mut at = 0;
        while at < tokens.len() {
            if !opens_a_view(&tokens, at) {
                at += 1;
                continue;
            }
            let end = lexer::end_of_group(&tokens, at + 2);
            let bare = bare_texts(&tokens[at + 2..end.min(tokens.len())]);
            violations.extend(bare.into_iter().map(|(line, text)| {
                let sentence =
                    format!("\"{text}\" is read by people: say it with `t!` or `plural!`");
                Violation::new(&source.path, line, sentence)
            }));
            at = end + 1;
        }
    }
    violations
}

fn opens_a_view(tokens: &[Token], at: usize) -> bool {
    let follows =
        |place: usize, sign: char| tokens.get(at + place).is_some_and(|token| token.is_sign(sign));
    tokens[at].is_word("view") && follows(1, '!') && follows(2, '{')
}

/// The texts in a view, from its opening brace on, that no macro of ours looks up.
fn bare_texts(view: &[Token]) -> Vec<(usize, &str)> {
    let texts = view.iter().enumerate().skip(1);
    let texts = texts.filter_map(|(at, token)| Some((at, token.line, token.text()?)));
    texts
        .filter(|(at, _, text)| !NAMES.contains(text) && is_bare(view, *at, text))
        .map(|(_, line, text)| (line, text))
        .collect()
}

fn is_bare(view: &[Token], at: usize, text: &str) -> bool {
    let before = Before(&view[..at]);
    let (before, text) = if before.is_format() {
        (Before(&view[..at - FORMAT]), without_placeholders(text))
    } else {
        (before, text.to_owned())
    };
    let is_branch = before.is_start_of_block() || before.is_start_of_arm();
    let is_child = (at == 1 || before.is_child()) && view.get(at + 1).is_none_or(goes_on);
    has_words(&text)
        && (before.is_read_attribute() || is_child || is_branch && reads_like_a_sentence(&text))
}

/// Whether this can stand behind a text that is a child.
fn goes_on(next: &Token) -> bool {
    ['<', '{', '}'].into_iter().any(|sign| next.is_sign(sign)) || next.text().is_some()
}

/// What stands before a text.
struct Before<'a>(&'a [Token]);

impl Before<'_> {
    fn sign(&self, back: usize, sign: char) -> bool {
        self.token(back).is_some_and(|token| token.is_sign(sign))
    }

    fn token(&self, back: usize) -> Option<&Token> {
        self.0.len().checked_sub(back).and_then(|at| self.0.get(at))
    }

    /// Behind a tag, a block or another text.
    fn is_child(&self) -> bool {
        let is_behind_tag = self.sign(1, '>') && !self.sign(2, '=') && !self.sign(2, '-');
        let is_literal = self.sign(3, '<')
            && self.token(2).is_some_and(|name| LITERAL.iter().any(|word| name.is_word(word)));
        let is_behind_text = self.token(1).is_some_and(|token| token.text().is_some());
        is_behind_tag && !is_literal || self.sign(1, '}') || is_behind_text
    }

    fn is_start_of_block(&self) -> bool {
        self.sign(1, '{')
    }

    fn is_start_of_arm(&self) -> bool {
        self.sign(1, '>') && self.sign(2, '=')
    }

    fn is_format(&self) -> bool {
        self.sign(1, '(')
            && self.sign(2, '!')
            && self.token(3).is_some_and(|token| token.is_word("format"))
    }

    /// `=` behind the name of an attribute, which may have dashes in it.
    fn is_read_attribute(&self) -> bool {
        if !self.sign(1, '=') {
            return false;
        }
        let mut name = Vec::new();
        let mut back = 2;
        while let Some(Token { kind: Kind::Word(word), .. }) = self.token(back) {
            name.push(word.as_str());
            if !self.sign(back + 1, '-') {
                break;
            }
            back += 2;
        }
        name.reverse();
        READ.contains(&name.join("-").as_str())
    }
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// Classes, ids and words of the program begin with a small letter, paths of pictures with a letter alone.
pub(super) fn reads_like_a_sentence(text: &str) -> bool {
    let mut signs = text.chars();
    let begins = signs.next().is_some_and(char::is_uppercase)
        && signs.next().is_some_and(|sign| sign.is_lowercase() || sign == ' ');
    begins && text.chars().any(char::is_lowercase)
}

pub(super) fn without_placeholders(text: &str) -> String {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('}').map_or(part, |(_, after)| after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(path: &str, view: &str) -> Vec<usize> {
        let text = format!("fn f() {{ view! {{\n{view}\n}} }}");
        check(&[Source::new(path, &text)]).iter().map(|violation| violation.line - 1).collect()
    }

    #[test]
    fn a_text_in_a_view_is_found_where_people_read_it() {
        let view = "<p title=\"Title\" class=\"card\">\n\"child\"\n</p>\n\
            <Icon name=\"Check\"/>\"behind\"\n\
            {move || if busy { \"Trying…\" } else { \"Try again\" }}\n\
            {match kind { Kind::A => \"Arm\", Kind::B => \"b\" }}\n\
            <i aria-label=\"label\" data-action=format!(\"Go {x}\") aria-label=format!(\"Copy {x}\")></i>\n\
            {move || view! { <b>\"inner\"</b> }}\n\
            {format!(\"Step {x}\")}";
        assert_eq!(bare("designer/src/parts/a.rs", view), [1, 2, 4, 5, 5, 6, 7, 7, 8, 9]);
        assert_eq!(bare("designer/src/parts/a.rs", "\"alone\""), [1]);
    }

    #[test]
    fn what_nobody_reads_or_what_is_looked_up_is_not_found() {
        let view = "<p title=t!(\"Title\") class=if x { \"card wide\" } else { \"card\" }>{t!(\"Child\")}\" · \"</p>\n\
            <kbd>\"Ctrl\"</kbd><b class=format!(\"chip {tone}\")>{plural!(n, \"A\", \"B\")}{format!(\"{a} · {b}\")}</b>\n\
            <i on:keydown=move |event| if event.key() == \"Escape\" { close() }>\"Waymark\"</i>";
        assert_eq!(bare("designer/src/parts/a.rs", view), Vec::<usize>::new());
    }
}
