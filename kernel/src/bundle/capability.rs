//! What a component imports against what its manifest asks for.

use myrhiza_kernel_api::Permission;

use super::ability::interface;
use super::inspect::Policy;
use super::manifest::Manifest;
use super::surface::Surface;
use crate::component::{Finding, Rule};

/// The interfaces a component imports that its profile permits only to who declares them, where the
/// manifest does not. What the profile does not permit at all is admission's to tell.
pub(super) fn undeclared(
    manifest: &Manifest,
    profile: &str,
    bytes: &[u8],
    policies: &[Policy],
) -> Vec<Finding> {
    let Some(policy) = policies.iter().find(|policy| policy.name() == profile) else {
        return Vec::new();
    };
    let missing = |import: String| {
        let name = interface(&import);
        let permit = policy.permits().iter().find(|permit| permit.interface == name)?;
        let wants = permit.permission == Permission::Declared;
        (wants && !manifest.capabilities.contains_key(name)).then(|| Finding {
            rule: Rule::Imports,
            profile: profile.to_owned(),
            place: format!("import `{import}`"),
            message: format!(
                "the manifest does not ask for the capability; write `{name} = true` under \
                 [capabilities], or do not import it"
            ),
        })
    };
    Surface::of(bytes).imports.into_iter().filter_map(missing).collect()
}
