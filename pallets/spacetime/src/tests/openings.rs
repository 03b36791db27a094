//! The opening of windows.

use neurostore_primitives::{NodeId, ShardRoot, WindowIndex};

use crate::{mock::*, *};

const NODE: NodeId = NodeId(0);

#[test]
fn a_window_opens_at_the_end_of_its_block() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let opens_at = opening(NODE);
        run_to(opens_at);
        assert_eq!(Challenges::<Test>::get(NODE), None);
        end_block();
        let challenge = Challenges::<Test>::get(NODE).unwrap();
        assert_eq!(challenge.opened_at, opens_at);
        assert_eq!(challenge.window, WindowIndex(opens_at / WINDOW));
        assert_eq!(challenge.circuit, CIRCUIT);
        System::assert_last_event(
            Event::ChallengeOpened {
                node: NODE,
                window: challenge.window,
                deadline: opens_at + ANSWER,
            }
            .into(),
        );
        assert_eq!(told(), [Told::Opened(NODE, challenge.window)]);
    });
}

#[test]
fn a_node_without_shards_is_not_challenged() {
    ExtBuilder::default().build_and_execute(|| {
        run_to(3 * WINDOW);
        assert_eq!(Challenges::<Test>::iter().count(), 0);
        assert!(told().is_empty());
    });
}

#[test]
fn a_shard_that_came_in_the_opening_block_can_be_sampled() {
    ExtBuilder::default().build_and_execute(|| {
        run_to(opening(NODE));
        give(NODE, 1);
        end_block();
        assert!(Challenges::<Test>::contains_key(NODE));
    });
}

#[test]
fn the_samples_are_drawn_again_from_the_state_of_the_opening_block() {
    ExtBuilder::default().build_and_execute(|| {
        (1..=5).for_each(|number| give(NODE, number));
        run_to(opening(NODE));
        end_block();
        let challenge = Challenges::<Test>::get(NODE).unwrap();
        let samples = Spacetime::samples(NODE, challenge.window).unwrap();
        assert_eq!(samples.len(), usize::from(CIRCUIT.0));
        for sample in &samples {
            assert_eq!(sample.root, hashed(sample.segment.0[0]).0);
            assert!(u32::from(sample.leaf) < sample.class.leaves());
        }
        let roots: Vec<_> = samples.iter().map(|s| s.root).collect();
        let leaves: Vec<_> = samples.iter().map(|s| s.leaf).collect();
        let statement = neurostore_poseidon::statement(&challenge.context, &roots, &leaves);
        assert_eq!(statement, Some(challenge.statement));
    });
}

#[test]
fn samples_are_answered_in_no_other_state() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        let window = open(NODE);
        assert_eq!(Spacetime::samples(NODE, window), None);
        assert_eq!(Spacetime::samples(NODE, WindowIndex(window.0 + 1)), None);
        assert_eq!(Spacetime::samples(NodeId(1), window), None);
    });
}

#[test]
fn what_comes_and_goes_later_does_not_touch_an_open_challenge() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        open(NODE);
        let before = Challenges::<Test>::get(NODE);
        give(NODE, 2);
        end_block();
        begin_block();
        assert_eq!(Challenges::<Test>::get(NODE), before);
    });
}

#[test]
fn the_same_shard_has_another_statement_in_every_window_and_on_every_node() {
    ExtBuilder::default().build_and_execute(|| {
        give(NODE, 1);
        give(NodeId(1), 1);
        let mut statements = std::collections::BTreeSet::new();
        for _ in 0..3 * WINDOW {
            end_block();
            begin_block();
            statements.extend(Challenges::<Test>::iter_values().map(|c| c.statement));
        }
        assert_eq!(statements.len(), 6);
    });
}

#[test]
fn a_root_that_is_no_field_element_harms_nobody() {
    ExtBuilder::default().build_and_execute(|| {
        Shards::set(&vec![(NODE, class(2), 1, ShardRoot([0xff; 32]))]);
        let window = open(NODE);
        assert_eq!(Challenges::<Test>::get(NODE), None);
        System::assert_has_event(Event::ChallengeUnavailable { node: NODE, window }.into());
        // The window's rent is accounted for, and nobody is blamed.
        assert_eq!(
            told(),
            [Told::Opened(NODE, window), Told::Missed(NODE, window)]
        );
    });
}

#[test]
fn without_randomness_or_circuit_there_is_no_challenge_and_no_blame() {
    for silent in [true, false] {
        ExtBuilder::default().build_and_execute(|| {
            give(NODE, 1);
            let opens_at = opening(NODE);
            Silent::set(&silent);
            if !silent {
                ActiveCircuit::<Test>::kill();
            }
            run_to(opens_at + 1);
            let window = WindowIndex(opens_at / WINDOW);
            assert_eq!(
                told(),
                [Told::Opened(NODE, window), Told::Missed(NODE, window)]
            );
        });
    }
}

#[test]
fn nodes_of_one_offset_open_together() {
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        (0..20).for_each(|node| give(NodeId(node), 1));
        run_to(WINDOW);
        end_block();
        let cohort = Cohorts::<Test>::get(WINDOW).unwrap();
        assert_eq!(cohort.nodes.len(), 2);
        assert_eq!(cohort.nodes, Members::<Test>::get(0));
    });
}

#[test]
fn the_weight_of_the_openings_is_charged_before_they_happen() {
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        let weight = Spacetime::begin_block(WINDOW);
        let two = <() as WeightInfo>::open_challenge() * 2;
        let always = <() as WeightInfo>::begin_block() + <() as WeightInfo>::settle_batch();
        assert_eq!(weight, always + two);
    });
}
