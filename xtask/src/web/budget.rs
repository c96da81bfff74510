//! What a browser may load: at first, and for each part of the program that comes later.

use super::assets::Size;

/// What a first visit may load, compressed.
const FIRST_LOAD: usize = 460_000;

/// What each part that comes later may weigh, compressed.
const PARTS: [(&str, usize); 3] = [
    ("split_desk.wasm", 208_000),
    ("split_drawing.wasm", 1_180_000),
    // What both of them need, and the first part does not.
    ("chunk_3.wasm", 88_000),
];

/// What the file of a language may weigh, compressed, and how its name begins.
const LANGUAGE: usize = 96_000;
pub(crate) const LANGUAGE_STEM: &str = "messages-";

/// Prints what the designer weighs; gives what is over its budget, a sentence each.
pub(crate) fn weigh(sizes: &[Size]) -> Vec<String> {
    for size in sizes {
        println!(
            "    {:<40} {:>9} bytes, {:>8} br, {:>8} gz",
            size.name, size.raw, size.brotli, size.gzip
        );
    }
    let (languages, program): (Vec<&Size>, Vec<&Size>) =
        sizes.iter().partition(|size| file_name(size).starts_with(LANGUAGE_STEM));
    let (parts, first): (Vec<&Size>, Vec<&Size>) =
        program.into_iter().partition(|size| is_part(size));
    let first: usize = first.iter().map(|size| size.brotli).sum();
    let mut over = Vec::from_iter(compare("the first load", first, FIRST_LOAD));
    over.extend(
        languages.iter().filter_map(|size| compare(file_name(size), size.brotli, LANGUAGE)),
    );
    for part in parts {
        let name = file_name(part);
        over.extend(match PARTS.iter().find(|(known, _)| *known == name) {
            Some((_, budget)) => compare(name, part.brotli, *budget),
            None => Some(format!("the part {name} of the designer has no budget")),
        });
    }
    over
}

/// Prints how `what` stands against its budget; gives a sentence when it is over.
fn compare(what: &str, bytes: usize, budget: usize) -> Option<String> {
    println!("    {what}: {bytes} bytes compressed, budget {budget}");
    (bytes > budget).then(|| over(what, bytes, budget))
}

fn over(what: &str, bytes: usize, budget: usize) -> String {
    format!("{what} of the designer is {bytes} bytes compressed, over its budget of {budget}")
}

/// Whether it comes later; the names are those the program is split into.
fn is_part(size: &Size) -> bool {
    ["split_", "chunk_"].iter().any(|stem| file_name(size).starts_with(stem))
}

fn file_name(size: &Size) -> &str {
    size.name.rsplit('/').next().unwrap_or(&size.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(name: &str, brotli: usize) -> Size {
        Size { name: name.to_owned(), raw: 4 * brotli, brotli, gzip: brotli }
    }

    #[test]
    fn a_part_that_comes_later_is_no_first_load() {
        let (name, budget) = PARTS[0];
        let sizes = [
            size("index.html", FIRST_LOAD),
            size(&format!("assets/0/{name}"), budget),
            size("assets/messages-de-0.json", LANGUAGE),
        ];
        assert_eq!(weigh(&sizes), Vec::<String>::new());
    }

    #[test]
    fn what_is_too_heavy_or_has_no_budget_is_told() {
        let (name, budget) = PARTS[0];
        let sizes = [
            size("index.html", FIRST_LOAD + 1),
            size(&format!("assets/0/{name}"), budget + 1),
            size("assets/0/split_other.wasm", 1),
        ];
        assert_eq!(
            weigh(&sizes),
            [
                over("the first load", FIRST_LOAD + 1, FIRST_LOAD),
                over(name, budget + 1, budget),
                "the part split_other.wasm of the designer has no budget".to_owned(),
            ]
        );
    }
}
