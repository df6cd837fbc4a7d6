use super::*;
use crate::apply::Verdict;
use crate::drift::limits::{KEYS, SHOWN_BYTES};
use crate::drift::message::Message;
use crate::drift::{Report, Shown, Why};
use crate::runtime::{Taken, VoteAt};
use crate::schema;
use crate::state::trie::Trie;
use crate::state::{Overlay, StateMap};
use crate::sync::Role;
use myrhiza_kernel_api::StoreExt;

/// What an event of [`topic`] writes under.
fn key_of(event: &Event) -> Vec<u8> {
    vec![1, event.payload()[0]]
}

/// What both reports say of one drift, each from its side.
fn explained(pipe: &Pipe, event: &Event) -> [Report; 2] {
    let reports = pipe.reports();
    for (n, report) in reports.iter().enumerate() {
        let why = report.explanation.as_ref().expect("explained");
        assert_eq!(why.event.map(|place| place.id), Some(event.id()));
        let key = why.keys.iter().find(|differing| differing.key == key_of(event)).unwrap();
        assert_ne!(key.here, key.there);
        // Each value is what the home has that it is said of.
        let other = reports[1 - n].explanation.as_ref().unwrap();
        assert_eq!(why.keys.len(), other.keys.len());
        let swapped = other.keys.iter().find(|other| other.key == key.key).unwrap();
        assert_eq!((&key.here, &key.there), (&swapped.there, &swapped.here));
        assert_eq!(why.again, Some(true));
        assert_eq!((why.here, why.there, why.agreed), (other.there, other.here, other.agreed));
        assert_eq!((&report.ours, &report.theirs), (&reports[1 - n].theirs, &reports[1 - n].ours));
        assert!(report.ours.differs(&report.theirs));
    }
    for end in &pipe.ends {
        assert_eq!((end.ends(), end.offences()), (vec![Why::Explained], vec![]));
        assert!(!end.session.is_inquiring());
    }
    reports
}

fn is_app(event: &&Event) -> bool {
    event.header().kind == Kind::App
}

/// [DRIFT-4] [DRIFT-5] [DRIFT-6]
#[test]
fn whichever_event_is_broken_on_either_side_both_find_it_and_its_key() {
    let (world, events, bob) = topic(2, 64, 130);
    let sound = pair(&world, &events, &bob, [None, None]);
    let reader = &sound.ends[0].node.home;
    for (n, event) in events.iter().filter(is_app).enumerate() {
        // What the app rejects is not broken by another write.
        let here = reader.ruling(event.id()).verdict == Verdict::Accept;
        if reader.order().iter().position(|id| *id == event.id()).unwrap() >= 128 || !here {
            continue;
        }
        let mut broken = [None, None];
        broken[n % 2] = Some(Broken::Event(event.id()));
        let mut pipe = pair(&world, &events, &bob, broken);
        pipe.vote(VoteAt::Anchor);
        let reports = explained(&pipe, event);
        let why = reports[0].explanation.as_ref().unwrap();
        let before = reader.order().iter().position(|id| *id == event.id()).unwrap() as u64;
        assert_eq!(why.agreed, (before >= 64).then_some(64));
        assert_eq!((why.keys.len(), why.more), (1, false));
        let versions = reports.each_ref().map(|report| report.ours.engine().version.clone());
        assert_eq!(versions[n % 2], "2, broken");
        assert_eq!(versions[1 - n % 2], "1");
        // Votes, the listener's twice; question and answer: the anchors, 128 events by 16 twice, the
        // trie's two levels, the values.
        assert!(pipe.said.len() <= 3 + 2 + 4 + 4 + 2, "{} messages", pipe.said.len());
    }
}

