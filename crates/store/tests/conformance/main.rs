//! What every driver must hold. Each case takes a fresh, migrated store and knows nothing of the database under it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod apis;
mod apps;
mod audit;
mod client_documents;
#[path = "../cluster/mod.rs"]
#[expect(dead_code, reason = "tests/postgres.rs does more to its servers")]
mod cluster;
mod decisions;
mod decoupled;
mod differential;
mod driver;
mod flow;
mod kept;
mod limits;
mod logout;
mod moving;
mod nodes;
mod pasts;
mod people;
mod races;
mod registrations;
mod review;
mod scratch;
mod sign_in;
mod signing_keys;
mod silence;
mod sweep;
mod team;

/// Each case on each driver.
macro_rules! on_each_driver {
    ($($room:ident: $($case:ident),+;)+) => {
        mod sqlite {
            $(mod $room {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$room::$case(crate::scratch::Scratch::sqlite().await).await;
                })+
            })+
        }

        mod postgres {
            $(mod $room {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$room::$case(crate::scratch::Scratch::postgres("").await).await;
                })+
            })+
        }

        /// As behind a `PgBouncer` in transaction mode: nothing is prepared.
        mod postgres_unprepared {
            $(mod $room {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$room::$case(crate::scratch::Scratch::postgres("?prepare=off").await).await;
                })+
            })+
        }
    };
}

