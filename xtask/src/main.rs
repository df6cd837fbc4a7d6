//! `cargo xtask`: sets up, builds and checks everything. People and CI run the same commands.
//!
//! A command is one file in `commands/`: its arguments, and what it does. It is registered here
//! when it works.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod cache;
mod commands;
mod process;
mod tidy;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Sets up, builds and checks Myrhiza", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Doctor(commands::doctor::Doctor),
    Setup(commands::setup::Setup),
    Guests(commands::guests::Guests),
    Build(commands::build::Build),
    Demo(commands::demo::Demo),
    Sim(commands::sim::Sim),
    Test(commands::test::Test),
    Bench(commands::bench::Bench),
    Tidy(commands::tidy::Tidy),
    WitFreeze(commands::wit_freeze::WitFreeze),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = Workspace::load().and_then(|workspace| match cli.command {
        Command::Doctor(doctor) => doctor.run(&workspace),
        Command::Setup(setup) => setup.run(&workspace),
        Command::Guests(guests) => guests.run(&workspace),
        Command::Build(build) => build.run(&workspace),
        Command::Sim(sim) => sim.run(&workspace),
        Command::Demo(demo) => demo.run(&workspace),
        Command::Test(test) => test.run(&workspace),
        Command::Bench(bench) => bench.run(&workspace),
        Command::Tidy(tidy) => tidy.run(&workspace),
        Command::WitFreeze(freeze) => freeze.run(&workspace),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
