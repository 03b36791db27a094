//! What is refused of a ceremony's files.

use neurostore_setup::ceremony::{
    ChainError, ContainerError, PowersError, ScalingError, StructureError, TranscriptError,
    ZkeyError,
};

use super::*;
use crate::edit::Edited;

const G1_BYTES: usize = 64;
/// delta in G1 and G2 in section 2: after both fields, three counts, alpha, beta twice, gamma.
const DELTA_AT: usize = 2 * 36 + 12 + 2 * 64 + 2 * 128;

fn final_key(of: &Ceremony, edit: impl FnOnce(&mut Edited)) -> tempfile::NamedTempFile {
    let mut edited = Edited::read(&of.zkey);
    edit(&mut edited);
    edited.write()
}

#[test]
fn a_key_that_nobody_contributed_to() {
    let ceremony = ceremony();
    let transcript = transcript(&ceremony);
    let refused = import(&ceremony.initial, &transcript);
    assert!(matches!(
        refused,
        Err(ImportError::Ceremony(CeremonyError::Chain(
            ChainError::NoContribution
        )))
    ));
    // Its gamma is its delta, so the chain would refuse it too.
    let key = Edited::read(&ceremony.initial).section(2).clone();
    assert_eq!(key[DELTA_AT - 128..DELTA_AT], key[DELTA_AT + 64..]);
}

#[test]
fn a_key_without_a_beacon() {
    let ceremony = ceremony();
    let refused = verified(
        &ceremony.powers,
        &ceremony.initial,
        &ceremony.without_beacon,
    );
    assert!(matches!(
        refused,
        Err(CeremonyError::Chain(ChainError::NoBeacon))
    ));
}

#[test]
fn the_key_of_another_circuit() {
    let ceremony = ceremony();
    let (_folder, path) = write(&transcript(&ceremony));
    let refused = import_ceremony(CircuitId(2), &ceremony.zkey, &path, &silent);
    assert!(matches!(
        refused,
        Err(ImportError::Ceremony(CeremonyError::Final(
            ZkeyError::OtherCircuit("sizes")
        )))
    ));
}

#[test]
fn a_key_whose_matrices_differ_in_one_coefficient() {
    let ceremony = ceremony();
    let changed = final_key(&ceremony, |key| key.section(4)[4 + 44 * 100 + 12] ^= 1);
    let refused = verified(&ceremony.powers, &ceremony.initial, changed.path());
    assert!(matches!(
        refused,
        Err(CeremonyError::Final(ZkeyError::OtherCircuit("matrices")))
    ));
}

