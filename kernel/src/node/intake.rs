//! Batches whose signatures were checked, on their way into the logs: a line for each topic and
//! connection, taken in the order it came, and of several lines of a topic some of each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use myrhiza_kernel_api::TopicId;

use super::link::LinkId;
use super::pace::SLICE;
use super::traffic::Verified;
use crate::dag::IngestReport;
use crate::event::Event;

/// Whose connection has ended.
const GONE: LinkId = LinkId(u64::MAX);
/// Whoever sent what waited for others and may be taken now.
const RELEASED: LinkId = LinkId(u64::MAX - 1);
/// Work in vain that a connection owes at most, in units of fuel.
const DEBT: u64 = 10 * SLICE;

#[derive(Default)]
pub(super) struct Intake {
    lines: BTreeMap<(TopicId, LinkId), VecDeque<Part>>,
    /// Work that was done in vain, by whose events it was done for: others come first until they have
    /// had as much.
    debts: BTreeMap<LinkId, u64>,
    /// Of the events that wait.
    bytes: usize,
    /// The topic whose turn it was last.
    last: Option<TopicId>,
    /// The connection of which something was taken last.
    last_link: Option<LinkId>,
}

/// Which events of a topic may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    Nothing,
    /// What does not go far back.
    Near,
    All,
}

/// One batch.
struct Part {
    report: IngestReport,
    events: Vec<Event>,
    bytes: usize,
    /// Events of it that are in the log.
    taken: usize,
    /// It was not taken at once.
    parted: bool,
    /// Some of it was taken, or was to be: then it goes on, since it would go far back each time anew.
    begun: bool,
    /// It would go far back; not looked at yet.
    far: Option<bool>,
}

impl Part {
    fn new(report: IngestReport, events: Vec<Event>) -> Self {
        let bytes = events.iter().map(size).sum();
        Self { report, events, bytes, taken: 0, parted: false, begun: false, far: None }
    }

    fn rest(&self) -> &[Event] {
        self.events.get(self.taken..).unwrap_or_default()
    }
}

/// Some events of one batch, next to be taken.
pub(super) struct Piece {
    pub(super) link: LinkId,
    /// Which batch of its line.
    part: usize,
    range: Range<usize>,
}

impl Piece {
    pub(super) fn len(&self) -> usize {
        self.range.len()
    }
}

/// A batch that is in the log.
pub(super) struct Finished {
    pub(super) link: LinkId,
    pub(super) report: IngestReport,
    /// It was not taken at once: what it misses may have come with a later piece.
    pub(super) parted: bool,
}

impl Intake {
    /// Takes batches on. `is_there` says which connections are.
    pub(super) fn push(
        &mut self,
        Verified { link, topic, batches }: Verified,
        is_there: impl FnOnce(LinkId) -> bool,
    ) {
        let link = if is_there(link) { link } else { GONE };
        let line = self.lines.entry((topic, link)).or_default();
        for (report, events) in batches {
            let part = Part::new(report, events);
            self.bytes = self.bytes.saturating_add(part.bytes);
            line.push_back(part);
        }
    }

    /// Takes events on that waited for others and may be taken now. The store has them as well.
    pub(super) fn release(&mut self, topic: TopicId, events: Vec<Event>) {
        let part = Part::new(IngestReport::default(), events);
        self.bytes = self.bytes.saturating_add(part.bytes);
        self.lines.entry((topic, RELEASED)).or_default().push_back(part);
    }

    /// Whether there are such events of a topic.
    pub(super) fn has_released(&self, topic: TopicId) -> bool {
        self.lines.contains_key(&(topic, RELEASED))
    }

    /// Bytes of the events that wait.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether anything waits of a topic.
    pub(super) fn has(&self, topic: TopicId) -> bool {
        self.lines.range(line(topic)).next().is_some()
    }

    /// Whose turn it is, after the one before, of those of which something may be taken.
    pub(super) fn next(&self, may: impl Fn(&TopicId) -> May) -> Option<TopicId> {
        let ready = self.lines.iter().filter(|((topic, _), line)| match may(topic) {
            May::Nothing => false,
            may => is_ready(line, may == May::All),
        });
        let ready: BTreeSet<_> = ready.map(|((topic, _), _)| *topic).collect();
        let after = ready.iter().find(|topic| self.last.is_none_or(|last| **topic > last));
        after.or(ready.first()).copied()
    }

