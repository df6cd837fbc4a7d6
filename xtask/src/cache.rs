//! The folder of tools that all clones on a machine share.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use etcetera::BaseStrategy as _;

/// `MYRHIZA_TOOLS`, or a folder in the platform's cache directory.
pub(crate) fn dir() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("MYRHIZA_TOOLS") {
        return std::path::absolute(PathBuf::from(dir)).context("MYRHIZA_TOOLS");
    }
    let base = etcetera::choose_base_strategy()
        .context("no home directory; set MYRHIZA_TOOLS to a folder that may be written")?;
    Ok(base.cache_dir().join("myrhiza"))
}

/// The folder `name` in `cache`, made by `make(scratch, result)` unless it is there.
///
/// It appears under its name by one rename, so one that is there is whole. Of two processes the
/// second waits and finds it; what an interrupted one left is swept away by the next.
pub(crate) fn make_once(
    cache: &Path,
    name: &str,
    make: impl FnOnce(&Path, &Path) -> Result<()>,
) -> Result<PathBuf> {
    let made = cache.join(name);
    fs::create_dir_all(cache).with_context(|| format!("creating {}", cache.display()))?;
    let lock = cache.join(format!("{name}.lock"));
    let lock = File::create(&lock).with_context(|| format!("opening {}", lock.display()))?;
    lock.lock()?;
    if made.is_dir() {
        return Ok(made);
    }
    let scratch = cache.join(format!("{name}.part"));
    if scratch.exists() {
        fs::remove_dir_all(&scratch).with_context(|| format!("removing {}", scratch.display()))?;
    }
    let result = scratch.join("result");
    fs::create_dir_all(&result)?;
    make(&scratch, &result)?;
    fs::rename(&result, &made)?;
    fs::remove_dir_all(&scratch)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use xshell::Shell;

    use super::*;

    #[test]
    fn what_was_interrupted_is_made_again_and_never_taken_for_whole() {
        let temp = Shell::new().unwrap().create_temp_dir().unwrap();
        let interrupted = make_once(temp.path(), "tool", |_, result| {
            fs::write(result.join("half"), "")?;
            anyhow::bail!("killed")
        });
        assert!(interrupted.is_err());
        assert!(!temp.path().join("tool").exists());
        let made = make_once(temp.path(), "tool", |_, result| {
            assert!(!result.join("half").exists());
            Ok(fs::write(result.join("whole"), "")?)
        });
        assert!(made.unwrap().join("whole").exists());
        assert!(!temp.path().join("tool.part").exists());
    }

    #[test]
    fn of_two_at_once_one_makes_it_and_both_have_it() {
        let temp = Shell::new().unwrap().create_temp_dir().unwrap();
        let makers = AtomicU32::new(0);
        let run = || {
            make_once(temp.path(), "tool", |_, result| {
                makers.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(50));
                Ok(fs::write(result.join("whole"), "")?)
            })
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(run);
            assert!(run().unwrap().join("whole").exists());
            assert!(other.join().unwrap().unwrap().join("whole").exists());
        });
        assert_eq!(makers.load(Ordering::SeqCst), 1);
    }
}
