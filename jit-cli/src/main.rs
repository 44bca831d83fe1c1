//! The `hotloop` command: argument parsing. What it shows is gathered by `hotloop_runtime::inspect`.

mod bundle;
mod cache;
mod info;
mod screen;
mod why;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Looks at what hotloop does on this machine.
///
/// hotloop compiles functions marked `#[hotloop::jit]` when they are first called, with the LLVM that is part of every Rust
/// toolchain. This command needs no program: it says what such a program would find here.
#[derive(Parser)]
#[command(
    name = "hotloop",
    version,
    arg_required_else_help = true,
    after_long_help = EXAMPLES,
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
    /// Packs code from the cache into one file, to ship with a program
    ///
    /// A program with a bundle needs neither LLVM nor time to compile: it runs the code that was compiled here, for levels of processors
    /// that most machines have (x86-64-v3: AVX2, x86-64-v4: AVX-512).
    #[command(after_long_help = bundle::AFTER_HELP)]
    Bundle(bundle::Args),
    /// Prints a script that completes this command's arguments in a shell
    #[command(after_long_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Prints the manual page, or writes those of all commands
    Man {
        /// Write a page for each command to this folder, instead of printing the first
        #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

/// What `hotloop --help` ends with.
const EXAMPLES: &str = "\
Examples:
  hotloop info                     which processor, which LLVM, where the cache is
  hotloop cache list               what programs have compiled and kept
  hotloop cache why dot            why `dot` was compiled again
  hotloop cache asm dot            its machine code
  hotloop bundle -o k.hlb -- ./a   the code of what `./a` calls, in a file to ship with it

Exit status: 0 if the question was answered, 1 if it could not be (no such entry, a damaged one, nowhere to write), 2 for wrong usage.";

/// What `hotloop completions --help` ends with.
const COMPLETIONS_HELP: &str = "\
Examples:
  hotloop completions bash > ~/.local/share/bash-completion/completions/hotloop
  hotloop completions zsh > \"${fpath[1]}/_hotloop\"
  hotloop completions fish > ~/.config/fish/completions/hotloop.fish";

fn completions(shell: clap_complete::Shell) -> io::Result<()> {
    // What generates them panics where the output cannot be written.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "hotloop", &mut script);
    io::stdout().write_all(&script)
}

fn man(folder: Option<&PathBuf>) -> io::Result<()> {
    let command = Cli::command();
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(command, folder)
        }
        None => clap_mangen::Man::new(command).render(&mut io::stdout()),
    }
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Info(args) => info::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Cache(command) => cache::run(&command),
        Command::Bundle(args) => bundle::run(&args, &mut io::stdout().lock()),
        Command::Completions { shell } => completions(shell).map(|()| ExitCode::SUCCESS),
        Command::Man { out } => man(out.as_ref()).map(|()| ExitCode::SUCCESS),
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
