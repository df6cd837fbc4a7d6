//! The sketch's `interaction` component.

myrhiza_sdk::interaction!(
    sketch_rules::view,
    sketch_rules::draw,
    sketch_rules::press,
    sketch_rules::complete
);
