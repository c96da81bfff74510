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
    LazyLock::new(|| DRAFTS.iter().map(|shipped| template(*shipped)).collect());

/// All of them, in the order they are shown, without their drafts.
pub(crate) fn all() -> Vec<Template> {
    TEMPLATES.iter().map(|template| Template { draft: None, ..template.clone() }).collect()
}

/// One, with its draft.
pub(crate) fn find(slug: &str) -> Option<Template> {
    TEMPLATES.iter().find(|template| template.slug == slug).cloned()
}

fn template((group, slug, text): (TemplateGroup, &str, &str)) -> Template {
    let draft: Draft = serde_json::from_str(text).expect("a file that is shipped is a draft");
    let triggers = draft.nodes.iter().filter(|node| node.kind == "trigger");
    let triggers = triggers.filter_map(|node| node.settings.get("on")?.get("type")?.as_str());
    Template {
        slug: slug.to_owned(),
        group,
        name: draft.name.clone(),
        description: draft.description.clone().unwrap_or_default(),
        triggers: triggers.map(str::to_owned).collect(),
        steps: u32::try_from(draft.nodes.iter().filter(|node| node.kind != "note").count())
            .unwrap_or(u32::MAX),
        draft: Some(draft),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::{
        Workspace,
        rehearsal::{Case, Move, World, play},
        reopen,
        standing::missing,
    };
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
    fn every_journey_can_be_settled_in_a_workspace_of_other_names() {
        let own = |name: &str| BTreeSet::from([name.to_owned()]);
        let connections = [("ours".to_owned(), journey::workspace::Connection::default())];
        let workspace = Workspace {
            teams: own("care"),
            users: own("ada@example.com"),
            calendars: own("standard"),
            journeys: own("Ours"),
            connections: connections.into(),
            ..Workspace::default()
        };
        for (_, slug, _) in DRAFTS {
            let mut draft = find(slug).unwrap().draft.unwrap();
            for missed in missing(&draft, &workspace) {
                let own = missed.what.own(&workspace)[0].to_owned();
                missed.settle(&mut draft, &own);
            }
            assert_eq!(missing(&draft, &workspace), [], "{slug}");
            let (_, problems) = journey::check(&draft, Some(&workspace));
            let is_strange = |code: &str| {
                [
                    "unknown-team",
                    "unknown-connection",
                    "unknown-journey",
                    "unknown-calendar",
                    "unknown-user",
                ]
                .contains(&code)
            };
            let strange: Vec<_> = problems.iter().filter(|one| is_strange(&one.code)).collect();
            assert!(strange.is_empty(), "{slug}: {strange:?}");
        }
    }

    #[test]
    fn the_test_cases_of_every_journey_hold_and_come_through_nearly_all_of_it() {
        for (_, slug, _) in DRAFTS {
            let draft = find(slug).unwrap().draft.unwrap();
            let journey = reopen(&draft).unwrap();
            let (mut entered, mut taken) = (BTreeSet::new(), BTreeSet::new());
            assert!(draft.tests.len() >= 3, "{slug} has test cases");
            for test in &draft.tests {
                let case = Case::read(test).unwrap();
                let expects = case.moves.iter().any(|made| matches!(made, Move::Expect(_)));
                assert!(expects, "{slug}: '{}' expects something", test.name);
                let played = play(&journey, &case, &World::default());
                assert_eq!(played.failure(), None, "{slug}: {}", test.name);
                entered.extend(played.entered().into_iter().map(str::to_owned));
                taken.extend(played.taken().into_iter().map(str::to_owned));
            }
            let drawn = draft.nodes.iter().filter(|node| node.kind != "note").count();
            let ways = draft.edges.len();
            let (steps, all) = (entered.len() * 100 / drawn, taken.len() * 100 / ways);
            let left_out = draft.edges.iter().filter(|edge| !taken.contains(&edge.id));
            let left_out: Vec<&str> = left_out.map(|edge| edge.id.as_str()).collect();
            assert!(
                steps >= 90 && all >= 80,
                "{slug}: {steps} % of steps, {all} % of ways: {left_out:?}"
            );
        }
    }
}
