//! The counter's `interaction` component.

myrhiza_sdk::interaction!(counter_rules::view);
