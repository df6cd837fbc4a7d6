//! The poll's `state-propose` component.

myrhiza_sdk::state_propose!(poll_rules::propose);