    /// It is this topic's turn.
    pub(super) fn turn(&mut self, topic: TopicId) {
        self.last = Some(topic);
    }

    /// Looks which batches of a topic go far back, up to the first of each line.
    pub(super) fn look(&mut self, topic: TopicId, is_far: impl Fn(&[Event]) -> bool) {
        for line in self.lines.range_mut(line(topic)).map(|(_, line)| line) {
            for part in line {
                let far = part.far.unwrap_or_else(|| !part.begun && is_far(part.rest()));
                part.far = Some(far);
                if far {
                    break;
                }
            }
        }
    }

    /// The next events of a topic, so many at most, and batches without any among them: of each line
    /// as many as of the others, and more where the others have less.
    pub(super) fn pieces(&self, topic: TopicId, most: usize, all: bool) -> Vec<Piece> {
        let lines = self.lines.range(line(topic));
        let mut lines: Vec<_> = lines.filter(|(_, line)| is_ready(line, all)).collect();
        if lines.iter().any(|((_, link), _)| !self.debts.contains_key(link)) {
            lines.retain(|((_, link), _)| !self.debts.contains_key(link));
        }
        // Where there is not enough for each, those come next that had nothing.
        let next = lines.partition_point(|((_, link), _)| Some(*link) <= self.last_link);
        lines.rotate_left(next);
        let may_go = |part: &&Part| all || part.far != Some(true);
        let there = lines.iter().map(|(_, line)| {
            line.iter().take_while(may_go).map(|part| part.rest().len()).sum::<usize>()
        });
        let share = (most / lines.len().max(1)).max(1);
        let mut left = most;
        let mut shares: Vec<_> = there
            .map(|there| {
                let share = there.min(share).min(left);
                left -= share;
                (share, there)
            })
            .collect();
        for (share, there) in &mut shares {
            let more = (*there - *share).min(left);
            *share += more;
            left -= more;
        }
        let mut pieces = Vec::new();
        for (((_, link), line), (mut share, _)) in lines.into_iter().zip(shares) {
            for (n, part) in line.iter().take_while(may_go).enumerate() {
                let (rest, count) = (part.rest().len(), part.rest().len().min(share));
                if count == 0 && rest > 0 {
                    break;
                }
                share -= count;
                let range = part.taken..part.taken + count;
                pieces.push(Piece { link: *link, part: n, range });
                if count < rest {
                    break;
                }
            }
        }
        pieces
    }

    pub(super) fn events(&self, topic: TopicId, piece: &Piece) -> &[Event] {
        let line = self.lines.get(&(topic, piece.link));
        let part = line.and_then(|line| line.get(piece.part));
        part.and_then(|part| part.events.get(piece.range.clone())).unwrap_or_default()
    }

    /// These are in the log; the batches that are with them.
    pub(super) fn took(
        &mut self,
        topic: TopicId,
        pieces: Vec<(Piece, IngestReport)>,
    ) -> Vec<Finished> {
        let links: BTreeSet<_> = pieces.iter().map(|(piece, _)| piece.link).collect();
        self.last_link = pieces.last().map(|(piece, _)| piece.link);
        for (piece, report) in pieces {
            let line = self.lines.get_mut(&(topic, piece.link));
            if let Some(part) = line.and_then(|line| line.get_mut(piece.part)) {
                part.taken = piece.range.end;
                part.parted |= piece.range.len() < part.events.len();
                (part.begun, part.far) = (true, None);
                part.report.absorb(report);
            }
        }
        let mut finished = Vec::new();
        for link in links {
            let Some(line) = self.lines.get_mut(&(topic, link)) else { continue };
            while let Some(part) = line.pop_front_if(|part| part.rest().is_empty()) {
                self.bytes = self.bytes.saturating_sub(part.bytes);
                let Part { report, parted, .. } = part;
                finished.push(Finished { link, report, parted });
            }
            if line.is_empty() {
                self.lines.remove(&(topic, link));
            }
        }
        finished
    }

