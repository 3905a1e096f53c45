//! Groups by label, and Envoy's published tables of priorities.

use super::*;
use crate::base::units::Ratio;

fn endpoints<'a>(groups: &[Option<&'a str>]) -> Vec<Endpoint<'a>> {
    let one = |group: &Option<&'a str>| Endpoint {
        group: *group,
        ..Endpoint::named("x")
    };
    groups.iter().map(one).collect()
}

fn fallback(max: u8) -> Config {
    Config::Fallback(fallback::Config {
        max,
        ..fallback::Config::default()
    })
}

#[test]
fn groups_stand_in_the_order_of_their_first_and_those_without_the_label_are_one() {
    let route = endpoints(&[Some("b"), None, Some("a"), Some("b"), None]);
    let plan = Plan::new(&fallback(5), &route, 3).expect("groups");
    let members: Vec<u16> = (0..plan.len()).map(|group| plan.members(group)).collect();
    assert_eq!(members, [0b01001, 0b10010, 0b00100]);
    assert_eq!(
        (plan.next(0), plan.next(4), plan.next(2)),
        (Some(1), Some(2), None)
    );
    assert_eq!(plan.attempts(), 9);
    let tries = [1, 0, 2, 1, 5, 0];
    assert_eq!((plan.tries(&tries, 3), plan.tries(&tries, 1)), (2, 5));
    assert!(plan.has_attempts(&tries, 0) && !plan.has_attempts(&tries, 1));
    assert!(Plan::new(&Config::default(), &route, 3).is_none());
}

#[test]
fn a_chain_ends_after_the_most_groups_it_falls_back_to() {
    let route = endpoints(&[Some("a"), Some("b"), Some("c")]);
    let plan = Plan::new(&fallback(1), &route, 2).expect("groups");
    assert_eq!((plan.len(), plan.attempts()), (2, 4));
    assert_eq!((plan.next(0), plan.next(1)), (Some(1), None));
}

fn loads(health: &[u32]) -> (Vec<u8>, u16) {
    let groups: Vec<(u32, u32)> = health.iter().map(|healthy| (*healthy, 100)).collect();
    let loads = priority::Config::default().loads(&groups);
    (loads.share[..health.len()].to_vec(), loads.panic)
}

/// Envoy, "Priority levels", all three tables: health of the groups, and the share of each.
#[test]
fn the_load_is_shared_as_the_tables_of_envoys_documentation_have_it() {
    let table: [(&[u32], &[u8]); 12] = [
        (&[100, 100], &[100, 0]),
        (&[72, 72], &[100, 0]),
        (&[71, 71], &[99, 1]),
        (&[50, 50], &[70, 30]),
        (&[25, 100], &[35, 65]),
        (&[25, 25], &[50, 50]),
        (&[100, 100, 100], &[100, 0, 0]),
        (&[72, 72, 100], &[100, 0, 0]),
        (&[71, 71, 100], &[99, 1, 0]),
        (&[50, 50, 100], &[70, 30, 0]),
        (&[25, 100, 100], &[35, 65, 0]),
        (&[25, 25, 100], &[35, 35, 30]),
    ];
    for (health, share) in table {
        assert_eq!(loads(health).0, share, "{health:?}");
    }
}

/// Envoy, "Panic threshold", the table for two priorities.
#[test]
fn a_group_panics_only_if_all_together_can_take_too_little() {
    let table: [([u32; 2], [u8; 2], u16); 5] = [
        ([72, 72], [100, 0], 0b00),
        ([71, 71], [99, 1], 0b00),
        ([50, 60], [70, 30], 0b00),
        ([25, 100], [35, 65], 0b00),
        ([25, 25], [50, 50], 0b11),
    ];
    for (health, share, panic) in table {
        assert_eq!(loads(&health), (share.to_vec(), panic), "{health:?}");
    }
    // The last row, 7 and 93, is rounded otherwise than the code does it: the rest goes to the first.
    let (shares, panics) = loads(&[5, 65]);
    assert_eq!((panics, shares[0].abs_diff(7) <= 1), (0b01, true));
    assert_eq!(shares[0] + shares[1], 100);
}

/// Envoy's `recalculateLoadInTotalPanic`, and the corner of a threshold of zero in `recalculatePerPriorityPanic`.
#[test]
fn if_nobody_is_healthy_the_load_goes_by_endpoints_or_without_panic_to_the_first() {
    let out = [(0, 2), (0, 1)];
    let both = priority::Config::default().loads(&out);
    assert_eq!((&both.share[..2], both.panic), (&[67, 33][..], 0b11));
    let calm = priority::Config {
        panic: Ratio(0.0),
        ..priority::Config::default()
    };
    let first = calm.loads(&out);
    assert_eq!((&first.share[..2], first.panic), (&[100, 0][..], 0));
}

#[test]
fn a_uniform_picks_each_group_by_its_share() {
    let loads = priority::Config::default().loads(&[(50, 100), (50, 100)]);
    let picked = (0..1000).filter(|i| loads.pick(f64::from(*i) / 1000.0) == 0);
    assert_eq!(picked.count(), 700);
    assert_eq!((loads.pick(0.0), loads.pick(0.999_999)), (0, 1));
}
