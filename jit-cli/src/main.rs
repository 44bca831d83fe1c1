//! The `hotloop` command: argument parsing. What it shows is gathered by `hotloop_runtime::inspect`.

mod cache;
mod info;
mod screen;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Looks at what hotloop does on this machine.
///
/// hotloop compiles functions marked `#[hotloop::jit]` when they are first called, with the LLVM that is part of every Rust
/// toolchain. This command needs no program: it says what such a program would find here.
#[derive(Parser)]
#[command(
    name = "hotloop",
    version,
    arg_required_else_help = true,
    after_help = "Exit status: 0 if the question was answered, 1 if it could not be (no such entry, a damaged one, nowhere to write), 2 for wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says what machine this is, as hotloop sees it
    ///
    /// Shows the processor that code is compiled for, which LLVM is used and where it was looked for, how many threads
    /// there are, the library of vector functions, the cache, and the environment variables that change any of it.
    #[command(after_long_help = info::AFTER_HELP)]
    Info(info::Args),
    /// Looks into the cache of compiled code
    ///
    /// Functions marked `#[jit(cache)]` keep their code in a folder, so that the next process starts without compiling. Everything
    /// here can be done while programs use it.
    #[command(subcommand, after_long_help = cache::AFTER_HELP)]
    Cache(cache::Command),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Info(args) => info::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Cache(command) => cache::run(&command),
    };
    match result {
        Ok(code) => code,
        // The reader has seen enough: `hotloop info | head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hotloop: {error}");
            ExitCode::FAILURE
        }
    }
}
