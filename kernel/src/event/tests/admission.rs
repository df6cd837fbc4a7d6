//! Admission of one event: its shape, its place, and the consent of the scope it introduces.

use myrhiza_kernel_api::{EventId, PublicKey, TopicId};

use super::world::*;
use crate::codec::{Canonical, CodecError};
use crate::event::payload::{
    Admission, ChainError, Cut, CutList, Delegate, InvitationCut, Join, Payload, Remove, Revoke,
};
use crate::event::{AdmissionError, Event, Founding, Header, Kind};
use crate::identity::{Certificate, ScopeKind, SecretKey, SignatureError};

fn app(founding: &Founding, change: impl FnOnce(&mut Header)) -> Event {
    let device = member(1).device;
    let mut header = header(founding.topic(), &device);
    change(&mut header);
    sign(header, b"", &device)
}

#[test]
fn the_genesis_tells_topic_and_founder_and_is_admitted_as_itself() {
    let (founding, event) = found(Admission::Invite);
    assert_eq!(founding.founder(), member(1).id());
    assert_eq!(founding.check(&event), Ok(Payload::Genesis(founding.genesis().clone())));
    assert_eq!(founding.check(&app(&founding, |_| ())), Ok(Payload::App));
}

#[test]
fn a_genesis_with_a_past_or_by_another_scope_founds_nothing() {
    let founder = member(1);
    let payload = genesis(&founder, Admission::Open).to_bytes();
    let shapes: [fn(&mut Header); 6] = [
        |h| h.topic = TopicId([1; 32]),
        |h| h.seq = 1,
        |h| h.prev = Some(EventId([1; 32])),
        |h| h.parents = vec![EventId([1; 32])],
        |h| h.generation = 1,
        |h| h.variant = 1,
    ];
    for change in shapes {
        let mut header = genesis_header(&founder.device);
        change(&mut header);
        let event = sign(header, &payload, &founder.device);
        assert_eq!(Founding::of(&event), Err(AdmissionError::GenesisShape));
    }
    let thief = member(2).device;
    let taken = sign(genesis_header(&thief), &payload, &thief);
    let (certified, author) = (founder.device.public(), thief.public());
    assert_eq!(Founding::of(&taken), Err(AdmissionError::NotTheScope { certified, author }));
    let (founding, _) = found(Admission::Open);
    let not = Founding::of(&app(&founding, |_| ()));
    assert_eq!(not, Err(AdmissionError::NotGenesis(Kind::App)));
    let damaged = sign(genesis_header(&founder.device), &payload[1..], &founder.device);
    assert!(matches!(Founding::of(&damaged), Err(AdmissionError::Payload(_))));
}

#[test]
fn events_of_another_topic_are_foreign() {
    let (founding, _) = found(Admission::Open);
    let (_, other) = found(Admission::Invite);
    let foreign = |event: &Event| {
        Err(AdmissionError::ForeignTopic { event: event.id(), topic: event.topic() })
    };
    assert_eq!(founding.check(&other), foreign(&other));
    let moved = app(&founding, |h| h.topic = TopicId([9; 32]));
    assert_eq!(founding.check(&moved), foreign(&moved));
}

