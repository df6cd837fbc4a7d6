//! The counter's `state-propose` component.

myrhiza_sdk::state_propose!(counter_rules::propose);