    /// These were to be taken, and were given up: they go on with fewer.
    pub(super) fn gave_up(&mut self, topic: TopicId, pieces: &[Piece]) {
        for piece in pieces {
            let line = self.lines.get_mut(&(topic, piece.link));
            if let Some(part) = line.and_then(|line| line.get_mut(piece.part)) {
                (part.begun, part.far) = (true, None);
            }
        }
    }

    /// So much was done in vain for these: each owes its share.
    pub(super) fn owe(&mut self, pieces: &[Piece], work: u64) {
        let events = pieces.iter().map(Piece::len).sum::<usize>().max(1);
        for piece in pieces {
            let share = (work / events as u64).saturating_mul(piece.len() as u64);
            let debt = self.debts.entry(piece.link).or_default();
            *debt = debt.saturating_add(share).min(DEBT);
        }
    }

    /// So much was done for these: who owes for work in vain has paid as much as one of them had.
    pub(super) fn pay(&mut self, links: &BTreeSet<LinkId>, work: u64) {
        let each = work / (links.len() as u64).max(1);
        self.debts.retain(|link, debt| {
            if !links.contains(link) {
                *debt = debt.saturating_sub(each);
            }
            *debt > 0
        });
    }

    /// A connection has ended: what it sent waits in one line with what all such did, since who comes
    /// again and again would else have a share for each time.
    pub(super) fn gone(&mut self, link: LinkId) {
        let gone: Vec<_> = self.lines.extract_if(.., |(_, of), _| *of == link).collect();
        for ((topic, _), line) in gone {
            self.lines.entry((topic, GONE)).or_default().extend(line);
        }
        if let Some(owed) = self.debts.remove(&link) {
            let debt = self.debts.entry(GONE).or_default();
            *debt = debt.saturating_add(owed).min(DEBT);
        }
    }

    /// Takes nothing more of a connection.
    pub(super) fn drop_link(&mut self, link: LinkId) {
        let dropped = self.lines.extract_if(.., |(_, of), _| *of == link);
        let dropped: usize = dropped.flat_map(|(_, line)| line).map(|part| part.bytes).sum();
        self.bytes = self.bytes.saturating_sub(dropped);
        self.debts.remove(&link);
    }

    /// The connection whose events take most, first of those that are no more.
    pub(super) fn largest(&self, is_there: impl Fn(LinkId) -> bool) -> Option<LinkId> {
        let mut bytes = BTreeMap::<LinkId, usize>::new();
        for ((_, link), line) in &self.lines {
            *bytes.entry(*link).or_default() += line.iter().map(|part| part.bytes).sum::<usize>();
        }
        let most = bytes.into_iter().max_by_key(|(link, bytes)| (!is_there(*link), *bytes));
        most.map(|(link, _)| link)
    }
}

fn is_ready(line: &VecDeque<Part>, all: bool) -> bool {
    line.front().is_some_and(|part| all || part.far != Some(true))
}

/// The lines of a topic.
fn line(topic: TopicId) -> std::ops::RangeInclusive<(TopicId, LinkId)> {
    (topic, LinkId(0))..=(topic, LinkId(u64::MAX))
}

