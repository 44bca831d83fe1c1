//! `hotloop cache why`: which part of a key was another one.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use comfy_table::{Cell, Color};
use hotloop_runtime::cache::Part;
use hotloop_runtime::cache::entry::FileId;
use hotloop_runtime::cache::trace::{self, Answer, Asked};
use serde_json::json;

use crate::cache::{Common, Found, ago, is_named, other, print_json, print_table, short};
use crate::screen::Screen;

/// The arguments of `hotloop cache why`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The name of a function, with or without its module
    #[arg(value_name = "FUNCTION")]
    function: String,
    /// A program to run, to see what it asks for
    #[arg(last = true, value_name = "COMMAND", value_hint = clap::ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
    #[command(flatten)]
    common: Common,
}

/// Says why.
///
/// # Errors
///
/// If nothing is known of the function, if the command fails, or the output cannot be written.
pub(crate) fn run(args: &Args, out: &mut impl Write) -> io::Result<ExitCode> {
    let (mut entries, _) = args.common.entries()?;
    entries.retain(|found| is_named(&found.entry.meta, &args.function));
    match args.command.as_slice() {
        [] => of_entries(args, &entries, out),
        [program, arguments @ ..] => of_program(args, &entries, program, arguments, out),
    }
}

/// What decided some code.
#[derive(Clone, Copy)]
struct Decided<'a> {
    parts: &'a [Part],
    llvm_file: Option<&'a FileId>,
}

impl<'a> Decided<'a> {
    fn of(found: &'a Found) -> Self {
        let meta = &found.entry.meta;
        Decided {
            parts: &meta.parts,
            llvm_file: meta.llvm_file.as_ref(),
        }
    }

    /// The names of what was another before.
    fn changed_since(self, before: Decided<'_>) -> Vec<String> {
        let mut changed: Vec<String> = (self.parts.iter())
            .filter(|part| !before.parts.contains(part))
            .map(|part| part.name.clone())
            .collect();
        let is_gone = |name: &String| self.parts.iter().all(|part| part.name != *name);
        let gone = before.parts.iter().map(|part| &part.name);
        changed.extend(gone.filter(|name| is_gone(name)).cloned());
        // Where there is no LLVM, the code of any will do.
        if self.llvm_file.is_some() && before.llvm_file != self.llvm_file {
            changed.push("LLVM".to_owned());
        }
        changed
    }

    /// The entry that differs least, the last of those, and in what.
    fn nearest(self, entries: &[Found]) -> Option<(String, Vec<String>)> {
        let differences = |found: &Found| self.changed_since(Decided::of(found));
        let nearest = (entries.iter().rev()).min_by_key(|found| differences(found).len())?;
        Some((nearest.short_key().to_owned(), differences(nearest)))
    }
}

fn reason(nearest: Option<(String, Vec<String>)>, first: &str) -> String {
    match nearest {
        None => first.to_owned(),
        Some((key, changed)) => format!("{} (unlike {key})", changed.join(", ")),
    }
}

/// What was different, each time that the function was compiled.
fn of_entries(args: &Args, entries: &[Found], out: &mut impl Write) -> io::Result<ExitCode> {
    if entries.is_empty() {
        return Err(other(format!(
            "there is no entry of `{0}`: no program of this user has compiled it with the option `cache` (hotloop cache why {0} -- COMMAND runs one)",
            args.function
        )));
    }
    let answers: Vec<_> = (entries.iter().enumerate())
        .map(|(n, found)| (found, Decided::of(found).nearest(&entries[..n])))
        .collect();
    if args.common.json {
        let list: Vec<_> = (answers.into_iter())
            .map(|(found, nearest)| {
                let (nearest, changed) = nearest.unzip();
                json!({ "key": found.key(), "signature": found.entry.meta.signature,
                    "created": found.entry.meta.created, "nearest": nearest, "changed": changed })
            })
            .collect();
        return print_json(&json!(list), out);
    }
    let screen = Screen::new();
    let mut table = screen.table();
    let titles = ["key", "signature", "compiled", "because of"];
    table.set_header(titles.map(|title| screen.quiet(title)));
    for (found, nearest) in answers {
        let created = UNIX_EPOCH.checked_add(Duration::from_secs(found.entry.meta.created));
        table.add_row(vec![
            screen.cell(found.short_key(), Color::Cyan),
            Cell::new(&found.entry.meta.signature),
            Cell::new(created.map_or_else(String::new, ago)),
            Cell::new(reason(nearest, "the first of this function")),
        ]);
    }
    print_table(&table, out)?;
    Ok(ExitCode::SUCCESS)
}