#[test]
fn number_predecessor_and_kind_fit_together() {
    let (founding, _) = found(Admission::Open);
    let check = |change: fn(&mut Header)| founding.check(&app(&founding, change));
    assert_eq!(check(|h| h.prev = None), Err(AdmissionError::SeqShape { seq: 1 }));
    assert_eq!(check(|h| h.seq = 0), Err(AdmissionError::SeqShape { seq: 0 }));
    let first = |kind| Err(AdmissionError::KindPlace { seq: 0, kind });
    assert_eq!(check(|h| (h.seq, h.prev) = (0, None)), first(Kind::App));
    // A later join or delegate is another try: nothing but its payload is wrong here.
    for again in [Kind::Join, Kind::Delegate] {
        let mut header = header(founding.topic(), &member(1).device);
        (header.variant, header.kind) = (0, again);
        let refused = founding.check(&sign(header, b"", &member(1).device));
        assert!(matches!(refused, Err(AdmissionError::Payload(_))), "{refused:?}");
    }
    let adrift = |h: &mut Header| {
        (h.seq, h.prev, h.variant, h.kind) = (0, None, 0, Kind::Join);
        h.parents.clear();
    };
    assert_eq!(founding.check(&app(&founding, adrift)), Err(AdmissionError::NoParents));
    let variant = Err(AdmissionError::Variant { kind: Kind::Remove, variant: 5 });
    assert_eq!(check(|h| h.kind = Kind::Remove), variant);
    assert_eq!(check(|h| h.parents.clear()), Ok(Payload::App), "prev alone is enough");
}

#[test]
fn an_invited_person_is_admitted_with_what_the_chain_shows() {
    let (founding, _) = found(Admission::Invite);
    let topic = founding.topic();
    let joiner = member(3);
    let event = join(topic, &joiner, &Join::Invited(chain(topic, 2)));
    let Ok(Payload::Join(join)) = founding.check(&event) else { panic!("not admitted") };
    assert_eq!(join.certificate(), Some(&joiner.certificate));
    let inviters: Vec<_> =
        join.chain().iter().map(|link| link.invitation.issuer().person()).collect();
    assert_eq!(inviters, [member(1).id(), member(2).id()]);
}

#[test]
fn each_admission_rule_has_its_way_of_joining() {
    let (open, _) = found(Admission::Open);
    let (closed, _) = found(Admission::Invite);
    let joiner = member(2);
    let bare = Join::Open(joiner.certificate.clone());
    assert!(matches!(open.check(&join(open.topic(), &joiner, &bare)), Ok(Payload::Join(_))));
    assert_eq!(
        closed.check(&join(closed.topic(), &joiner, &bare)),
        Err(AdmissionError::WayOfJoining(Admission::Invite))
    );
    let invited = Join::Invited(chain(open.topic(), 1));
    assert_eq!(
        open.check(&join(open.topic(), &joiner, &invited)),
        Err(AdmissionError::WayOfJoining(Admission::Open))
    );
    let empty = join(closed.topic(), &joiner, &Join::Invited(vec![]));
    assert_eq!(closed.check(&empty), Err(AdmissionError::Chain(ChainError::Length(0))));
}

#[test]
fn a_scope_is_not_introduced_without_its_consent_nor_without_its_persons() {
    let (closed, _) = found(Admission::Invite);
    let (open, _) = found(Admission::Open);
    let (victim, thief) = (member(2), member(3));
    let taken = |certified: &SecretKey, author: &SecretKey| {
        let (certified, author) = (certified.public(), author.public());
        Err(AdmissionError::NotTheScope { certified, author })
    };
    // The thief signs an event that introduces the victim's scope.
    let by_thief = |founding: &Founding, kind, payload: Vec<u8>| {
        let event = sign(first(founding.topic(), &thief.device, kind), &payload, &thief.device);
        founding.check(&event)
    };
    let chain = Join::Invited(chain(closed.topic(), 1)).to_bytes();
    assert_eq!(by_thief(&closed, Kind::Join, chain), taken(&victim.device, &thief.device));
    let bare = Join::Open(victim.certificate.clone()).to_bytes();
    assert_eq!(by_thief(&open, Kind::Join, bare), taken(&victim.device, &thief.device));
    let delegate = Delegate { certificate: victim.certificate.clone() }.to_bytes();
    assert_eq!(by_thief(&open, Kind::Delegate, delegate), taken(&victim.device, &thief.device));
    // The thief's scope claims to be the victim's, with a certificate of its own making.
    let mut own =
        Certificate::issue(&thief.person, thief.device.public(), ScopeKind::Device, "laptop")
            .unwrap()
            .to_bytes();
    let person = own.len() - 66 - 32;
    own[person..person + 32].copy_from_slice(&victim.id().0);
    let claimed = Certificate::from_bytes(&own).unwrap();
    let forged = Err(AdmissionError::Certificate(SignatureError::Mismatch));
    let delegate = Delegate { certificate: claimed.clone() }.to_bytes();
    assert_eq!(by_thief(&open, Kind::Delegate, delegate), forged);
    assert_eq!(by_thief(&open, Kind::Join, Join::Open(claimed).to_bytes()), forged);
}

