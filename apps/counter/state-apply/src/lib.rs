//! The counter's `state-apply` component.

myrhiza_sdk::state_apply!(counter_rules::apply);
