use myrhiza_kernel_api::EventId;

use crate::event::Event;
use crate::event::payload::{Admission, CutList};
use crate::identity::{Certificate, ScopeKind};
use crate::testing::{Dice, Home, Op, Scope, World};

/// A founder, Ann invited by them (1), Bob by Ann (2), Cid by Bob (3).
struct Tree {
    world: World,
    founder: Scope,
    ann: Scope,
    bob: Scope,
    cid: Scope,
    /// Of Ann, Bob and Cid.
    joins: [EventId; 3],
    events: Vec<Event>,
}

fn tree() -> Tree {
    let world = World::new(Admission::Invite);
    let scope = |n| Scope::new(n, 100 + n, ScopeKind::Device);
    let (mut ann, mut bob, mut cid) = (scope(2), scope(3), scope(4));
    let a = world.join(&world.founder, &mut ann, (1, 0), &[world.genesis.id()]);
    let b = world.join(&ann, &mut bob, (2, 0), &[a.id()]);
    let c = world.join(&bob, &mut cid, (3, 0), &[b.id()]);
    let joins = [a.id(), b.id(), c.id()];
    let events = vec![world.genesis.clone(), a, b, c];
    Tree { founder: world.founder.clone(), world, ann, bob, cid, joins, events }
}

impl Tree {
    /// Everything so far, in many sequences of arrival, which all end the same.
    fn settled(&self) -> Home {
        let want = Home::with(&self.world, &self.events);
        assert_eq!(want.order().len(), self.events.len());
        for seed in 0..32 {
            let mut home = Home::with(&self.world, &self.events[..1]);
            for event in Dice(seed).shuffled(&self.events) {
                home.insert(&event);
            }
            let first = want.order().into_iter().find(|id| home.ruling(*id) != want.ruling(*id));
            assert_eq!(first, None, "seed {seed}");
            assert!(home.all() == want.all(), "seed {seed}");
        }
        want
    }

    fn keep(&mut self, event: Event) -> Event {
        self.events.push(event.clone());
        event
    }

    fn write(&mut self, scope: &mut Scope, parents: &[EventId]) -> Event {
        let payload = [self.events.len() as u8];
        let event = self.world.app(scope, parents, Op::Write as u32, &payload);
        self.keep(event)
    }
}

#[test]
fn a_revoked_scope_is_void_behind_its_last_recognised_event_wherever_that_sorts() {
    let mut tree = tree();
    let mut ann = tree.ann.clone();
    let before = tree.write(&mut ann, &[]);
    let mut stolen = ann.clone();
    let person = ann.person.clone();
    let cuts = World::cuts(&[(ann.id(), Some(before.id()))]);
    let mut carrier = tree.founder.clone();
    let revoke = tree.world.revoke(&mut carrier, &person, cuts, &[before.id()]);
    let revoke = tree.keep(revoke);
    let late = tree.write(&mut stolen, &[]);
    let later = tree.write(&mut stolen, &[]);
    // Another branch, from below the last recognised event: as low as it can sort.
    let mut fork = tree.ann.clone();
    let dated_back = tree.write(&mut fork, &[]);
    let home = tree.settled();
    assert!(home.accepts(&before) && home.accepts(&revoke));
    for void in [late, later, dated_back] {
        assert!(home.is_void(&void), "{:?}", home.ruling(void.id()));
    }
}

#[test]
fn of_several_cuts_what_one_does_not_recognise_is_void() {
    let mut tree = tree();
    let mut ann = tree.ann.clone();
    let made: Vec<_> = (0..4).map(|_| tree.write(&mut ann, &[])).collect();
    let person = ann.person.clone();
    let mut carrier = tree.founder.clone();
    for last in [&made[2], &made[0], &made[3]] {
        let cuts = World::cuts(&[(ann.id(), Some(last.id()))]);
        let revoke = tree.world.revoke(&mut carrier, &person, cuts, &[last.id()]);
        tree.keep(revoke);
    }
    let home = tree.settled();
    assert!(home.accepts(&made[0]));
    assert!(made[1..].iter().all(|event| home.is_void(event)));
}

