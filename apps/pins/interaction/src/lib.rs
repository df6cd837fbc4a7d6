//! The pinboard's `interaction` component.

myrhiza_sdk::interaction!(pins_rules::view, pins_rules::press, pins_rules::complete);