on_each_driver! {
    driver: several_questions_share_a_snapshot, a_wrong_row_count_undoes_everything, a_constraint_is_a_conflict,
        a_mistake_is_a_fault_and_undoes_its_own_part_only, nothing_to_write_is_written, migrating_twice_is_once,
        a_healthy_database_checks_out;
    decisions: a_client_comes_with_its_secrets, a_code_comes_back_whole, a_code_without_challenge_has_none,
        a_code_is_redeemed_once, tokens_come_back_whole, a_clients_own_token_has_no_grant,
        a_family_rotates_only_from_where_it_is, a_generation_can_be_expected, a_revoked_grant_stays_dead,
        a_revoked_access_token_is_not_found, a_disabled_person_shows_in_everything_they_gave,
        consent_is_remembered_and_withdrawn, a_request_is_parked_and_finished_once,
        a_request_is_pushed_and_finished_once,
        what_waits_outlives_what_was_pushed_and_ends_all_of_it,
        case_039_a_signed_token_is_used_once_and_forgotten_later, a_session_comes_with_its_person,
        what_is_not_there_is_none, a_conflict_undoes_the_whole_decision, an_app_that_vanished_is_a_conflict,
        what_was_not_minted_is_not_written, an_exchanged_grant_dies_with_every_grant_above_it;
    sign_in: a_sign_in_elsewhere_comes_back_as_it_was_told;
    decoupled: a_devices_request_is_found_by_both_codes, no_two_devices_show_the_same_code,
        a_question_is_noted_and_slows_the_next, it_is_answered_once, one_of_forty_redeems_a_yes,
        a_question_of_an_app_names_its_person_and_seals_its_token, it_goes_a_day_after_its_end_and_outlives_its_grant,
        a_person_sees_what_waits_for_them, an_app_is_told_once_of_an_answer_or_of_its_end, those_who_allow_an_app_are_known;
    races: one_of_forty_redeems_a_code, one_of_forty_rotates_a_family,
        case_039_one_of_forty_uses_an_assertion, neighbours_of_a_conflict_are_written,
        one_of_many_takes_a_name, many_people_get_numbers_of_their_own;
    people: a_person_comes_back_by_name_in_any_case, a_taken_name_is_refused_in_any_case,
        an_imported_number_is_kept, people_come_in_pages, a_password_is_replaced,
        a_person_is_changed_from_what_they_were, a_chosen_password_ends_all_sessions_but_one, disabling_ends_sessions,
        sessions_end_one_by_one_or_all, a_person_is_never_printed_with_secrets;
    apps: an_app_is_registered_whole, an_approved_app_is_live_at_once, a_taken_client_id_is_refused,
        a_person_registers_no_more_apps_than_they_may, people_are_counted_to_ten_thousand,
        only_the_team_finds_an_app, the_team_changes_and_people_are_told, the_creator_stays,
        a_secret_is_rotated_with_an_overlap, the_last_secret_that_works_cannot_be_revoked,
        two_rotations_at_once_do_not_make_three_secrets, deleting_an_app_takes_everything_along, connected_apps_are_listed,
        a_test_person_is_nobody_who_connected_an_app,
        logos_are_kept_by_digest;
    apis: an_api_comes_back_whole_and_changed, a_name_is_there_once, owners_answer_what_apps_ask, who_asks_is_told_with_what_they_ask, an_owner_sees_who_waits_and_a_team_is_told,
        a_grant_and_its_token_remember_their_apis, a_jwt_is_found_by_its_name_alone;
    audit: an_act_and_its_event_are_one, nothing_that_must_be_told_is_done_untold, many_acts_at_once_are_one_chain,
        what_is_changed_in_the_tables_shows, events_come_newest_first_filtered_and_in_pages,
        the_oldest_go_behind_a_checkpoint;
    review: a_new_app_is_approved, a_change_waits_beside_the_live_version, a_stale_edit_is_refused,
        a_stale_ruling_is_refused, a_rejected_change_leaves_the_live_version, a_proposal_is_taken_back,
        a_rejected_app_is_sent_again, a_ruling_without_its_version_is_refused, the_queue_is_fair_and_paged,
        apps_are_found_by_what_one_types, whoever_wrote_what_waits_answers_for_it_also_after_leaving,
        whoever_was_on_the_team_of_an_app_that_changes_itself_answers_for_it;
    sweep: what_is_over_goes_and_what_lives_stays, a_redeemed_code_stays_as_long_as_what_it_led_to,
        a_revoked_grant_goes_a_day_later, a_rotated_out_token_stays_until_its_own_end, batches_are_bounded,
        grants_are_kept_as_long_as_they_are_to_be,
        an_unused_logo_goes_a_day_later, what_people_were_told_goes_after_half_a_year, one_node_has_a_turn_until_it_is_not_heard_of, one_of_forty_nodes_takes_a_turn;
    kept: an_app_that_was_read_before_is_as_it_is_now, an_app_that_was_deleted_and_added_again_is_the_new_one,
        a_manifest_without_a_digest_is_read_whole, a_suspended_app_is_soon_known_by_every_node,
        an_app_that_was_changed_by_hand_is_known_a_second_later, without_following_nothing_is_kept,
        what_is_kept_is_read_again_when_somebody_changed_it;
    team: somebody_invited_joins_by_accepting, an_invitation_is_declined_taken_back_or_too_late,
        a_team_and_its_invitations_are_bounded_together, an_app_becomes_anothers_only_when_they_accept,
        an_offer_dies_with_its_makers_ownership_and_its_receivers_place,
        a_session_is_known_by_its_device_and_ended_by_its_person;
    flow: events_come_back_newest_first_filtered_and_in_pages, each_kind_has_a_ring_of_its_own,
        a_person_is_named_while_they_are_on_the_team, an_app_that_is_gone_is_passed_over,
        usage_adds_up_and_counts_each_person_once_a_day, a_last_use_only_moves_on, what_is_old_is_swept;
    logout: what_stands_on_a_session_dies_with_it_and_its_apps_are_noted, a_renewed_session_keeps_its_root,
        every_way_to_end_sessions_notes_its_apps, a_delivery_is_claimed_once_and_ends,
        an_openid_grant_stays_as_long_as_its_session;
    registrations: a_registration_is_found_counted_and_dies_with_its_app, an_initial_access_token_is_used_as_often_as_it_may,
        what_nobody_approved_or_used_is_swept;
    client_documents: a_document_is_remembered_and_dies_with_its_app, those_that_wait_are_counted,
        those_of_one_host_are_counted, the_one_that_nobody_misses_makes_room,
        what_nobody_used_or_approved_is_swept;
    signing_keys: a_key_comes_back_whole_and_its_successor_ends_it, one_of_two_adds_a_generation,
        replaced_keys_are_gone, an_ended_key_is_swept_and_a_new_epoch_takes_all;
    limits: a_bucket_holds_so_many_tries_and_fills_again, a_try_counts_in_all_buckets_or_in_none,
        what_is_given_back_may_be_spent_again, nodes_count_together, a_decision_beyond_its_limit_is_not_written,
        a_full_bucket_is_swept;
    moving: everything_moves_there_and_back, numbers_go_on_after_a_move, a_target_that_holds_something_is_refused,
        what_is_written_meanwhile_is_noticed, a_nul_is_kept_as_the_database_keeps_it, a_new_epoch_ends_what_was_issued,
        after_a_new_epoch_nobody_gets_a_number_again;
}