#[test]
fn a_delegate_introduces_another_scope() {
    let (founding, _) = found(Admission::Invite);
    let phone = SecretKey::from_seed(&[77; 32]);
    let certificate =
        Certificate::issue(&member(2).person, phone.public(), ScopeKind::Behavior, "bot").unwrap();
    let payload = Delegate { certificate: certificate.clone() }.to_bytes();
    let event = sign(first(founding.topic(), &phone, Kind::Delegate), &payload, &phone);
    assert_eq!(founding.check(&event), Ok(Payload::Delegate(Delegate { certificate })));
}

fn cuts() -> CutList {
    let cut = |n| Cut { scope: member(n).device.public(), last: Some(EventId([n; 32])) };
    let acceptors = vec![PublicKey([2; 32]), PublicKey([1; 32])];
    let invitation = InvitationCut { invitation: secret(1).public(), acceptors };
    CutList {
        scopes: vec![cut(3), cut(2), Cut { last: None, ..cut(4) }],
        invitations: vec![invitation],
    }
}

#[test]
fn a_revocation_needs_the_long_term_key_for_this_topic_and_author() {
    let (founding, _) = found(Admission::Invite);
    let owner = member(2);
    let kernel = |payload: Vec<u8>, author: &SecretKey| {
        let header = header(founding.topic(), author);
        let event = sign(Header { kind: Kind::Revoke, variant: 0, ..header }, &payload, author);
        founding.check(&event)
    };
    let scope = owner.device.public();
    let revoke = Revoke::sign(&owner.person, founding.topic(), scope, cuts());
    assert_eq!(kernel(revoke.to_bytes(), &owner.device), Ok(Payload::Revoke(revoke.clone())));
    let refused = Err(AdmissionError::Revocation(SignatureError::Mismatch));
    assert_eq!(kernel(revoke.to_bytes(), &member(3).device), refused, "moved to another author");
    let elsewhere = Revoke::sign(&owner.person, TopicId([9; 32]), scope, cuts());
    assert_eq!(kernel(elsewhere.to_bytes(), &owner.device), refused, "moved to another topic");
    let mut more = revoke.to_bytes();
    let last = more.len() - 66;
    more[last - 1] ^= 1;
    assert_eq!(kernel(more, &owner.device), refused, "another acceptor recognised");
}

#[test]
fn cuts_have_one_byte_form() {
    let (founding, _) = found(Admission::Invite);
    let remove = Remove::new(member(5).id(), cuts());
    assert_eq!(Remove::from_bytes(&remove.to_bytes()).as_ref(), Ok(&remove));
    assert!(remove.cuts().scopes.is_sorted_by_key(|cut| cut.scope));
    let device = member(1).device;
    let removing = Header { kind: Kind::Remove, variant: 0, ..header(founding.topic(), &device) };
    let event = sign(removing, &remove.to_bytes(), &device);
    assert_eq!(founding.check(&event), Ok(Payload::Remove(remove)));
    // Two cuts of one scope, written by hand.
    let mut w = crate::codec::Writer::new();
    w.array(4).u64(1).bytes(member(5).id()).array(2);
    for last in [1, 2] {
        w.array(2).bytes([9; 32]).bytes([last; 32]);
    }
    w.array(0);
    let doubled = Remove::from_bytes(&w.into_bytes());
    assert!(matches!(doubled, Err(CodecError::Malformed { .. })), "{doubled:?}");
}