#[test]
fn of_a_fork_a_cut_recognises_the_branch_it_names() {
    let mut tree = tree();
    let (mut one, mut other) = (tree.ann.clone(), tree.ann.clone());
    let left = [tree.write(&mut one, &[]), tree.write(&mut one, &[])];
    let right = [tree.write(&mut other, &[]), tree.write(&mut other, &[])];
    let cuts = World::cuts(&[(one.id(), Some(left[1].id()))]);
    let (person, mut carrier) = (one.person.clone(), tree.founder.clone());
    let revoke = tree.world.revoke(&mut carrier, &person, cuts, &[left[1].id()]);
    tree.keep(revoke);
    let home = tree.settled();
    assert!(left.iter().all(|event| home.accepts(event)));
    assert!(right.iter().all(|event| home.is_void(event)));
}

#[test]
fn a_person_revokes_only_what_is_theirs() {
    let mut tree = tree();
    let mut bob = tree.bob.clone();
    let app = tree.write(&mut bob, &[]);
    let (mut ann, person) = (tree.ann.clone(), tree.ann.person.clone());
    let mut cuts = World::cuts(&[(bob.id(), None)]);
    cuts.invitations = World::invitation_cut(1, &[]).invitations;
    let foreign = tree.world.revoke(&mut ann, &person, cuts, &[tree.joins[0]]);
    tree.keep(foreign);
    let home = tree.settled();
    assert!(home.accepts(&app) && home.is_member(bob.person()) && home.is_member(ann.person()));
}

#[test]
fn a_scope_can_carry_its_own_end() {
    let mut tree = tree();
    let mut ann = tree.ann.clone();
    let app = tree.write(&mut ann, &[]);
    let (person, cuts) = (ann.person.clone(), World::cuts(&[(ann.id(), Some(app.id()))]));
    let revoke = tree.world.revoke(&mut ann, &person, cuts, &[app.id()]);
    let revoke = tree.keep(revoke);
    let after = tree.write(&mut ann, &[]);
    let home = tree.settled();
    assert!(home.accepts(&app) && home.accepts(&revoke) && home.is_void(&after));
}

#[test]
fn the_founder_and_who_is_above_may_remove_and_nobody_else() {
    for (by, may) in [(0, true), (1, true), (2, true), (3, false), (4, false)] {
        let mut tree = tree();
        let mut dan = Scope::new(5, 105, ScopeKind::Device);
        let join = tree.world.join(&tree.founder, &mut dan, (9, 0), &[tree.joins[0]]);
        tree.keep(join);
        let authors = [&tree.founder, &tree.ann, &tree.bob, &tree.cid, &dan];
        let mut author = authors[by].clone();
        let person = tree.cid.person();
        let cuts = World::cuts(&[(tree.cid.id(), Some(tree.joins[2]))]);
        let remove = tree.world.remove(&mut author, person, cuts, &[tree.joins[2]]);
        let remove = tree.keep(remove);
        let mut cid = tree.cid.clone();
        let after = tree.write(&mut cid, &[]);
        let mut more = cid.clone();
        more.device = crate::testing::key(300);
        more.certificate =
            Certificate::issue(&cid.person, more.id(), ScopeKind::Device, "more").unwrap();
        more.last = None;
        let device = tree.world.delegate(&mut more, &[tree.joins[2]]);
        let device = tree.keep(device);
        let home = tree.settled();
        assert_eq!(home.accepts(&remove), may, "{by}");
        assert_eq!(home.is_void(&after), may, "{by}");
        assert_eq!(home.accepts(&device), !may, "{by}: a scope the remove does not name");
        assert_eq!(home.is_member(person), !may, "{by}");
    }
}

#[test]
fn the_founder_is_not_removed() {
    let mut tree = tree();
    let (mut ann, founder) = (tree.ann.clone(), tree.founder.person());
    let remove =
        tree.world.remove(&mut ann, founder, CutList::default(), &[tree.world.genesis.id()]);
    let remove = tree.keep(remove);
    let home = tree.settled();
    assert!(!home.accepts(&remove) && home.is_member(founder));
}

