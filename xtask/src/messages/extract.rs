//! The messages of the designer: every text in `t!`, `phrase!`, `text!` and `plural!`, with the files it stands in.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{self, Token};

/// The macros themselves are no use of them.
const MACROS: &str = "designer/src/messages.rs";

/// Every message by its English; that of a message with a number is its form for one.
pub(crate) type Messages = BTreeMap<String, Message>;

/// What is known of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// Its form for several, when it has a number in it.
    pub(crate) many: Option<String>,
    /// Whether values are put into it; else it is shown as it is written, braces too.
    pub(crate) is_filled: bool,
    pub(crate) files: BTreeSet<String>,
}

/// A use of a macro that says nothing, or something else than another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) sentence: String,
}

/// Whether a file's texts are messages of the designer.
pub(crate) fn has_messages(path: &str) -> bool {
    path.starts_with("designer/src/")
        && path.rsplit_once('.').is_some_and(|(_, extension)| extension == "rs")
        && !path.ends_with("/tests.rs")
        && path != MACROS
}

/// All messages of files by path and text.
pub(crate) fn extract<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> (Messages, Vec<Mistake>) {
    let (mut messages, mut mistakes) = (Messages::new(), Vec::new());
    for (path, text) in files.into_iter().filter(|(path, _)| has_messages(path)) {
        let tokens = lexer::tokens(text);
        for at in 0..tokens.len() {
            let read = match used_macro(&tokens, at) {
                Some("plural") => numbered(&tokens, at),
                Some(_) => text_of(&tokens, at),
                None => continue,
            };
            let kept =
                read.and_then(|(english, message)| keep(&mut messages, path, english, message));
            if let Err(sentence) = kept {
                mistakes.push(Mistake { path: path.to_owned(), line: tokens[at].line, sentence });
            }
        }
    }
    (messages, mistakes)
}

/// The name of the macro that is used here, if it is one of ours.
pub(crate) fn used_macro(tokens: &[Token], at: usize) -> Option<&'static str> {
    let name =
        ["t", "phrase", "text", "plural"].into_iter().find(|name| tokens[at].is_word(name))?;
    let is_used = tokens.get(at + 1)?.is_sign('!') && tokens.get(at + 2)?.opens();
    is_used.then_some(name)
}

/// The names in the placeholders of a text.
pub(crate) fn placeholders(text: &str) -> BTreeSet<String> {
    let text = text.replace("{{", "\0").replace("}}", "\0");
    let is_of_a_name =
        |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .filter(|(name, _)| !name.is_empty() && name.chars().all(is_of_a_name))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn text_of(tokens: &[Token], at: usize) -> Result<(String, Message), String> {
    let text = tokens.get(at + 3).and_then(Token::text);
    let text = text.ok_or("`t!` and `text!` take the English text itself, as a literal")?;
    let is_filled = !placeholders(text).is_empty();
    Ok((text.to_owned(), Message { is_filled, ..Message::default() }))
}

/// `plural!(count, "one", "many", …)`: the texts stand behind the first comma that is not in a group.
fn numbered(tokens: &[Token], at: usize) -> Result<(String, Message), String> {
    let end = lexer::end_of_group(tokens, at + 2);
    let mut place = at + 3;
    while place < end && !tokens[place].is_sign(',') {
        place = if tokens[place].opens() { lexer::end_of_group(tokens, place) } else { place } + 1;
    }
    let text = |place: usize| tokens.get(place).and_then(Token::text).map(str::to_owned);
    let forms = text(place + 1).zip(text(place + 3));
    let (one, many) = forms.ok_or("`plural!` takes a number and two English texts, as literals")?;
    Ok((one, Message { many: Some(many), is_filled: true, ..Message::default() }))
}

fn keep(
    messages: &mut Messages,
    path: &str,
    english: String,
    message: Message,
) -> Result<(), String> {
    if english.trim().is_empty() {
        return Err("a message says nothing".to_owned());
    }
    if english.trim() != english {
        return Err(
            "a message begins or ends with a space: what stands beside it is part of it".to_owned()
        );
    }
    let known = messages.entry(english).or_insert_with(|| message.clone());
    known.files.insert(path.to_owned());
    if known.many != message.many {
        return Err("the same English has another form for several, or none, elsewhere".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Messages, Vec<String>) {
        let (messages, mistakes) = extract([("designer/src/a.rs", text)]);
        (messages, mistakes.into_iter().map(|mistake| mistake.sentence).collect())
    }

    #[test]
    fn texts_are_found_wherever_they_are_said() {
        let source = r#"
            // t!("in a comment")
            view! { <p title=t!("Title {name}", name)>{t!("Text {{x}}")}</p> }
            const TEAM: Text = text!("Team");
            plural!(of(a, b), "{count} step", "{count} steps");
            plural!(messages.len(), "one {name}", "many {name}", name = t!("Inner"));
            let t = format!("not this");
        "#;
        let (messages, mistakes) = of(source);
        assert_eq!(mistakes, Vec::<String>::new());
        let found: Vec<_> = messages
            .iter()
            .map(|(english, message)| {
                (english.as_str(), message.many.as_deref(), message.is_filled)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("Inner", None, false),
                ("Team", None, false),
                ("Text {{x}}", None, false),
                ("Title {name}", None, true),
                ("one {name}", Some("many {name}"), true),
                ("{count} step", Some("{count} steps"), true),
            ]
        );
    }

    #[test]
    fn a_message_that_cannot_be_looked_up_is_told() {
        assert_eq!(of("t!(words)").1.len(), 1);
        assert_eq!(of("t!(\"\")").1.len(), 1);
        assert_eq!(of("t!(\"Asked by \")").1.len(), 1);
        assert_eq!(of("plural!(n, \"{count} step\")").1.len(), 1);
        assert_eq!(of("plural!(n, \"a\", \"as\"); plural!(n, \"a\", \"others\")").1.len(), 1);
        assert_eq!(of("t!(\"a\"); t!(\"a\")").1.len(), 0);
    }

    #[test]
    fn a_message_knows_all_its_files() {
        let (messages, _) = extract([
            ("designer/src/b.rs", "t!(\"Home\")"),
            ("designer/src/a.rs", "t!(\"Home\") t!(\"Home\")"),
            ("server/src/a.rs", "t!(\"Home\")"),
            (MACROS, "t!(\"Macro\")"),
        ]);
        assert_eq!(messages.len(), 1);
        assert_eq!(
            messages["Home"].files.iter().collect::<Vec<_>>(),
            ["designer/src/a.rs", "designer/src/b.rs"]
        );
    }
}
