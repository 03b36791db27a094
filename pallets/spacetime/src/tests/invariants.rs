//! What the checks of the state find.

use frame_support::BoundedVec;

use super::{
    lost_keys::MEDIUM,
    proving::all_proven,
    unreadable::{damage, queue, DAMAGES},
};
use crate::{mock::*, *};

#[test]
fn what_cannot_be_read_is_found_by_the_checks_of_the_state() {
    let found = |words: &str| {
        let error = Spacetime::do_try_state().unwrap_err();
        assert!(format!("{error:?}").contains(words), "{error:?}");
    };
    ExtBuilder::default().nodes(20).build_and_execute(|| {
        for how in DAMAGES {
            let whole = PreparedKeys::<Test>::get(CIRCUIT).unwrap();
            damage(how);
            found("a prepared key cannot be read");
            PreparedKeys::<Test>::insert(CIRCUIT, whole);
        }
        let raw = RawKeys::<Test>::take(CIRCUIT).unwrap();
        found("a raw key is missing");
        let other = BoundedVec::try_from(development_key(MEDIUM)).unwrap();
        RawKeys::<Test>::insert(CIRCUIT, other);
        found("a raw key is not the one that was set");
        RawKeys::<Test>::insert(CIRCUIT, raw);

        let proofs = all_proven(1);
        queue(&proofs);
        let whole = Queue::<Test>::get(0).unwrap();
        Queue::<Test>::mutate_extant(0, |queued| queued.answer[0] = 0xff);
        found("a queued proof cannot be read");
        let mut taken = whole.taken().unwrap();
        taken.proof = [0xff; 128];
        Queue::<Test>::insert(0, QueuedProof::new(taken).unwrap());
        found("a queued proof has unsound points");
        Queue::<Test>::insert(0, whole);
    });
}
