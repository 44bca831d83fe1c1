//! Threads that run the chunks of one loop: the one that called, and helpers from the current rayon pool, which wait a little for its next loop (`lobby.rs`).
//!
//! The caller puts a job into the pool and takes chunks itself at once, so that starting costs no more than waking a thread up, and a
//! loop is never slower for a pool that is busy. A helper that comes late finds no chunk left and goes. The caller waits for chunks that have
//! begun, not for helpers: so it cannot wait for a job that is behind it in its own thread's queue, and nested loops cannot block each
//! other.
//!
//! Each thread has a share of neighbouring chunks, the same one in the next loop: what it has stored is in its core's cache then. It takes the chunks of its own
//! share from the front, and when none is left, the last one of whoever has most. With schedules that say in which order chunks are taken, all
//! threads have one share in common.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use hotloop_ir::parallel::{Parallelism, Schedule};

use super::Chunks;
use super::lobby::{self, Lobby};
use crate::codegen::abi::{STATUS_OK, TrapPayload};

/// How often a caller looks whether the last chunks are done before it sleeps: about ten microseconds, of which a pause takes some tens of nanoseconds.
const LOOKS: u32 = 250;

impl Chunks {
    /// Runs all chunks on this thread and on at most `most - 1` threads of the pool.
    ///
    /// # Safety
    ///
    /// As [`super::launch`].
    pub(super) unsafe fn run_in_team(
        &self,
        most: usize,
        options: &Parallelism,
        payload: *mut TrapPayload,
    ) -> u32 {
        let threads = match is_forked() {
            false => pool_threads().min(most),
            true => 1,
        };
        let helpers = threads.min(self.plan.chunks() as usize).saturating_sub(1);
        if helpers == 0 {
            // SAFETY: as the caller promises.
            return unsafe { self.run_in_order(payload) };
        }
        let shares = match options.schedule {
            None | Some(Schedule::Static) => helpers + 1,
            Some(Schedule::Dynamic | Schedule::Guided) => 1,
        };
        let lobby = lobby::of_this_thread();
        let team = Arc::new(Team {
            chunks: *self,
            number: lobby.as_ref().map_or(0, |lobby| lobby.next_number()),
            lobby,
            helpers,
            joined: AtomicUsize::new(0),
            shares: (0..shares)
                .map(|number| Share::new(number, shares, self.plan.chunks()))
                .collect(),
            caller: rayon::current_thread_index(),
            lowest: AtomicU64::new(u64::MAX),
            finished: Padded(AtomicU64::new(0)),
            trap: Mutex::new(None),
            all_finished: Mutex::new(false),
            wake: Condvar::new(),
        });
        let present = (team.lobby.as_ref()).map_or(0, |lobby| lobby.announce(&team));
        Team::call_helpers(&team, helpers.saturating_sub(present));
        team.work(0);
        team.wait();
        if let Some(lobby) = &team.lobby {
            lobby.forget();
        }
        let trap = team.trap.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(trap) = &*trap else {
            return STATUS_OK;
        };
        // SAFETY: the caller promises that the payload can be written.
        unsafe { payload.write(trap.payload) };
        trap.status
    }
}

/// Whether this process is a copy of one that has run parallel loops: `fork` copies one thread, and pools have none in the copy. There is no asking
/// rayon, whose locks somebody may have held at that moment. (Asking the system costs less than a tenth of a microsecond, and comes before each loop
/// that takes tens of them.)
fn is_forked() -> bool {
    static OWNER: AtomicU32 = AtomicU32::new(0);
    let this = std::process::id();
    match OWNER.compare_exchange(0, this, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => false,
        Err(owner) => owner != this,
    }
}

/// How many threads the current pool has; 1 if there is none and none can be made.
fn pool_threads() -> usize {
    static GLOBAL_POOL: OnceLock<bool> = OnceLock::new();
    if rayon::current_thread_index().is_none() {
        let is_there = *GLOBAL_POOL.get_or_init(|| {
            // What rayon does by itself at the first use, but there a failure is a panic.
            let made = rayon::ThreadPoolBuilder::new().build_global();
            let failed = made.is_err_and(|error| std::error::Error::source(&error).is_some());
            // It may have failed before.
            !failed && std::panic::catch_unwind(rayon::current_num_threads).is_ok()
        });
        if !is_there {
            return 1;
        }
    }
    rayon::current_num_threads()
}

/// What is written often has a cache line, and the one that is fetched with it, for itself.
#[derive(Default)]
#[repr(align(128))]
pub(super) struct Padded<T>(pub(super) T);

/// A loop that several threads run.
pub(super) struct Team {
    chunks: Chunks,
    /// Where helpers wait for the next loop of the same thread, and the number of this one there.
    pub(super) lobby: Option<Arc<Lobby>>,
    pub(super) number: u64,
    /// How many threads may help, and how many wanted to.
    helpers: usize,
    joined: AtomicUsize,
    /// The chunks that nobody has taken.
    shares: Box<[Share]>,
    /// The number in the pool of the thread that called, if it has one.
    caller: Option<usize>,
    /// The lowest chunk that has trapped; none above it is begun.
    lowest: AtomicU64,
    /// How many chunks are over or were left out.
    finished: Padded<AtomicU64>,
    trap: Mutex<Option<Trap>>,
    all_finished: Mutex<bool>,
    wake: Condvar,
}

