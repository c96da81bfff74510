//! Journeys that ship with the program, to begin with.

use journey::Draft;
use std::sync::LazyLock;
use wire::{Template, TemplateGroup};

/// The file of each, by its slug.
macro_rules! drafts {
    ($($group:ident: $($slug:literal)*;)*) => {
        [$($((
            TemplateGroup::$group,
            $slug,
            include_str!(concat!("../../examples/gallery/", $slug, ".json")),
        )),*),*]
    };
}

const DRAFTS: &[(TemplateGroup, &str, &str)] = &drafts! {
    Core: "onboarding" "adoption" "renewal" "escalation" "field-ops-handoff";
    Play: "sponsor-left" "usage-drop" "unused-licence" "failed-payment" "nps-detractor" "qbr"
        "expansion-signal" "onboarding-stalled" "escalation-follow-up" "vendor-late";
};

static TEMPLATES: LazyLock<Vec<Template>> =
    LazyLock::new(|| DRAFTS.iter().filter_map(|shipped| template(*shipped)).collect());

/// All of them, in the order they are shown, without their drafts.
pub(crate) fn all() -> Vec<Template> {
    TEMPLATES.iter().map(|template| Template { draft: None, ..template.clone() }).collect()
}

/// One, with its draft.
pub(crate) fn find(slug: &str) -> Option<Template> {
    TEMPLATES.iter().find(|template| template.slug == slug).cloned()
}

fn template((group, slug, text): (TemplateGroup, &str, &str)) -> Option<Template> {
    let draft: Draft = serde_json::from_str(text).ok()?;
    let triggers = draft.nodes.iter().filter(|node| node.kind == "trigger");
    let triggers = triggers.filter_map(|node| node.settings.get("on")?.get("type")?.as_str());
    Some(Template {
        slug: slug.to_owned(),
        group,
        name: draft.name.clone(),
        description: draft.description.clone().unwrap_or_default(),
        triggers: triggers.map(str::to_owned).collect(),
        steps: u32::try_from(draft.nodes.iter().filter(|node| node.kind != "note").count())
            .unwrap_or(u32::MAX),
        draft: Some(draft),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::rehearsal::{Case, World, play};
    use std::collections::BTreeSet;

    #[test]
    fn every_file_of_the_gallery_is_shipped_and_clean() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/gallery");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "json"));
        let files: BTreeSet<String> =
            files.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        let shipped: BTreeSet<String> = all().into_iter().map(|template| template.slug).collect();
        assert_eq!(shipped, files);
        assert_eq!(all().len(), DRAFTS.len());
        for slug in &shipped {
            let draft = find(slug).unwrap().draft.unwrap();
            let (journey, mut problems) = journey::check(&draft, None);
            // Teams, connections and journeys are whose workspace it is.
            problems.retain(|problem| problem.code != "unknown-here");
            assert!(journey.is_some() && problems.is_empty(), "{slug}: {problems:?}");
            assert!(draft.description.is_some(), "{slug} says what it is for");
        }
    }

    #[test]
    fn the_test_cases_of_the_gallery_hold_and_come_through_its_journeys() {
        for slug in all().into_iter().map(|template| template.slug) {
            let draft = find(&slug).unwrap().draft.unwrap();
            let journey = journey::reopen(&draft).unwrap();
            let mut steps: BTreeSet<String> = BTreeSet::new();
            let mut ways: BTreeSet<String> = BTreeSet::new();
            for test in &draft.tests {
                let case = Case::read(test).unwrap();
                let played = play(&journey, &case, &World::default());
                assert_eq!(played.failure(), None, "{slug}: {}", test.name);
                steps.extend(played.entered().into_iter().map(str::to_owned));
                ways.extend(played.taken().into_iter().map(str::to_owned));
            }
            let drawn = draft.nodes.iter().filter(|node| node.kind != "note");
            let missed: Vec<&str> =
                drawn.map(|node| node.id.as_str()).filter(|id| !steps.contains(*id)).collect();
            assert!(missed.len() * 10 <= draft.nodes.len(), "{slug}: no case comes to {missed:?}");
            // A journey that is called always starts in a rehearsal, and a time-out can be there only for safety.
            let missed = draft.edges.iter().map(|edge| edge.id.as_str());
            let missed: Vec<&str> = missed.filter(|id| !ways.contains(*id)).collect();
            assert!(missed.len() * 5 <= draft.edges.len(), "{slug}: no case takes {missed:?}");
        }
    }
}
