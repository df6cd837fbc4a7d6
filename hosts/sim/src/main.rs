//! `myrhiza-sim`: runs histories by their seeds.

mod progress;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Parser;
use myrhiza_sim::{Ground, Over, Shape, run, sweep};

use progress::Progress;

/// Run simulated histories and check that equal event sets give equal roots
///
/// How far it is shows as a bar on a terminal, elsewhere as a line every ten seconds.
#[derive(Parser)]
struct Args {
    /// How many histories
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run this one seed only, and print what happens
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Events a history has at least
    #[arg(long, default_value_t = Shape::EVENTS)]
    events: usize,
    /// Homes a history has at most; 4 is the least
    #[arg(long, default_value_t = Shape::MOST_HOMES)]
    homes: usize,
    /// Run every so manieth seed over LMDB; 0 for none
    #[arg(long, default_value_t = Shape::LMDB_EVERY)]
    lmdb_every: u64,
    /// What connects the homes, in all histories; else every sixth is over a network
    #[arg(long)]
    over: Option<Over>,
}

fn main() -> ExitCode {
    match simulate(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn simulate(args: &Args) -> anyhow::Result<()> {
    let ground = Ground::new()?;
    let shape = |seed| {
        let shape = Shape::of(seed, args.lmdb_every);
        let over = args.over.unwrap_or(shape.over);
        Shape { events: args.events, homes: args.homes, over, ..shape }
    };
    if let Some(seed) = args.seed {
        let told = run(&ground, seed, Shape { verbose: true, ..shape(seed) })?;
        return say(&format!("seed {seed}: {told}"));
    }
    let end = args.from.checked_add(args.seeds);
    let end = end.with_context(|| {
        format!(
            "no histories were run: {} seeds from {} on go beyond {}, the last; give fewer, or run one by `--seed`",
            args.seeds,
            args.from,
            u64::MAX
        )
    })?;
    let start = Instant::now();
    let mut progress = Progress::of(args.seeds);
    let swept = sweep(&ground, args.from..end, shape, |so_far| progress.show(so_far));
    progress.end();
    let seconds = start.elapsed().as_secs_f64();
    let a_second = args.seeds as f64 / seconds;
    say(&format!("{swept}\n{seconds:.1} s, {a_second:.1} histories a second"))?;
    let failed: Vec<_> = swept.failed.iter().map(|(seed, _)| seed).collect();
    anyhow::ensure!(failed.is_empty(), "{} histories failed: seeds {failed:?}", failed.len());
    Ok(())
}

/// A line on standard output.
fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("what was found was not printed")
}
