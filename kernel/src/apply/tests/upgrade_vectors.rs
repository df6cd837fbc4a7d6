//! [UPGRADE-1] to [UPGRADE-3], [UPGRADE-5]: what is published is what this code does. No event is
//! asked of an app and no bundle migrates, so that none is needed to check it.

use myrhiza_kernel_api::BundleId;
use serde_json::{Value, json};

use crate::apply::Verdict;
use crate::bundle::Bundle;
use crate::codec::Canonical;
use crate::event::payload::{HandOver, Upgrade};
use crate::event::{Event, Kind};
use crate::identity::{ScopeKind, SecretKey};
use crate::testing::app::{BUNDLE, author, unmigrating};
use crate::testing::{Dice, Home, Scope, World};
use crate::vectors::{hex, published};

/// Who the app is handed over to.
fn heir() -> SecretKey {
    SecretKey::from_seed(&[4; 32])
}

fn hand_over() -> HandOver {
    HandOver::sign(&author(), BUNDLE.lineage(), heir().public())
}

struct Story {
    world: World,
    bundles: Vec<Bundle>,
    told: Vec<(&'static str, Event)>,
}

#[test]
fn the_published_upgrades_are_judged_as_published() {
    let Story { world, bundles, told } = story();
    let events: Vec<_> = told.iter().map(|(_, event)| event.clone()).collect();
    let home = Home::having(&world, &bundles, &events);
    assert_eq!(home.order().len(), events.len());
    let judged = home.order().into_iter().map(|id| {
        let (what, _) = told.iter().find(|(_, event)| event.id() == id).unwrap();
        let ruling = home.ruling(id);
        let verdict = match ruling.verdict {
            Verdict::Accept => "accept",
            Verdict::Reject => "reject",
            Verdict::Trap => unreachable!("nothing migrates"),
        };
        json!({ "id": id.to_string(), "what": what, "verdict": verdict, "reason": ruling.reason })
    });
    let sent = Dice(2).shuffled(&events);
    let sent = sent.iter().map(|event| hex(event.to_bytes()));
    let in_force = home.in_force();
    let first = &*BUNDLE;
    let named = std::iter::once(first).chain(&bundles).map(|bundle| {
        let version = bundle.manifest().version.to_string();
        json!({ "bundle": bundle.id().to_string(), "version": version })
    });
    let root = home.runtime.root(world.id()).unwrap().state.unwrap();
    published(
        "upgrades",
        &json!({
            "topic": world.id().to_string(),
            "lineage": BUNDLE.lineage().to_string(),
            "bundles": named.collect::<Value>(),
            "events": sent.collect::<Value>(),
            "judged": judged.collect::<Value>(),
            "in_force": {
                "bundle": in_force.bundle.to_string(),
                "generation": in_force.generation,
            },
            "state_root": hex(root.0),
            "not_admitted": not_admitted(),
        }),
    );
}

fn story() -> Story {
    let world = World::upgradable();
    let bundles =
        vec![unmigrating(1, &author()), unmigrating(2, &author()), unmigrating(3, &heir())];
    let mut told = Vec::new();
    let mut tell = |what, event: Event| {
        let id = event.id();
        told.push((what, event));
        id
    };
    let [one, two, three] = &bundles[..] else { unreachable!() };
    let first = BUNDLE.id();
    let genesis = tell("the founder begins with version 1.0.0", world.genesis.clone());
    let mut founder = world.founder.clone();
    let mut ann = Scope::new(2, 102, ScopeKind::Device);
    let mut phone = Scope::new(1, 202, ScopeKind::Device);
    let join = world.join(&founder, &mut ann, (1, 1), &[genesis]);
    let ann_in = tell("Ann joins", join);
    let phone_in = tell("the founder's telephone", world.delegate(&mut phone, &[genesis]));
    let mut upgrade = |what, scope: &mut Scope, from: BundleId, to: &Bundle, chain: &[_], on| {
        tell(what, world.upgrade(scope, (from, to), chain, &[on]))
    };
    let on = upgrade("Ann upgrades to 1.1.0", &mut ann, first, one, &[], ann_in);
    let on = upgrade("the founder upgrades to 1.0.0 again", &mut founder, first, &BUNDLE, &[], on);
    upgrade("the founder upgrades to 1.1.0", &mut founder, first, one, &[], on);
    let on = upgrade("at once the telephone upgrades to 1.2.0", &mut phone, first, two, &[], on);
    let ahead = world.made_for(9, &mut ann, &[on], (Kind::App, 0, b"k"));
    told.push(("Ann acts for generation 9", ahead.clone()));
    // Which of the two was first, the ids say.
    for (what, from, to) in [
        ("the founder upgrades from 1.1.0 to 1.2.0", one, two),
        ("the founder upgrades from 1.2.0 to 1.1.0", two, one),
        ("the founder upgrades from 1.2.0 to 1.3.0, which is handed over", two, three),
    ] {
        let chain = if to.id() == three.id() { vec![hand_over()] } else { Vec::new() };
        let event = world.upgrade(&mut founder, (from.id(), to), &chain, &[ahead.id(), phone_in]);
        told.push((what, event));
    }
    Story { world, bundles, told }
}

/// Payloads that no upgrade of this topic can have.
fn not_admitted() -> Value {
    let to = |bundle: &Bundle| bundle.signed_manifest();
    let from = BUNDLE.id();
    let good = Upgrade { from, to: to(&unmigrating(1, &author())), hand_overs: Vec::new() };
    let handed = Upgrade { from, to: to(&unmigrating(3, &heir())), hand_overs: vec![hand_over()] };
    let stranger = SecretKey::from_seed(&[5; 32]);
    let mut forged = good.to_bytes();
    let last = forged.len() - 2;
    forged[last] ^= 1;
    let cases = [
        ("by another author", Upgrade { hand_overs: Vec::new(), ..handed.clone() }),
        ("handed over to another", Upgrade { to: to(&unmigrating(3, &stranger)), ..handed }),
        ("a forged signature", Upgrade::from_bytes(&forged).unwrap()),
    ];
    let refused = |(what, upgrade): (&str, Upgrade)| {
        let error = upgrade.verify(BUNDLE.lineage()).unwrap_err();
        json!({ "what": what, "payload": hex(upgrade.to_bytes()), "error": error.to_string() })
    };
    cases.into_iter().map(refused).collect()
}
