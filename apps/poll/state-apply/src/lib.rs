//! The poll's `state-apply` component.

myrhiza_sdk::state_apply!(poll_rules::apply);
