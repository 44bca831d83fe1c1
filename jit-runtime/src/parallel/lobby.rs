//! Where helpers of a thread wait for its next loop.
//!
//! To wake a thread takes longer than many a loop, and loops mostly come one after the other: a stencil's sweeps, the steps of an elimination. So a helper that has
//! nothing left to do stays awake for a moment and looks whether the same thread starts another loop. It does so only where the pool has no other work and no more threads than there are cores, and
//! only for loops that are not part of another one's chunks.
//!
//! A helper is *present* from when it comes until it leaves. Who starts a loop announces it, and then counts who is present: so many need not be called. A
//! helper that leaves says so, and then looks for an announcement that it was counted for.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::team::{Padded, Team};

/// How long a helper stays: about as long as it takes to fall asleep and be woken twice.
const STAY: Duration = Duration::from_micros(40);
/// How often it looks before it looks at the clock.
const LOOKS: u32 = 16;

thread_local! {
    static LOBBY: Arc<Lobby> = Arc::default();
    /// Whether this thread runs chunks.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Whether this thread is a helper that stays, or was when it took other work.
    static STAYS: Cell<bool> = const { Cell::new(false) };
}

/// The helpers of one thread that starts loops.
#[derive(Default)]
pub(super) struct Lobby {
    /// The number of the latest loop.
    number: Padded<AtomicU64>,
    /// The loop, until it is over.
    latest: Mutex<Option<Arc<Team>>>,
    present: Padded<AtomicUsize>,
}

/// The lobby of the calling thread, unless it runs a chunk of another loop.
pub(super) fn of_this_thread() -> Option<Arc<Lobby>> {
    match INSIDE.get() {
        true => None,
        false => LOBBY.try_with(Arc::clone).ok(),
    }
}

/// Says that this thread runs chunks, until it is dropped.
pub(super) struct Inside {
    before: bool,
}

impl Inside {
    pub(super) fn enter() -> Inside {
        Inside {
            before: INSIDE.replace(true),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

/// Helps with a loop, and with those that follow soon.
pub(super) fn help(team: Arc<Team>) {
    let lobby = match &team.lobby {
        Some(lobby) if !STAYS.get() && pool_has_cores() => Arc::clone(lobby),
        _ => return team.help(),
    };
    team.help();
    let seen = team.number;
    drop(team);
    STAYS.set(true);
    // Somebody else's work comes first.
    if !matches!(rayon::yield_now(), Some(rayon::Yield::Executed)) {
        lobby.stay(seen);
    }
    STAYS.set(false);
}

/// Whether each thread of the pool may have a core: threads that look would take it from others that work.
fn pool_has_cores() -> bool {
    static CORES: OnceLock<usize> = OnceLock::new();
    let cores = CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    rayon::current_num_threads() <= *cores
}

impl Lobby {
    /// The number that the next loop has. Called by the thread whose lobby it is, as are the next two.
    pub(super) fn next_number(&self) -> u64 {
        self.number.0.load(Ordering::Relaxed) + 1
    }

    /// Tells helpers of a loop, and returns how many will see that.
    pub(super) fn announce(&self, team: &Arc<Team>) -> usize {
        *self.latest() = Some(Arc::clone(team));
        // Sequentially consistent, as in `leaves`: either this sees that a helper has left, or that one sees the number.
        self.number.0.store(team.number, Ordering::SeqCst);
        self.present.0.load(Ordering::SeqCst)
    }

    /// The loop is over.
    pub(super) fn forget(&self) {
        *self.latest() = None;
    }

    fn latest(&self) -> std::sync::MutexGuard<'_, Option<Arc<Team>>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Helps with loops behind the one with this number until there has been none for a while.
    fn stay(&self, mut seen: u64) {
        self.present.0.fetch_add(1, Ordering::SeqCst);
        let mut since = Instant::now();
        loop {
            for _ in 0..LOOKS {
                let number = self.number.0.load(Ordering::SeqCst);
                if number != seen {
                    seen = number;
                    // Not while it is locked.
                    let team = self.latest().clone();
                    if let Some(team) = team {
                        seen = team.number;
                        team.help();
                    }
                    since = Instant::now();
                }
                std::hint::spin_loop();
            }
            if since.elapsed() > STAY && self.leaves(seen) {
                return;
            }
        }
    }

    /// Leaves, unless a loop was announced by a thread that counts on this one.
    fn leaves(&self, seen: u64) -> bool {
        self.present.0.fetch_sub(1, Ordering::SeqCst);
        let stays = self.number.0.load(Ordering::SeqCst) != seen;
        if stays {
            self.present.0.fetch_add(1, Ordering::SeqCst);
        }
        !stays
    }
}
