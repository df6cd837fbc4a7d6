//! The benches of nodes, tiny: that they run to their end, and what does not depend on the machine.

use myrhiza_bench::peers::walk::{At, Logs};
use myrhiza_bench::peers::{join, live, many, memory};
use myrhiza_kernel::sync::Role;

#[test]
fn a_join_ends_where_the_other_node_is() {
    join::join(300, 1);
}

#[test]
fn an_event_comes_everywhere() {
    live::live(3, 6);
}

#[test]
fn topics_come_in_sync_and_rest() {
    many::many(5, 0, 3);
}

#[test]
fn a_node_that_is_measured_makes_an_event() {
    let folder = memory::made(10);
    memory::child(folder.path(), true);
}

/// [SYNC-6], [SYNC-7]: what is sent grows with what differs, and with the logarithm of the log.
#[test]
fn few_events_among_many_are_found_in_few_bytes() {
    let mut logs = Logs::of(20_000);
    for (round, lacks) in [Role::Dialer, Role::Listener].into_iter().enumerate() {
        let random = logs.found(At::Random, lacks, 2 * round as u32);
        assert!(random.bytes <= 32_000 && random.trips <= 4.0, "{random:?}");
        let tip = logs.found(At::Tip, lacks, 2 * round as u32 + 1);
        assert!(tip.bytes <= 4_000 && tip.trips <= 2.0, "{tip:?}");
    }
}
