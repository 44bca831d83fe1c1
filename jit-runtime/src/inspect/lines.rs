//! From instructions back to lines of the source, for code that was compiled without anybody asking for that.

use std::collections::BTreeMap;

use gimli::{DebugLine, DebugLineOffset, LittleEndian};

use crate::cache::entry::Entry;
use crate::object::{code_of, section_of};
use crate::pipeline::{self, CompileRequest};
use crate::stack::on_large_stack;

/// The lines that instructions come from, by the offset of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<u64, u32>);

impl Lines {
    /// The line of the instruction at an offset; `None` for what the compiler made up.
    pub fn line_of(&self, offset: u64) -> Option<u32> {
        let (_, line) = self.0.range(..=offset).next_back()?;
        Some(*line).filter(|line| *line != 0)
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
    read(table.unwrap_or_default()).map_err(|error| error.to_string())
}

/// Reads a table that is not relocated: the section begins at 0.
fn read(table: &[u8]) -> gimli::Result<Lines> {
    let mut lines = BTreeMap::new();
    if table.is_empty() {
        return Ok(Lines(lines));
    }
    let table = DebugLine::new(table, LittleEndian);
    let program = table.program(DebugLineOffset(0), 8, None, None)?;
    let mut rows = program.rows();
    while let Some((_, row)) = rows.next_row()? {
        let line = row.line().and_then(|line| u32::try_from(line.get()).ok());
        let line = line.filter(|_| !row.end_sequence());
        lines.insert(row.address(), line.unwrap_or(0));
    }
    Ok(Lines(lines))
}
