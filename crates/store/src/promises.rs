//! What every store promises, whatever is behind it: each promise is a function over a fresh store.

use crate::{
    AccountId, InstanceId, JourneyId, Store,
    commits::{Commit, EntryRule, Guard},
    instances::Life,
};
use journey::{
    Draft, Instance, Position, Record, Timestamp, effect::Offer, effect::Outcome, effect::Owner,
};
use serde_json::{Map, json};

pub(crate) mod accounts;
pub(crate) mod backtests;
pub(crate) mod commits;
pub(crate) mod differential;
pub(crate) mod directory;
pub(crate) mod events;
pub(crate) mod inventory;
pub(crate) mod journeys;
pub(crate) mod messages;
pub(crate) mod migrations;
pub(crate) mod nodes;
pub(crate) mod notices;
pub(crate) mod races;
pub(crate) mod rest;
pub(crate) mod reviews;
pub(crate) mod tasks;
pub(crate) mod triggers;
pub(crate) mod work;
pub(crate) mod would_have;

/// Runs each promise as a test of its own over the store that `$open` makes; `$open` gives a store and what must outlive it.
macro_rules! promises {
    ($open:ident) => {
        $crate::promises::promises! { $open:
            accounts: a_taken_external_id_is_an_answer, an_import_run_twice_changes_nothing, a_patch_clears_with_null_and_refuses_what_does_not_fit,
                a_list_is_paged_by_name_and_searched_in_any_case, a_field_without_a_value_that_is_taken_away_is_no_event, a_search_finds_letters_beyond_a_to_z_as_they_are_written, a_search_takes_wildcards_as_letters,
                a_search_finds_what_an_account_is_called_now, a_search_takes_any_text_as_letters_in_a_row, a_search_finds_many_page_by_page;
            backtests: a_backtest_runs_until_it_is_done_and_keeps_what_came_of_it, a_backtest_that_failed_says_why, a_backtest_ends_once_in_a_rush, a_backtest_that_is_cancelled_comes_no_further,
                backtests_are_paged_newest_first, the_runs_of_a_backtest_are_paged_by_their_numbers, old_backtests_go_with_their_runs, old_backtests_go_once_in_a_rush,
                a_backtest_nobody_runs_fails_when_the_next_is_kept;
            commits: a_commit_writes_everything_or_nothing, a_commit_on_a_stale_sequence_loses_the_race, one_refused_commit_leaves_its_group_alone,
                a_start_key_opens_one_instance, an_entry_rule_holds_within_a_group, a_cool_down_and_a_cap_hold, a_lost_lease_is_refused,
                account_fields_are_written_with_the_commit, a_deed_is_written_with_the_commit_or_not_at_all, a_group_of_many_is_written_whole, instances_are_counted_by_how_they_stand;
            directory: an_address_is_taken_in_any_case, a_session_ends, a_token_is_used_and_revoked, a_team_needs_users, a_user_is_changed_and_an_administrator_stays, a_team_is_changed_whole_or_not_at_all, a_new_password_signs_out_everywhere;
            events: an_event_is_taken_in_once_by_its_key, pending_events_come_in_order_until_they_are_dispatched, a_busy_account_gives_way_to_the_others, events_are_found_by_type_and_account,
                what_came_of_an_event_is_written_once, refusals_are_listed_by_account_newest_first, a_change_of_an_account_is_an_event,
                a_journey_that_changes_an_account_is_one_event_deeper;
            inventory: what_is_kept_of_instances_is_gone_through_page_by_page, what_opened_instances_is_gone_through_page_by_page;
            journeys: a_draft_saved_over_a_newer_one_loses_the_race, a_version_is_never_edited, journeys_are_listed_newest_first;
            messages: a_message_goes_to_a_recipient_once, a_cap_counts_a_day_of_one_node_and_recipient, what_could_not_be_sent_does_not_count;
            migrations: a_journey_has_one_move_at_a_time, what_became_of_each_instance_is_kept, an_instance_follows_the_version_its_last_commit_names;
            nodes: a_node_lives_by_its_beats_and_leaves, a_node_that_drains_gives_up_its_slots, a_node_with_another_key_is_not_taken, no_more_nodes_than_ids_tell_apart;
            notices: notices_are_listed_newest_first_to_whom_they_concern, a_notice_says_how_its_task_stands, what_was_seen_stays_seen_and_the_rest_is_counted, old_notices_are_forgotten_a_batch_at_a_time;
            races: a_start_key_opens_one_instance_in_a_rush, entry_rules_hold_in_a_rush, one_of_many_steps_of_an_instance_is_written, work_is_claimed_by_one_of_many,
                events_are_taken_in_once_and_in_order_in_a_rush, a_message_is_begun_once_in_a_rush, no_change_of_an_account_is_lost_in_a_rush;
            rest: a_key_gives_its_first_answer_again, what_was_asked_for_under_a_key_is_done_once, a_connector_is_replaced_by_name,
                a_connection_remembers_until_it_expires, a_calendar_saved_over_a_newer_one_loses_the_race, a_calendar_that_versions_or_clocks_go_by_stays, a_calendar_whose_name_json_writes_otherwise_stays_as_others_do, a_calendar_that_teams_or_accounts_keep_stays, hooks_have_slugs_of_their_own, the_audit_log_is_paged_newest_first;
            reviews: a_journey_has_one_open_review_of_its_present_draft, what_was_frozen_stays_and_the_first_decision_holds, publishing_under_a_review_marks_it, reviews_are_paged_newest_first,
                who_saved_a_draft_last_is_known, a_setting_is_what_it_was_set_to_last;
            tasks: a_task_is_in_its_queues_in_order_of_due_dates, tasks_of_one_account_are_found, a_released_task_returns_to_whom_it_was_offered, a_closed_task_keeps_its_answers;
            triggers: waits_for_an_event_are_found_by_their_key, a_wait_that_is_over_is_not_found, a_wait_that_is_tried_again_listens_for_its_new_key_alone, a_wait_begun_because_of_an_event_does_not_hear_it, a_wait_that_moves_to_another_version_is_found_there,
                instances_that_watch_their_account_are_found, publishing_lists_the_triggers_new_instances_follow, triggers_are_listed_anew_once,
                a_schedule_is_due_until_its_next_time_is_known, a_round_under_way_goes_on_after_a_publication, a_date_fires_until_it_is_planned_anew_or_its_version_goes, accounts_of_a_segment_are_walked_in_order;
            would_have: what_a_shadow_would_have_done_is_listed_marked_and_counted, a_promoted_shadow_is_live_and_its_instances_are_stale;
            work: due_work_is_claimed_once, a_lapsed_lease_is_claimed_again, work_given_back_is_claimable, what_may_be_held_under_a_lease_is_freed, leased_work_is_not_claimable, work_that_asks_for_itself_again_stays, the_backlog_is_counted_by_kind, a_backlog_is_one_lane_among_others,
                lanes_are_listed_in_pieces_with_the_first_of_each, work_is_in_the_lane_of_what_it_is, claimed_work_is_freed_at_once_after_a_restart,
                one_instance_is_started_for_a_place_below, nothing_is_started_below_when_the_work_is_gone, instances_below_do_not_count_for_entry;
        }
    };
    ($open:ident: $($area:ident: $($promise:ident),*;)*) => {
        $(mod $area { $(
            #[tokio::test]
            async fn $promise() {
                let (store, _guard) = super::$open().await;
                $crate::promises::$area::$promise(store.as_ref()).await;
                store.close().await;
            }
        )* })*
    };
}
pub(crate) use promises;