#[test]
fn of_removes_that_undo_each_other_the_one_from_higher_up_holds() {
    let mut tree = tree();
    let (mut ann, mut bob) = (tree.ann.clone(), tree.bob.clone());
    // Ann came in once more, by Bob's invitation: each stands above the other.
    let mut again = Scope::new(2, 302, ScopeKind::Device);
    let mut bob_too = Scope::new(3, 303, ScopeKind::Device);
    let join = tree.world.join(&tree.founder, &mut bob_too, (7, 0), &[tree.joins[1]]);
    tree.keep(join);
    let join = tree.world.join(&bob_too, &mut again, (8, 0), &[bob_too.last().unwrap()]);
    let again_join = tree.keep(join);
    // Bob, from depth 2, removes Ann; Ann, from depth 1, removes Bob.
    let person = ann.person();
    let by_bob = tree.world.remove(&mut bob, person, CutList::default(), &[again_join.id()]);
    let by_bob = tree.keep(by_bob);
    let person = bob.person();
    let by_ann = tree.world.remove(&mut ann, person, CutList::default(), &[tree.joins[1]]);
    let by_ann = tree.keep(by_ann);
    let home = tree.settled();
    assert!(home.accepts(&by_ann) && !home.accepts(&by_bob));
    assert!(home.is_member(ann.person()) && !home.is_member(bob.person()));
}

#[test]
fn a_remove_by_who_was_removed_is_void_if_it_is_not_recognised() {
    for recognised in [false, true] {
        let mut tree = tree();
        let mut ann = tree.ann.clone();
        let bob = tree.bob.person();
        let cuts = World::cuts(&[(tree.bob.id(), Some(tree.joins[1]))]);
        let by_ann = tree.world.remove(&mut ann, bob, cuts, &[tree.joins[1]]);
        let by_ann = tree.keep(by_ann);
        let last = if recognised { by_ann.id() } else { tree.joins[0] };
        let mut cuts = World::cuts(&[(ann.id(), Some(last))]);
        cuts.invitations = World::invitation_cut(2, &[tree.bob.id()]).invitations;
        let mut founder = tree.founder.clone();
        let parents = [tree.joins[0], last];
        let above = tree.world.remove(&mut founder, ann.person(), cuts, &parents);
        let above = tree.keep(above);
        let mut bob_scope = tree.bob.clone();
        let app = tree.write(&mut bob_scope, &[]);
        let home = tree.settled();
        assert!(home.accepts(&above));
        assert_eq!(home.accepts(&by_ann), recognised);
        assert_eq!(home.is_member(bob), !recognised);
        assert_eq!(home.accepts(&app), !recognised);
    }
}

#[test]
fn a_cut_invitation_lets_in_whom_it_names_and_those_below_them() {
    let mut tree = tree();
    // Dan too came in by Ann's invitation 2, and Eve by Dan's.
    let (mut dan, mut eve) =
        (Scope::new(5, 105, ScopeKind::Device), Scope::new(6, 106, ScopeKind::Device));
    let join = tree.world.join(&tree.ann, &mut dan, (2, 0), &[tree.joins[0]]);
    let dan_join = tree.keep(join);
    let join = tree.world.join(&dan, &mut eve, (4, 0), &[tree.world.genesis.id()]);
    let eve_join = tree.keep(join);
    let (mut ann, person) = (tree.ann.clone(), tree.ann.person.clone());
    let cuts = World::invitation_cut(2, &[dan.id()]);
    let revoke = tree.world.revoke(&mut ann, &person, cuts, &[]);
    tree.keep(revoke);
    let home = tree.settled();
    assert!(home.accepts(&dan_join) && home.accepts(&eve_join));
    assert!(!home.is_member(tree.bob.person()) && !home.is_member(tree.cid.person()));
}

#[test]
fn who_joined_below_a_recognised_acceptor_stands_though_that_one_is_not_there() {
    let mut tree = tree();
    let mut cid = tree.cid.clone();
    let app = tree.write(&mut cid, &[]);
    // Cid's join names Bob's as parent; Dan's, as deep, does not, and can be there before it.
    let mut dan = Scope::new(5, 105, ScopeKind::Device);
    let join = tree.world.join(&tree.bob, &mut dan, (5, 0), &[tree.world.genesis.id()]);
    let dan_join = tree.keep(join);
    let (mut ann, person) = (tree.ann.clone(), tree.ann.person.clone());
    let cuts = World::invitation_cut(2, &[tree.bob.id()]);
    let revoke = tree.world.revoke(&mut ann, &person, cuts, &[]);
    let revoke = tree.keep(revoke);
    let home = tree.settled();
    assert!(home.accepts(&dan_join) && home.accepts(&app));

    let mut home = Home::with(&tree.world, &tree.events[..2]);
    home.take(&[revoke, dan_join.clone()]).unwrap();
    assert!(home.accepts(&dan_join), "what is recognised does not depend on what has come");
}

