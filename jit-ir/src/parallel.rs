//! How parallel loops are cut into chunks, and what a loop has to do to be worth it: the one place that knows.
//!
//! Both depend on the arguments and the user's options alone, never on the number of threads or on a measurement, so that a call gives the
//! same bits on every machine and every pool.

use serde::{Deserialize, Serialize};

use crate::func::Function;
use crate::layout::layout_of;
use crate::ty::Ty;

/// What `#[jit(parallel(..))]` says about the parallel loops of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parallelism {
    /// How many chunks run at a time, at most; otherwise as many as the pool has threads.
    pub threads: Option<u32>,
    /// Loops with fewer iterations run on one thread, and others in parallel however little they seem to have to do.
    pub min_len: Option<u64>,
    /// How many iterations a chunk has, the last one perhaps less. More, where there would be more than [`MAX_CHUNKS`] chunks.
    pub chunk: Option<u64>,
    /// How iterations are divided; otherwise as [`Schedule::Static`].
    pub schedule: Option<Schedule>,
}

impl Parallelism {
    /// What `#[jit(parallel)]` says: nothing.
    pub const AUTO: Parallelism = Parallelism {
        threads: None,
        min_len: None,
        chunk: None,
        schedule: None,
    };
}

/// How iterations are divided among chunks, and chunks among threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Schedule {
    /// Chunks of the same size; threads take some neighbouring ones at a time, fewer towards the end.
    Static,
    /// Chunks of the same size, more of them, which threads take one by one in order.
    Dynamic,
    /// Chunks that get smaller, which threads take one by one in order.
    Guided,
}

impl Schedule {
    /// Every schedule once.
    pub const ALL: [Schedule; 3] = [Schedule::Static, Schedule::Dynamic, Schedule::Guided];

    /// The name in the attribute and in the text form.
    pub const fn name(self) -> &'static str {
        match self {
            Schedule::Static => "static",
            Schedule::Dynamic => "dynamic",
            Schedule::Guided => "guided",
        }
    }

    /// The schedule of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Schedule::ALL.into_iter();
        all.find(|schedule| schedule.name() == name)
    }
}

/// The most chunks that a loop is cut into. The memory for their results is in the caller's frame.
pub const MAX_CHUNKS: u64 = 256;

/// The most bytes that the results of all chunks of a loop take, together.
pub const MAX_RESULT_BYTES: u64 = 64 << 10;

/// The unit of work is an addition or multiplication of 64-bit numbers with its loads and stores, of which one core does one in about a nanosecond where nothing
/// is vectorized, and up to 45 where everything is (measured with AVX-512: 12 in `axpy` and `black_scholes`, 45 in `matmul`, sizes that fit
/// the second-level cache). A loop with less to do than this runs serially: starting helpers takes microseconds, more if their threads sleep, and
/// that is to be less than what they save for vectorized loops, too, which take 25 to 85 µs for this much.
pub const MIN_WORK: u64 = 1 << 20;

/// Loops with at most one loop in them need have only this part of it to do: nothing there is computed in registers, so it takes longer.
pub const SPARSE: f64 = 2.0;

/// A chunk has at least this much to do, unless the user says how long chunks are: taking one costs some tens of nanoseconds, and what is done once
/// for each chunk, such as the ends of vectors, must not show.
pub const MIN_CHUNK_WORK: u64 = 1 << 16;

/// How many chunks a loop with much to do has: enough for good balance on as many threads as machines have, few enough that what is done
/// once for each chunk does not show.
const MOST_STATIC: u64 = 128;

/// How many chunks a loop has at least that is taken to be worth it whatever it has to do.
const FEW: u64 = 16;

/// Chunks have at least this many iterations, unless there would be fewer than [`FEWEST_LONG`]: nests are computed in blocks of several rows, and what
/// all rows share is packed once for a chunk. A matrix product of 512 rows takes 4.5 times as long in chunks of 4, and twice as long in chunks of 32,
/// as in one, on one thread. Who has more threads than that feeds says `schedule = dynamic` or how long chunks are.
const LEAST_LEN: u64 = 64;
/// How many chunks a loop with few, long iterations has.
const FEWEST_LONG: u64 = 8;