pub(crate) const NOW: Timestamp = Timestamp(1_760_000_000_000);

/// A journey to be a life of.
pub(crate) async fn a_journey(store: &dyn Store) -> JourneyId {
    let draft = Draft { format: 1, name: "Onboarding".to_owned(), ..Draft::default() };
    store.create_journey(&draft, NOW).await.unwrap()
}

/// An instance with `sequence` records, as the engine would leave it.
pub(crate) fn an_instance(sequence: u64, status: &str) -> Instance {
    let mut state = serde_json::to_value(Instance::new()).unwrap();
    state["sequence"] = json!(sequence);
    state["status"] = json!(status);
    serde_json::from_value(state).unwrap()
}

pub(crate) fn records(from: u64, to: u64) -> Vec<Record> {
    (from..to)
        .map(|sequence| {
            serde_json::from_value(json!({
                "sequence": sequence, "at": NOW.0, "fact": "variable_set", "name": "n", "value": sequence
            }))
            .unwrap()
        })
        .collect()
}

/// A commit that starts an instance with two records.
pub(crate) fn a_start(store: &dyn Store, journey: JourneyId) -> Commit {
    Commit {
        instance: store.ids().instance(NOW, store.ids().any_slot()),
        life: Life {
            journey,
            version: 1,
            account: None,
            parent: None,
            shadow: None,
            started_at: NOW,
        },
        guard: Guard::New {
            trigger: "start".to_owned(),
            dedupe_key: None,
            entry: EntryRule::default(),
        },
        state: an_instance(2, "running"),
        records: records(0, 2),
        work: Vec::new(),
        done: None,
        left: Vec::new(),
        deaf: Vec::new(),
        tasks: Vec::new(),
        account_fields: Map::new(),
        notices: Vec::new(),
        would_have: Vec::new(),
        overlay: Map::new(),
        listens: Vec::new(),
        watches_account: false,
        deed: None,
        asked: None,
        cause: None,
        at: NOW,
    }
}

/// The same about an account, whose slot it shares.
pub(crate) fn a_start_for(store: &dyn Store, journey: JourneyId, account: AccountId) -> Commit {
    let start = a_start(store, journey);
    let life = Life { account: Some(account), ..start.life };
    Commit { instance: store.ids().instance(NOW, account.slot()), life, ..start }
}

/// The commit after `start`, with one more record.
pub(crate) fn a_step(start: &Commit) -> Commit {
    Commit {
        guard: Guard::At { sequence: 2 },
        state: an_instance(3, "running"),
        records: records(2, 3),
        work: Vec::new(),
        tasks: Vec::new(),
        ..start.clone()
    }
}

/// Commits one, and it must be accepted.
pub(crate) async fn commit(store: &dyn Store, commit: Commit) -> InstanceId {
    let id = commit.instance;
    assert_eq!(store.commit(&[commit]).await.unwrap(), [Ok(())]);
    id
}

pub(crate) fn an_offer(team: Option<&str>, user: Option<&str>, due: Timestamp) -> Box<Offer> {
    Box::new(Offer {
        node: "call".to_owned(),
        title: "Call the customer".to_owned(),
        instructions: String::new(),
        owner: Owner { user: user.map(str::to_owned), team: team.map(str::to_owned) },
        form: json!({ "type": "object" }),
        outcomes: vec![Outcome { id: "done".to_owned(), label: "Done".to_owned() }],
        due,
        priority: 0,
    })
}

pub(crate) const FIRST: Position = Position(1);
