//! Fills an image: copies the sections, resolves the symbols, applies the relocations, for any base address.

use std::collections::HashMap;
use std::ops::Range;

use object::LittleEndian as LE;
use object::elf::{self, Rela64, Sym64};
use object::read::SymbolIndex;
use object::read::elf::{Rela, SectionHeader, Sym};

use super::error::{LoadError, RelocateError};
use super::layout::{Layout, Machine, malformed};
use super::relocate::{Needs, Operands, aarch64, x86_64};

/// Finds the address of a symbol that the object does not define.
pub(super) type Resolve<'a> = &'a dyn Fn(&str) -> Option<u64>;

/// An image being filled. `memory` is what will be seen at `base`.
struct Linker<'a, 'data> {
    layout: &'a Layout<'data>,
    memory: &'a mut [u8],
    base: u64,
    resolve: Resolve<'a>,
    /// The addresses of the symbols that relocations have named so far.
    addresses: HashMap<usize, u64>,
    /// The stubs and the entries of the global offset table handed out so far, by the address they lead to.
    stubs: HashMap<u64, u64>,
    got: HashMap<u64, u64>,
}

/// Writes the image of `layout` into `memory` (all zero, of `layout.size` bytes) as it must be to run at `base`, a multiple of
/// the page size. Returns the offsets of the symbols that the object defines and shows to others.
pub(super) fn link(
    layout: &Layout<'_>,
    memory: &mut [u8],
    base: u64,
    resolve: Resolve<'_>,
) -> Result<HashMap<String, usize>, LoadError> {
    if memory.len() != layout.size || base.checked_add(layout.size as u64).is_none() {
        return Err(malformed("the image does not fit its memory"));
    }
    for placed in layout.placed.iter().flatten() {
        if !placed.data.is_empty() {
            let place = memory
                .get_mut(placed.range.clone())
                .ok_or_else(|| malformed("a section lies outside the image"))?;
            place.copy_from_slice(placed.data);
        }
    }
    let (addresses, stubs, got) = Default::default();
    let mut linker = Linker {
        layout,
        memory,
        base,
        resolve,
        addresses,
        stubs,
        got,
    };
    linker.relocate_sections()?;
    linker.exports()
}

impl Linker<'_, '_> {
    /// Applies the relocations of all loaded sections.
    fn relocate_sections(&mut self) -> Result<(), LoadError> {
        let layout = self.layout;
        for section in layout.sections.iter() {
            let Some(target) = layout.place(section.info_link(LE)) else {
                continue;
            };
            let Some((relocations, symbols)) = section.rela(LE, layout.bytes)? else {
                continue;
            };
            if symbols != layout.symbols.section() {
                return Err(malformed("relocations name another symbol table"));
            }
            if !relocations.is_empty() && target.data.is_empty() {
                return Err(malformed("relocations in a section without contents"));
            }
            for relocation in relocations {
                self.relocate(relocation, target.range.clone())?;
            }
        }
        Ok(())
    }

    /// Applies one relocation to the section at `range` of the image.
    fn relocate(&mut self, relocation: &Rela64<LE>, range: Range<usize>) -> Result<(), LoadError> {
        let machine = self.layout.machine;
        let r_type = relocation.r_type(LE, false).0;
        let symbol = self
            .layout
            .symbols
            .symbol(SymbolIndex(relocation.r_sym(LE, false) as usize))?;
        let needs = match machine {
            Machine::X86_64 => x86_64::needs(r_type),
            Machine::Aarch64 => aarch64::needs(r_type),
        };
        let names = self.layout.symbol_names;
        let named = |reason: RelocateError| {
            let symbol = names.get(symbol.st_name(LE)).unwrap_or_default();
            LoadError::Relocation {
                r_type,
                symbol: String::from_utf8_lossy(symbol).into_owned(),
                reason,
            }
        };
        let Some(needs) = needs else {
            let symbol = String::from_utf8_lossy(self.name_of(symbol)?).into_owned();
            return Err(LoadError::UnknownRelocation {
                r_type,
                machine: machine.name(),
                symbol,
            });
        };
        let offset = usize::try_from(relocation.r_offset(LE)).unwrap_or(usize::MAX);
        if offset >= range.len() {
            return Err(named(RelocateError::OutOfSection));
        }
        let mut operands = Operands {
            place: self.base + (range.start + offset) as u64,
            addend: relocation.r_addend(LE),
            got: self.base + self.layout.got.start as u64,
            ..Operands::default()
        };
        match needs {
            Needs::Nothing => return Ok(()),
            Needs::GotBase => {}
            Needs::Symbol => operands.symbol = self.address(relocation, symbol)?,
            Needs::Got => {
                operands.symbol = self.address(relocation, symbol)?;
                operands.got_entry = self.got_entry(operands.symbol)?;
            }
            Needs::Call => {
                operands.symbol = self.address(relocation, symbol)?;
                if symbol.is_undefined(LE) {
                    operands.stub = Some(self.stub(operands.symbol)?);
                }
            }
        }
        let bytes = self
            .memory
            .get_mut(range)
            .ok_or_else(|| named(RelocateError::OutOfSection))?;
        let applied = match machine {
            Machine::X86_64 => x86_64::apply(r_type, bytes, offset, &operands),
            Machine::Aarch64 => aarch64::apply(r_type, bytes, offset, &operands),
        };
        applied.map_err(named)
    }

