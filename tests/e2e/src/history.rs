//! Long histories, made without running a command for each event.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use myrhiza_kernel::event::{Body, Event, Header, Kind, UnverifiedEvent};
use myrhiza_kernel::export::{Item, Reader, Writer};
use myrhiza_kernel::identity::sealed;
use myrhiza_kernel_api::{Hash, TopicId};

use crate::Home;

/// The counter's `Change::Increment(1)`: its one field as a CBOR array.
const INCREMENT: [u8; 2] = [0x81, 0x01];

/// Has a home that alone has a topic of the counter add one so many times. Nothing may run in it.
pub fn fill(home: &Home, topic: &str, count: u64) {
    let file = home.export(topic);
    let (genesis, mut events) = read(&fs::read(&file).unwrap());
    let topic = TopicId(genesis.id().0);
    let keys = sealed::open(&fs::read(home.file("keys/sealed")).unwrap(), None).unwrap();
    let scope = keys.device().public();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut writer = Writer::new(&genesis, &[]);
    events.iter().for_each(|event| writer.event(&event.to_bytes()));
    events.insert(0, genesis);
    let own = |event: &&Event| event.header().scope == scope;
    let own = events.iter().filter(own).max_by_key(|event| event.header().seq).unwrap();
    let (mut prev, mut last) = (own.id(), events.last().unwrap().id());
    for seq in own.header().seq + 1.. {
        if seq > own.header().seq + count {
            break;
        }
        let header = Header {
            topic,
            scope,
            seq,
            prev: Some(prev),
            parents: vec![last],
            hlc: (now as u64) << 16,
            generation: 0,
            kind: Kind::App,
            variant: 0,
        };
        let body = Body::new(header, &INCREMENT).unwrap();
        let event = Event::sign(body, keys.device()).unwrap();
        writer.event(&event.to_bytes());
        (prev, last) = (event.id(), event.id());
    }
    let start = writer.take();
    // Whoever has the topic does not look at what the file says of its end.
    fs::write(&file, [start, writer.finish(&Hash([0; 32]))].concat()).unwrap();
    assert_eq!(home.import(&file).ok().value()["added"], count);
}

/// The events of a topic's file, in order, the genesis apart.
fn read(bytes: &[u8]) -> (Event, Vec<Event>) {
    let verified = |event: UnverifiedEvent| event.verify().unwrap();
    let (mut reader, mut genesis, mut events) = (Reader::new(), None, Vec::new());
    reader.push(bytes);
    while let Some(item) = reader.next_item().unwrap() {
        match item {
            Item::Opening(opening) => genesis = Some(verified(opening.genesis)),
            Item::Events(more) => events.extend(more.into_iter().map(verified)),
            Item::Bundle(_) | Item::Ending(_) => {}
        }
    }
    (genesis.unwrap(), events)
}
