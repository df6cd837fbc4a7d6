//! What holds of every history, over random ones.

use std::collections::BTreeMap;

use myrhiza_sdk::testing::{Host, Topic};
use proptest::prelude::*;

use super::*;

const PEOPLE: [&str; 3] = ["ann", "bob", "cas"];

#[derive(Clone, Debug)]
enum Act {
    Ask(usize, Vec<String>),
    Sync,
}

fn act() -> impl Strategy<Value = Act> {
    let words = prop_oneof![
        2 => Just("create Q a b c".to_owned()),
        4 => (0..3).prop_map(|index| format!("vote {index}")),
        1 => Just("end".to_owned()),
    ];
    prop_oneof![
        6 => (0..3usize, words).prop_map(|(who, words)| {
            Act::Ask(who, words.split(' ').map(String::from).collect())
        }),
        1 => Just(Act::Sync),
    ]
}

fn counted(host: &Host) -> BTreeMap<(EventId, u32), u64> {
    let mut counted = BTreeMap::new();
    for ((poll, _), option) in VOTES.iter(host) {
        *counted.entry((poll, option)).or_default() += 1;
    }
    counted
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_tally_is_the_count_of_votes_and_one_poll_is_open_at_most(
        acts in proptest::collection::vec(act(), 1..40), seed: u64,
    ) {
        let mut topic = Topic::new(PEOPLE, apply, propose, view).with_ties(seed);
        for act in acts {
            match act {
                Act::Ask(who, words) => drop(topic.ask(PEOPLE[who], words)),
                Act::Sync => topic.sync(),
            }
        }
        topic.sync();
        let host = topic.host("ann");
        let tally: BTreeMap<_, _> = TALLY.iter(&host).filter(|(_, n)| *n > 0).collect();
        prop_assert_eq!(tally, counted(&host));

        let open: Vec<_> = POLLS.iter(&host).filter(|(_, poll)| poll.open).collect();
        prop_assert!(open.len() <= 1);
        for (id, _) in open {
            prop_assert_eq!(CURRENT.get(&host), Some(id));
        }
        let ended: Vec<_> = ENDED.iter(&host).collect();
        prop_assert_eq!(ended.len(), POLLS.iter(&host).filter(|(_, poll)| !poll.open).count());
        topic.view("bob");
    }
}

#[test]
fn either_of_two_polls_created_apart_can_win() {
    let winner = |seed| {
        let mut topic = Topic::new(PEOPLE, apply, propose, view).with_ties(seed);
        for who in ["ann", "bob"] {
            topic.ask(who, ["create", who, "yes", "no"]);
            topic.ask(who, ["vote", "1"]);
        }
        topic.sync();
        let rejected = topic.verdicts("cas").into_iter().filter_map(Result::err);
        assert_eq!(rejected.collect::<Vec<_>>(), [RUNNING, NO_POLL]);
        current(&topic.host("cas")).unwrap().1.question
    };
    let winners: Vec<_> = (0..16).map(winner).collect();
    assert!(winners.contains(&"ann".into()) && winners.contains(&"bob".into()));
}
