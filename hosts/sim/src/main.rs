//! `myrhiza-sim`: runs histories by their seeds.

mod progress;

use std::process::ExitCode;
use std::time::Instant;

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
        println!("seed {seed}: {told}");
        return Ok(());
    }
    let start = Instant::now();
    let mut progress = Progress::of(args.seeds);
    let seeds = args.from..args.from.saturating_add(args.seeds);
    let swept = sweep(&ground, seeds, shape, |so_far| progress.show(so_far));
    progress.end();
    let seconds = start.elapsed().as_secs_f64();
    println!("{swept}\n{seconds:.1} s, {:.1} histories a second", args.seeds as f64 / seconds);
    let failed: Vec<_> = swept.failed.iter().map(|(seed, _)| seed).collect();
    anyhow::ensure!(failed.is_empty(), "{} histories failed: seeds {failed:?}", failed.len());
    Ok(())
}
