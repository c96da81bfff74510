//! The template for translators is what the designer says, and every translation can be used.

use super::{Source, Violation};
use crate::messages::catalogue::Catalogue;
use crate::messages::{self, extract, po};

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let files = sources.iter().map(|source| (source.path.as_str(), source.text.as_str()));
    let (messages, mistakes) = extract::extract(files);
    let mut violations: Vec<Violation> = mistakes
        .into_iter()
        .map(|mistake| Violation::new(&mistake.path, mistake.line, mistake.sentence))
        .collect();
    let held = sources.iter().find(|source| source.path == messages::TEMPLATE);
    let held = held.map_or("", |source| &source.text);
    if !messages.is_empty() && held != po::template(&messages) {
        violations.push(Violation::new(
            messages::TEMPLATE,
            1,
            "not what the designer says: run `cargo xtask messages`",
        ));
    }
    for source in sources.iter().filter(|source| source.extension() == "po") {
        let name = source.path.strip_prefix(messages::FOLDER).unwrap_or_default();
        let tag = name.trim_start_matches('/').trim_end_matches(".po");
        match Catalogue::read(tag, &source.text, &messages) {
            Ok((_, mistakes)) => violations.extend(
                mistakes.into_iter().map(|(line, told)| Violation::new(&source.path, line, told)),
            ),
            Err(error) => violations.push(Violation::new(&source.path, 1, format!("{error:#}"))),
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_is_behind_and_a_translation_that_does_not_fit_are_found() {
        let code = Source::new("designer/src/a.rs", "t!(\"Hello {name}\", name)");
        let (messages, _) = extract::extract([(code.path.as_str(), code.text.as_str())]);
        let template = Source::new(messages::TEMPLATE, &po::template(&messages));
        let translation = Source::new(
            "designer/messages/de.po",
            "msgid \"\"\nmsgstr \"X-Plural-Categories: one other\\nX-Language-Name: Deutsch\\n\"\nmsgid \"Hello {name}\"\nmsgstr \"Hallo {nam}\"\n",
        );
        let old = Source::new(messages::TEMPLATE, "");
        assert_eq!(check(&[old, Source::new("designer/src/a.rs", &code.text)]).len(), 1);
        let found = check(&[code, template, translation]);
        assert_eq!(
            found.iter().map(|one| (one.path.as_str(), one.line)).collect::<Vec<_>>(),
            [("designer/messages/de.po", 3)]
        );
    }
}
