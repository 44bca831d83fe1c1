//! From instructions back to lines of the source, for code that was compiled without anybody asking for that.

use std::collections::BTreeMap;

use gimli::{AttributeValue, DebugLine, DebugLineOffset, LittleEndian};

use crate::cache::entry::Entry;
use crate::codegen::INSTANCE_FILE;
use crate::object::{code_of, section_of};
use crate::pipeline::{self, CompileRequest};
use crate::stack::on_large_stack;

/// The lines that instructions come from, by the offset of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    lines: BTreeMap<u64, Option<Line>>,
    files: Vec<String>,
}

/// A line of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    /// The number of its file, if that is known.
    file: usize,
    line: u32,
}

impl Lines {
    /// The file and the line of the instruction at an offset; `None` for what the compiler made up.
    pub fn line_of(&self, offset: u64) -> Option<(&str, u32)> {
        let (_, line) = self.lines.range(..=offset).next_back()?;
        let line = (*line)?;
        let file = self.files.get(line.file).map_or("", String::as_str);
        Some((file, line.line))
    }

    /// Each offset at which another line begins, with its file and line.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str, u32)> {
        (self.lines.keys()).filter_map(|&offset| {
            let (file, line) = self.line_of(offset)?;
            Some((offset, file, line))
        })
    }
}

/// The lines of an entry's code. It is compiled once more, with a table of lines; they count if the code is the same.
///
/// # Errors
///
/// Why they are not known: there is no LLVM, or it compiles other code, as another one does, or the one of another machine.
pub fn lines_of(entry: &Entry) -> Result<Lines, String> {
    let program = entry.decode_program().map_err(|error| error.to_string())?;
    let request = CompileRequest {
        line_table: true,
        level: entry.meta.level,
        ..CompileRequest::default()
    };
    let compiled = on_large_stack(|| pipeline::compile(&program, &request));
    let compiled = compiled.map_err(|error| error.to_string())?;
    let compiled = compiled.map_err(|error| error.to_string())?;
    let code = |object| code_of(object).map_err(|error| error.to_string());
    let (again, n_sections) = code(&compiled.bytes)?;
    if again != code(entry.object())?.0 {
        return Err("the LLVM that is here compiles it to other code".to_owned());
    }
    // The table counts from the start of each section.
    if n_sections != 1 {
        return Err("its code is in several parts".to_owned());
    }
    let table = section_of(&compiled.bytes, ".debug_line");
    let table = table.map_err(|error| error.to_string())?;
    let lines = read(table.unwrap_or_default()).map_err(|error| error.to_string())?;
    let files = entry.meta.files.clone();
    Ok(Lines { lines, files })
}

/// Reads a table that is not relocated: the section begins at 0.
fn read(table: &[u8]) -> gimli::Result<BTreeMap<u64, Option<Line>>> {
    let mut lines = BTreeMap::new();
    if table.is_empty() {
        return Ok(lines);
    }
    let table = DebugLine::new(table, LittleEndian);
    let program = table.program(DebugLineOffset(0), 8, None, None)?;
    let mut rows = program.rows();
    while let Some((header, row)) = rows.next_row()? {
        let line = row.line().and_then(|line| u32::try_from(line.get()).ok());
        let file = || {
            let name = match row.file(header)?.path_name() {
                AttributeValue::String(name) => name,
                _ => return None,
            };
            let name = std::str::from_utf8(name.slice()).ok()?;
            name.strip_prefix(INSTANCE_FILE)?.parse().ok()
        };
        let line = line.filter(|line| *line != 0 && !row.end_sequence());
        let line = line.map(|line| Line {
            file: file().unwrap_or(usize::MAX),
            line,
        });
        lines.insert(row.address(), line);
    }
    Ok(lines)
}
