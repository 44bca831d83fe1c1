//! The `hotloop` command: argument parsing. What it shows is gathered by `hotloop_runtime::inspect`.

mod info;

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
    after_help = "Exit status: 0 if the question was answered, 1 if the answer could not be written, 2 for wrong usage."
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
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Info(args) => info::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough: `hotloop info | head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hotloop: cannot write: {error}");
            ExitCode::FAILURE
        }
    }
}
