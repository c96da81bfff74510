//! What may stand where an expression is being written: names that can be read and what they are, functions, and the words a text can be.

use super::{
    code::{FUNCTIONS, Function, Style},
    condition::{Field, fields},
    types::{Rest, Type, TypeScope, takes},
};

/// What may go on at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Where what was begun starts, in bytes: a choice takes the place of what stands from there.
    pub from: usize,
    pub choices: Vec<Choice>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub text: String,
    /// What it is, in words.
    pub detail: String,
}

/// What may go on at a place of a text, in bytes, where names have these types; nothing where nothing is known.
pub fn complete(source: &str, at: usize, scope: &TypeScope) -> Completions {
    let Some(before) = source.get(..at) else { return Completions::default() };
    let mut found = match open_quote(before) {
        Some(quote) => Completions {
            from: quote + 1,
            choices: words(before.get(..quote).unwrap_or_default(), scope),
        },
        None => names(before, scope),
    };
    let begun = before.get(found.from..).unwrap_or_default();
    found.choices.retain(|choice| choice.text.starts_with(begun) && choice.text != begun);
    found
}

/// What a text can have anywhere between its words: each field between double braces.
pub fn insertions(scope: &TypeScope) -> Vec<Choice> {
    let fields = fields(scope).into_iter();
    let tag = |field: Field| Choice {
        text: format!("{{{{ {} }}}}", field.path),
        detail: field.of.described_closely(),
    };
    fields.map(tag).collect()
}

/// Where the text begins in which the place is, when it is in one.
fn open_quote(before: &str) -> Option<usize> {
    let mut open = None;
    let mut letters = before.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (open, letter) {
            (_, '\\') => drop(letters.next()),
            (None, '\'' | '"') => open = Some((at, letter)),
            (Some((_, quote)), letter) if quote == letter => open = None,
            _ => {}
        }
    }
    open.map(|(at, _)| at)
}

/// The texts that what is compared can be.
fn words(before: &str, scope: &TypeScope) -> Vec<Choice> {
    let compared = before.trim_end();
    let compared = compared.strip_suffix("==").or_else(|| compared.strip_suffix("!="));
    let Some(compared) = compared.map(str::trim_end) else { return Vec::new() };
    let path: Vec<&str> = written(compared).split('.').collect();
    let of = type_of(&path, scope);
    let known = of.only_words().unwrap_or_default();
    let words = known.iter().flat_map(|words| &words.words);
    words.map(|word| Choice { text: word.clone(), detail: "text".to_owned() }).collect()
}

/// The names and functions that may be meant by the last name before the place.
fn names(before: &str, scope: &TypeScope) -> Completions {
    let mut path: Vec<&str> = written(before).split('.').collect();
    let begun = path.pop().unwrap_or_default();
    let choices = match path.as_slice() {
        [] if begun.is_empty() && !begins_value(before) => Vec::new(),
        [] => roots(begun, scope),
        ["math"] => functions(|_, style| style == Style::Plain, "math."),
        path => members(&type_of(path, scope)),
    };
    Completions { from: before.len() - begun.len(), choices }
}

/// Whether a value may begin here: behind nothing, an operator or an opening, and not behind another value.
fn begins_value(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || before.ends_with(|last| "([{,?:!&|=<>+-*/%".contains(last)) || {
        let word = before.rsplit(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        word.take(1).any(|word| word == "in")
    }
}

/// The name with dots that ends here; empty when none does.
fn written(before: &str) -> &str {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
    let name = before.trim_end_matches(is_part);
    let written = before.get(name.len()..).unwrap_or_default();
    // A number, or a member of what an expression gives.
    let is_name = written.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if is_name || written.is_empty() { written } else { "." }
}

fn roots(begun: &str, scope: &TypeScope) -> Vec<Choice> {
    let mut choices: Vec<Choice> = scope.roots().map(|(name, of)| named(name, of)).collect();
    if !begun.is_empty() {
        choices.extend(functions(|_, style| style != Style::Receiver, ""));
    }
    choices
}

fn members(of: &Type) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for alternative in of.alternatives() {
        if let Type::Object(shape) = alternative {
            let readable = shape.members.iter().filter(|(name, _)| is_plain(name));
            choices.extend(readable.map(|(name, of)| named(name, of)));
        }
    }
    choices.sort_by(|one, other| one.text.cmp(&other.text));
    choices.dedup_by(|one, other| one.text == other.text);
    choices.extend(functions(|function, style| style != Style::Plain && is_of(function, of), ""));
    choices
}

