//! `hotloop cache`: what is in the cache, and what to do with it.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use comfy_table::{Cell, Color};
use hotloop_runtime::cache::bundle::Bundle;
use hotloop_runtime::cache::entry::{Entry, Meta};
use hotloop_runtime::cache::store::{Listed, ReadError, Removed, Store, read_entry};
use hotloop_runtime::cache::{Key, directory};
use hotloop_runtime::cpu::CpuLevel;
use hotloop_runtime::inspect::{disassemble_object, lines_of};
use serde_json::{Value, json};

use crate::screen::Screen;
use crate::{bundle, why};

/// What `hotloop cache --help` ends with.
pub(crate) const AFTER_HELP: &str = "\
KEY is the beginning of an entry's key, as `list` shows it, or the name of a function, if that has one entry only.

Examples:
  hotloop cache list                  what is there
  hotloop cache asm dot               the machine code of `dot`
  hotloop cache why dot               what changed each time that `dot` was compiled again
  hotloop cache why dot -- ./simulate whether that program finds `dot` there; if not, why
  hotloop cache verify                whether any entry is damaged
  hotloop cache gc --limit 100        throw away what was not used for longest, down to 100 MiB
  hotloop cache list --dir k.hlb      what is in a bundle (`hotloop bundle --help`)";

/// What to do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the entries
    List(Common),
    /// Shows what an entry says about itself
    Show(One),
    /// Disassembles an entry's code
    Asm(Asm),
    /// Prints an entry's optimized IR
    Ir(One),
    /// Says why a function was compiled: what was different from the nearest entry
    ///
    /// Each entry is compared with the one before it that differs least. With a command, that is run, and what it asks the cache for is
    /// compared with what was there before: a hit, or what is different.
    Why(why::Args),
    /// Reads every entry, and says which are damaged
    Verify(Common),
    /// Counts entries and bytes
    Stats(Common),
    /// Throws away what was not used for longest, and what killed processes left
    Gc(Gc),
    /// Throws away everything
    Clear(Common),
    /// Packs entries into one file, to ship with a program (the same as `hotloop bundle`)
    #[command(after_long_help = bundle::AFTER_HELP)]
    Bundle(bundle::Args),
}

/// What all commands take.
#[derive(clap::Args)]
pub(crate) struct Common {
    /// The folder, instead of the one that programs of this user have; or a bundle
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) dir: Option<PathBuf>,
    /// Print JSON for programs instead of text for people
    #[arg(long)]
    pub(crate) json: bool,
}

/// One entry.
#[derive(clap::Args)]
pub(crate) struct One {
    /// The beginning of a key, or the name of a function
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    common: Common,
}

/// One entry, and whether lines are asked for.
#[derive(clap::Args)]
pub(crate) struct Asm {
    /// Whether to say which lines of the source the instructions come from
    ///
    /// Entries do not keep that: the function is compiled once more, which takes the LLVM that compiled it. `auto` does without where that
    /// one is not here.
    #[arg(long, value_name = "WHEN", default_value = "auto", num_args = 0..=1, require_equals = true, default_missing_value = "always")]
    lines: When,
    #[command(flatten)]
    one: One,
}

/// When to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum When {
    /// Where it is possible
    Auto,
    /// It is an error if it is not possible
    Always,
    /// Not at all
    Never,
}

/// How much is to be left.
#[derive(clap::Args)]
pub(crate) struct Gc {
    /// How many MiB may be left
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    limit: u64,
    #[command(flatten)]
    common: Common,
}

/// An entry, read.
pub(crate) struct Found {
    listed: Listed,
    pub(crate) entry: Entry,
    /// What tables show: the beginning of the key, with that of LLVM's name where another entry has the same key.
    short_key: String,
}

impl Found {
    pub(crate) fn key(&self) -> String {
        Key::of(&self.entry.meta.parts).to_string()
    }

    pub(crate) fn short_key(&self) -> &str {
        &self.short_key
    }

