//! The second counter's `migrate` component.

myrhiza_sdk::migrate!(counter2_rules::migrate);
