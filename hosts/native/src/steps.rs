//! Commands in steps: what waits for a disk is done apart from what needs the kernel.
//!
//! A node has one kernel, on one thread, and what a command does with it keeps everything else from
//! being done. A disk may take any time. So a command that reads or writes the user's files says in
//! steps what it does, and a node does those with files elsewhere.

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::home::Home;

use myrhiza_kernel::runtime::Runtime;

/// A step that needs no kernel.
pub(crate) type WithFiles = Box<dyn FnOnce() -> Outcome<Step> + Send>;
/// A step that needs the home and its kernel, and waits for nothing else.
pub(crate) type WithKernel =
    Box<dyn FnOnce(&Context<'_>, &mut Home, &mut Runtime) -> Outcome<Step> + Send>;

/// What a command does next.
pub(crate) enum Step {
    Files(WithFiles),
    Kernel(WithKernel),
    /// Nothing: it has ended.
    Done(Exit),
}

impl Step {
    /// Something with files.
    pub(crate) fn files(act: impl FnOnce() -> Outcome<Step> + Send + 'static) -> Self {
        Self::Files(Box::new(act))
    }

    /// Something with the home and its kernel.
    pub(crate) fn kernel(
        act: impl FnOnce(&Context<'_>, &mut Home, &mut Runtime) -> Outcome<Step> + Send + 'static,
    ) -> Self {
        Self::Kernel(Box::new(act))
    }
}

impl Context<'_> {
    /// Goes on with a step and all that follow. In a node they are left to the node, once the command
    /// has let go of the kernel; what is returned then counts only if nothing is left.
    pub(crate) fn go_on(&self, mut step: Step) -> Outcome<Exit> {
        if let Some(lent) = &self.lent {
            let exit = if let Step::Done(exit) = step { exit } else { Exit::Ok };
            *lent.rest.borrow_mut() = Some(step);
            return Ok(exit);
        }
        // The home stays this process's from the first step that needs it to the last.
        let mut opened = None;
        loop {
            step = match step {
                Step::Done(exit) => return Ok(exit),
                Step::Files(act) => act()?,
                Step::Kernel(act) => {
                    let (home, runtime) = match &mut opened {
                        Some(opened) => opened,
                        None => opened.insert(self.open_runtime()?),
                    };
                    act(self, home, runtime)?
                }
            };
        }
    }

    /// Does a step in a node, whose kernel this is.
    pub(crate) fn act(&self, act: WithKernel) -> Outcome<Exit> {
        let step = {
            let (mut home, mut runtime) = self.open_runtime()?;
            act(self, &mut home, &mut runtime)?
        };
        self.go_on(step)
    }
}
