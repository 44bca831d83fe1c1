//! Loads an object into this process.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use super::error::LoadError;
use super::layout::{Layout, Machine};
use super::link::link;
use super::memory::{Access, Pages, page_size};

/// An object in executable memory. Dropping it unmaps the code, so keep it for as long as an address from it may be called;
/// entry points of a running program are kept for good.
pub struct LoadedObject {
    pages: Pages,
    code: Range<usize>,
    symbols: HashMap<String, usize>,
}

/// The instructions of a loaded object, for a disassembler.
#[derive(Debug, Clone, Copy)]
pub struct Code<'a> {
    /// The bytes of all code sections, without the stubs that lead to functions outside.
    pub bytes: &'a [u8],
    /// The address of the first byte.
    pub address: u64,
}

/// Loads `bytes`, an ELF object for this machine, and binds what it does not define itself to what `resolve` says.
///
/// No code runs. The memory is written first and then becomes read+execute (code), read-only (constants) or stays
/// read+write (data): no page is ever writable and executable at once.
///
/// # Errors
///
/// [`LoadError`], if the bytes are no object that can be loaded, or if `resolve` does not know a symbol. Damaged bytes give
/// an error or load as something else, but never panic: whoever calls the code must know where the bytes came from.
pub fn load_object(
    bytes: &[u8],
    resolve: &dyn Fn(&str) -> Option<*const ()>,
) -> Result<LoadedObject, LoadError> {
    let page_size = page_size();
    let layout = Layout::new(bytes, page_size)?;
    if Machine::host() != Some(layout.machine) {
        let number = if layout.machine == Machine::X86_64 {
            object::elf::EM_X86_64
        } else {
            object::elf::EM_AARCH64
        };
        return Err(LoadError::Machine(number.0));
    }
    let mut pages = Pages::new(layout.size)?;
    let base = pages.start().as_ptr() as u64;
    let address_of = |name: &str| resolve(name).map(|address| address as u64);
    let symbols = link(&layout, pages.bytes_mut(), base, &address_of)?;

    let to_page = |offset: usize| offset.next_multiple_of(page_size);
    pages.protect(0..to_page(layout.stubs.end), Access::ReadExecute)?;
    pages.protect(
        layout.read_only.start..to_page(layout.got.end),
        Access::Read,
    )?;
    Ok(LoadedObject {
        pages,
        code: layout.code,
        symbols,
    })
}

/// The machine code in an object as it is in the file, placed as it would be loaded, and how many sections it comes from.
///
/// # Errors
///
/// If the bytes are no object.
pub(crate) fn code_of(bytes: &[u8]) -> Result<(Vec<u8>, usize), LoadError> {
    let layout = Layout::new(bytes, page_size())?;
    let mut code = vec![0; layout.code.len()];
    let mut n_sections = 0;
    for placed in layout.placed.iter().flatten() {
        if let Some(place) = code.get_mut(placed.range.clone())
            && !placed.data.is_empty()
        {
            place.copy_from_slice(placed.data);
            n_sections += 1;
        }
    }
    Ok((code, n_sections))
}

/// The contents of the section of this name.
///
/// # Errors
///
/// If the bytes are no object.
pub(crate) fn section_of<'data>(
    bytes: &'data [u8],
    name: &str,
) -> Result<Option<&'data [u8]>, LoadError> {
    Layout::new(bytes, page_size())?.section_named(name.as_bytes())
}

impl LoadedObject {
    /// The address of a symbol that the object defines and that is not local to it.
    pub fn symbol(&self, name: &str) -> Option<*const ()> {
        let offset = *self.symbols.get(name)?;
        // SAFETY: `link` checked that a symbol's offset is at most the end of its section, which is inside the pages.
        Some(
            unsafe { self.pages.start().add(offset) }
                .as_ptr()
                .cast_const()
                .cast(),
        )
    }

    /// The names and addresses of all symbols that `symbol` knows, in no order.
    pub fn symbols(&self) -> impl Iterator<Item = (&str, u64)> {
        let start = self.pages.start().as_ptr() as u64;
        self.symbols
            .iter()
            .map(move |(name, offset)| (name.as_str(), start + *offset as u64))
    }

    /// The instructions.
    pub fn code(&self) -> Code<'_> {
        // SAFETY: `load_object` made the code range readable and nobody can write to it any more; it lives as long as `self`.
        let bytes = unsafe {
            std::slice::from_raw_parts(
                self.pages
                    .start()
                    .add(self.code.start)
                    .as_ptr()
                    .cast_const(),
                self.code.len(),
            )
        };
        Code {
            bytes,
            address: bytes.as_ptr() as u64,
        }
    }
}

impl fmt::Debug for LoadedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedObject")
            .field("code", &self.code)
            .field("symbols", &self.symbols)
            .finish_non_exhaustive()
    }
}
