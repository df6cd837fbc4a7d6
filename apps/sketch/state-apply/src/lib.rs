//! The sketch's `state-apply` component.

myrhiza_sdk::state_apply!(sketch_rules::apply);
