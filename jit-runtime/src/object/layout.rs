//! Which sections of an object are loaded, and where in the image each goes.

use std::ops::Range;

use object::LittleEndian as LE;
use object::elf::{self, FileHeader64, SectionHeader64};
use object::read::SectionIndex;
use object::read::elf::{FileHeader, SectionHeader, SectionTable, SymbolTable};

use super::error::LoadError;

/// The architectures whose objects are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    X86_64,
    Aarch64,
}

impl Machine {
    /// The machine this program runs on, if it is one of those.
    pub(super) fn host() -> Option<Machine> {
        match () {
            _ if cfg!(target_arch = "x86_64") => Some(Machine::X86_64),
            _ if cfg!(target_arch = "aarch64") => Some(Machine::Aarch64),
            _ => None,
        }
    }

    /// Its name, for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Machine::X86_64 => "x86-64",
            Machine::Aarch64 => "AArch64",
        }
    }
}

/// No image is larger than this: kernels take kilobytes, and a damaged size must not take the machine's memory.
pub(super) const MAX_IMAGE: usize = 256 << 20;

/// A section with a place in the image.
pub(super) struct Placed<'data> {
    /// Its contents; empty for zero-initialized data.
    pub(super) data: &'data [u8],
    /// Where it lies in the image, in bytes from the start.
    pub(super) range: Range<usize>,
}

/// The kinds of memory, in the order in which they lie in the image, each starting on a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    ReadOnly,
    Data,
}

/// An object with everything checked that can be checked without looking at its relocations, and the extents of its image.
pub(super) struct Layout<'data> {
    /// The object.
    pub(super) bytes: &'data [u8],
    pub(super) machine: Machine,
    pub(super) sections: SectionTable<'data, FileHeader64<LE>>,
    pub(super) symbols: SymbolTable<'data, FileHeader64<LE>>,
    pub(super) symbol_names: Names<'data>,
    section_names: Names<'data>,
    /// For each section of the object, its place, if it is loaded.
    pub(super) placed: Vec<Option<Placed<'data>>>,
    /// The image's ranges, in bytes from its start. Code starts at 0 and ends where the stubs begin.
    pub(super) code: Range<usize>,
    /// Room for the stubs, in the pages of the code.
    pub(super) stubs: Range<usize>,
    pub(super) read_only: Range<usize>,
    /// Room for the global offset table, in the read-only pages.
    pub(super) got: Range<usize>,
    /// The size of the whole, a multiple of the page size.
    pub(super) size: usize,
}

impl<'data> Layout<'data> {
    /// Parses `bytes` and places its sections in an image of pages of `page_size`.
    pub(super) fn new(bytes: &'data [u8], page_size: usize) -> Result<Layout<'data>, LoadError> {
        let header = FileHeader64::<LE>::parse(bytes)?;
        let endian = header.endian()?;
        if header.e_type(endian) != elf::ET_REL {
            return Err(malformed("not a relocatable object"));
        }
        let machine = match header.e_machine(endian) {
            elf::EM_X86_64 => Machine::X86_64,
            elf::EM_AARCH64 => Machine::Aarch64,
            other => return Err(LoadError::Machine(other.0)),
        };
        let sections = header.sections(endian, bytes)?;
        let symbols = sections.symbols(endian, bytes, elf::SHT_SYMTAB)?;
        let symbol_names = Names::of(&sections, symbols.string_section(), bytes)?;
        let section_names = header.section_strings_index(endian, bytes)?;
        let section_names = Names::of(&sections, section_names, bytes)?;

        let mut kinds = Vec::new();
        for (index, section) in sections.enumerate() {
            kinds.push(kind_of(section, section_names, index)?);
        }
        let mut placed: Vec<Option<Placed<'data>>> = sections.iter().map(|_| None).collect();
        let mut place_all = |kind: Kind, start: usize| -> Result<Range<usize>, LoadError> {
            let mut end = start;
            for (((_, section), place), its_kind) in
                sections.enumerate().zip(&mut placed).zip(&kinds)
            {
                if *its_kind == Some(kind) {
                    let data = section.data(LE, bytes)?;
                    let range = next_range(end, section, page_size)?;
                    if !data.is_empty() && data.len() != range.len() {
                        return Err(malformed("a section's data and size differ"));
                    }
                    end = range.end;
                    *place = Some(Placed { data, range });
                }
            }
            Ok(start..end)
        };

        let entries = max_entries(&sections, &kinds, bytes)?;
        let code = place_all(Kind::Code, 0)?;
        let stubs = after(&code, entries.stubs, 16)?;
        let read_only = place_all(Kind::ReadOnly, align(stubs.end, page_size)?)?;
        let got = after(&read_only, entries.got, 8)?;
        let data = place_all(Kind::Data, align(got.end, page_size)?)?;
        let size = align(data.end, page_size)?.max(page_size);
        Ok(Layout {
            bytes,
            machine,
            sections,
            symbols,
            symbol_names,
            section_names,
            placed,
            code,
            stubs,
            read_only,
            got,
            size,
        })
    }

    /// The contents of the section of this name, loaded or not.
    pub(super) fn section_named(&self, name: &[u8]) -> Result<Option<&'data [u8]>, LoadError> {
        for section in self.sections.iter() {
            if self.section_names.get(section.sh_name(LE))? == name {
                return Ok(Some(section.data(LE, self.bytes)?));
            }
        }
        Ok(None)
    }

    /// The place of a section, if it is loaded.
    pub(super) fn place(&self, section: SectionIndex) -> Option<&Placed<'data>> {
        self.placed.get(section.0)?.as_ref()
    }
}

/// A table of strings. `object` has one, too; its search for the end of a string asks the processor what it can do, which takes as long as
/// all the rest of a small object's loading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'data>(&'data [u8]);

