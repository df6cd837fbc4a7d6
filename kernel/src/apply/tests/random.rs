use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::event::Event;
use crate::event::payload::{Admission, CutList};
use crate::identity::ScopeKind;
use crate::testing::{Dice, Home, Op, Scope, World};

/// A topic in which everything happens that cuts have to cope with: people invite each other by
/// invitations of few uses, add devices, back-date, fork, revoke and remove each other, up and
/// down the tree, recognising whatever they like.
struct Turmoil {
    world: World,
    dice: Dice,
    scopes: Vec<Scope>,
    /// The first event of each scope.
    entries: Vec<Event>,
    events: Vec<Event>,
    /// Invitations issued.
    invitations: u16,
}

impl Turmoil {
    fn new(seed: u64) -> Self {
        let world = World::new(Admission::Invite);
        let founder = world.founder.clone();
        let entries = vec![world.genesis.clone()];
        let events = entries.clone();
        Self { world, dice: Dice(seed), scopes: vec![founder], entries, events, invitations: 0 }
    }

    /// Random parents, old ones too.
    fn parents(&mut self) -> Vec<myrhiza_kernel_api::EventId> {
        let recent = self.events.len().saturating_sub(3);
        let count = 1 + self.dice.below(2);
        let pick = |dice: &mut Dice, events: &[Event]| match dice.below(2) {
            0 => dice.pick(events).id(),
            _ => dice.pick(&events[recent..]).id(),
        };
        (0..count).map(|_| pick(&mut self.dice, &self.events)).collect()
    }

    fn step(&mut self) {
        let who = self.dice.below(self.scopes.len());
        let mut scope = self.scopes[who].clone();
        let mut parents = self.parents();
        let fresh = self.scopes.len() as u16;
        let event = match self.dice.below(12) {
            0 | 1 if fresh < 7 => {
                // The invitation may be one that somebody else accepts too.
                let n = match self.dice.below(3) {
                    0 if self.invitations > 0 => self.dice.below(self.invitations.into()) as u16,
                    _ => self.invitations,
                };
                self.invitations = self.invitations.max(n + 1);
                let person = 10 + self.dice.below(4) as u16;
                let mut joiner = Scope::new(person, 100 + fresh, ScopeKind::Device);
                let above = scope.chain.iter().any(|l| l.acceptor.person() == joiner.person());
                if above || scope.chain.len() > 3 || joiner.person() == scope.person() {
                    return;
                }
                let uses = self.dice.below(3) as u32;
                let event = self.world.join(&scope, &mut joiner, (n, uses), &parents);
                self.scopes.push(joiner);
                self.entries.push(event.clone());
                self.events.push(event);
                return;
            }
            2 if fresh < 7 => {
                let mut device = scope.clone();
                let person = scope.person.clone();
                let key = crate::testing::key(100 + fresh);
                device.certificate = crate::identity::Certificate::issue(
                    &person,
                    key.public(),
                    ScopeKind::Device,
                    "more",
                )
                .unwrap();
                (device.device, device.last) = (key, None);
                let Some(member) = self.member(scope.person()) else { return };
                parents.push(member.id());
                let event = self.world.delegate(&mut device, &parents);
                self.scopes.push(device);
                self.entries.push(event.clone());
                self.events.push(event);
                return;
            }
            3 | 4 => {
                let cuts = self.cuts(&mut parents, Some(scope.person()));
                let person = scope.person.clone();
                let carrier = self.dice.below(self.scopes.len());
                let mut author = self.scopes[carrier].clone();
                let event = self.world.revoke(&mut author, &person, cuts, &parents);
                self.keep(carrier, author);
                self.events.push(event);
                return;
            }
            5 if self.invitations > 0 => {
                // Who may have been turned away tries again, by whatever invitation.
                let (n, by) =
                    (self.dice.below(self.invitations.into()), self.dice.below(self.scopes.len()));
                let inviter = self.scopes[by].clone();
                let above = inviter.chain.iter().any(|l| l.acceptor.person() == scope.person());
                let founder = self.world.founder.person();
                let own = [inviter.person(), founder].contains(&scope.person());
                if above || inviter.chain.len() > 3 || own {
                    return;
                }
                let uses = self.dice.below(3) as u32;
                self.world.join(&inviter, &mut scope, (n as u16, uses), &parents)
            }
            5..=7 => {
                let target = self.dice.below(self.scopes.len());
                let target = self.scopes[target].person();
                let Some(member) = self.member(target) else { return };
                let cuts = self.cuts(&mut parents, None);
                parents.push(member.id());
                self.world.remove(&mut scope, target, cuts, &parents)
            }
            n => {
                let op = if n < 10 { Op::Full } else { Op::Members };
                let payload = [self.dice.below(3) as u8, self.events.len() as u8];
                self.world.app(&mut scope, &parents, op as u32, &payload)
            }
        };
        self.keep(who, scope);
        self.events.push(event);
    }