/// Nothing dates an invitation: who was removed, or holds a device that was revoked, can sign one
/// at any time, and whoever joins by it can sort anywhere.
#[test]
fn an_invitation_ends_with_the_scope_that_signed_it_but_for_the_acceptors_the_cut_names() {
    for (removed, named) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut tree = tree();
        let mut late = Scope::new(7, 107, ScopeKind::Device);
        let back = tree.world.join(&tree.ann, &mut late, (6, 0), &[tree.world.genesis.id()]);
        let back = tree.keep(back);
        let app = tree.write(&mut late, &[]);
        let mut cuts = World::cuts(&[(tree.ann.id(), Some(tree.joins[0]))]);
        if named {
            cuts.invitations = World::invitation_cut(2, &[tree.bob.id()]).invitations;
        }
        let (ann, mut founder) = (tree.ann.clone(), tree.founder.clone());
        let parents = [tree.joins[0]];
        let ended = match removed {
            true => tree.world.remove(&mut founder, ann.person(), cuts, &parents),
            false => tree.world.revoke(&mut founder, &ann.person, cuts, &parents),
        };
        let ended = tree.keep(ended);
        // Bob, whom the cut names, goes on inviting.
        let mut eve = Scope::new(6, 106, ScopeKind::Device);
        let join = tree.world.join(&tree.bob, &mut eve, (4, 0), &[tree.world.genesis.id()]);
        let below = tree.keep(join);
        let home = tree.settled();
        assert!(home.accepts(&ended));
        assert!(home.is_void(&back) && !home.accepts(&app) && !home.is_member(late.person()));
        for (person, event) in [(tree.bob.person(), None), (eve.person(), Some(&below))] {
            assert_eq!(home.is_member(person), named);
            assert!(event.is_none_or(|event| home.accepts(event) == named));
        }
        assert_eq!(home.is_member(ann.person()), !removed);
    }
}

#[test]
fn a_founder_who_revokes_all_of_a_scope_takes_back_its_removes() {
    let mut tree = tree();
    let mut founder = tree.founder.clone();
    let person = tree.ann.person();
    let remove = tree.world.remove(&mut founder, person, CutList::default(), &[tree.joins[0]]);
    let remove = tree.keep(remove);
    let (key, mut ann) = (founder.person.clone(), tree.ann.clone());
    let mut cuts = World::cuts(&[(founder.id(), None)]);
    cuts.invitations = World::invitation_cut(1, &[ann.id()]).invitations;
    let revoke = tree.world.revoke(&mut ann, &key, cuts, &[]);
    tree.keep(revoke);
    let app = tree.write(&mut ann, &[]);
    let home = tree.settled();
    assert!(!home.accepts(&remove) && home.is_void(&tree.world.genesis) && home.accepts(&app));
}

