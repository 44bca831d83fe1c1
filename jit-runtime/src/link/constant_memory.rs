//! Whether a static is constant: the linker puts those that are into memory that is never written to.
//!
//! In `unsafe`, a name that looks like a constant may be a `static mut`, and no expression that rustc accepts for both of them tells which. So this
//! looks at where it is in memory.

/// Whether memory belongs to a loaded file and cannot be written to, so that it stays as it is.
#[cfg(all(target_os = "linux", not(miri)))]
pub(super) fn is_constant_memory(start: *const u8, size: usize) -> bool {
    // What has no bytes does not change.
    if size == 0 {
        return true;
    }
    let mut search = Search {
        start: start.addr() as u64,
        end: (start.addr() as u64).saturating_add(size as u64),
        is_constant: false,
    };
    // SAFETY: `look` takes its argument for a `Search`, which outlives the call.
    unsafe {
        libc::dl_iterate_phdr(Some(look), std::ptr::from_mut(&mut search).cast());
    }
    search.is_constant
}

/// Elsewhere nobody knows.
#[cfg(not(all(target_os = "linux", not(miri))))]
pub(super) fn is_constant_memory(_start: *const u8, size: usize) -> bool {
    size == 0
}

#[cfg(all(target_os = "linux", not(miri)))]
struct Search {
    start: u64,
    end: u64,
    is_constant: bool,
}

/// Looks at the segments of a loaded file. Ends the search by another number than 0.
#[cfg(all(target_os = "linux", not(miri)))]
unsafe extern "C" fn look(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    search: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: `is_constant_memory` passes a `Search`, and nobody else uses it meanwhile.
    let search = unsafe { &mut *search.cast::<Search>() };
    // SAFETY: the loader passes a valid description.
    let info = unsafe { &*info };
    if info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: there are as many headers as it says.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let has = |header: &libc::Elf64_Phdr| {
        let first = info.dlpi_addr.wrapping_add(header.p_vaddr);
        first <= search.start && search.end <= first.saturating_add(header.p_memsz)
    };
    let Some(segment) =
        (headers.iter()).find(|header| header.p_type == libc::PT_LOAD && has(header))
    else {
        return 0;
    };
    // What only the loader writes to, when it relocates.
    let is_relocated =
        (headers.iter()).any(|header| header.p_type == libc::PT_GNU_RELRO && has(header));
    search.is_constant = segment.p_flags & libc::PF_W == 0 || is_relocated;
    1
}