    /// The address of the symbol that a relocation names.
    fn address(&mut self, relocation: &Rela64<LE>, symbol: &Sym64<LE>) -> Result<u64, LoadError> {
        let index = relocation.r_sym(LE, false) as usize;
        if let Some(address) = self.addresses.get(&index) {
            return Ok(*address);
        }
        let address = self.find_address(SymbolIndex(index), symbol)?;
        self.addresses.insert(index, address);
        Ok(address)
    }

    /// The address of a symbol: in the image, absolute, or what `resolve` says.
    fn find_address(&self, index: SymbolIndex, symbol: &Sym64<LE>) -> Result<u64, LoadError> {
        let name = || {
            let name = self.name_of(symbol)?;
            std::str::from_utf8(name).map_err(|_| malformed("a symbol's name is not UTF-8"))
        };
        if matches!(symbol.st_type(), elf::STT_TLS | elf::STT_GNU_IFUNC) {
            return Err(LoadError::Unsupported(format!(
                "symbol `{}` is thread-local or indirect",
                name()?
            )));
        }
        if index.0 == 0 {
            return Err(malformed("a relocation names no symbol"));
        }
        if symbol.is_undefined(LE) {
            let name = name()?;
            return (self.resolve)(name).ok_or_else(|| LoadError::UnknownSymbol(name.to_owned()));
        }
        if symbol.is_absolute(LE) {
            return Ok(symbol.st_value(LE));
        }
        match self.offset(index, symbol)? {
            Some(offset) => Ok(self.base + offset as u64),
            None => Err(LoadError::Unsupported(format!(
                "symbol `{}` is in no loaded section",
                name()?
            ))),
        }
    }

    /// The offset in the image of a symbol that a loaded section defines.
    fn offset(&self, index: SymbolIndex, symbol: &Sym64<LE>) -> Result<Option<usize>, LoadError> {
        let Some(section) = self.layout.symbols.symbol_section(LE, symbol, index)? else {
            return Ok(None);
        };
        let Some(placed) = self.layout.place(section) else {
            return Ok(None);
        };
        match usize::try_from(symbol.st_value(LE)) {
            Ok(value) if value <= placed.range.len() => Ok(Some(placed.range.start + value)),
            _ => Err(malformed("a symbol lies outside its section")),
        }
    }

    fn name_of(&self, symbol: &Sym64<LE>) -> Result<&[u8], LoadError> {
        self.layout.symbol_names.get(symbol.st_name(LE))
    }

    /// The entry of the global offset table that holds `address`.
    fn got_entry(&mut self, address: u64) -> Result<u64, LoadError> {
        let room = &self.layout.got;
        let (memory, base) = (&mut *self.memory, self.base);
        hand_out(
            &mut self.got,
            room,
            &address.to_le_bytes(),
            address,
            memory,
            base,
        )
    }

    /// A stub that jumps to `address`.
    fn stub(&mut self, address: u64) -> Result<u64, LoadError> {
        let room = &self.layout.stubs;
        let code = match self.layout.machine {
            Machine::X86_64 => x86_64::stub(address),
            Machine::Aarch64 => aarch64::stub(address),
        };
        let (memory, base) = (&mut *self.memory, self.base);
        hand_out(&mut self.stubs, room, &code, address, memory, base)
    }

    /// The offsets of the object's own symbols that are not local to it.
    fn exports(&self) -> Result<HashMap<String, usize>, LoadError> {
        let mut exports = HashMap::new();
        for (index, symbol) in self.layout.symbols.enumerate() {
            if symbol.is_local() || symbol.is_undefined(LE) || symbol.is_absolute(LE) {
                continue;
            }
            let name = self.name_of(symbol)?;
            if let (Ok(name), Some(offset)) =
                (std::str::from_utf8(name), self.offset(index, symbol)?)
            {
                exports.insert(name.to_owned(), offset);
            }
        }
        Ok(exports)
    }
}

/// The address of the entry for `key` in a table: the one it has, or the next free one of `room`, filled with `contents`.
fn hand_out(
    entries: &mut HashMap<u64, u64>,
    room: &Range<usize>,
    contents: &[u8],
    key: u64,
    memory: &mut [u8],
    base: u64,
) -> Result<u64, LoadError> {
    if let Some(entry) = entries.get(&key) {
        return Ok(*entry);
    }
    let start = room.start + entries.len() * contents.len();
    let end = start + contents.len();
    // The layout counted one entry for each relocation, so there is room.
    let place = memory.get_mut(start..end).filter(|_| end <= room.end);
    place
        .ok_or_else(|| malformed("there are more entries than relocations"))?
        .copy_from_slice(contents);
    let entry = base + start as u64;
    entries.insert(key, entry);
    Ok(entry)
}
