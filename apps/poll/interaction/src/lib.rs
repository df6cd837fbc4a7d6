//! The poll's `interaction` component.

myrhiza_sdk::interaction!(poll_rules::view);