/// Borders of chunks are multiples of a power of two, up to this one, where chunks are long enough: so vectors stay aligned as they are in the serial
/// loop, few are cut short, and no two chunks write to one cache line.
const GRAIN: u64 = 64;

/// How the iterations `0..count` of a loop are cut into chunks. There is one at least, perhaps an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkPlan {
    count: u64,
    chunks: u64,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Chunks of this many iterations; the last one has what is left.
    Long(u64),
    /// As equal as the grain allows.
    Equal(u64),
    /// Behind chunk `k` of `n` are `(n - k)² / n²` of the iterations.
    Shrinking(u64),
}

impl ChunkPlan {
    /// The plan for a loop of so many iterations, each with this much work, of whose chunks the results are kept in so many bytes each.
    pub fn new(count: u64, work: u64, result_bytes: u64, options: &Parallelism) -> Self {
        let most = max_chunks(result_bytes);
        let one = ChunkPlan {
            count,
            chunks: 1,
            shape: Shape::Long(count),
        };
        if count <= 1 || options.min_len.is_some_and(|len| count < len) {
            return one;
        }
        let schedule = options.schedule.unwrap_or(Schedule::Static);
        if let Some(len) = options.chunk {
            let len = len.max(count.div_ceil(most)).max(1);
            let chunks = count.div_ceil(len);
            let shape = Shape::Long(len);
            return ChunkPlan {
                count,
                chunks,
                shape,
            };
        }
        let all = count.saturating_mul(work.max(1));
        let target = match schedule {
            Schedule::Static => MOST_STATIC,
            Schedule::Dynamic | Schedule::Guided => MAX_CHUNKS,
        };
        // Who names a length knows better than the estimate.
        let least = match options.min_len {
            Some(_) => FEW,
            None => 1,
        };
        let by_length = match schedule {
            Schedule::Static => (count / LEAST_LEN).max(FEWEST_LONG).max(least),
            Schedule::Dynamic | Schedule::Guided => count,
        };
        let chunks = (all / MIN_CHUNK_WORK).max(least).min(by_length);
        let chunks = chunks.min(target).min(most).min(count);
        if chunks <= 1 {
            return one;
        }
        let grain = match count / chunks / 4 {
            0 => 1,
            quarter => (1 << quarter.ilog2()).min(GRAIN),
        };
        let shape = match schedule {
            Schedule::Static | Schedule::Dynamic => Shape::Equal(grain),
            Schedule::Guided => Shape::Shrinking(grain),
        };
        ChunkPlan {
            count,
            chunks,
            shape,
        }
    }

    /// How many chunks there are: at least 1, at most [`MAX_CHUNKS`].
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// The first iteration of a chunk, and the one behind its last.
    pub fn bounds(&self, chunk: u64) -> (u64, u64) {
        (self.border(chunk), self.border(chunk.saturating_add(1)))
    }

    /// How many iterations there are before a chunk.
    fn border(&self, chunk: u64) -> u64 {
        if chunk >= self.chunks {
            return self.count;
        }
        let (count, chunks) = (u128::from(self.count), u128::from(self.chunks));
        match self.shape {
            Shape::Long(len) => len.saturating_mul(chunk).min(self.count),
            // Below `count`, so it fits.
            Shape::Equal(grain) => round_down(count * u128::from(chunk) / chunks, grain),
            Shape::Shrinking(grain) => {
                let left = chunks - u128::from(chunk);
                let left = count.saturating_mul(left * left) / (chunks * chunks);
                round_down(count - left, grain)
            }
        }
    }
}

fn round_down(border: u128, grain: u64) -> u64 {
    let border = border as u64;
    border - border % grain.max(1)
}