/// [DRIFT-5]
#[test]
fn the_number_of_messages_grows_with_the_logarithm_of_the_events() {
    let mut counts = Vec::new();
    for interval in [16, 256, 4096] {
        let size = interval as usize;
        let (world, events, bob) = topic(7, interval, size);
        let order = pair(&world, &events, &bob, [None, None]).ends[0].node.home.order();
        let find = |at: usize| events.iter().find(|event| event.id() == order[at]).unwrap();
        let event = (size / 3..).map(find).find(is_write).unwrap();
        let broken = [Some(Broken::Event(event.id())), None];
        let mut pipe = pair(&world, &events, &bob, broken);
        pipe.vote(VoteAt::Anchor);
        explained(&pipe, event);
        let split = |said: &&(Role, Message)| matches!(said.1, Message::Split { .. });
        counts.push((pipe.said.iter().filter(split).count(), pipe.said.len()));
    }
    assert_eq!(counts.iter().map(|count| count.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(counts.iter().all(|count| count.1 <= 2 * count.0 + 11), "{counts:?}");
}

/// [DRIFT-5]
#[test]
fn what_is_broken_for_long_is_found_where_it_began() {
    let (world, events, bob) = topic(4, 10, 60);
    let mut pipe = pair(&world, &events, &bob, [None, Some(Broken::Key(3))]);
    let order = pipe.ends[0].node.home.order();
    let written = |id| {
        let event = events.iter().filter(is_app).find(|event| event.id() == id)?;
        let accepted = pipe.ends[1].node.home.accepts(event);
        (event.payload()[0] == 3 && accepted).then_some(event)
    };
    let first = order.into_iter().find_map(written).unwrap();
    // At the last anchor, after several that differed already.
    pipe.vote(VoteAt::Anchor);
    explained(&pipe, first);
    // What is explained is not looked into again.
    let vote = pipe.ends[1].node.signed(VoteAt::Tip).unwrap();
    assert_eq!(pipe.ends[0].node.take(&vote), Taken::Known);
    let vote = pipe.ends[1].node.signed(VoteAt::Count(50)).unwrap();
    assert_eq!(pipe.ends[0].node.take(&vote), Taken::Known);
    assert_eq!(pipe.ends[0].node.compare_votes(), []);
}

/// [DRIFT-2] [DRIFT-5]
#[test]
fn it_is_found_between_two_anchors_on_request() {
    let (world, events, bob) = topic(6, 1000, 45);
    let event = events.iter().rfind(is_write).unwrap();
    let mut pipe = pair(&world, &events, &bob, [Some(Broken::Event(event.id())), None]);
    assert_eq!(pipe.ends[0].node.signed(VoteAt::Anchor), None);
    pipe.vote(VoteAt::Tip);
    explained(&pipe, event);
}

/// [DRIFT-6]
#[test]
fn a_rejected_event_and_its_fuel_are_shown() {
    let (world, events, bob) = topic(8, 20, 20);
    let event = events.iter().find(is_write).unwrap();
    let mut pipe = pair(&world, &events, &bob, [Some(Broken::Rejects(event.id())), None]);
    pipe.vote(VoteAt::Anchor);
    let [report, _] = explained(&pipe, event);
    let why = report.explanation.unwrap();
    let (here, there) = (why.here.unwrap(), why.there.unwrap());
    assert_eq!((here.verdict, here.code, here.fuel), (Verdict::Reject, 9, 5));
    assert_eq!((there.verdict, there.code, there.fuel), (Verdict::Accept, 0, 5));
}

/// [DRIFT-6]
#[test]
fn a_report_ends_when_both_have_one_state_again_and_another_may_follow() {
    let (world, events, bob) = topic(8, 10, 40);
    let order = pair(&world, &events, &bob, [None, None]).ends[0].node.home.order();
    let find = |at: usize| events.iter().find(|event| event.id() == order[at]).unwrap();
    let at = (12..).map(find).find(is_write).unwrap();
    let log: Vec<_> = (0..40).map(|at| find(at).clone()).collect();
    let mut pipe = pair(&world, &log[..20], &bob, [None, Some(Broken::Event(at.id()))]);
    pipe.vote(VoteAt::Anchor);
    assert_eq!(pipe.reports().map(|report| report.until), [None; 2]);
    // Bob mends his engine and folds anew.
    let mut mended = Node::new(&world, bob.clone());
    mended.home.take(&log[..30]).unwrap();
    pipe.ends[0].node.home.take(&log[..30]).unwrap();
    let taken = pipe.ends[0].node.take(&mended.signed(VoteAt::Anchor).unwrap());
    assert_eq!(taken, Taken::Agrees);
    assert_eq!(pipe.ends[0].node.reports()[0].until, Some(30));
    let next = log[30..].iter().rfind(is_write).unwrap();
    *mended.home.backend.broken.lock().unwrap() = Some(Broken::Event(next.id()));
    mended.home.take(&log).unwrap();
    pipe.ends[0].node.home.take(&log).unwrap();
    let taken = pipe.ends[0].node.take(&mended.signed(VoteAt::Anchor).unwrap());
    assert_eq!(taken, Taken::Differs { explain: Some(40) });
    let untils: Vec<_> = pipe.ends[0].node.reports().iter().map(|report| report.until).collect();
    assert_eq!(untils, [Some(30), None]);
}

/// [DRIFT-6]
#[test]
fn a_fold_that_does_not_do_the_same_twice_is_told() {
    let (world, events, bob) = topic(8, 20, 20);
    let event = events.iter().find(is_write).unwrap();
    for broken in [Broken::Event(event.id()), Broken::Rejects(event.id())] {
        let mut pipe = pair(&world, &events, &bob, [Some(broken), None]);
        // From here on it is sound, and what it wrote stays.
        *pipe.ends[0].node.home.backend.broken.lock().unwrap() = None;
        pipe.vote(VoteAt::Anchor);
        let again = pipe.reports().map(|report| report.explanation.unwrap().again);
        assert_eq!(again, [Some(false), Some(true)]);
    }
}

/// [DRIFT-6] [DRIFT-7]
#[test]
fn of_many_keys_some_are_named_and_that_there_are_more_is_said() {
    let (world, events, bob) = topic(8, 20, 20);
    let event = events.iter().find(is_write).unwrap();
    for (keys, side) in [(1, 0), (KEYS as u16, 1), (KEYS as u16 + 1, 0), (3000, 0), (3000, 1)] {
        let mut broken = [None, None];
        broken[side] = Some(Broken::Keys(event.id(), keys));
        let mut pipe = pair(&world, &events, &bob, broken);
        pipe.vote(VoteAt::Anchor);
        for (n, report) in pipe.reports().into_iter().enumerate() {
            let why = report.explanation.unwrap();
            assert_eq!(why.event.unwrap().id, event.id());
            assert_eq!(why.keys.len(), usize::from(keys).min(KEYS));
            assert_eq!(why.more, usize::from(keys) > KEYS);
            for differing in why.keys {
                assert!(differing.key.starts_with(b"\x01broken"));
                let (own, other) = if n == side {
                    (differing.here, differing.there)
                } else {
                    (differing.there, differing.here)
                };
                assert_eq!((own, other), (Some(Shown::of(b"1")), None));
            }
        }
    }
}

/// [DRIFT-6]
#[test]
fn where_no_event_differs_the_states_are_walked() {
    let (world, events, bob) = topic(9, 10, 40);
    let mut pipe = pair(&world, &events, &bob, [None, None]);
    // A value that no event wrote, as after a restore of half a home. It is long.
    let value = vec![7; SHOWN_BYTES + 1];
    let node = &mut pipe.ends[1].node;
    let mut overlay = Overlay::new(node.home.reader());
    let map = StateMap::guest(world.id());
    map.set(&mut overlay, b"stray", value.clone());
    let root = Trie::update_state(world.id(), &mut overlay, [b"\x01stray"]).unwrap();
    let anchor = crate::drift::Anchor::newest(&overlay, world.id()).unwrap().unwrap();
    crate::drift::Anchor { state_root: root.hash, ..anchor }
        .save(&mut overlay, world.id())
        .unwrap();
    node.home.store.commit(overlay.into_batch()).unwrap();
    pipe.vote(VoteAt::Anchor);
    for (n, report) in pipe.reports().into_iter().enumerate() {
        let why = report.explanation.unwrap();
        assert_eq!((why.event, why.agreed, why.keys.len()), (None, Some(30), 1));
        let differing = &why.keys[0];
        assert_eq!(differing.key, b"\x01stray");
        let shown = [&differing.here, &differing.there][1 - n].clone().unwrap();
        assert_eq!((shown.len, &shown.start[..]), (value.len() as u64, &value[..SHOWN_BYTES]));
        assert_eq!([&differing.here, &differing.there][n], &None);
    }
}

/// [DRIFT-5] Nothing of a topic but its reports and votes changes.
#[test]
fn an_inquiry_changes_nothing() {
    let (world, events, bob) = topic(2, 10, 40);
    let event = events.iter().filter(is_app).nth(20).unwrap();
    let mut pipe = pair(&world, &events, &bob, [None, Some(Broken::Key(event.payload()[0]))]);
    let before = pipe.ends.each_ref().map(|end| end.node.home.all());
    pipe.vote(VoteAt::Anchor);
    pipe.reports();
    assert_eq!(pipe.ends.each_ref().map(|end| end.node.home.all()), before);
    // With the topic all of it goes.
    let topic = world.id();
    let home = &mut pipe.ends[1].node.home;
    home.runtime.leave(topic, &bob.certificate).unwrap();
    let reader = home.reader();
    for space in [schema::ANCHORS, schema::VOTES, schema::DRIFT] {
        assert_eq!(reader.prefix(space, &[], usize::MAX).unwrap(), []);
    }
    assert!(reader.get(schema::TOPICS, topic.as_ref()).unwrap().is_none());
}

/// [DRIFT-5] [DRIFT-7]
#[test]
fn what_cannot_be_explained_is_reported_all_the_same() {
    let (world, events, bob) = topic(2, 10, 40);
    let event = events.iter().filter(is_app).nth(20).unwrap();
    let broken = [None, Some(Broken::Key(event.payload()[0]))];
    // No room, and a peer that says nothing.
    let mut pipe = pair(&world, &events, &bob, broken);
    pipe.ends[1].node.has_room = false;
    pipe.vote(VoteAt::Anchor);
    assert_eq!(pipe.ends[0].ends(), [Why::Busy]);
    assert!(pipe.reports().iter().all(|report| report.explanation.is_none()));
    let mut pipe = pair(&world, &events, &bob, broken);
    pipe.ends[0].node.has_room = false;
    pipe.vote(VoteAt::Anchor);
    assert_eq!(pipe.ends[0].ends(), []);
    assert!(pipe.reports().iter().all(|report| report.explanation.is_none()));
    // Later there is: the same vote, kept, is compared again.
    pipe.ends[0].node.has_room = true;
    let votes = pipe.ends[0].node.compare_votes();
    assert_eq!(votes.len(), 1);
    let ours = pipe.ends[0].node.signed(VoteAt::Count(votes[0].at().count)).unwrap();
    let effects = pipe.ends[0].session.explain(&ours, &pipe.ends[0].node.host(), 0).unwrap();
    pipe.ends[0].follow(effects, 0);
    pipe.run();
    assert!(pipe.reports().iter().all(|report| report.explanation.is_some()));
}
