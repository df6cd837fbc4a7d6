//! How many connections there are at one time, and who has to go for others.

use super::link::{Link, LinkId};
use super::switch::Switch;
use super::told::Why;
use super::traffic::Output;
use crate::sync::Role;

/// Connections at one time.
pub const LINKS: usize = 128;
/// Of these, those that peers opened: whoever opens as many as they can leaves room for those that
/// this node opens itself.
const ACCEPTED: usize = 96;
/// Milliseconds for a peer to show that it shares a topic, if its place is wanted.
const SHOW_MS: u64 = 2_000;

impl Switch {
    /// Whether another connection is taken. If all places that peers have are taken, the oldest
    /// that serves nothing yet goes.
    pub(super) fn has_room(&mut self, role: Role) -> bool {
        let accepted = |link: &&Link| link.role == Role::Listener;
        let full =
            role == Role::Listener && self.links.values().filter(accepted).count() >= ACCEPTED;
        if !full {
            return self.links.len() < LINKS;
        }
        let useless = |link: &Link| {
            link.role == Role::Listener
                && !link.is_of_use()
                && self.now_ms.saturating_sub(link.opened_ms) > SHOW_MS
        };
        let found = self.links.iter().find(|(_, link)| useless(link));
        let found: Option<LinkId> = found.map(|(id, _)| *id);
        let Some(id) = found else { return false };
        self.out.push(Output::Close { link: id });
        self.drop_link(id, Why::Useless);
        true
    }
}