    /// What the file's name says of the LLVM that compiled it; nothing in a bundle.
    fn llvm_name(&self) -> &str {
        let name = self.listed.path.file_stem().and_then(OsStr::to_str);
        let parts = name.and_then(|name| name.split_once('-'));
        parts.map_or("", |(_, llvm)| llvm)
    }

    /// Whether this is the beginning of its key, perhaps with the beginning of LLVM's name.
    pub(crate) fn has_key(&self, wanted: &str) -> bool {
        let (key, llvm) = wanted.split_once('-').unwrap_or((wanted, ""));
        self.key().starts_with(key) && self.llvm_name().starts_with(llvm)
    }

    fn path(&self) -> String {
        path_of(&self.entry.meta)
    }

    fn to_json(&self) -> Value {
        let meta = &self.entry.meta;
        let seconds = |time: SystemTime| {
            time.duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs())
        };
        json!({
            "key": self.key(),
            "file": self.listed.path,
            "function": meta.function,
            "module": meta.module,
            "signature": meta.signature,
            "options": meta.options,
            "hotloop": meta.hotloop,
            "llvm": meta.llvm,
            "cpu": meta.cpu,
            "level": meta.level.name(),
            "created": meta.created,
            "used": seconds(self.listed.used),
            "bytes": self.listed.bytes,
            "code_bytes": meta.code_bytes,
            "compile_ms": meta.times().total().as_secs_f64() * 1e3,
            "host_functions": meta.hosts,
        })
    }
}

/// As many letters of a key as people need.
pub(crate) fn short(key: &str) -> String {
    key.chars().take(10).collect()
}

pub(crate) fn path_of(meta: &Meta) -> String {
    match meta.module.as_str() {
        "" => meta.function.clone(),
        module => format!("{module}::{}", meta.function),
    }
}

/// Does it.
///
/// # Errors
///
/// If there is no such entry, if the folder cannot be read, or the output cannot be written.
pub(crate) fn run(command: &Command) -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let code = match command {
        Command::List(common) => list(common, &mut out)?,
        Command::Show(one) => show(one, &mut out)?,
        Command::Asm(args) => asm(args, &mut out)?,
        Command::Ir(one) => {
            let found = one.find()?;
            let program = found.entry.decode_program();
            let text = hotloop_runtime::ir::print_program(&program.map_err(other)?);
            print_text(one, &found, text, json!({}), &mut out)?
        }
        Command::Why(args) => why::run(args, &mut out)?,
        Command::Verify(common) => verify(common, &mut out)?,
        Command::Stats(common) => stats(common, &mut out)?,
        Command::Gc(gc) => {
            let limit = gc.limit.saturating_mul(1 << 20);
            removed(&gc.common, |store| store.collect_garbage(limit), &mut out)?
        }
        Command::Clear(common) => removed(common, Store::clear, &mut out)?,
        Command::Bundle(args) => bundle::run(args, &mut out)?,
    };
    out.flush()?;
    Ok(code)
}

pub(crate) fn other(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}

impl Common {
    pub(crate) fn folder(&self) -> io::Result<PathBuf> {
        let place = || directory::place(|name| std::env::var_os(name)).map(|(folder, _)| folder);
        (self.dir.clone().or_else(place)).ok_or_else(|| {
            other("there is no folder for the cache: name one by --dir, or set HOTLOOP_CACHE_DIR")
        })
    }

