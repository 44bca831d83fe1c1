//! Pages for an image: writable first, then code read+execute and constants read-only. Never writable and executable.

use std::io;
use std::ops::Range;
use std::ptr::NonNull;

/// Whole pages of memory of our own. Unmapped when dropped.
pub(super) struct Pages {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: the pages belong to this value alone, as a `Box<[u8]>` does; a thread that has it may unmap them.
unsafe impl Send for Pages {}
// SAFETY: through a shared reference only addresses are given out, no contents.
unsafe impl Sync for Pages {}

/// What may be done with a range of pages once they are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    ReadExecute,
    Read,
}

impl Pages {
    /// The address of the first byte.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

#[cfg(unix)]
mod system {
    use super::*;

    impl Pages {
        /// Maps `size` bytes of zeros, writable; `size` must be a multiple of the page size and not 0.
        pub(in super::super) fn new(size: usize) -> io::Result<Pages> {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: an anonymous private mapping at an address of the system's choice touches no existing memory.
            let start = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    size,
                    protection,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                    -1,
                    0,
                )
            };
            if start == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
            Ok(Pages { start, size })
        }

        /// The memory, to be filled. Must not be called once `protect` has been.
        pub(in super::super) fn bytes_mut(&mut self) -> &mut [u8] {
            // SAFETY: the mapping has `size` readable and writable bytes, zeroed by the system, and is borrowed mutably.
            unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.size) }
        }

        /// Takes away the right to write to the pages of `range`, which starts and ends on page boundaries.
        pub(in super::super) fn protect(
            &mut self,
            range: Range<usize>,
            access: Access,
        ) -> io::Result<()> {
            if range.is_empty() {
                return Ok(());
            }
            if range.end > self.size {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            // SAFETY: the range is inside the mapping, as was just checked.
            let start = unsafe { self.start.add(range.start) };
            let protection = match access {
                Access::ReadExecute => libc::PROT_READ | libc::PROT_EXEC,
                Access::Read => libc::PROT_READ,
            };
            if access == Access::ReadExecute {
                flush_instruction_cache(start, range.len());
            }
            // SAFETY: the pages are ours, and `&mut self` says that nobody holds a reference into them.
            match unsafe { libc::mprotect(start.as_ptr().cast(), range.len(), protection) } {
                0 => Ok(()),
                _ => Err(io::Error::last_os_error()),
            }
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: the mapping is ours and of this size. Whoever made function pointers into it promised to keep the owner.
            unsafe { libc::munmap(self.start.as_ptr().cast(), self.size) };
        }
    }

    /// The size of a page of memory.
    pub(in super::super) fn page_size() -> usize {
        // SAFETY: `sysconf` has no preconditions.
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(size)
            .ok()
            .filter(|size| size.is_power_of_two())
            .unwrap_or(4096)
    }

    /// Makes the instructions just written visible to instruction fetch; x86 does that by itself.
    #[cfg(not(target_arch = "aarch64"))]
    fn flush_instruction_cache(_start: NonNull<u8>, _size: usize) {}

    /// Makes the instructions just written visible to instruction fetch.
    ///
    /// # Source
    ///
    /// Arm Architecture Reference Manual, B2.4.4: clean the data lines, wait, drop the instruction lines, wait.
    #[cfg(target_arch = "aarch64")]
    fn flush_instruction_cache(start: NonNull<u8>, size: usize) {
        let cache_type: u64;
        // SAFETY: reading CTR_EL0 changes nothing, and Linux allows it to programs.
        unsafe {
            std::arch::asm!("mrs {}, ctr_el0", out(reg) cache_type, options(nomem, nostack, preserves_flags))
        };
        let data_line = 4usize << (cache_type >> 16 & 15);
        let code_line = 4usize << (cache_type & 15);
        let (start, end) = (start.as_ptr() as usize, start.as_ptr() as usize + size);
        for line in (start & !(data_line - 1)..end).step_by(data_line) {
            // SAFETY: cleaning a cache line of our own memory changes no value.
            unsafe {
                std::arch::asm!("dc cvau, {}", in(reg) line, options(nostack, preserves_flags))
            };
        }
        // SAFETY: a barrier has no preconditions.
        unsafe { std::arch::asm!("dsb ish", options(nostack, preserves_flags)) };
        for line in (start & !(code_line - 1)..end).step_by(code_line) {
            // SAFETY: dropping a line of the instruction cache changes no value.
            unsafe {
                std::arch::asm!("ic ivau, {}", in(reg) line, options(nostack, preserves_flags))
            };
        }
        // SAFETY: barriers have no preconditions.
        unsafe { std::arch::asm!("dsb ish", "isb", options(nostack, preserves_flags)) };
    }
}

#[cfg(not(unix))]
mod system {
    use super::*;

    impl Pages {
        /// There is no executable memory to be had here.
        pub(in super::super) fn new(_size: usize) -> io::Result<Pages> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Never called, as there are no pages.
        pub(in super::super) fn bytes_mut(&mut self) -> &mut [u8] {
            let _ = (self.start, self.size);
            &mut []
        }

        /// Never called, as there are no pages.
        pub(in super::super) fn protect(
            &mut self,
            _range: Range<usize>,
            _access: Access,
        ) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    /// The size of a page of memory.
    pub(in super::super) fn page_size() -> usize {
        4096
    }
}

pub(super) use system::page_size;
