//! The pinboard's `state-apply` component.

myrhiza_sdk::state_apply!(pins_rules::apply);
