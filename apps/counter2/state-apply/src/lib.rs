//! The second counter's `state-apply` component.

myrhiza_sdk::state_apply!(counter2_rules::apply);
