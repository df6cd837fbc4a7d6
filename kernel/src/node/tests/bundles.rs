use super::net::{Net, lacking, seat};
use crate::event::payload::Admission;
use crate::node::Told;
use crate::sync::Offence;
use crate::testing::World;
use crate::testing::app::BUNDLE;

/// Nodes of one person's topic; the first `with` have its app.
fn net(with: usize, without: usize) -> Net {
    let world = World::new(Admission::Open);
    let have = (0..with).map(|_| seat(&world, &world.founder, &[]));
    let lack = (0..without).map(|_| lacking(&world, &world.founder, &[]));
    Net::new(have.chain(lack).collect())
}

fn offers(net: &Net, n: usize) -> Vec<myrhiza_kernel_api::BundleId> {
    net.nodes[n].runtime().offers().unwrap().iter().map(|bundle| bundle.id()).collect()
}

#[test]
fn a_bundle_that_is_lacking_comes_from_a_peer_and_waits_for_the_user() {
    let mut net = net(1, 2);
    net.connect(1, 0);
    net.settle();
    assert_eq!(offers(&net, 1), [BUNDLE.id()]);
    assert!(net.nodes[1].runtime().apps().unwrap().is_empty());
    // Who was offered it serves it to the next.
    net.cut(0, 1);
    net.cut(0, 2);
    net.connect(2, 1);
    net.settle();
    assert_eq!(offers(&net, 2), [BUNDLE.id()]);
}

#[test]
fn who_lacks_it_as_well_tells_of_it_as_soon_as_it_is_there() {
    let mut net = net(1, 3);
    // A line, whose last is asked by the one before it, which has nothing yet.
    for a in 0..4 {
        (a + 2..4).for_each(|b| net.cut(a, b));
    }
    net.connect(1, 2);
    net.connect(2, 3);
    net.pass(3);
    assert!(offers(&net, 1).is_empty() && offers(&net, 3).is_empty());
    net.connect(1, 0);
    net.pass(4);
    (1..4).for_each(|n| assert_eq!(offers(&net, n), [BUNDLE.id()]));
}

#[test]
fn another_thing_in_its_place_is_a_lie_and_is_not_kept() {
    let mut net = net(1, 1);
    net.lies = Some(b"another thing".to_vec());
    net.connect(1, 0);
    net.settle();
    let lie = |told: &Told| matches!(told, Told::Offence { offence: Offence::Lie, .. });
    assert!(net.told[1].iter().any(lie));
    assert_eq!(offers(&net, 1), []);
}