#[test]
fn a_key_with_a_changed_bit_in_any_section() {
    let ceremony = ceremony();
    let transcript = transcript(&ceremony);
    for section in 1..=10 {
        let changed = final_key(&ceremony, |key| {
            let bytes = key.section(section);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        assert!(
            import(changed.path(), &transcript).is_err(),
            "section {section}"
        );
    }
}

#[test]
fn a_key_whose_points_are_exchanged() {
    let ceremony = ceremony();
    let exchanged = |section| {
        let changed = final_key(&ceremony, |key| {
            key.section(section)[100 * G1_BYTES..102 * G1_BYTES].rotate_left(G1_BYTES);
        });
        verified(&ceremony.powers, &ceremony.initial, changed.path())
    };
    for (section, expected) in [
        (5, ScalingError::Changed("A")),
        (6, ScalingError::Changed("B in G1")),
        (8, ScalingError::Scaled("witness")),
        (9, ScalingError::Scaled("quotient")),
    ] {
        let Err(CeremonyError::Scaling(refused)) = exchanged(section) else {
            panic!("section {section} is accepted");
        };
        assert_eq!(refused, expected);
    }
}

#[test]
fn an_initial_key_that_does_not_follow_from_the_circuit() {
    let ceremony = ceremony();
    let exchanged = |section: u32, bytes: usize| {
        let mut edited = Edited::read(&ceremony.initial);
        edited.section(section)[100 * bytes..102 * bytes].rotate_left(bytes);
        let initial = edited.write();
        verified(&ceremony.powers, initial.path(), &ceremony.zkey)
    };
    for (section, bytes, expected) in [
        (5, G1_BYTES, "points of A"),
        (6, G1_BYTES, "points of B in G1"),
        (7, 2 * G1_BYTES, "points of B in G2"),
        (8, G1_BYTES, "points of inputs and witness"),
        (9, G1_BYTES, "points of the quotient"),
    ] {
        let Err(CeremonyError::Structure(refused)) = exchanged(section, bytes) else {
            panic!("section {section} is accepted");
        };
        assert_eq!(refused, StructureError::Query(expected));
    }
}

#[test]
fn an_initial_key_with_contributions() {
    let ceremony = ceremony();
    let refused = verified(&ceremony.powers, &ceremony.without_beacon, &ceremony.zkey);
    assert!(matches!(
        refused,
        Err(CeremonyError::Structure(StructureError::NotInitial))
    ));
}

#[test]
fn powers_that_are_not_the_powers_of_one_number() {
    let ceremony = ceremony();
    let exchanged = |section: u32, bytes: usize| {
        let mut edited = Edited::read(&ceremony.powers);
        edited.section(section)[10 * bytes..12 * bytes].rotate_left(bytes);
        let powers = edited.write();
        verified(powers.path(), &ceremony.initial, &ceremony.zkey)
    };
    for (section, bytes, expected) in [
        (2, G1_BYTES, "tau in G1"),
        (3, 2 * G1_BYTES, "tau in G2"),
        (4, G1_BYTES, "alpha tau"),
        (5, G1_BYTES, "beta tau"),
    ] {
        let refused = exchanged(section, bytes);
        let Err(CeremonyError::Powers(PowersError::NotPowers(name))) = refused else {
            panic!("section {section}: {refused:?}");
        };
        assert_eq!(name, expected);
    }
}

#[test]
fn powers_that_end_too_early() {
    let ceremony = ceremony();
    let mut edited = Edited::read(&ceremony.powers);
    // The power follows the size and the modulus of the field.
    edited.section(1)[36] = POWER - 1;
    let powers = edited.write();
    let refused = verified(powers.path(), &ceremony.initial, &ceremony.zkey);
    assert!(matches!(
        refused,
        Err(CeremonyError::Powers(PowersError::TooFew {
            actual: 11,
            needed: 12
        }))
    ));
}

#[test]
fn contributions_of_which_one_is_missing_or_exchanged() {
    let ceremony = ceremony();
    // Name and nothing else: lengths of the first two contributions.
    let length = |name: &str| 3 * 64 + 128 + 64 + 4 + 4 + 2 + name.len();
    let (first, second) = (length("ada"), length("grace"));
    let list = 64 + 4;
    let missing = final_key(&ceremony, |key| {
        let section = key.section(10);
        section.drain(list..list + first);
        section[64] -= 1;
    });
    let exchanged = final_key(&ceremony, |key| {
        key.section(10)[list..list + first + second].rotate_left(first);
    });
    for changed in [missing, exchanged] {
        let refused = verified(&ceremony.powers, &ceremony.initial, changed.path());
        assert!(matches!(
            refused,
            Err(CeremonyError::Chain(ChainError::Transcript(1)))
        ));
    }
}

#[test]
fn a_beacon_with_another_value() {
    let ceremony = ceremony();
    let changed = final_key(&ceremony, |key| {
        *key.section(10).last_mut().unwrap() ^= 1;
    });
    let refused = verified(&ceremony.powers, &ceremony.initial, changed.path());
    assert!(matches!(
        refused,
        Err(CeremonyError::Chain(ChainError::Beacon(3)))
    ));
}

#[test]
fn a_delta_that_the_last_contribution_did_not_leave() {
    let ceremony = ceremony();
    let earlier = Edited::read(&ceremony.without_beacon).section(2).clone();
    let changed = final_key(&ceremony, |key| *key.section(2) = earlier);
    let refused = verified(&ceremony.powers, &ceremony.initial, changed.path());
    assert!(matches!(
        refused,
        Err(CeremonyError::Chain(ChainError::FinalDelta))
    ));
}

#[test]
fn a_key_that_is_cut_off() {
    let ceremony = ceremony();
    let bytes = fs::read(&ceremony.zkey).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    for length in [0, 11, 13, 1000, bytes.len() - 1] {
        fs::write(file.path(), &bytes[..length]).unwrap();
        let refused = verified(&ceremony.powers, &ceremony.initial, file.path());
        assert!(
            matches!(
                refused,
                Err(CeremonyError::Final(ZkeyError::File(
                    ContainerError::Table(_) | ContainerError::OtherKind { .. }
                )))
            ),
            "{length} bytes"
        );
    }
}

#[test]
fn a_transcript_with_a_missing_contribution() {
    let ceremony = ceremony();
    let mut transcript = transcript(&ceremony);
    transcript.contributions.remove(1);
    let refused = import(&ceremony.zkey, &transcript);
    assert!(matches!(
        refused,
        Err(ImportError::Transcript(TranscriptError::Differs(
            "contributions"
        )))
    ));
}
