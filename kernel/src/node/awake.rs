use super::link::LinkId;
use super::switch::Switch;
use super::told::Why;

impl Switch {
    /// The machine slept, or has another network. What its peers sent before they gave it up is heard only now, and
    /// keeps a connection that is none any more for as long as one that lives: so after a long sleep none is kept.
    pub(super) fn awake(&mut self, slept: bool) {
        let links: Vec<LinkId> = self.links.keys().copied().filter(|_| slept).collect();
        links.into_iter().for_each(|link| self.end_link(link, Why::Slept));
        self.dialer.all_anew(self.now_ms);
    }
}