fn size(event: &Event) -> usize {
    event.payload().len().saturating_add(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::payload::Admission;
    use crate::testing::World;

    #[test]
    fn each_line_keeps_its_order_and_none_holds_up_another() {
        let world = World::new(Admission::Open);
        let (mut scope, topic) = (world.founder.clone(), world.id());
        let events: Vec<_> = (0..20).map(|n| world.app(&mut scope, &[], 0, &[n])).collect();
        let mut intake = Intake::default();
        let mut push = |link: u64, batches: &[&[Event]]| {
            let batch = |events: &&[Event]| (IngestReport::default(), events.to_vec());
            let batches = batches.iter().map(batch).collect();
            intake.push(Verified { link: LinkId(link), topic, batches }, |_| true);
        };
        push(1, &[&events[..10], &[], &events[10..16]]);
        push(2, &[&events[16..17]]);
        push(3, &[&events[17..]]);
        let mut rounds = Vec::new();
        while let Some(next) = intake.next(|_| May::Near) {
            assert_eq!(next, topic);
            intake.turn(topic);
            let pieces = intake.pieces(topic, 6, false);
            let taken: Vec<_> = pieces.iter().map(|piece| (piece.link.0, piece.len())).collect();
            let reports = pieces.into_iter().map(|piece| {
                let added = piece.len() as u64;
                (piece, IngestReport { added, ..IngestReport::default() })
            });
            let finished = intake.took(topic, reports.collect());
            let finished = finished.into_iter().map(|f| (f.link.0, f.report.added, f.parted));
            rounds.push((taken, finished.collect::<Vec<_>>()));
        }
        let want = [
            (vec![(1, 3), (2, 1), (3, 2)], vec![(2, 1, false)]),
            (vec![(1, 5), (3, 1)], vec![(3, 3, true)]),
            (vec![(1, 2), (1, 0), (1, 4)], vec![(1, 10, true), (1, 0, false)]),
            (vec![(1, 2)], vec![(1, 6, true)]),
        ];
        assert_eq!(rounds, want);
        assert_eq!(intake.bytes(), 0);
    }

    #[test]
    fn what_ended_connections_sent_is_one_line_and_who_had_nothing_comes_next() {
        let world = World::new(Admission::Open);
        let (mut scope, topic) = (world.founder.clone(), world.id());
        let events: Vec<_> = (0..8).map(|n| world.app(&mut scope, &[], 0, &[n])).collect();
        let mut intake = Intake::default();
        for (link, events) in (1..).zip(events.chunks(2)) {
            let batches = vec![(IngestReport::default(), events.to_vec())];
            let is_there = |link: LinkId| link != LinkId(4);
            intake.push(Verified { link: LinkId(link), topic, batches }, is_there);
        }
        intake.gone(LinkId(1));
        intake.gone(LinkId(2));
        let mut round = |most| {
            let pieces = intake.pieces(topic, most, true);
            let taken: Vec<_> = pieces.iter().map(|piece| (piece.link, piece.len())).collect();
            let reports = pieces.into_iter().map(|piece| (piece, IngestReport::default()));
            intake.took(topic, reports.collect());
            taken
        };
        assert_eq!(round(2), [(LinkId(3), 1), (GONE, 1)]);
        assert_eq!(round(1), [(LinkId(3), 1)]);
        let rest = round(9);
        assert!(rest.iter().all(|(link, _)| *link == GONE));
        assert_eq!(rest.iter().map(|(_, taken)| taken).sum::<usize>(), 5);
        assert_eq!(intake.bytes(), 0);
    }

    #[test]
    fn what_goes_far_back_waits_with_what_comes_after_it_alone() {
        let world = World::new(Admission::Open);
        let (mut scope, topic) = (world.founder.clone(), world.id());
        let events: Vec<_> = (0..4).map(|n| world.app(&mut scope, &[], 0, &[n])).collect();
        let mut intake = Intake::default();
        for (link, events) in [(1, &events[..2]), (2, &events[2..])] {
            let batches = events.iter().map(|e| (IngestReport::default(), vec![e.clone()]));
            let batches = batches.collect();
            intake.push(Verified { link: LinkId(link), topic, batches }, |_| true);
        }
        intake.look(topic, |batch| batch[0].id() == events[0].id());
        let links = |intake: &Intake, all: bool| -> Vec<_> {
            intake.pieces(topic, 9, all).iter().map(|piece| piece.link.0).collect()
        };
        assert_eq!(links(&intake, false), [2, 2]);
        assert_eq!(links(&intake, true), [1, 1, 2, 2]);
        intake.drop_link(LinkId(2));
        let next = [May::Nothing, May::Near, May::All].map(|may| intake.next(|_| may));
        assert_eq!(next, [None, None, Some(topic)]);
        assert_eq!(intake.largest(|_| true), Some(LinkId(1)));
    }

    #[test]
    fn what_is_begun_goes_on_and_does_not_wait_again() {
        let world = World::new(Admission::Open);
        let (mut scope, topic) = (world.founder.clone(), world.id());
        let events: Vec<_> = (0..6).map(|n| world.app(&mut scope, &[], 0, &[n])).collect();
        let mut intake = Intake::default();
        let batches = events.chunks(3).map(|batch| (IngestReport::default(), batch.to_vec()));
        let batches = batches.collect();
        intake.push(Verified { link: LinkId(1), topic, batches }, |_| true);
        let ready = |intake: &mut Intake| {
            intake.look(topic, |_| true);
            intake.pieces(topic, 9, false).iter().map(Piece::len).sum::<usize>()
        };
        assert_eq!(ready(&mut intake), 0);
        // One is taken when it may, and the others of its batch after it; not what comes behind.
        let pieces = intake.pieces(topic, 1, true);
        intake.took(topic, pieces.into_iter().map(|p| (p, IngestReport::default())).collect());
        assert_eq!(ready(&mut intake), 2);
        let pieces = intake.pieces(topic, 2, false);
        intake.took(topic, pieces.into_iter().map(|p| (p, IngestReport::default())).collect());
        assert_eq!(ready(&mut intake), 0);
        // Nor does what was given up.
        let pieces = intake.pieces(topic, 3, true);
        intake.gave_up(topic, &pieces);
        assert_eq!(ready(&mut intake), 3);
    }

    #[test]
    fn for_whom_work_was_in_vain_comes_after_others_until_these_had_as_much() {
        let world = World::new(Admission::Open);
        let (mut scope, topic) = (world.founder.clone(), world.id());
        let events: Vec<_> = (0..6).map(|n| world.app(&mut scope, &[], 0, &[n])).collect();
        let mut intake = Intake::default();
        let push = |intake: &mut Intake, link, events: &[Event]| {
            let batches = vec![(IngestReport::default(), events.to_vec())];
            intake.push(Verified { link: LinkId(link), topic, batches }, |_| true);
        };
        let links = |intake: &Intake| -> Vec<_> {
            intake.pieces(topic, 9, true).iter().map(|piece| piece.link.0).collect()
        };
        push(&mut intake, 1, &events[..2]);
        intake.owe(&intake.pieces(topic, 9, true), 1_000);
        // Alone it waits for nobody.
        assert_eq!(links(&intake), [1]);
        push(&mut intake, 2, &events[2..4]);
        push(&mut intake, 3, &events[4..]);
        assert_eq!(links(&intake), [2, 3]);
        let others = [LinkId(2), LinkId(3)].into();
        intake.pay(&others, 1_998);
        assert_eq!(links(&intake), [2, 3]);
        intake.pay(&[LinkId(1)].into(), 5_000);
        assert_eq!(links(&intake), [2, 3]);
        intake.pay(&others, 2);
        assert_eq!(links(&intake), [1, 2, 3]);
        // Nor is it paid by leaving.
        intake.owe(&intake.pieces(topic, 6, true), u64::MAX);
        intake.gone(LinkId(1));
        assert_eq!(intake.debts[&GONE], DEBT);
    }

    #[test]
    fn what_waited_for_others_has_a_line_of_its_own() {
        let world = World::new(Admission::Open);
        let (mut scope, topic) = (world.founder.clone(), world.id());
        let events: Vec<_> = (0..8).map(|n| world.app(&mut scope, &[], 0, &[n])).collect();
        let mut intake = Intake::default();
        let batches = vec![(IngestReport::default(), events[..4].to_vec())];
        intake.push(Verified { link: LinkId(1), topic, batches }, |_| true);
        assert!(!intake.has_released(topic));
        intake.release(topic, events[4..].to_vec());
        assert!(intake.has_released(topic));
        let pieces = intake.pieces(topic, 4, false);
        let taken: Vec<_> = pieces.iter().map(|piece| (piece.link, piece.len())).collect();
        assert_eq!(taken, [(LinkId(1), 2), (RELEASED, 2)]);
        // The store has these as well: of too many they go first.
        assert_eq!(intake.largest(|link| link == LinkId(1)), Some(RELEASED));
        intake.drop_link(RELEASED);
        assert!(!intake.has_released(topic) && intake.has(topic));
    }
}
