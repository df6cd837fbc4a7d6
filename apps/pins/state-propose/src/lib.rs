//! The pinboard's `state-propose` component.

myrhiza_sdk::state_propose!(pins_rules::propose);