struct Trap {
    chunk: u64,
    status: u32,
    payload: TrapPayload,
}

/// Neighbouring chunks: the number of the first in the lower half, that behind the last in the upper one.
struct Share(Padded<AtomicU64>);

impl Share {
    /// One of so many equal parts.
    fn new(number: usize, shares: usize, chunks: u64) -> Share {
        let border = |number: usize| chunks * number as u64 / (shares as u64).max(1);
        Share(Padded(AtomicU64::new(
            border(number) | border(number + 1) << 32,
        )))
    }

    fn parts(packed: u64) -> (u64, u64) {
        (packed & u64::from(u32::MAX), packed >> 32)
    }

    /// How many chunks nobody has taken.
    fn left(&self) -> u64 {
        let (first, behind) = Share::parts(self.0.0.load(Ordering::Relaxed));
        behind.saturating_sub(first)
    }

    /// Takes the first chunk, or the last one.
    fn take(&self, last: bool) -> Option<u64> {
        let step = |packed: u64| {
            let (first, behind) = Share::parts(packed);
            (first < behind).then_some(match last {
                false => packed + 1,
                true => packed - (1 << 32),
            })
        };
        // What the chunk needs was written before the team was made.
        let taken = (self.0.0).fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        let (first, behind) = Share::parts(taken.ok()?);
        Some(if last { behind - 1 } else { first })
    }
}

impl Team {
    /// Asks the pool for so many threads. The first one that comes asks for the others.
    fn call_helpers(team: &Arc<Team>, helpers: usize) {
        if helpers == 0 {
            return;
        }
        let team = Arc::clone(team);
        rayon::spawn(move || {
            if !team.is_taken() {
                Team::call_helpers(&team, (helpers - 1) / 2);
                Team::call_helpers(&team, helpers / 2);
                lobby::help(team);
            }
        });
    }

    /// Helps as one thread of the pool, if there are not enough.
    pub(super) fn help(&self) {
        if self.joined.fetch_add(1, Ordering::Relaxed) < self.helpers {
            self.work(self.share_of_helper());
        }
    }

    /// The share of a thread of the pool, the same one whenever it helps the same thread. That several may have one does no harm.
    fn share_of_helper(&self) -> usize {
        let others = self.shares.len().saturating_sub(1).max(1);
        let this = rayon::current_thread_index().unwrap_or(0);
        // Those behind the caller's come first.
        let distance = match self.caller {
            Some(caller) if this > caller => this - caller - 1,
            Some(caller) => this + rayon::current_num_threads().saturating_sub(caller + 1),
            None => this,
        };
        1 + distance % others
    }

    /// Whether no chunk is left.
    fn is_taken(&self) -> bool {
        self.shares.iter().all(|share| share.left() == 0)
    }

    /// A chunk that nobody else runs, for the thread with this share.
    fn take(&self, own: usize) -> Option<u64> {
        // There is one share, or one for each.
        let own = self.shares.get(own).or(self.shares.first())?;
        if let Some(chunk) = own.take(false) {
            return Some(chunk);
        }
        loop {
            let fullest = self.shares.iter().max_by_key(|share| share.left())?;
            if fullest.left() == 0 {
                return None;
            }
            if let Some(chunk) = fullest.take(true) {
                return Some(chunk);
            }
        }
    }

    /// Runs chunks until none is left.
    fn work(&self, own: usize) {
        let _inside = lobby::Inside::enter();
        while let Some(chunk) = self.take(own) {
            if chunk < self.lowest.load(Ordering::Relaxed) {
                self.run(chunk);
            }
            // Release: who sees that all chunks are over sees what they stored.
            let before = self.finished.0.fetch_add(1, Ordering::AcqRel);
            if before + 1 == self.chunks.plan.chunks() {
                let mut all_finished =
                    (self.all_finished.lock()).unwrap_or_else(PoisonError::into_inner);
                *all_finished = true;
                self.wake.notify_one();
            }
        }
    }

    fn run(&self, chunk: u64) {
        let mut payload = TrapPayload::default();
        // SAFETY: `take` gave the chunk to this thread alone. It is not counted as finished yet, so `wait` has not returned, and neither has
        // `launch`: the context is there. It was written before the team was made, and this thread got the team from the one that made it.
        let status = unsafe { self.chunks.run(chunk, &mut payload) };
        if status == STATUS_OK {
            return;
        }
        self.lowest.fetch_min(chunk, Ordering::Relaxed);
        let mut trap = self.trap.lock().unwrap_or_else(PoisonError::into_inner);
        if trap.as_ref().is_none_or(|trap| chunk < trap.chunk) {
            *trap = Some(Trap {
                chunk,
                status,
                payload,
            });
        }
    }

    /// Waits until all chunks are over.
    fn wait(&self) {
        let all = self.chunks.plan.chunks();
        for _ in 0..LOOKS {
            if self.finished.0.load(Ordering::Acquire) == all {
                return;
            }
            std::hint::spin_loop();
        }
        let mut all_finished = (self.all_finished.lock()).unwrap_or_else(PoisonError::into_inner);
        while !*all_finished {
            all_finished = (self.wake.wait(all_finished)).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