/// A scope certified by two people removes somebody whom both let in, and cuts an invitation of the
/// second. Once the first ends the scope, the remove is by the second, who may cut that invitation.
#[test]
fn cuts_change_their_authority_with_their_author() {
    let world = World::new(Admission::Invite);
    let scope = |n| Scope::new(n, 100 + n, ScopeKind::Device);
    let (mut one, mut two, mut let_in) = (scope(2), scope(3), scope(4));
    let genesis = world.genesis.id();
    let first = world.join(&world.founder, &mut one, (1, 0), &[genesis]);
    let second = world.join(&world.founder, &mut two, (2, 0), &[genesis]);
    let third = world.join(&two, &mut let_in, (3, 0), &[second.id()]);
    let app = world.app(&mut let_in, &[], Op::Write as u32, b"k");
    let (mut below_one, mut below_two) = (scope(5), Scope::new(5, 205, ScopeKind::Device));
    let fourth = world.join(&one, &mut below_one, (4, 0), &[first.id()]);
    let fifth = world.join(&two, &mut below_two, (5, 0), &[second.id(), fourth.id()]);
    let mut shared = Scope::new(2, 300, ScopeKind::Device);
    let as_one = world.delegate(&mut shared, &[first.id(), fifth.id(), app.id()]);
    shared.person = two.person.clone();
    shared.certificate =
        Certificate::issue(&shared.person, shared.id(), ScopeKind::Device, "two").unwrap();
    let as_two = world.delegate(&mut shared, &[second.id(), as_one.id()]);
    let lasts = [(below_one.id(), below_one.last()), (below_two.id(), below_two.last())];
    let mut cuts = World::cuts(&lasts);
    cuts.invitations = World::invitation_cut(3, &[]).invitations;
    let parents = [fourth.id(), fifth.id(), as_two.id()];
    let remove = world.remove(&mut shared, below_one.person(), cuts, &parents);
    let end = World::cuts(&[(shared.id(), None)]);
    let person = one.person.clone();
    let revoke = world.revoke(&mut one, &person, end, &[remove.id()]);
    let events = vec![
        world.genesis.clone(),
        first,
        second,
        third.clone(),
        app,
        fourth,
        fifth,
        as_one,
        as_two,
        remove,
        revoke,
    ];
    let before = Home::with(&world, &events[..10]);
    assert!(before.accepts(&third));
    let (founder, [ann, bob, cid]) = (world.founder.clone(), [one, two, let_in]);
    let tree = Tree { world, founder, ann, bob, cid, joins: [genesis; 3], events };
    assert!(tree.settled().is_void(&third));
}

/// A revoke needs no standing, but what it says of others ends with its person.
#[test]
fn who_was_removed_no_longer_ends_those_they_let_in() {
    for named in [true, false] {
        let mut tree = tree();
        let mut ann = tree.ann.clone();
        let app = tree.write(&mut ann, &[]);
        let mut cuts = World::cuts(&[(ann.id(), Some(app.id()))]);
        if named {
            cuts.invitations = World::invitation_cut(2, &[tree.bob.id()]).invitations;
        }
        let (mut founder, person) = (tree.founder.clone(), ann.person.clone());
        let parents = [tree.joins[0], app.id()];
        let remove = tree.world.remove(&mut founder, ann.person(), cuts, &parents);
        let remove = tree.keep(remove);
        let all = World::cuts(&[(ann.id(), None)]);
        let revoke = tree.world.revoke(&mut ann, &person, all, &[]);
        tree.keep(revoke);
        let home = tree.settled();
        assert!(home.accepts(&remove) && !home.accepts(&app), "what they did they can take back");
        assert_eq!(home.is_member(tree.bob.person()), named);
        assert_eq!(home.is_member(tree.cid.person()), named);
    }
}

#[test]
fn whose_ticket_is_ended_with_them_does_not_come_back_by_it() {
    let world = World::new(Admission::Invite);
    let (mut founder, mut ann) = (world.founder.clone(), Scope::new(2, 102, ScopeKind::Device));
    let join = world.join(&world.founder, &mut ann, (1, 1), &[world.genesis.id()]);
    let said = world.app(&mut ann, &[], Op::Write as u32, b"k");
    let mut cuts = World::cuts(&[(ann.id(), Some(said.id()))]);
    cuts.invitations = World::invitation_cut(1, &[ann.id()]).invitations;
    let remove = world.remove(&mut founder, ann.person(), cuts, &[join.id(), said.id()]);
    // By the same ticket under another key, sorting before the first.
    let back = (0..64).find_map(|n| {
        let mut eve = Scope::new(66, 400 + n, ScopeKind::Device);
        let event = world.join(&world.founder, &mut eve, (1, 1), &[world.genesis.id()]);
        (event.id() < join.id()).then_some((event, eve))
    });
    let (back, eve) = back.unwrap();
    let events = [world.genesis.clone(), join, said.clone(), remove, back];
    let home = Home::with(&world, &events);
    assert!(!home.is_member(eve.person()) && !home.is_member(ann.person()) && home.accepts(&said));
}
