//! Runs the chunks of a parallel loop for generated code, which calls [`launch`] under the name `hotloop_parallel`.
//!
//! Chunks run on the calling thread and on the current rayon pool: inside of a pool's thread that pool, otherwise the global one (`team.rs`, feature
//! `parallel`). There are no threads of our own. Without the feature, with one thread, and where no pool can be made, the calling
//! thread runs all chunks, in order, and rayon is not called. Results are the same however chunks run: how a loop is cut into them is
//! [`ChunkPlan`]'s affair, which knows no threads.

#[cfg(feature = "parallel")]
mod lobby;
#[cfg(feature = "parallel")]
mod team;
#[cfg(all(test, feature = "parallel"))]
mod tests;

use hotloop_ir::parallel::{ChunkPlan, Parallelism, Schedule};

use crate::codegen::abi::{STATUS_OK, TrapPayload};

/// What generated code says about a parallel loop. It stands at the start of the loop's context; the rest of that is the affair of the chunk
/// function.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Launch {
    /// How many iterations there are.
    pub(crate) count: u64,
    /// What one of them has to do.
    pub(crate) work: u64,
    /// How many bytes the result of a chunk takes.
    pub(crate) result_bytes: u64,
    /// The user's settings, [`Settings`] of [`Parallelism`].
    pub(crate) settings: Settings,
}

/// [`Parallelism`] as generated code writes it: 0 for what is not set.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) min_len: u64,
    pub(crate) chunk: u64,
    pub(crate) threads: u64,
    pub(crate) schedule: u64,
}

impl Settings {
    pub(crate) fn of(options: &Parallelism) -> Self {
        Settings {
            min_len: options.min_len.unwrap_or(0),
            // No chunk is empty.
            chunk: options.chunk.map_or(0, |chunk| chunk.max(1)),
            threads: options.threads.map_or(0, |threads| threads.max(1).into()),
            schedule: match options.schedule {
                None => 0,
                Some(Schedule::Static) => 1,
                Some(Schedule::Dynamic) => 2,
                Some(Schedule::Guided) => 3,
            },
        }
    }

    fn options(self) -> Parallelism {
        let some = |number| (number != 0).then_some(number);
        Parallelism {
            min_len: some(self.min_len),
            chunk: some(self.chunk),
            threads: some(self.threads).map(|threads| u32::try_from(threads).unwrap_or(u32::MAX)),
            schedule: match self.schedule {
                1 => Some(Schedule::Static),
                2 => Some(Schedule::Dynamic),
                3 => Some(Schedule::Guided),
                _ => None,
            },
        }
    }
}

/// Runs one chunk: context, number of the chunk, its first iteration and the one behind its last, where a trap's operands go. Returns a
/// status. Never unwinds.
pub(crate) type ChunkFn =
    unsafe extern "C" fn(*const Launch, u64, u64, u64, *mut TrapPayload) -> u32;

/// The name under which generated code calls [`launch`].
pub(crate) const SYMBOL: &str = "hotloop_parallel";

/// Runs all chunks of a loop, or, if some trap, at least those up to the lowest one that does. Returns the status in the lower half and the
/// number of chunks in the upper one; the status is that of the lowest chunk that trapped, whose operands are in `payload` then.
///
/// # Safety
///
/// `context` and `payload` are for reading and for writing, respectively, until this returns. `run` is a chunk function for the context that
/// several threads may call at once, each for another chunk.
pub(crate) unsafe extern "C" fn launch(
    context: *const Launch,
    run: ChunkFn,
    payload: *mut TrapPayload,
) -> u64 {
    // SAFETY: the caller promises that the context is there.
    let described = unsafe { *context };
    let options = described.settings.options();
    let plan = ChunkPlan::new(
        described.count,
        described.work,
        described.result_bytes,
        &options,
    );
    let chunks = Chunks { context, run, plan };
    let most = [options.threads, crate::config::config().threads];
    let most = most.into_iter().flatten().min().unwrap_or(u32::MAX);
    // SAFETY: as the caller promises; the context is used until all chunks that have begun are over, and not after.
    let status = unsafe {
        if plan.chunks() == 1 || most <= 1 {
            chunks.run_in_order(payload)
        } else {
            chunks.run_in_team(most as usize, &options, payload)
        }
    };
    plan.chunks() << 32 | u64::from(status)
}

/// The chunks of a loop that runs.
#[derive(Clone, Copy)]
struct Chunks {
    context: *const Launch,
    run: ChunkFn,
    plan: ChunkPlan,
}

// SAFETY: the context is memory of the generated code that called `launch`: its header, captures and identities are written before and only
// read from then on, and the result of each chunk has a place of its own there. What the captures lead to is memory that the caller has the right to
// use on whatever thread it runs, as slices and references of numbers and of structs without interior mutability, and different chunks do not
// conflict there: legality is proved before a loop becomes parallel. Types that are not `Send` or `Sync` may be among them: what Rust forbids is that
// code of the user's sees them on another thread, and none runs in a chunk, since loops with calls of host functions are not legal. So a chunk may run on any thread, and several at a time. That the memory is still
// there is what `run` asks for.
unsafe impl Send for Chunks {}
// SAFETY: as above; `&Chunks` gives nothing but copies of what is in it.
unsafe impl Sync for Chunks {}

impl Chunks {
    /// Runs one chunk.
    ///
    /// # Safety
    ///
    /// As [`launch`], which has not returned yet; no other thread runs the same chunk.
    unsafe fn run(&self, chunk: u64, payload: *mut TrapPayload) -> u32 {
        let (first, behind) = self.plan.bounds(chunk);
        // SAFETY: as the caller promises.
        unsafe { (self.run)(self.context, chunk, first, behind, payload) }
    }

    /// Runs all chunks on this thread, up to the first that traps.
    ///
    /// # Safety
    ///
    /// As [`launch`].
    unsafe fn run_in_order(&self, payload: *mut TrapPayload) -> u32 {
        for chunk in 0..self.plan.chunks() {
            // SAFETY: as the caller promises; there is one thread.
            let status = unsafe { self.run(chunk, payload) };
            if status != STATUS_OK {
                return status;
            }
        }
        STATUS_OK
    }

    /// # Safety
    ///
    /// As [`launch`].
    #[cfg(not(feature = "parallel"))]
    unsafe fn run_in_team(
        &self,
        _most: usize,
        _options: &Parallelism,
        payload: *mut TrapPayload,
    ) -> u32 {
        // SAFETY: as the caller promises.
        unsafe { self.run_in_order(payload) }
    }
}
