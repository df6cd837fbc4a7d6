//! What nodes cost among each other. Whole-process runs rather than criterion's samples: each
//! takes seconds, and says itself what it is to be compared with.
//!
//! An argument selects by name, as in `cargo bench -p myrhiza-bench --bench peers -- live`.

use std::env;
use std::path::PathBuf;

use myrhiza_bench::peers::{join, live, many, memory, walk};

/// A name, and what it runs.
type Run = (&'static str, fn());

const RUNS: [Run; 7] = [
    ("join", || join::join(100_000, 5)),
    ("walk", || walk::walk(1_000_000)),
    ("live 2", || live::live(2, 500)),
    ("live 16", || live::live(16, 320)),
    ("topics 1", || many::many(1, 10, 200)),
    ("topics 1000", || many::many(1_000, 10, 200)),
    ("memory", || memory::memory(&program(), 100_000, 1_000)),
];

fn program() -> PathBuf {
    env::current_exe().unwrap_or_default()
}

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [first, folder, acts] = &arguments[..]
        && first == memory::CHILD
    {
        return memory::child(folder.as_ref(), acts == "true");
    }
    // Cargo and criterion have arguments of their own.
    let filters: Vec<_> = arguments.iter().filter(|name| !name.starts_with('-')).collect();
    for (name, run) in RUNS {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            println!("\n{name}");
            run();
        }
    }
}
