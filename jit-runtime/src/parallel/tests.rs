use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::*;

/// A context as generated code makes it: the header, then what the chunks need.
#[repr(C)]
struct Context {
    launch: Launch,
    /// The iterations from this one on trap, every 100th.
    traps: u64,
    stored: [AtomicU64; 1000],
    sums: [AtomicU64; 256],
    running: AtomicU32,
    most: AtomicU32,
}

unsafe extern "C" fn chunk(
    context: *const Launch,
    chunk: u64,
    first: u64,
    behind: u64,
    payload: *mut TrapPayload,
) -> u32 {
    // SAFETY: the tests pass a `Context`, which outlives the launch; what chunks write are atomics.
    let context = unsafe { &*context.cast::<Context>() };
    let running = context.running.fetch_add(1, Ordering::SeqCst) + 1;
    context.most.fetch_max(running, Ordering::SeqCst);
    let mut status = STATUS_OK;
    let mut sum = 0;
    for i in first..behind {
        if i >= context.traps && i % 100 == 57 {
            // SAFETY: as `launch` promises.
            unsafe { (*payload).operands[0] = i.into() };
            status = 7;
            break;
        }
        context.stored[i as usize].fetch_add(i + 1, Ordering::Relaxed);
        sum += i * i;
    }
    context.sums[chunk as usize].fetch_add(sum, Ordering::Relaxed);
    context.running.fetch_sub(1, Ordering::SeqCst);
    status
}

fn context(traps: u64, options: &Parallelism) -> Context {
    Context {
        launch: Launch {
            count: 1000,
            work: 1 << 20,
            result_bytes: 8,
            settings: Settings::of(options),
        },
        traps,
        stored: std::array::from_fn(|_| AtomicU64::new(0)),
        sums: std::array::from_fn(|_| AtomicU64::new(0)),
        running: AtomicU32::new(0),
        most: AtomicU32::new(0),
    }
}

/// Status and number of chunks.
fn run(context: &Context, payload: &mut TrapPayload) -> (u32, u64) {
    // SAFETY: `chunk` is for such contexts, and both live here.
    let packed = unsafe { launch((&raw const *context).cast(), chunk, payload) };
    (packed as u32, packed >> 32)
}

fn check_all(context: &Context) {
    let (status, chunks) = run(context, &mut TrapPayload::default());
    assert_eq!(status, STATUS_OK);
    assert_eq!(chunks, 15);
    for (i, stored) in context.stored.iter().enumerate() {
        assert_eq!(stored.load(Ordering::Relaxed), i as u64 + 1);
    }
    let sums = context.sums.iter();
    let sum: u64 = sums.map(|sum| sum.load(Ordering::Relaxed)).sum();
    assert_eq!(sum, (0..1000).map(|i| i * i).sum());
}

fn pool(threads: usize) -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
    builder.build().expect("a pool")
}

#[test]
fn every_chunk_runs_once() {
    check_all(&context(u64::MAX, &Parallelism::AUTO));
    for threads in [1, 2, 7] {
        pool(threads).install(|| check_all(&context(u64::MAX, &Parallelism::AUTO)));
    }
}

#[test]
fn the_lowest_trap_counts() {
    let pool = pool(3);
    for _ in 0..20 {
        for traps in [0, 300, 900] {
            let context = context(traps, &Parallelism::AUTO);
            let mut payload = TrapPayload::default();
            let (status, _) = match traps {
                300 => run(&context, &mut payload),
                _ => pool.install(|| run(&context, &mut payload)),
            };
            assert_eq!(status, 7);
            assert_eq!(payload.operands[0], u128::from(traps) + 57);
            let before = &context.stored[..traps as usize + 57];
            assert!(
                before
                    .iter()
                    .all(|stored| stored.load(Ordering::Relaxed) > 0)
            );
            assert_eq!(
                context.stored[traps as usize + 57].load(Ordering::Relaxed),
                0
            );
        }
    }
}

#[test]
fn no_more_threads_than_allowed() {
    for threads in [1, 2] {
        let options = Parallelism {
            threads: Some(threads),
            schedule: Some(Schedule::Dynamic),
            ..Parallelism::AUTO
        };
        let context = context(u64::MAX, &options);
        pool(5).install(|| run(&context, &mut TrapPayload::default()));
        assert!(context.most.load(Ordering::Relaxed) <= threads);
    }
}

/// Threads of a pool that all run loops, and loops in jobs that wait for each other.
#[test]
fn loops_in_jobs_do_not_block_each_other() {
    pool(2).install(|| {
        rayon::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|_| check_all(&context(u64::MAX, &Parallelism::AUTO)));
            }
        });
    });
}

/// In a copy of the process there are no threads but the one that made it, and loops run on that.
#[cfg(all(unix, not(miri)))]
#[test]
fn loops_in_forked_processes() {
    let here = context(u64::MAX, &Parallelism::AUTO);
    let there = context(u64::MAX, &Parallelism::AUTO);
    pool(3).install(|| {
        check_all(&here);
        // SAFETY: the child runs a loop, which allocates nothing and takes no lock there, and exits.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let (status, chunks) = run(&there, &mut TrapPayload::default());
            let all = (there.stored.iter().enumerate())
                .all(|(i, stored)| stored.load(Ordering::Relaxed) == i as u64 + 1);
            let alone = there.most.load(Ordering::Relaxed) == 1;
            let good = status == STATUS_OK && chunks == 15 && all && alone;
            // SAFETY: nothing of the parent's is cleaned up.
            unsafe { libc::_exit(if good { 0 } else { 1 }) };
        }
        assert!(child > 0);
        let mut status = -1;
        // SAFETY: `status` is for writing.
        let waited = unsafe { libc::waitpid(child, &mut status, 0) };
        assert_eq!((waited, status), (child, 0));
    });
}

#[test]
fn settings_are_passed() {
    for options in [
        Parallelism::AUTO,
        Parallelism {
            threads: Some(3),
            min_len: Some(100),
            chunk: Some(64),
            schedule: Some(Schedule::Guided),
        },
    ] {
        assert_eq!(Settings::of(&options).options(), options);
    }
}
