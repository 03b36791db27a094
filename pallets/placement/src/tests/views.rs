//! What clients and nodes are told.

use neurostore_primitives::{NodeId, ReservationId, SegmentId, ShardRoot};

use crate::mock::*;

#[test]
fn a_quote_is_what_a_reservation_costs() {
    ExtBuilder::default().build_and_execute(|| {
        let quote = Placement::quote(class(4), 7).unwrap();
        let free = Balances::free_balance(alice());
        reserve(alice(), class(4), 7);
        let paid = free - Balances::free_balance(alice());
        assert_eq!(quote.rent + quote.deposit, paid);
        assert_eq!(Placement::quote(class(4), 1), None);
        assert_eq!(Placement::quote(class(4), 21), None);
    });
}

#[test]
fn a_reservation_shows_its_nodes_once_they_are_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        let id = reserve(alice(), class(4), 7);
        assert!(Placement::reservation_info(id).unwrap().slots.is_empty());
        run_to(3);
        let info = Placement::reservation_info(id).unwrap();
        let nodes: Vec<_> = info.slots.iter().map(|slot| slot.node).collect();
        assert_eq!(nodes, nodes_of(id));
        assert!(info.slots.iter().all(|s| s.root == ShardRoot::default()));
        assert_eq!(Placement::reservations_of(&alice()), [id]);
        assert_eq!(Placement::reservation_info(ReservationId(5)), None);
    });
}

#[test]
fn a_segment_shows_its_slots_and_who_pays() {
    ExtBuilder::default().build_and_execute(|| {
        let segment = stored(alice(), class(4), 7, 1);
        let info = Placement::segment_info(segment).unwrap();
        let shown: Vec<_> = info.slots.iter().map(|slot| slot.root).collect();
        assert_eq!(shown, roots(1));
        assert_eq!(info.ciphertext_len, 100);
        assert_eq!(info.agreements.len(), 1);
        assert_eq!(info.agreements[0].paid_until, 73);
        assert_eq!(Placement::segment_info(SegmentId([0; 32])), None);
    });
}

#[test]
fn held_shards_are_read_in_pages() {
    ExtBuilder::default().anchors(15, 64).build_and_execute(|| {
        let segments: Vec<_> = (1..=4).map(|c| stored(alice(), class(1), 9, c)).collect();
        let page = |from, limit| -> Vec<_> {
            Placement::held_shards(NodeId(3), class(1), from, limit)
                .iter()
                .map(|held| held.segment)
                .collect()
        };
        assert_eq!(page(0, 3), segments[..3]);
        assert_eq!(page(3, 3), segments[3..]);
        assert!(page(4, 3).is_empty());
        assert_eq!(page(0, u32::MAX), segments);
        assert!(page(u32::MAX, u32::MAX).is_empty());
        assert_eq!(Placement::holdings(NodeId(3)).of(class(1)), 4);
    });
}
