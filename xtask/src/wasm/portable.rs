//! What others build plug-ins for a browser with compiles for it by itself. The kernel is built and run
//! for it by the tier `web`.

use xshell::Shell;

use super::find;
use crate::workspace::Workspace;

/// Each by itself, so that none rests on a feature that another asks for.
const PORTABLE: [&str; 3] = ["myrhiza-kernel-api", "myrhiza-backend-web", "myrhiza-store-opfs"];

#[test]
fn plug_ins_for_a_browser_compile_for_it() {
    let workspace = Workspace::load().unwrap();
    let toolchain = find().unwrap().expect("run `cargo xtask setup` first");
    let sh = Shell::new().unwrap();
    let target = workspace.browser_target();
    for package in PORTABLE {
        // As tests are built, so that macros are compiled once for both.
        let checked = toolchain
            .cargo(&sh, workspace.root(), &target, "check")
            .args(["--profile", "browser-quick", "--package", package])
            .quiet()
            .ignore_status()
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{package} does not compile for a browser:\n{said}");
    }
}
