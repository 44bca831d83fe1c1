//! `hotloop info`: the tables.

use std::io::{self, Write};

use comfy_table::{Cell, Color, Table};
use hotloop_runtime::inspect::{
    CandidateOutcome, LlvmCandidate, LlvmInfo, MachineInfo, machine_info,
};
use hotloop_runtime::llvm::Origin;

use crate::screen::{Screen, align};

/// What `hotloop info --help` ends with.
pub(crate) const AFTER_HELP: &str = "\
That no LLVM is found is an answer, not an error: the exit status is 0, and functions run as rustc compiled them.

Examples:
  hotloop info                                    the tables
  hotloop info --json | jq -r .llvm.path          the library in use
  HOTLOOP_LLVM=/opt/llvm/lib hotloop info         whether that LLVM can be used

Keys of --json (null where there is nothing to say; keys may be added, and are not renamed or removed):
  hotloop_version, ir_schema_version, target
  cpu            vendor, name, features[], llvm_name, llvm_features
  llvm           found, version, path, load_ms, error,
                 searched[]: path, reason, outcome (loaded, absent, rejected),
                 origin (environment, build_toolchain, toolchain, system, linked)
  threads        rayon, decided_by, available_parallelism, in_use
  vector_math    library, in_use
  cache          directory, decided_by, in_use
  environment[]  name, value, meaning
  environment_problems[]";

/// The arguments of `hotloop info`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print JSON for programs instead of tables for people
    #[arg(long)]
    json: bool,
}

/// Prints what machine this is.
///
/// # Errors
///
/// If the output cannot be written.
pub(crate) fn run(args: &Args) -> io::Result<()> {
    let info = machine_info();
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &info)?;
        return writeln!(out);
    }
    let screen = Screen::new();
    let sections = [
        ("hotloop", hotloop(&screen, &info)),
        ("processor", processor(&screen, &info)),
        ("LLVM", llvm(&screen, &info.llvm)),
        ("threads and mathematics", threads(&screen, &info)),
        ("cache", cache(&screen, &info)),
        ("environment", environment(&screen, &info)),
    ];
    for (index, (title, tables)) in sections.into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", screen.title(title))?;
        for table in tables {
            for line in table.lines() {
                writeln!(out, "{}", line.trim_end())?;
            }
        }
    }
    out.flush()
}

const NOT_YET: &str = "not in use in this version";

fn hotloop(screen: &Screen, info: &MachineInfo) -> Vec<Table> {
    vec![screen.pairs(vec![
        ("version", Cell::new(info.hotloop_version)),
        ("IR schema", Cell::new(info.ir_schema_version)),
        ("target", Cell::new(info.target)),
    ])]
}

fn processor(screen: &Screen, info: &MachineInfo) -> Vec<Table> {
    let cpu = &info.cpu;
    let compiled_for = match &cpu.llvm_name {
        Some(name) => Cell::new(name),
        None => screen.quiet("nothing, without LLVM"),
    };
    vec![screen.pairs(vec![
        ("name", Cell::new(&cpu.name)),
        ("maker", Cell::new(&cpu.vendor)),
        ("compiled for", compiled_for),
        ("features", Cell::new(cpu.features.join(" "))),
    ])]
}

fn llvm(screen: &Screen, llvm: &LlvmInfo) -> Vec<Table> {
    let mut rows = Vec::new();
    if let (Some(version), Some(path)) = (&llvm.version, &llvm.path) {
        rows.push((
            "found",
            screen.cell(format!("LLVM {version}"), Color::Green),
        ));
        rows.push(("library", Cell::new(path.display())));
    } else {
        rows.push((
            "found",
            screen.cell("none: functions run as rustc compiled them", Color::Yellow),
        ));
    }
    if let Some(load_ms) = llvm.load_ms {
        let text = format!("{load_ms:.1} ms, once for each process that compiles");
        rows.push(("loaded in", Cell::new(text)));
    }
    if let Some(error) = &llvm.error {
        // The candidates below say the rest of it.
        let mut lines = error.lines();
        let why = lines.next().unwrap_or_default();
        rows.push(("why", Cell::new(why.trim_end_matches("; looked in:"))));
        if let Some(help) = lines.next_back() {
            rows.push(("what to do", Cell::new(help)));
        }
    }
    if llvm.found || llvm.searched.len() > 1 {
        rows.extend(searched(screen, &llvm.searched));
    }
    vec![screen.pairs(rows)]
}

/// Rows for what was tried, in order. A system has many names for LLVM: those that are not there share a row.
fn searched<'a>(screen: &Screen, candidates: &[LlvmCandidate]) -> Vec<(&'a str, Cell)> {
    let is_absent_name = |candidate: &&LlvmCandidate| {
        candidate.origin == Origin::System && candidate.outcome == CandidateOutcome::Absent
    };
    let absent: Vec<_> = candidates.iter().filter(is_absent_name).collect();
    let mut rows = Vec::new();
    for candidate in candidates {
        let (path, origin) = (candidate.path.display(), candidate.origin);
        let value = if is_absent_name(&candidate) {
            if candidate.path != absent[0].path {
                continue;
            }
            let (n, last) = (absent.len(), absent[absent.len() - 1].path.display());
            screen.quiet(format!("{n} names, {path} to {last}\n{origin}: not there"))
        } else {
            match candidate.outcome {
                CandidateOutcome::Loaded => {
                    screen.cell(format!("{path}\n{origin}: in use"), Color::Green)
                }
                CandidateOutcome::Absent => screen.quiet(format!("{path}\n{origin}: not there")),
                _ => {
                    let reason = candidate.reason.as_deref().unwrap_or("passed over");
                    screen.cell(format!("{path}\n{origin}: {reason}"), Color::Yellow)
                }
            }
        };
        rows.push(("looked at", value));
    }
    rows
}

fn threads(screen: &Screen, info: &MachineInfo) -> Vec<Table> {
    let threads = &info.threads;
    let count = format!(
        "{}, by {} as rayon counts; {NOT_YET}",
        threads.rayon, threads.decided_by
    );
    let math = match info.vector_math.library {
        Some(name) => format!("{name}, for `fastmath`"),
        None => "none on this platform".to_owned(),
    };
    vec![screen.pairs(vec![
        ("threads", Cell::new(count)),
        ("vector math", Cell::new(math)),
    ])]
}

fn cache(screen: &Screen, info: &MachineInfo) -> Vec<Table> {
    let cache = &info.cache;
    let directory = match (&cache.directory, cache.decided_by) {
        (Some(directory), Some(decided_by)) => {
            let state = match cache.in_use {
                true => "in use",
                false => "not there yet, or not the user's own",
            };
            format!("{}, by {decided_by}; {state}", directory.display())
        }
        _ => "none: set HOTLOOP_CACHE_DIR or HOME".to_owned(),
    };
    vec![screen.pairs(vec![("directory", Cell::new(directory))])]
}

fn environment(screen: &Screen, info: &MachineInfo) -> Vec<Table> {
    let mut variables = screen.table();
    for variable in &info.environment {
        let value = match &variable.value {
            Some(value) => screen.cell(value, Color::Green),
            None => screen.quiet("not set"),
        };
        variables.add_row(vec![
            screen.name(variable.name),
            value,
            Cell::new(variable.meaning),
        ]);
    }
    let problems = &info.environment_problems;
    let problems = problems
        .iter()
        .map(|problem| ("ignored", screen.cell(problem, Color::Yellow)))
        .collect();
    vec![align(variables), screen.pairs(problems)]
}
