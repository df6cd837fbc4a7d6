//! The wrecker's `state-apply` component.

myrhiza_sdk::state_apply!(wrecker_rules::apply);
