//! The sketch's `state-propose` component.

myrhiza_sdk::state_propose!(sketch_rules::propose);
