//! Runs a kernel both ways, as rustc and as the JIT compiled it: times both, and insists that they agree to the bit.

use std::fmt::Debug;
use std::hint::black_box;
use std::time::{Duration, Instant};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use indicatif::ProgressBar;

/// Each side is called this often at least, and again up to the second number while there is time left.
const MIN_CALLS: usize = 5;
const MAX_CALLS: usize = 25;
/// How long one kernel is measured once it has had its least number of calls.
const BUDGET: Duration = Duration::from_millis(300);

/// A kernel to be run both ways: `jit` and `plain` write the same outputs, `is_compiled` tells whether the JIT has compiled it.
pub(crate) struct Kernel<J, P> {
    pub(crate) name: &'static str,
    pub(crate) jit: J,
    pub(crate) plain: P,
    pub(crate) is_compiled: fn() -> bool,
}

/// Names a jitted function and its arguments but the last, the array that it writes.
macro_rules! kernel {
    ($name:ident($($argument:expr),*)) => {
        $crate::compare::Kernel {
            name: stringify!($name),
            jit: |out: &mut [_]| $name($($argument,)* out),
            plain: |out: &mut [_]| $name::plain($($argument,)* out),
            is_compiled: || !$name::specializations().is_empty(),
        }
    };
}
pub(crate) use kernel;

/// What a call of a kernel takes.
pub(crate) struct Times {
    name: &'static str,
    /// rustc's body, the median.
    plain: Duration,
    /// The JIT's first call and the median of the later ones, unless rustc's body ran in its place.
    jit: Option<(Duration, Duration)>,
}

/// A value that an output array has.
pub(crate) trait Value: Copy + Debug + Default {
    /// Whether the two are the same to the bit.
    fn is_same(self, other: Self) -> bool;
}

impl Value for f32 {
    fn is_same(self, other: f32) -> bool {
        self.to_bits() == other.to_bits()
    }
}

impl Value for u32 {
    fn is_same(self, other: u32) -> bool {
        self == other
    }
}

/// What was measured so far, and where progress is shown.
pub(crate) struct Session {
    pub(crate) times: Vec<Times>,
    pub(crate) progress: ProgressBar,
}

impl Session {
    /// Runs the kernel both ways on an array of `length` zeros, and returns what it wrote. The first run of a kernel also measures
    /// it, the two sides in turns; the JIT's first call, which compiles, comes first.
    ///
    /// # Errors
    /// If the two do not agree: names the kernel and the first element that differs.
    pub(crate) fn run<T, J, P>(
        &mut self,
        kernel: &Kernel<J, P>,
        length: usize,
    ) -> Result<Vec<T>, String>
    where
        T: Value,
        J: Fn(&mut [T]),
        P: Fn(&mut [T]),
    {
        self.progress.set_message(kernel.name);
        let (mut out, mut expected) = (vec![T::default(); length], vec![T::default(); length]);
        // Pages that were never written are slow to write, and that would be the first call's fault.
        out.fill(black_box(T::default()));
        expected.fill(black_box(T::default()));
        let first = time(&kernel.jit, &mut out);
        let is_new = self.times.iter().all(|times| times.name != kernel.name);
        let start = Instant::now();
        let (mut plain, mut later) = (Vec::new(), Vec::new());
        loop {
            plain.push(time(&kernel.plain, &mut expected));
            check(kernel.name, &out, &expected)?;
            let n_calls = plain.len();
            let is_enough = n_calls >= MIN_CALLS && start.elapsed() >= BUDGET;
            if !is_new || is_enough || n_calls == MAX_CALLS {
                break;
            }
            later.push(time(&kernel.jit, &mut out));
        }
        if is_new {
            let jit = (kernel.is_compiled)().then(|| (first, median(later)));
            self.times.push(Times {
                name: kernel.name,
                plain: median(plain),
                jit,
            });
        }
        self.progress.inc(1);
        Ok(out)
    }
}

fn check<T: Value>(name: &str, out: &[T], expected: &[T]) -> Result<(), String> {
    match out.iter().zip(expected).position(|(a, b)| !a.is_same(*b)) {
        None => Ok(()),
        Some(i) => Err(format!(
            "{name} disagrees: element {i} is {:?} by the JIT and {:?} by rustc's body",
            out[i], expected[i]
        )),
    }
}

/// The table of all kernels, in milliseconds.
pub(crate) fn table(times: &[Times]) -> Table {
    // Enough digits for what takes less than a microsecond, too.
    let milliseconds = |time: Duration| match time.as_secs_f64() * 1e3 {
        short if short < 0.01 => format!("{short:.5}"),
        long => format!("{long:.3}"),
    };
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header([
        "kernel",
        "rustc's body\nms",
        "JIT's first call\nms, with compiling",
        "JIT's later calls\nms",
        "rustc / JIT\nlater calls",
    ]);
    for Times { name, plain, jit } in times {
        let mut row = vec![(*name).to_string(), milliseconds(*plain)];
        match jit {
            Some((first, later)) => row.extend([
                milliseconds(*first),
                milliseconds(*later),
                format!("{:.2}", plain.as_secs_f64() / later.as_secs_f64()),
            ]),
            None => row.extend(["not compiled", "-", "-"].map(str::to_string)),
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The kernels that the JIT declined, for which rustc's body ran.
pub(crate) fn not_compiled(times: &[Times]) -> Vec<&'static str> {
    times
        .iter()
        .filter(|times| times.jit.is_none())
        .map(|times| times.name)
        .collect()
}

/// The time of one call.
fn time<T>(call: impl Fn(&mut [T]), out: &mut [T]) -> Duration {
    let start = Instant::now();
    call(black_box(out));
    start.elapsed()
}

/// The middle one of at least one time, the later of two.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
