//! The second counter's `state-propose` component.

myrhiza_sdk::state_propose!(counter2_rules::propose);
