//! The wrecker's `interaction` component.

myrhiza_sdk::interaction!(wrecker_rules::view, wrecker_rules::press, wrecker_rules::complete);