    /// The store; `None` if nothing was cached yet.
    fn store(&self) -> io::Result<Option<Store>> {
        let folder = self.folder()?;
        match Store::open_existing(folder.clone()) {
            Ok(store) => Ok(Some(store)),
            Err(directory::Untrusted::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(other(format!("{}: {error}", folder.display()))),
        }
    }

    /// The bundle that `--dir` names, if it names one.
    fn bundle(&self) -> io::Result<Option<(Bundle, PathBuf)>> {
        let Some(path) = self.dir.as_ref().filter(|path| path.is_file()) else {
            return Ok(None);
        };
        match Bundle::open(path) {
            Ok(bundle) => Ok(Some((bundle, path.clone()))),
            Err(error) => Err(other(format!("{}: {error}", path.display()))),
        }
    }

    /// Every entry, or why it cannot be read.
    fn read_all(&self) -> io::Result<Vec<(Listed, Result<Entry, ReadError>)>> {
        if let Some((bundle, path)) = self.bundle()? {
            let written = path.metadata()?.modified().unwrap_or(UNIX_EPOCH);
            let read = |key| {
                let entry = bundle.find(key);
                let bytes = entry.as_ref().map_or(0, Entry::file_bytes);
                (Listed::new(path.clone(), bytes, written), entry)
            };
            return Ok(bundle.keys().map(read).collect());
        }
        let files = self
            .store()?
            .map_or_else(|| Ok(Vec::new()), |store| store.list())?;
        let read = |listed: Listed| {
            let entry = check(&listed.path);
            (listed, entry)
        };
        Ok(files.into_iter().map(read).collect())
    }

    /// All entries that can be read, oldest first, and how many cannot.
    pub(crate) fn entries(&self) -> io::Result<(Vec<Found>, usize)> {
        let mut entries = Vec::new();
        let mut n_damaged = 0;
        for (listed, entry) in self.read_all()? {
            match entry {
                Ok(entry) => entries.push(Found {
                    listed,
                    entry,
                    short_key: String::new(),
                }),
                // Another process threw it away meanwhile.
                Err(ReadError::Absent) => {}
                Err(_) => n_damaged += 1,
            }
        }
        entries.sort_by(|a, b| {
            let order = |found: &Found| (found.entry.meta.created, found.listed.path.clone());
            order(a).cmp(&order(b))
        });
        let keys: Vec<_> = entries.iter().map(Found::key).collect();
        for (found, key) in entries.iter_mut().zip(&keys) {
            found.short_key = short(key);
            if keys.iter().filter(|other| *other == key).count() > 1 {
                let llvm: String = found.llvm_name().chars().take(4).collect();
                found.short_key += &format!("-{llvm}");
            }
        }
        Ok((entries, n_damaged))
    }
}

impl One {
    fn find(&self) -> io::Result<Found> {
        let (entries, _) = self.common.entries()?;
        let wanted = self.key.as_str();
        // `add` is a name, and might be the beginning of a key.
        let has_name = (entries.iter()).any(|found| is_named(&found.entry.meta, wanted));
        let is_wanted = |found: &Found| match has_name {
            true => is_named(&found.entry.meta, wanted),
            false => found.has_key(wanted),
        };
        let found: Vec<_> = entries.into_iter().filter(is_wanted).collect();
        let several: String = (found.iter())
            .map(|found| {
                let (key, meta) = (found.short_key(), &found.entry.meta);
                let (level, llvm) = (meta.level, &meta.llvm);
                format!("\n  {key}  {} for {level}, by LLVM {llvm}", meta.signature)
            })
            .collect();
        match <[Found; 1]>::try_from(found) {
            Ok([found]) => Ok(found),
            Err(found) if found.is_empty() => Err(other(format!(
                "no entry is `{wanted}` in {} (hotloop cache list)",
                self.common.folder()?.display()
            ))),
            Err(_) => Err(other(format!(
                "several entries are `{wanted}`, name one by its key:{several}"
            ))),
        }
    }
}

pub(crate) fn is_named(meta: &Meta, name: &str) -> bool {
    meta.function == name || path_of(meta) == name
}

fn list(common: &Common, out: &mut impl Write) -> io::Result<ExitCode> {
    let (entries, n_damaged) = common.entries()?;
    if common.json {
        let list: Vec<_> = entries.iter().map(Found::to_json).collect();
        return print_json(&json!(list), out);
    }
    if entries.is_empty() {
        writeln!(out, "nothing is cached in {}", common.folder()?.display())?;
    } else {
        let screen = Screen::new();
        let mut table = screen.table();
        let titles = [
            "key",
            "signature",
            "module",
            "for",
            "code",
            "compiled in",
            "used",
            "LLVM",
        ];
        table.set_header(titles.map(|title| screen.quiet(title)));
        for found in &entries {
            let meta = &found.entry.meta;
            table.add_row(vec![
                screen.cell(found.short_key(), Color::Cyan),
                Cell::new(&meta.signature),
                Cell::new(&meta.module),
                Cell::new(meta.level.name()),
                Cell::new(size(meta.code_bytes)),
                Cell::new(format!(
                    "{:.1} ms",
                    meta.times().total().as_secs_f64() * 1e3
                )),
                Cell::new(ago(found.listed.used)),
                Cell::new(&meta.llvm),
            ]);
        }
        print_table(&table, out)?;
    }
    if n_damaged > 0 {
        writeln!(
            out,
            "{n_damaged} more cannot be read: see `hotloop cache verify`"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The machine code, with the lines of the source where they can be had.
fn asm(args: &Asm, out: &mut impl Write) -> io::Result<ExitCode> {
    let found = args.one.find()?;
    let entry = &found.entry;
    let lines = match args.lines {
        When::Never => None,
        When::Auto | When::Always => match lines_of(entry) {
            Ok(lines) => Some(lines),
            Err(error) => {
                let message = format!("the lines of the source are not known: {error}");
                if args.lines == When::Always {
                    return Err(other(message));
                }
                eprintln!("hotloop: {message}");
                None
            }
        },
    };
    let text = disassemble_object(entry.object(), lines.as_ref());
    let lines: Option<Vec<_>> = lines.map(|lines| {
        let lines = lines.iter();
        let lines = lines
            .map(|(offset, file, line)| json!({ "offset": offset, "file": file, "line": line }));
        lines.collect()
    });
    let more = json!({ "lines": lines });
    print_text(&args.one, &found, text.map_err(other)?, more, out)
}

fn show(one: &One, out: &mut impl Write) -> io::Result<ExitCode> {
    let found = one.find()?;
    if one.common.json {
        return print_json(&found.to_json(), out);
    }
    let screen = Screen::new();
    let meta = &found.entry.meta;
    let times = meta.times();
    let milliseconds = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    let compiled = format!(
        "{} ms (lowering and our passes {}, LLVM's IR {}, its passes {}, code {})",
        milliseconds(times.total()),
        milliseconds(times.specialize),
        milliseconds(times.lower),
        milliseconds(times.optimize),
        milliseconds(times.emit),
    );
    let hosts = match meta.hosts.as_slice() {
        [] => "none".to_owned(),
        hosts => hosts.join(", "),
    };
    let created = UNIX_EPOCH.checked_add(Duration::from_secs(meta.created));
    let rows = vec![
        ("signature", Cell::new(&meta.signature)),
        ("function", Cell::new(found.path())),
        ("options", Cell::new(&meta.options)),
        ("key", screen.cell(found.key(), Color::Cyan)),
        ("file", Cell::new(found.listed.path.display())),
        (
            "size",
            Cell::new(format!(
                "{}, {} of it code",
                size(found.listed.bytes),
                size(meta.code_bytes)
            )),
        ),
        ("compiled", Cell::new(created.map_or_else(String::new, ago))),
        ("compiled in", Cell::new(compiled)),
        (
            "compiled by",
            Cell::new(format!("hotloop {}, LLVM {}", meta.hotloop, meta.llvm)),
        ),
        (
            "compiled for",
            match meta.level {
                CpuLevel::Native => Cell::new(&meta.cpu),
                level => Cell::new(format!("{level} (on {})", meta.cpu)),
            },
        ),
        ("used", Cell::new(ago(found.listed.used))),
        ("host functions", Cell::new(hosts)),
    ];
    print_table(&screen.pairs(rows), out)?;
    Ok(ExitCode::SUCCESS)
}

fn verify(common: &Common, out: &mut impl Write) -> io::Result<ExitCode> {
    let mut n_good = 0;
    let mut bad = Vec::new();
    for (listed, entry) in common.read_all()? {
        match entry {
            Ok(_) => n_good += 1,
            Err(ReadError::Absent) => {}
            Err(error) => bad.push((listed.path, error.to_string())),
        }
    }
    if common.json {
        let list: Vec<_> = (bad.iter())
            .map(|(path, reason)| json!({ "file": path, "reason": reason }))
            .collect();
        print_json(&json!({ "good": n_good, "bad": list }), out)?;
    } else {
        for (path, reason) in &bad {
            writeln!(out, "{}: {reason}", path.display())?;
        }
        let n_bad = bad.len();
        writeln!(out, "{n_good} entries are good, {n_bad} are not")?;
    }
    Ok(match bad.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// The entry, if it is good and what its name says.
fn check(path: &Path) -> Result<Entry, ReadError> {
    let entry = read_entry(path, None)?;
    let key = Key::of(&entry.meta.parts).to_string();
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    match name.starts_with(&key) {
        true => Ok(entry),
        false => Err(ReadError::Misnamed),
    }
}

fn stats(common: &Common, out: &mut impl Write) -> io::Result<ExitCode> {
    let folder = common.folder()?;
    let (entries, n_damaged) = common.entries()?;
    let total: u64 = entries.iter().map(|found| found.listed.bytes).sum();
    let code: u64 = entries
        .iter()
        .map(|found| found.entry.meta.code_bytes)
        .sum();
    let spent: Duration = entries
        .iter()
        .map(|found| found.entry.meta.times().total())
        .sum();
    let mut functions: Vec<_> = entries.iter().map(Found::path).collect();
    functions.sort();
    functions.dedup();
    if common.json {
        let value = json!({
            "folder": folder,
            "entries": entries.len(),
            "functions": functions.len(),
            "damaged": n_damaged,
            "bytes": total,
            "code_bytes": code,
            "compile_ms": spent.as_secs_f64() * 1e3,
        });
        return print_json(&value, out);
    }
    let screen = Screen::new();
    let rows = vec![
        ("folder", Cell::new(folder.display())),
        (
            "entries",
            Cell::new(format!(
                "{} of {} functions",
                entries.len(),
                functions.len()
            )),
        ),
        ("damaged", Cell::new(n_damaged)),
        (
            "size",
            Cell::new(format!("{}, {} of it code", size(total), size(code))),
        ),
        (
            "compiled in",
            Cell::new(format!("{:.1} ms, all together", spent.as_secs_f64() * 1e3)),
        ),
    ];
    print_table(&screen.pairs(rows), out)?;
    Ok(ExitCode::SUCCESS)
}

fn removed(
    common: &Common,
    remove: impl Fn(&Store) -> io::Result<Removed>,
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    let removed = common
        .store()?
        .map_or_else(|| Ok(Removed::default()), |store| remove(&store))?;
    if common.json {
        return print_json(
            &json!({ "files": removed.files, "bytes": removed.bytes }),
            out,
        );
    }
    writeln!(
        out,
        "{} files removed, {}",
        removed.files,
        size(removed.bytes)
    )?;
    Ok(ExitCode::SUCCESS)
}

fn print_text(
    one: &One,
    found: &Found,
    text: String,
    mut more: Value,
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    if one.common.json {
        more["key"] = json!(found.key());
        more["text"] = json!(text);
        return print_json(&more, out);
    }
    writeln!(out, "; {}", found.entry.meta.signature)?;
    writeln!(out, "{}", text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn print_json(value: &Value, out: &mut impl Write) -> io::Result<ExitCode> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn print_table(table: &comfy_table::Table, out: &mut impl Write) -> io::Result<()> {
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// How long ago that was.
pub(crate) fn ago(time: SystemTime) -> String {
    let seconds = SystemTime::now()
        .duration_since(time)
        .map_or(0, |since| since.as_secs());
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
