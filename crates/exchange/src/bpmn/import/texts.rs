//! Texts of other programs, cut to what a draft takes.

use crate::{limits, without_expressions};
use journey::calendar::read_elapsed;

/// A name: one line, of limited length.
pub(super) fn name(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(limits::NAME_CHARACTERS).collect()
}

/// What of an element is longer than what a draft takes over, in words.
pub(super) fn too_long(name: Option<&str>, text: Option<&str>) -> Option<String> {
    let is_over = |text: Option<&str>, limit| text.is_some_and(|text| text.chars().count() > limit);
    let (name_limit, text_limit) = (limits::NAME_CHARACTERS, limits::TEXT_CHARACTERS);
    if is_over(name, name_limit) {
        return Some(format!("Its name has more than {name_limit} letters; the rest is left out."));
    }
    is_over(text, text_limit)
        .then(|| format!("Its text has more than {text_limit} letters; the rest is left out."))
}

/// A longer text of limited length.
pub(super) fn limited(text: &str) -> String {
    text.trim().chars().take(limits::TEXT_CHARACTERS).collect()
}

/// A text in which nothing is taken for an expression of ours.
pub(super) fn plain(text: &str) -> String {
    without_expressions(&limited(text))
}

/// What stands inside the marks that other programs put around an expression: `${…}`, `#{…}`, `=…`.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("${").or_else(|| text.strip_prefix("#{"));
    let inner = inner.and_then(|inner| inner.strip_suffix('}'));
    inner.or_else(|| text.strip_prefix('=')).unwrap_or(text).trim()
}

/// Whether a text is an expression of another program, not a literal.
pub(super) fn is_expression(text: &str) -> bool {
    bare(text) != text.trim()
}

/// A duration that is written out, as ISO 8601; `None` when it is worked out by an expression.
pub(super) fn duration(text: &str) -> Option<String> {
    let bare = bare(text);
    let inner = bare.strip_prefix("duration(").and_then(|rest| rest.strip_suffix(')'));
    let literal = inner.unwrap_or(bare).trim().trim_matches(['"', '\'']);
    read_elapsed(literal).ok().map(|_| literal.to_owned())
}

/// A moment that is written out, as an expression of ours.
pub(super) fn moment(text: &str) -> Option<String> {
    let text = bare(text).trim_matches(['"', '\'']);
    let is_date = text.len() >= 10
        && text.is_ascii()
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ+".contains(&byte));
    is_date.then(|| format!("'{text}'"))
}