    /// The author goes on from there, or forks the next time.
    fn keep(&mut self, who: usize, scope: Scope) {
        if self.dice.below(8) > 0 {
            self.scopes[who] = scope;
        }
    }

    fn member(&mut self, person: myrhiza_kernel_api::PublicKey) -> Option<Event> {
        let joins = self.entries.iter().zip(&self.scopes).filter(|(event, scope)| {
            let kind = event.header().kind;
            scope.person() == person && kind != crate::event::Kind::Delegate
        });
        let joins: Vec<_> = joins.map(|(event, _)| event.clone()).collect();
        (!joins.is_empty()).then(|| self.dice.pick(&joins).clone())
    }

    /// CutList behind random events, which become parents, and of random invitations.
    fn cuts(
        &mut self,
        parents: &mut Vec<myrhiza_kernel_api::EventId>,
        of: Option<myrhiza_kernel_api::PublicKey>,
    ) -> CutList {
        let mut chosen = Vec::new();
        for scope in self.scopes.clone() {
            if of.is_some_and(|person| person != scope.person()) || self.dice.below(3) == 0 {
                continue;
            }
            let made = self.events.iter().filter(|event| event.header().scope == scope.id());
            let made: Vec<_> = made.map(Event::id).collect();
            let last = (self.dice.below(4) > 0).then(|| *self.dice.pick(&made));
            parents.extend(last);
            chosen.push((scope.id(), last));
        }
        let mut cuts = World::cuts(&chosen);
        if self.invitations > 0 && self.dice.below(2) == 0 {
            let n = self.dice.below(self.invitations.into()) as u16;
            let joined: Vec<_> = self.scopes[1..].iter().map(Scope::id).collect();
            let kept = joined.into_iter().filter(|_| self.dice.below(2) == 0).collect::<Vec<_>>();
            cuts.invitations = World::invitation_cut(n, &kept).invitations;
        }
        cuts
    }
}

/// Everything a home can say of a set of events, on a difference: the first event ruled otherwise.
fn check_equal(home: &Home, want: &Home) -> Result<(), TestCaseError> {
    let (order, other) = (home.order(), want.order());
    prop_assert_eq!(&order, &other, "the order");
    for id in order {
        prop_assert_eq!(home.ruling(id), want.ruling(id), "the ruling on {}", home.place(id));
    }
    prop_assert_eq!(home.all(), want.all());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn cuts_give_the_same_verdicts_and_state_in_every_sequence_of_arrival(
        seed: u64, size in 4..40usize, budget in prop_oneof![Just(1usize), Just(700), Just(1 << 20)],
    ) {
        let mut turmoil = Turmoil::new(seed);
        (0..size).for_each(|_| turmoil.step());
        let Turmoil { world, events, mut dice, .. } = turmoil;
        let want = Home::with(&world, &events);
        let ids: BTreeSet<_> = events.iter().map(Event::id).collect();
        prop_assert_eq!(want.order().len(), ids.len(), "all of it is admissible");

        let mut home = Home::with(&world, &events[..1]);
        home.budget(budget);
        let mut rest = &dice.shuffled(&events)[..];
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(rest.len().min(1 + dice.below(5)));
            home.take(batch).unwrap();
            rest = later;
        }
        check_equal(&home, &want)?;
    }

    /// [FOLD-8]
    #[test]
    fn late_events_refold_to_what_they_give_in_order(
        seed: u64, size in 1..60usize, budget in prop_oneof![Just(1usize), Just(500), Just(1 << 20)],
    ) {
        let (world, mut dice) = (World::new(Admission::Invite), Dice(seed));
        let mut scopes = [world.founder.clone(), Scope::new(2, 102, ScopeKind::Device)];
        let join = world.join(&world.founder, &mut scopes[1], (1, 0), &[world.genesis.id()]);
        let mut events = vec![world.genesis.clone(), join];
        for n in 0..size {
            let parents = [dice.pick(&events).id()];
            let scope = &mut scopes[dice.below(2)];
            let op = *dice.pick(&[Op::Write, Op::Reject, Op::Full, Op::Members, Op::LongKey]);
            events.push(world.app(scope, &parents, op as u32, &[dice.below(3) as u8, n as u8]));
        }
        let want = Home::with(&world, &events);
        let mut home = Home::with(&world, &events[..1]);
        home.budget(budget);
        let shuffled = dice.shuffled(&events);
        for batch in shuffled.chunks(1 + dice.below(9)) {
            home.take(batch).unwrap();
        }
        check_equal(&home, &want)?;
    }
}
