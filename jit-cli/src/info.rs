//! `hotloop info`: the tables.

use std::io::{self, IsTerminal, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width};
use hotloop_runtime::inspect::{
    CandidateOutcome, LlvmCandidate, LlvmInfo, MachineInfo, machine_info,
};
use hotloop_runtime::llvm::Origin;

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

/// Where the tables go: a terminal, perhaps with colours, or a file.
struct Screen {
    is_terminal: bool,
    is_coloured: bool,
}

const NOT_YET: &str = "not in use in this version";
/// The width of the column of names.
const NAMES: u16 = 20;

impl Screen {
    fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Screen {
            is_terminal,
            is_coloured: is_terminal && !is_set("NO_COLOR") && !is_dumb,
        }
    }

    fn title(&self, text: &str) -> String {
        if self.is_coloured {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn cell(&self, text: impl Into<String>, color: Color) -> Cell {
        let cell = Cell::new(text.into());
        if self.is_coloured {
            cell.fg(color)
        } else {
            cell
        }
    }

    fn quiet(&self, text: impl Into<String>) -> Cell {
        let cell = Cell::new(text.into());
        if self.is_coloured {
            cell.add_attribute(Attribute::Dim)
        } else {
            cell
        }
    }

    /// A table that fits the terminal; in a file every row is one line, so that it can be searched.
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(NOTHING);
        if self.is_terminal {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        } else {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
        if !self.is_coloured {
            table.force_no_tty();
        }
        if self.is_terminal && !self.is_coloured {
            // `force_no_tty` also stops the table from asking how wide the terminal is.
            if let Some(width) = Table::new().width() {
                table.set_width(width);
            }
        }
        table
    }

    /// Rows of a name and a value.
    fn pairs(&self, rows: Vec<(&str, Cell)>) -> Table {
        let mut table = self.table();
        for (name, value) in rows {
            table.add_row(vec![self.name(name), value]);
        }
        align(table)
    }

    fn name(&self, name: &str) -> Cell {
        self.cell(name, Color::Cyan)
    }
}

/// Gives the names of all tables the same width.
fn align(mut table: Table) -> Table {
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::Absolute(Width::Fixed(NAMES)));
    }
    table
}

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
        Some(name) => format!("{name}; {NOT_YET}"),
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
            format!("{}, by {decided_by}; {NOT_YET}", directory.display())
        }
        _ => format!("none: set HOTLOOP_CACHE_DIR or HOME; {NOT_YET}"),
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