/// Whether a member can be read by its name alone.
fn is_plain(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    name.starts_with(is_letter)
        && name.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

fn named(name: &str, of: &Type) -> Choice {
    Choice { text: name.to_owned(), detail: of.described_closely() }
}

/// The functions that are called so, by their names behind a beginning.
fn functions(is_meant: impl Fn(Function, Style) -> bool, behind: &str) -> Vec<Choice> {
    let meant = FUNCTIONS.iter().filter(|(function, _, style, ..)| is_meant(*function, *style));
    let named = meant.filter_map(|(_, name, ..)| name.strip_prefix(behind));
    named.map(|name| Choice { text: format!("{name}("), detail: "function".to_owned() }).collect()
}

/// Whether a function is about values of a type. The members of an object are what is looked for there.
fn is_of(function: Function, of: &Type) -> bool {
    let about = takes(function, 0);
    let is_known = |of: &&Type| !matches!(of, Type::Dyn | Type::Object(_));
    of.alternatives().iter().filter(is_known).any(|of| of.may_be(&about))
}

/// The type of what a path reads.
fn type_of(path: &[&str], scope: &TypeScope) -> Type {
    let Some((root, members)) = path.split_first() else { return Type::Dyn };
    members.iter().fold(scope.root(root), |of, member| {
        Type::one_of(of.alternatives().iter().map(|alternative| match alternative {
            Type::Object(shape) => match (shape.members.get(*member), &shape.rest) {
                (Some(of), _) | (None, Rest::Open(of)) => of.clone(),
                (None, Rest::Closed | Rest::Unlisted | Rest::Reported) => Type::Dyn,
            },
            _ => Type::Dyn,
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn scope() -> TypeScope {
        let segment = Type::words(vec!["smb".to_owned(), "enterprise".to_owned()]);
        let account = BTreeMap::from([
            ("name".to_owned(), Type::Text),
            ("segment".to_owned(), segment),
            ("since".to_owned(), Type::Timestamp),
            ("with space".to_owned(), Type::Text),
        ]);
        TypeScope::default()
            .with("account", Type::object(account, Rest::Unlisted))
            .with("now", Type::Timestamp)
    }

    fn offered(source: &str) -> Vec<String> {
        let found = complete(source, source.len(), &scope());
        found.choices.into_iter().map(|choice| choice.text).collect()
    }

    #[test]
    fn names_are_offered_by_what_was_begun_of_them() {
        assert_eq!(offered(""), ["account", "now"]);
        assert_eq!(offered("1 > 0 && acc"), ["account"]);
        assert_eq!(offered("1 > 0 && "), ["account", "now"]);
        assert_eq!(offered("'a' in "), ["account", "now"]);
        assert_eq!(offered("size("), ["account", "now"]);
        assert_eq!(offered("account."), ["name", "segment", "since"]);
        assert_eq!(offered("account.s"), ["segment", "since"]);
        assert_eq!(offered("account.name.st"), ["startsWith("]);
        assert_eq!(offered("now.getH"), ["getHours("]);
        assert_eq!(offered("math.ab"), ["abs("]);
        assert_eq!(offered("siz"), ["size("]);
    }

    #[test]
    fn nothing_is_offered_where_nothing_is_known() {
        for source in [
            "account.other.",
            "1.",
            "account.name.x().",
            "'acc",
            "size(account.name).",
            "account",
            "account.name == 'x'",
            "size(account.name) ",
            "account.begin ",
        ] {
            assert_eq!(offered(source), [""; 0], "{source}");
        }
        assert_eq!(complete("é", 1, &scope()), Completions::default());
    }

    #[test]
    fn words_are_offered_to_what_is_compared_with_them() {
        assert_eq!(offered("account.segment == '"), ["smb", "enterprise"]);
        assert_eq!(offered("account.segment != \"e"), ["enterprise"]);
        assert_eq!(offered("account.name == '"), [""; 0]);
        assert_eq!(offered("account.segment == 'it\\'s"), [""; 0]);
        let found = complete("account.segment == 'smb'", 21, &scope());
        assert_eq!((found.from, found.choices.len()), (20, 1));
    }

    #[test]
    fn fields_are_offered_to_texts() {
        let offered: Vec<_> = insertions(&scope()).into_iter().map(|choice| choice.text).collect();
        let expected = [
            "{{ account.name }}",
            "{{ account.segment }}",
            "{{ account.since }}",
            "{{ account.`with space` }}",
            "{{ now }}",
        ];
        assert_eq!(offered, expected);
    }

    #[test]
    fn a_choice_says_what_it_is() {
        let found = complete("account.se", 10, &scope());
        assert_eq!((found.from, found.choices[0].text.as_str()), (8, "segment"));
        assert!(found.choices[0].detail.contains("smb"), "{found:?}");
    }
}
