//! Invitations: who may enter, and what cannot be forged, moved or reused.

use myrhiza_kernel_api::TopicId;
use myrhiza_kernel_api::limits::INVITATION_CHAIN;

use super::world::{TERMS, chain, invite, link, member, secret};
use crate::codec::{Canonical, CodecError, Fault};
use crate::event::payload::{
    ChainError, InvitationError, Invited, Join, Link, Terms, verify_chain,
};
use crate::identity::SignatureError;

const TOPIC: TopicId = TopicId([7; 32]);

fn verify(chain: &[Link]) -> Result<Invited, ChainError> {
    verify_chain(TOPIC, member(1).id(), chain)
}

#[test]
fn a_chain_leads_from_the_founder_to_the_joiner_up_to_its_greatest_length() {
    for len in 1..=INVITATION_CHAIN as u8 {
        let invited = verify(&chain(TOPIC, len)).unwrap();
        assert_eq!(invited.person, member(len + 1).id());
        assert!(invited.may_invite);
    }
    let long = INVITATION_CHAIN + 1;
    assert_eq!(verify(&chain(TOPIC, long as u8)), Err(ChainError::Length(long)));
    assert_eq!(verify(&[]), Err(ChainError::Length(0)));
    let bytes = Join::Invited(chain(TOPIC, long as u8)).to_bytes();
    let Err(CodecError::Malformed { fault, .. }) = Join::from_bytes(&bytes) else { panic!() };
    assert!(matches!(fault, Fault::TooLarge { .. } | Fault::Length { .. }), "{fault}");
}

#[test]
fn every_payload_of_a_chain_re_encodes_to_itself() {
    let join = Join::Invited(chain(TOPIC, 16));
    assert_eq!(Join::from_bytes(&join.to_bytes()), Ok(join));
    let open = Join::Open(member(2).certificate);
    assert_eq!(Join::from_bytes(&open.to_bytes()), Ok(open));
}

#[test]
fn a_chain_that_starts_elsewhere_or_skips_a_person_is_refused() {
    let chain = chain(TOPIC, 3);
    assert_eq!(
        verify(&chain[1..]),
        Err(ChainError::Broken { link: 0, issuer: member(2).id(), expected: member(1).id() })
    );
    let skipping = [chain[0].clone(), chain[2].clone()];
    assert_eq!(
        verify(&skipping),
        Err(ChainError::Broken { link: 1, issuer: member(3).id(), expected: member(2).id() })
    );
}

#[test]
fn an_invitation_to_another_topic_is_refused() {
    let elsewhere = TopicId([8; 32]);
    let foreign = chain(elsewhere, 1);
    assert_eq!(verify(&foreign), Err(ChainError::ForeignTopic { link: 0, topic: elsewhere }));
    // Nor does an acceptance for another topic count.
    let mut moved = chain(TOPIC, 1);
    moved[0].acceptance = foreign[0].acceptance;
    let cause = SignatureError::Mismatch;
    assert_eq!(verify(&moved), Err(ChainError::Acceptance { link: 0, cause }));
}

#[test]
fn a_person_without_the_right_cannot_invite() {
    let (founder, guest, friend) = (member(1), member(2), member(3));
    let terms = Terms { may_invite: false, ..TERMS };
    let invitation = invite(TOPIC, &founder, 1, terms);
    let first = Link::accept(invitation, guest.certificate.clone(), &secret(1));
    assert!(!verify(std::slice::from_ref(&first)).unwrap().may_invite);
    let second = link(TOPIC, &guest, &friend, 2);
    assert_eq!(verify(&[first, second]), Err(ChainError::MayNotInvite { link: 1 }));
}

#[test]
fn forged_invitations_and_certificates_are_refused() {
    let (founder, thief) = (member(1), member(9));
    let forged = SignatureError::Mismatch;
    let bytes = invite(TOPIC, &founder, 1, TERMS).to_bytes();
    // Better terms than were signed: the byte of `uses`.
    let uses = 2 + 1 + 34 + 34;
    assert_eq!(bytes[uses], 1);
    let mut better = bytes.clone();
    better[uses] = 2;
    let invitation = Canonical::from_bytes(&better).unwrap();
    let accepted = Link::accept(invitation, thief.certificate.clone(), &secret(1));
    let cause = InvitationError::Forged(forged);
    assert_eq!(verify(&[accepted]), Err(ChainError::Invitation { link: 0, cause }));

    // A certificate that the founder never gave.
    let mut own = thief.certificate.to_bytes();
    let person = own.len() - 66 - 32;
    own[person..person + 32].copy_from_slice(&founder.id().0);
    let claimed =
        super::world::Member { certificate: Canonical::from_bytes(&own).unwrap(), ..thief };
    let cause = InvitationError::Issuer(forged);
    assert_eq!(
        verify(&[link(TOPIC, &claimed, &member(2), 1)]),
        Err(ChainError::Invitation { link: 0, cause })
    );
    assert_eq!(
        verify(&[link(TOPIC, &founder, &member(2), 1), link(TOPIC, &member(2), &claimed, 2)]),
        Err(ChainError::Cycle { link: 1 }),
        "they claim to be the founder"
    );
}

#[test]
fn what_is_seen_on_the_log_cannot_be_reused_by_another() {
    let seen = link(TOPIC, &member(1), &member(2), 1);
    let thief = member(9);
    let reused = Link { acceptor: thief.certificate.clone(), ..seen.clone() };
    let cause = SignatureError::Mismatch;
    assert_eq!(verify(&[reused]), Err(ChainError::Acceptance { link: 0, cause }));
    let guessed = Link::accept(seen.invitation, thief.certificate, &secret(77));
    assert_eq!(verify(&[guessed]), Err(ChainError::Acceptance { link: 0, cause }));
}

#[test]
fn nobody_enters_below_themselves() {
    let back = link(TOPIC, &member(2), &member(1), 2);
    assert_eq!(
        verify(&[link(TOPIC, &member(1), &member(2), 1), back]),
        Err(ChainError::Cycle { link: 1 })
    );
}

#[test]
fn only_the_certified_scope_can_issue() {
    let (one, other) = (member(1), member(2));
    let issued = crate::event::payload::Invitation::issue(
        TOPIC,
        secret(1).public(),
        TERMS,
        one.certificate.clone(),
        &other.device,
    );
    let (scope, key) = (one.device.public(), other.device.public());
    assert_eq!(issued, Err(InvitationError::Signer { scope, key }));
}
