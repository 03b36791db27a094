//! A long random life of the pallet, checked after every block.

use neurostore_primitives::{ReservationId, SlotIndex};

use crate::{mock::*, *};

/// A small generator, so that a failing seed is all that is needed to see it fail again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len() as u64) as usize].clone())
    }
}

/// One random call; refusals are as welcome as successes.
fn act(dice: &mut Dice, content: &mut u8) {
    let who = if dice.below(2) == 0 { alice() } else { bob() };
    let origin = RuntimeOrigin::signed(who.clone());
    let open: Vec<ReservationId> = Reservations::<Test>::iter_keys().collect();
    let stored: Vec<_> = Segments::<Test>::iter_keys().collect();
    match dice.below(9) {
        0..=2 => {
            let (class, windows) = (class(dice.below(5) as u8), 1 + dice.below(4) as u32);
            let _ = Placement::reserve(origin, class, 100, windows);
        }
        3..=5 => {
            if let Some(id) = dice.one_of(&open) {
                *content = content.wrapping_add(1);
                let _ = commit(who, id, *content);
            }
        }
        6 => {
            if let Some(id) = dice.one_of(&open) {
                let slot = SlotIndex::new(dice.below(15) as u8).unwrap();
                let _ = if dice.below(2) == 0 {
                    Placement::redraw(origin, id, slot)
                } else {
                    Placement::cancel(origin, id)
                };
            }
        }
        7 => {
            if let Some(segment) = dice.one_of(&stored) {
                let _ = Placement::extend(origin, segment, dice.below(5) as u32);
            }
        }
        _ => {
            if let Some(segment) = dice.one_of(&stored) {
                let _ = Placement::drop_agreement(origin, segment);
            }
        }
    }
}

#[test]
fn a_random_life_keeps_every_invariant() {
    for seed in 1..=12u64 {
        ExtBuilder::default()
            .anchors(18, 100)
            .build_and_execute(|| {
                let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let mut content = 0;
                for _ in 0..120 {
                    for _ in 0..dice.below(5) {
                        act(&mut dice, &mut content);
                    }
                    check_everything();
                    next_block();
                    check_everything();
                }
                // Left alone, everything ends and everything is paid out.
                run_to(System::block_number() + 21 * WINDOW);
                assert_eq!(Segments::<Test>::iter().count(), 0, "seed {seed}");
                assert_eq!(Reservations::<Test>::iter().count(), 0, "seed {seed}");
                assert_eq!(total_used(), 0, "seed {seed}");
                assert_eq!(Balances::free_balance(POT), FLOAT, "seed {seed}");
            });
    }
}
