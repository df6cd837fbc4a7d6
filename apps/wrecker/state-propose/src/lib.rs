//! The wrecker's `state-propose` component.

myrhiza_sdk::state_propose!(wrecker_rules::propose);