impl<'data> Names<'data> {
    fn of(
        sections: &SectionTable<'data, FileHeader64<LE>>,
        index: SectionIndex,
        bytes: &'data [u8],
    ) -> Result<Self, LoadError> {
        if index.0 == 0 {
            return Ok(Names(&[]));
        }
        Ok(Names(sections.section(index)?.data(LE, bytes)?))
    }

    /// The name that begins at `offset`.
    pub(super) fn get(self, offset: u32) -> Result<&'data [u8], LoadError> {
        let name = self.0.get(offset as usize..);
        let name = name.and_then(|rest| rest.split(|&byte| byte == 0).next());
        name.ok_or_else(|| malformed("a name lies outside the table of names"))
    }
}

/// Where a section goes, or `None` if it is not loaded.
fn kind_of(
    section: &SectionHeader64<LE>,
    names: Names<'_>,
    index: SectionIndex,
) -> Result<Option<Kind>, LoadError> {
    let flags = section.sh_flags(LE);
    if !flags.contains(elf::SHF_ALLOC) {
        return Ok(None);
    }
    let name = String::from_utf8_lossy(names.get(section.sh_name(LE))?);
    let refuse = |what: &str| {
        Err(LoadError::Unsupported(format!(
            "section {} `{name}` {what}",
            index.0
        )))
    };
    match section.sh_type(LE) {
        // Nothing unwinds through generated code, and nobody here reads notes.
        elf::SHT_NOTE | elf::SHT_X86_64_UNWIND => return Ok(None),
        elf::SHT_PROGBITS if name == ".eh_frame" => return Ok(None),
        elf::SHT_PROGBITS | elf::SHT_NOBITS => {}
        elf::SHT_INIT_ARRAY | elf::SHT_FINI_ARRAY | elf::SHT_PREINIT_ARRAY => {
            return refuse("runs code at start or end");
        }
        _ => return refuse("has a type that is not loaded"),
    }
    if flags.contains(elf::SHF_TLS) {
        return refuse("is thread-local");
    }
    if flags.contains(elf::SHF_COMPRESSED) {
        return refuse("is compressed");
    }
    match (
        flags.contains(elf::SHF_EXECINSTR),
        flags.contains(elf::SHF_WRITE),
    ) {
        (true, true) => refuse("is both writable and executable"),
        (true, false) if section.sh_type(LE) == elf::SHT_NOBITS => {
            refuse("is code without contents")
        }
        (true, false) => Ok(Some(Kind::Code)),
        (false, true) if name.starts_with(".data.rel.ro") => Ok(Some(Kind::ReadOnly)),
        (false, true) => Ok(Some(Kind::Data)),
        (false, false) => Ok(Some(Kind::ReadOnly)),
    }
}

/// The most bytes that stubs and the global offset table can take.
struct Entries {
    stubs: usize,
    got: usize,
}

/// Counts, as if each relocation of a loaded section had a symbol of its own: one stub of 16 bytes, one entry of 8.
fn max_entries(
    sections: &SectionTable<'_, FileHeader64<LE>>,
    kinds: &[Option<Kind>],
    bytes: &[u8],
) -> Result<Entries, LoadError> {
    let mut n_relocations = 0usize;
    for section in sections.iter() {
        let is_loaded = kinds
            .get(section.info_link(LE).0)
            .is_some_and(Option::is_some);
        match section.sh_type(LE) {
            elf::SHT_REL | elf::SHT_RELR | elf::SHT_CREL if is_loaded => {
                return Err(LoadError::Unsupported(
                    "relocations without addends of their own".to_owned(),
                ));
            }
            elf::SHT_RELA if is_loaded => {
                n_relocations += section
                    .rela(LE, bytes)?
                    .map_or(0, |(relocations, _)| relocations.len());
            }
            _ => {}
        }
    }
    let size_bytes = |entry: usize| {
        n_relocations
            .checked_mul(entry)
            .ok_or(LoadError::TooLarge(MAX_IMAGE))
    };
    Ok(Entries {
        stubs: size_bytes(16)?,
        got: size_bytes(8)?,
    })
}

/// The range of a section that comes after `end`.
fn next_range(
    end: usize,
    section: &SectionHeader64<LE>,
    page_size: usize,
) -> Result<Range<usize>, LoadError> {
    let alignment = usize::try_from(section.sh_addralign(LE))
        .unwrap_or(usize::MAX)
        .max(1);
    if !alignment.is_power_of_two() || alignment > page_size {
        return Err(malformed(
            "a section's alignment is no power of two up to the page size",
        ));
    }
    let size_bytes = usize::try_from(section.sh_size(LE)).unwrap_or(usize::MAX);
    let start = align(end, alignment)?;
    bounded(start..start.saturating_add(size_bytes))
}

/// The `size_bytes` after a range, aligned.
fn after(
    range: &Range<usize>,
    size_bytes: usize,
    alignment: usize,
) -> Result<Range<usize>, LoadError> {
    let start = align(range.end, alignment)?;
    bounded(start..start.saturating_add(size_bytes))
}

/// `offset` rounded up to a multiple of `alignment`, a power of two.
fn align(offset: usize, alignment: usize) -> Result<usize, LoadError> {
    offset
        .checked_next_multiple_of(alignment)
        .ok_or(LoadError::TooLarge(MAX_IMAGE))
}

/// The range, if it ends within the largest image.
fn bounded(range: Range<usize>) -> Result<Range<usize>, LoadError> {
    if range.end > MAX_IMAGE {
        Err(LoadError::TooLarge(MAX_IMAGE))
    } else {
        Ok(range)
    }
}

/// An error about the form of the object.
pub(super) fn malformed(what: &str) -> LoadError {
    LoadError::Malformed(what.to_owned())
}
