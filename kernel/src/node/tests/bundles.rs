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
fn who_does_not_have_it_says_so_and_another_is_asked() {
    let mut net = net(1, 2);
    net.connect(1, 2);
    net.settle();
    let missing = |told: &Told| matches!(told, Told::NotFetched { .. });
    assert!(net.told[1].iter().any(missing) && net.told[2].iter().any(missing));
    net.connect(1, 0);
    net.settle();
    assert_eq!(offers(&net, 1), [BUNDLE.id()]);
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
