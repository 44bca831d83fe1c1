//! `hotloop bundle`: packs entries of the cache into one file.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use comfy_table::{Cell, Color};
use hotloop_runtime::cache::bundle;
use hotloop_runtime::cache::entry::Entry;
use hotloop_runtime::cpu::CpuLevel;
use serde_json::json;

use crate::cache::{Common, Found, is_named, other, print_json, print_table, size};
use crate::screen::Screen;

/// What `hotloop bundle --help` ends with.
pub(crate) const AFTER_HELP: &str = "\
With a command, it is run with an empty cache, and all that it compiles with the option `cache` is packed: a program that calls its \
functions once, or its tests. Code is compiled for each level, whether this processor has it or not. Without a command, entries are \
taken from the cache as they are there; set HOTLOOP_CACHE_LEVELS to have programs compile for more levels.

The program uses a bundle by `hotloop::include_hotloop_cache!(\"kernels.hlb\")`, which makes it a part of the program, by \
`hotloop::cache::add_layer(path)`, or by HOTLOOP_CACHE_LAYERS=path. It then needs no LLVM.

Examples:
  hotloop bundle -o kernels.hlb -- ./target/release/simulate --steps 1
  hotloop bundle -o kernels.hlb --level x86-64-v3,native dot axpy
  hotloop cache list --dir kernels.hlb";

/// The arguments of `hotloop bundle`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file to write; what was there is replaced
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: PathBuf,
    /// Which processors: x86-64-v2, x86-64-v3, x86-64-v4, or native, which is the one that compiled it
    ///
    /// If not given: x86-64-v3 and x86-64-v4 with a command, whatever there is without.
    #[arg(short, long, value_name = "LEVEL", value_delimiter = ',')]
    level: Vec<CpuLevel>,
    /// Only these functions, by their names or the beginnings of their keys; all, if none is named
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
    /// A program to run, the code of whose functions is packed
    #[arg(last = true, value_name = "COMMAND", value_hint = clap::ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
    #[command(flatten)]
    common: Common,
}

/// Makes the bundle.
///
/// # Errors
///
/// If the command fails, nothing is to be packed, or the file cannot be written.
pub(crate) fn run(args: &Args, out: &mut impl Write) -> io::Result<ExitCode> {
    let (mut entries, n_damaged) = match args.command.as_slice() {
        [] => args.common.entries()?,
        [program, arguments @ ..] => compiled_by(program, arguments, args)?,
    };
    let levels = args.levels();
    let is_wanted = |found: &Found| {
        let meta = &found.entry.meta;
        let names = |name: &String| is_named(meta, name) || found.has_key(name);
        (levels.is_empty() || levels.contains(&meta.level))
            && (args.functions.is_empty() || args.functions.iter().any(names))
    };
    entries.retain(is_wanted);
    let entries: Vec<Entry> = entries.into_iter().map(|found| found.entry).collect();
    if entries.is_empty() {
        return Err(other(match args.command.is_empty() {
            true => "no entry of the cache is what was asked for (hotloop cache list)",
            false => {
                "the command compiled nothing that was asked for: are its functions marked `#[jit(cache)]`, and were they called?"
            }
        }));
    }
    let bytes = bundle::write(&args.output, &entries)
        .map_err(|error| other(format!("{}: {error}", args.output.display())))?;
    report(args, &entries, n_damaged, bytes, out)
}

impl Args {
    /// Empty if all are wanted.
    fn levels(&self) -> Vec<CpuLevel> {
        if !self.level.is_empty() || self.command.is_empty() {
            return self.level.clone();
        }
        let mut levels = CpuLevel::LEVELS.to_vec();
        levels.retain(|level| level.name() != "x86-64-v2");
        if levels.is_empty() {
            levels.push(CpuLevel::Native);
        }
        levels
    }
}

/// Runs a command with a cache of its own, and reads what is in it then.
fn compiled_by(
    program: &OsString,
    arguments: &[OsString],
    args: &Args,
) -> io::Result<(Vec<Found>, usize)> {
    let root = tempfile::tempdir()?;
    let folder = root.path().join("cache");
    let mut names: Vec<&str> = args.levels().iter().map(|level| level.name()).collect();
    names.retain(|name| *name != CpuLevel::Native.name());
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("HOTLOOP_CACHE_DIR", &folder)
        .env("HOTLOOP_CACHE_LEVELS", names.join(","))
        .env_remove("HOTLOOP_CACHE_LAYERS")
        .env_remove("HOTLOOP_DUMP");
    if args.common.json {
        command.stdout(Stdio::null());
    }
    let name = program.to_string_lossy();
    let status = command
        .status()
        .map_err(|error| other(format!("`{name}` cannot be run: {error}")))?;
    if !status.success() {
        return Err(other(format!(
            "`{name}` failed ({status}): nothing is packed"
        )));
    }
    let common = Common {
        dir: Some(folder),
        json: false,
    };
    common.entries()
}

fn report(
    args: &Args,
    entries: &[Entry],
    n_damaged: usize,
    bytes: u64,
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    let mut packed: Vec<_> = (entries.iter())
        .map(|entry| {
            let meta = &entry.meta;
            (meta.signature.as_str(), meta.level, meta.code_bytes)
        })
        .collect();
    packed.sort();
    if args.common.json {
        let list: Vec<_> = (packed.iter())
            .map(|(signature, level, code)| {
                json!({ "signature": signature, "level": level.name(), "code_bytes": code })
            })
            .collect();
        let value =
            json!({ "file": args.output, "bytes": bytes, "damaged": n_damaged, "entries": list });
        return print_json(&value, out);
    }
    let screen = Screen::new();
    let mut table = screen.table();
    table.set_header(["signature", "for", "code"].map(|title| screen.quiet(title)));
    for (signature, level, code) in &packed {
        table.add_row(vec![
            screen.cell(*signature, Color::Cyan),
            Cell::new(level.name()),
            Cell::new(size(*code)),
        ]);
    }
    print_table(&table, out)?;
    if n_damaged > 0 {
        writeln!(
            out,
            "{n_damaged} more cannot be read: see `hotloop cache verify`"
        )?;
    }
    writeln!(
        out,
        "{} entries, {}: {}",
        packed.len(),
        size(bytes),
        args.output.display()
    )?;
    Ok(ExitCode::SUCCESS)
}
