//! Whole networks of real processes, end to end.
//!
//! A network takes half a minute to start and both cores of a small machine. So most facts are
//! shown on one network, one after the other, by a harness of our own: see [`stage`]. Each can be
//! run alone, by its name; it then starts the network for itself.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // Tests panic where they fail, their helpers too.

mod clients;
mod growth;
mod listener;
mod manual;
mod polkadot_js;
mod processes;
mod production;
mod replay;
mod stage;
mod survival;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use stage::on_stage;

fn main() -> ExitCode {
    let arguments = Arguments {
        // One network for all of them, in this order.
        test_threads: Some(1),
        ..Arguments::from_args()
    };
    let trials = vec![
        alone(
            "a_starter_that_is_killed_leaves_no_process_behind",
            processes::a_starter_that_is_killed_leaves_no_process_behind,
        ),
        alone(
            "a_starter_that_is_interrupted_ends_its_processes_first",
            processes::a_starter_that_is_interrupted_ends_its_processes_first,
        ),
        // Files were stored when the network started; while their first windows pass, others store.
        on_stage(
            "polkadot_js_and_subxt_store_a_segment_without_custom_types",
            clients::polkadot_js_and_subxt_store_a_segment_without_custom_types,
        ),
        on_stage(
            "every_node_proves_with_the_production_circuit",
            production::every_node_proves_with_the_production_circuit,
        ),
        on_stage(
            "a_daemon_that_joins_a_running_network_stands_every_fault",
            growth::a_daemon_that_joins_a_running_network_stands_every_fault,
        ),
        on_stage(
            "the_log_of_faults_does_the_same_faults_again",
            replay::the_log_of_faults_does_the_same_faults_again,
        ),
        on_stage(
            "the_commands_of_the_manual_run_as_they_stand",
            manual::the_commands_of_the_manual_run_as_they_stand,
        ),
        // The last: it ends the network.
        on_stage(
            "a_file_survives_the_loss_of_five_nodes_and_not_of_a_sixth",
            survival::a_file_survives_the_loss_of_five_nodes_and_not_of_a_sixth,
        ),
    ];
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !conclusion.has_failed() {
        stage::end();
    }
    stage::clear();
    conclusion.exit_code()
}

/// A fact that needs no network of ours.
fn alone(name: &str, fact: fn()) -> Trial {
    Trial::test(name, move || {
        stage::timed("the fact", fact);
        Ok(())
    })
}