/// What a program finds, compared with what was there before.
fn of_program(
    args: &Args,
    entries: &[Found],
    program: &OsString,
    arguments: &[OsString],
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    let asked = asked_by(args, program, arguments)?;
    if asked.is_empty() {
        return Err(other(format!(
            "the command did not ask the cache for `{}`: is it marked `#[jit(cache)]`, and was it called?",
            args.function
        )));
    }
    let answers: Vec<_> = (asked.iter())
        .map(|asked| {
            let decided = Decided {
                parts: &asked.parts,
                llvm_file: asked.llvm_file.as_ref(),
            };
            let nearest = matches!(asked.answer, Answer::Miss).then(|| decided.nearest(entries));
            (asked, nearest.flatten())
        })
        .collect();
    if args.common.json {
        let list: Vec<_> = (answers.into_iter())
            .map(|(asked, nearest)| {
                let (nearest, changed) = nearest.unzip();
                let (answer, problem) = match &asked.answer {
                    Answer::Hit => ("hit", None),
                    Answer::Layer => ("layer", None),
                    Answer::Miss => ("miss", None),
                    Answer::Refused(problem) => ("refused", Some(problem)),
                };
                json!({ "key": asked.key().to_string(), "function": asked.path, "answer": answer,
                    "problem": problem, "nearest": nearest, "changed": changed })
            })
            .collect();
        return print_json(&json!(list), out);
    }
    let screen = Screen::new();
    let mut table = screen.table();
    let titles = ["key", "function", "answer", "because of"];
    table.set_header(titles.map(|title| screen.quiet(title)));
    for (asked, nearest) in answers {
        let (answer, color, reason) = match &asked.answer {
            Answer::Hit => ("hit", Color::Green, String::new()),
            Answer::Layer => ("hit", Color::Green, "a layer has it".to_owned()),
            Answer::Miss => {
                let first = "nothing is there of this function";
                ("miss", Color::Yellow, reason(nearest, first))
            }
            Answer::Refused(problem) => ("miss", Color::Red, problem.clone()),
        };
        table.add_row(vec![
            screen.cell(short(&asked.key().to_string()), Color::Cyan),
            Cell::new(&asked.path),
            screen.cell(answer, color),
            Cell::new(reason),
        ]);
    }
    print_table(&table, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the program, and gives what it asked for, the last answer for each key. What it prints goes to standard error.
fn asked_by(args: &Args, program: &OsString, arguments: &[OsString]) -> io::Result<Vec<Asked>> {
    let root = tempfile::tempdir()?;
    let file = root.path().join("trace");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("HOTLOOP_CACHE_TRACE", &file)
        .stdout(Stdio::from(io::stderr()));
    if let Some(folder) = &args.common.dir {
        command.env("HOTLOOP_CACHE_DIR", folder);
    }
    let name = program.to_string_lossy();
    let status = command
        .status()
        .map_err(|error| other(format!("`{name}` cannot be run: {error}")))?;
    let records = trace::read(&fs::read(&file).unwrap_or_default());
    let mut asked: Vec<Asked> = Vec::new();
    for record in records {
        let (_, function) = record.path.rsplit_once("::").unwrap_or(("", &record.path));
        if function != args.function && record.path != args.function {
            continue;
        }
        match asked.iter_mut().find(|known| known.key() == record.key()) {
            Some(known) => *known = record,
            None => asked.push(record),
        }
    }
    // A program that fails may have asked before.
    if asked.is_empty() && !status.success() {
        return Err(other(format!("`{name}` failed ({status})")));
    }
    Ok(asked)
}
