//! The second counter's `interaction` component.

myrhiza_sdk::interaction!(counter2_rules::view);
