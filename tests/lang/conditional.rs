//! Loops whose conditions say what is summed, counted or kept.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_f64, config};

#[jit]
fn sum_above(x: &[f64], limit: f64) -> f64 {
    let mut sum = -0.0;
    for i in 0..x.len() {
        if x[i] > limit {
            sum += x[i];
        }
    }
    sum
}

#[jit]
fn sums_by_sign(x: &[f64]) -> (f64, f64, f64, u32) {
    let mut positive = 0.0;
    let mut negative = -0.0;
    let mut product = 1.0;
    let mut count = 0;
    for &v in x {
        if v > 0.0 {
            positive += v;
            count += 1;
        } else {
            negative -= 0.5 * v;
            product *= v;
        }
    }
    (positive, negative, product, count)
}

/// The sum that decides what is added next.
#[jit]
fn held_below(x: &[f64], most: f64) -> f64 {
    let mut sum = 0.0;
    let mut rest = 0.0;
    for &v in x {
        if sum + v < most {
            sum += v;
            rest -= sum * 0.25;
        }
    }
    sum + rest
}

#[jit]
fn conditional_elements(x: &[f64], by: &[f64], out: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..out.len() {
        if x[i] < 1.0 {
            sum += by[i];
            out[i] = sum;
        }
    }
    sum
}

#[jit]
fn extremes(x: &[f64]) -> (f64, usize, f64, usize) {
    let mut least = f64::INFINITY;
    let mut at_least = 0;
    let mut greatest = f64::NEG_INFINITY;
    let mut at_greatest = 0;
    for i in 0..x.len() {
        if x[i] < least {
            least = x[i];
            at_least = i;
        }
        if x[i] >= greatest {
            greatest = x[i];
            at_greatest = i;
        }
    }
    (least, at_least, greatest, at_greatest)
}

#[jit]
fn least(x: &[f64], start: f64) -> f64 {
    let mut least = start;
    for &v in x {
        if v < least {
            least = v;
        }
    }
    least
}

#[jit]
fn first_greatest(x: &[i32]) -> usize {
    let mut greatest = i32::MIN;
    let mut at = 0;
    for i in 0..x.len() {
        if x[i] > greatest {
            greatest = x[i];
            at = i;
        }
    }
    at
}

#[jit]
fn quantized(x: &[f64], bytes: &mut [u8], words: &mut [i32], bins: &mut [u64]) {
    for i in 0..x.len() {
        bytes[i] = (x[i] * 64.0) as u8;
        words[i] = (x[i] as f32 * 1.0e9) as i32;
    }
    for i in 0..x.len() {
        bins[((x[i] * 2.0) as usize).min(7)] += 1;
    }
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    let few = prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(f64::NAN), any_f64()];
    proptest::collection::vec(prop_oneof![few, -3.0..3.0], 0..70)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn conditions_agree(x in numbers(), by in numbers(), limit in -1.0..2.0) {
        agree!(sum_above(&x, limit));
        agree!(sums_by_sign(&x));
        agree!(held_below(&x, limit));
        agree!(conditional_elements(&x, &by, &mut vec![0.5; x.len()]));
        agree!(extremes(&x));
        agree!(least(&x, limit));
        agree!(least(&x, f64::NAN));
        agree!(least(&x, 0.0));
        let words: Vec<i32> = x.iter().map(|&v| v as i32).collect();
        agree!(first_greatest(&words));
        agree!(quantized(&x, &mut vec![0; x.len()], &mut vec![0; x.len()], &mut vec![0; 8]));
    }
}
