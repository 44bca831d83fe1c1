//! A kernel with its data: restore, call, look at what came out. The same three steps for every kernel.

use std::time::{Duration, Instant};

use num_traits::AsPrimitive;

/// One kernel on one set of data, ready to be called again and again.
pub(crate) trait Case {
    /// Restores the data that a call overwrites and then reads. Never timed.
    fn restore(&mut self);
    /// Calls the kernel once.
    fn call(&mut self);
    /// What the last call wrote, as one or more arrays; `f64` holds every value of every kernel exactly.
    fn outputs(&self) -> Vec<Vec<f64>>;
    /// How an output array is summed up.
    fn sum(&self) -> Sum;
}

/// The sums that stand for an array: `Σ v[i] (1 + i mod 7)`, in order.
#[derive(Clone, Copy)]
pub(crate) enum Sum {
    /// Of the values.
    Signed,
    /// Of their absolute values, where signed ones would cancel.
    Absolute,
}

impl dyn Case {
    /// One number for all outputs of the last call.
    pub(crate) fn checksum(&self) -> f64 {
        let weight = |i: usize| (1 + i % 7) as f64;
        let sum_of = |array: &Vec<f64>| -> f64 {
            match self.sum() {
                Sum::Signed => array.iter().enumerate().map(|(i, v)| v * weight(i)).sum(),
                Sum::Absolute => array
                    .iter()
                    .enumerate()
                    .map(|(i, v)| v.abs() * weight(i))
                    .sum(),
            }
        };
        self.outputs().iter().map(sum_of).sum()
    }

    /// Restores the data, calls the kernel, and returns the time of the call alone.
    pub(crate) fn time(&mut self) -> Duration {
        self.restore();
        clean_vector_registers();
        let start = Instant::now();
        self.call();
        start.elapsed()
    }
}

/// A [`Case`] made of closures over `S`, the arrays, and `R`, the result of the last call.
struct Parts<S, R, Restore, Call, Outputs> {
    state: S,
    result: Option<R>,
    restore: Restore,
    call: Call,
    outputs: Outputs,
    sum: Sum,
}

impl<S, R, Restore, Call, Outputs> Case for Parts<S, R, Restore, Call, Outputs>
where
    Restore: Fn(&mut S),
    Call: Fn(&mut S) -> R,
    Outputs: Fn(&S, &R) -> Vec<Vec<f64>>,
{
    fn restore(&mut self) {
        (self.restore)(&mut self.state);
    }

    fn call(&mut self) {
        self.result = Some(std::hint::black_box((self.call)(std::hint::black_box(
            &mut self.state,
        ))));
    }

    fn outputs(&self) -> Vec<Vec<f64>> {
        self.result
            .as_ref()
            .map_or_else(Vec::new, |result| (self.outputs)(&self.state, result))
    }

    fn sum(&self) -> Sum {
        self.sum
    }
}

/// A kernel whose result is one number.
pub(crate) fn number<S: 'static, R: AsPrimitive<f64>>(
    state: S,
    call: impl Fn(&mut S) -> R + 'static,
) -> Box<dyn Case> {
    let outputs = |_: &S, result: &R| vec![vec![result.as_()]];
    Box::new(Parts {
        state,
        result: None,
        restore: |_: &mut S| (),
        call,
        outputs,
        sum: Sum::Signed,
    })
}

/// A kernel that writes arrays without reading what was in them.
pub(crate) fn arrays<S: 'static>(
    state: S,
    call: impl Fn(&mut S) + 'static,
    sum: Sum,
    outputs: impl Fn(&S) -> Vec<Vec<f64>> + 'static,
) -> Box<dyn Case> {
    let outputs = move |state: &S, (): &()| outputs(state);
    Box::new(Parts {
        state,
        result: None,
        restore: |_: &mut S| (),
        call,
        outputs,
        sum,
    })
}

/// A kernel that changes one array in place: it starts from `initial` in each call.
pub(crate) fn in_place<T: AsPrimitive<f64>>(
    initial: Vec<T>,
    call: impl Fn(&mut [T]) + 'static,
    sum: Sum,
) -> Box<dyn Case> {
    let state = initial.clone();
    let restore = move |state: &mut Vec<T>| state.copy_from_slice(&initial);
    let call = move |state: &mut Vec<T>| call(state);
    let outputs = |state: &Vec<T>, (): &()| vec![wide(state)];
    Box::new(Parts {
        state,
        result: None,
        restore,
        call,
        outputs,
        sum,
    })
}

/// A kernel that sweeps to and fro between two arrays: both start from `initial` in each call, the first one is the result.
pub(crate) fn to_and_fro<T: AsPrimitive<f64>>(
    initial: Vec<T>,
    call: impl Fn(&mut [T], &mut [T]) + 'static,
) -> Box<dyn Case> {
    let state = (initial.clone(), initial.clone());
    let restore = move |(a, b): &mut (Vec<T>, Vec<T>)| {
        a.copy_from_slice(&initial);
        b.copy_from_slice(&initial);
    };
    let call = move |(a, b): &mut (Vec<T>, Vec<T>)| call(a, b);
    let outputs = |(a, _): &(Vec<T>, Vec<T>), (): &()| vec![wide(a)];
    Box::new(Parts {
        state,
        result: None,
        restore,
        call,
        outputs,
        sum: Sum::Signed,
    })
}

/// The values of an array as [`Case::outputs`] has them.
pub(crate) fn wide<T: AsPrimitive<f64>>(array: &[T]) -> Vec<f64> {
    array.iter().map(|value| value.as_()).collect()
}

/// Clears the upper halves of the vector registers. Where some 256-bit code has left them dirty, the SSE-coded functions of the C
/// library are several times slower, and a kernel would pay for what ran before it.
fn clean_vector_registers() {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx")]
        fn zero_upper() {
            std::arch::x86_64::_mm256_zeroupper();
        }
        if std::arch::is_x86_feature_detected!("avx") {
            // SAFETY: the CPU has AVX, as just asked.
            unsafe { zero_upper() }
        }
    }
}