/// The most chunks that a loop may have whose results take so many bytes each.
pub fn max_chunks(result_bytes: u64) -> u64 {
    match result_bytes {
        0 => MAX_CHUNKS,
        bytes => (MAX_RESULT_BYTES / bytes).clamp(1, MAX_CHUNKS),
    }
}

/// How many bytes the result of a chunk takes, which is part of how chunks are cut.
pub fn result_bytes(body: &Function) -> u64 {
    match &body.result {
        Ty::Unit => 0,
        ty => layout_of(ty).map_or(u64::MAX, |layout| layout.size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every iteration is in one chunk, in order.
    #[test]
    fn chunks_cover_all_iterations() {
        let schedules = [None].into_iter().chain(Schedule::ALL.map(Some));
        for schedule in schedules {
            for chunk in [None, Some(0), Some(1), Some(7), Some(1 << 40)] {
                let options = Parallelism {
                    schedule,
                    chunk,
                    ..Parallelism::AUTO
                };
                for count in [
                    0,
                    1,
                    2,
                    3,
                    63,
                    64,
                    1000,
                    65_537,
                    1 << 33,
                    u64::MAX - 1,
                    u64::MAX,
                ] {
                    for (work, bytes) in [(0, 0), (1, 8), (1000, 2048), (u64::MAX, 1 << 20)] {
                        let plan = ChunkPlan::new(count, work, bytes, &options);
                        assert!((1..=max_chunks(bytes)).contains(&plan.chunks()), "{plan:?}");
                        let mut at = 0;
                        for chunk in 0..plan.chunks() {
                            let (first, behind) = plan.bounds(chunk);
                            assert_eq!(first, at, "{plan:?} {chunk}");
                            assert!(behind >= first, "{plan:?} {chunk}");
                            at = behind;
                        }
                        assert_eq!(at, count, "{plan:?}");
                    }
                }
            }
        }
    }

    /// No two chunks of long loops store to one cache line, if that of the first element is whole.
    #[test]
    fn borders_are_those_of_cache_lines() {
        for schedule in [None, Some(Schedule::Static), Some(Schedule::Dynamic)] {
            let options = Parallelism {
                schedule,
                ..Parallelism::AUTO
            };
            for count in [100_000, 1 << 20, 12_345_678] {
                let plan = ChunkPlan::new(count, 1000, 0, &options);
                assert!(plan.chunks() > 60, "{plan:?}");
                for chunk in 1..plan.chunks() {
                    assert_eq!(plan.bounds(chunk).0 % GRAIN, 0, "{plan:?}");
                }
            }
        }
    }

    #[test]
    fn options_are_kept() {
        let options = Parallelism {
            min_len: Some(1000),
            chunk: Some(10),
            ..Parallelism::AUTO
        };
        assert_eq!(ChunkPlan::new(999, 1 << 20, 0, &options).chunks(), 1);
        let plan = ChunkPlan::new(1001, 1, 0, &options);
        assert_eq!((plan.chunks(), plan.bounds(100)), (101, (1000, 1001)));
        let many = ChunkPlan::new(1 << 20, 1, 0, &options);
        assert_eq!(many.chunks(), MAX_CHUNKS);
        let short = ChunkPlan::new(100, 10, 0, &Parallelism::AUTO);
        assert_eq!(short.chunks(), 1);
        let sure = Parallelism {
            min_len: Some(0),
            ..Parallelism::AUTO
        };
        assert_eq!(ChunkPlan::new(100, 10, 0, &sure).chunks(), FEW);
        let guided = Parallelism {
            schedule: Some(Schedule::Guided),
            ..Parallelism::AUTO
        };
        let plan = ChunkPlan::new(1 << 20, 100, 0, &guided);
        let len = |chunk| plan.bounds(chunk).1 - plan.bounds(chunk).0;
        assert!(len(0) > 4 * len(plan.chunks() - 1), "{plan:?}");
    }
}
