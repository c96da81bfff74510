//! The content security policy blocks style attributes, so the designer sets classes and style properties instead.

use super::{Source, Violation};

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let markup = |source: &&Source| {
        source.path.starts_with("designer/") && ["rs", "html"].contains(&source.extension())
    };
    for source in sources.iter().filter(markup) {
        for (number, line) in source.lines().filter(|(_, line)| sets_a_style_attribute(line)) {
            let sentence = format!(
                "`{}` is blocked by the content security policy: use a class or `style:property=`",
                line.trim()
            );
            violations.push(Violation::new(&source.path, number, sentence));
        }
    }
    violations
}

fn sets_a_style_attribute(line: &str) -> bool {
    line.match_indices("style=").any(|(at, _)| {
        let starts_a_word = line[..at].chars().next_back().is_none_or(char::is_whitespace);
        starts_a_word && !line[at..].starts_with("style==")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_attribute_is_found_and_a_style_property_is_not() {
        let text = "<p style=\"color: red\">\n<p style:color=red>\n<p\n    style=move || wide()\n>\n<p data-style=\"a\">\n";
        let found = check(&[Source::new("designer/src/page.rs", text)]);
        assert_eq!(found.iter().map(|violation| violation.line).collect::<Vec<_>>(), [1, 4]);
    }
}
