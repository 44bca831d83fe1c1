//! Loops that look more independent than they are, and the other way round. What they compute is of no use.
//!
//! Parameters have few types, of which `super` makes arguments; jit-ir's tests read this file, too, and run the same loops in its evaluator, iterations in
//! random order.

// Written as users write them.
#![allow(
    clippy::manual_is_multiple_of,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::needless_range_loop
)]

use hotloop::jit;

// Elements that meet by their indices.

#[jit(parallel(min_len = 2))]
pub(crate) fn mirrored(a: &mut [u64]) {
    let n = a.len();
    for i in 0..n {
        a[i] = a[n - 1 - i] ^ 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn mirrored_half(a: &mut [u64]) {
    let n = a.len();
    for i in 0..n / 2 {
        let t = a[i];
        a[i] = a[n - 1 - i];
        a[n - 1 - i] = t;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn mirrored_beyond_the_half(k: usize, a: &mut [u64]) {
    let n = a.len();
    for i in 0..n / 2 + k {
        a[i] = a[n - 1 - i] ^ 3;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn shifted_by_a_number(n: usize, k: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i] = a[i + k] ^ 5;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn behind_the_trips(n: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i] = a[i + n].wrapping_add(i as u64);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn neighbours_by_parity(a: &mut [u64]) {
    for i in 0..a.len() - 1 {
        if i % 2 == 0 {
            a[i + 1] = a[i] ^ 9;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn pairs(a: &mut [u64]) {
    for i in 0..a.len() / 2 {
        a[2 * i] ^= a[2 * i + 1];
        a[2 * i + 1] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn pairs_that_overlap(a: &mut [u64]) {
    for i in 0..a.len() / 2 {
        a[2 * i] ^= a[2 * i + 2];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn partners(a: &mut [u64]) {
    for i in 0..a.len() {
        a[i ^ 1] = a[i] + 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn halved(a: &mut [u64]) {
    for i in 0..a.len() {
        a[i >> 1] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn masked(a: &mut [u64]) {
    for i in 0..a.len() {
        a[i & 3] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn clamped(k: usize, a: &mut [u64]) {
    for i in 0..a.len() {
        a[i.min(k)] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn at_least(k: usize, a: &mut [u64]) {
    for i in 0..a.len() {
        a[i.max(k)] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn at_a_distance(k: usize, a: &mut [u64]) {
    for i in 0..a.len() {
        a[i.abs_diff(k)] = i as u64;
    }
}

// Strides.

#[jit(parallel(min_len = 2))]
pub(crate) fn by_a_stride(n: usize, s: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i * s] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn by_a_signed_stride(n: usize, base: isize, s: isize, a: &mut [u64]) {
    for i in 0..n {
        a[(base + i as isize * s) as usize] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn two_strides(n: usize, s: usize, t: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i * s] = a[i * t] ^ 7;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn by_a_wrapping_stride(n: usize, s: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i.wrapping_mul(s)] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn wrapped_below(k: usize, a: &mut [u64]) {
    for i in 0..a.len() {
        let at = i.wrapping_sub(k);
        if at < a.len() {
            a[at] = a[i] ^ 1;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn wrapped_squares(n: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i.wrapping_mul(i)] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn truncated(n: usize, a: &mut [u64]) {
    for i in 0..n {
        a[i as u8 as usize] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn small_counter(a: &mut [u64]) {
    for i in 0..=255u8 {
        let at = i.wrapping_mul(2) as usize;
        if at < a.len() {
            a[at] = u64::from(i);
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn signed_counter(k: i64, a: &mut [u64]) {
    for i in -20..20_i64 {
        let at = (i * k) as usize;
        if at < a.len() {
            a[at] = a[at].wrapping_add(i as u64);
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn signed_counter_and_offset(k: i64, a: &mut [u64]) {
    for i in -20..20_i64 {
        a[(i + k) as usize] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn steps_that_overlap(s: usize, a: &mut [u64]) {
    for i in (0..a.len() - 1).step_by(s) {
        a[i] = i as u64;
        a[i + 1] = a[i] ^ 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn steps_from_the_end(s: usize, a: &mut [u64]) {
    for i in (2..a.len()).rev().step_by(s) {
        a[i] = a[i - 2] ^ 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn to_the_greatest_number(k: usize, a: &mut [u64]) {
    for i in k..=usize::MAX {
        a[i] = i as u64;
    }
}

// Names.

#[jit(parallel(min_len = 2))]
pub(crate) fn shadowed_and_halved(a: &mut [u64]) {
    for i in 0..a.len() {
        let x = i as u64;
        let i = i / 2;
        a[i] = x;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn shadowed_and_turned(a: &mut [u64]) {
    let n = a.len();
    for i in 0..n {
        let i = n - 1 - i;
        a[i] = a[i].wrapping_mul(3) + i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn shadowed_by_a_loop(n: usize, m: usize, a: &mut [u64]) {
    for i in 0..n {
        let x = i as u64;
        for i in 0..m {
            a[i] = a[i].wrapping_mul(31) + x;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn changed_copy_of_the_counter(a: &mut [u64]) {
    for mut i in 0..a.len() {
        let x = i as u64;
        if i % 3 == 1 {
            i -= 1;
        }
        a[i] = x;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sieve(k: usize, a: &mut [u64]) {
    for i in 0..a.len() {
        let mut j = i;
        while j < a.len() {
            a[j] = a[j] * 2 % 1009 + i as u64;
            j += k + 1;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn kept_by_an_empty_loop(m: usize, x: &[u64], y: &mut [u64]) {
    let mut t = 1;
    for i in 0..y.len() {
        for j in 0..m {
            t = x[j] + i as u64;
        }
        y[i] = t;
        t += 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn kept_under_a_condition(x: &[u64], y: &mut [u64]) {
    let mut t = 0;
    for i in 0..y.len() {
        if x[i] % 3 == 0 {
            t = x[i];
        }
        y[i] = t;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn kept_by_a_break(x: &[u64], y: &mut [u64]) {
    let mut t = 0;
    for i in 0..y.len() {
        'found: {
            if x[i] % 3 == 0 {
                break 'found;
            }
            t = x[i];
        }
        y[i] = t;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn last_one_that_counts(x: &[u64]) -> u64 {
    let mut t = 7;
    for i in 0..x.len() {
        if x[i] % 5 == 2 {
            t = x[i];
        }
    }
    t
}

#[jit(parallel(min_len = 2))]
pub(crate) fn ring_of_four(x: &[u64], y: &mut [u64]) {
    let mut ring = [0; 4];
    for i in 0..y.len() {
        ring[i % 4] += x[i];
        y[i] = ring[0];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_of_an_iteration(x: &[u64], y: &mut [u64]) {
    let mut buffer = [0; 4];
    for i in 0..y.len() {
        for k in 0..4 {
            buffer[k] = x[(i + k) % x.len()];
        }
        y[i] = buffer[0] * buffer[3] + buffer[i % 4];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_filled_in_part(x: &[u64], y: &mut [u64]) {
    let mut buffer = [0; 4];
    for i in 0..y.len() {
        for k in 0..i % 5 % 4 {
            buffer[k] = x[i] + k as u64;
        }
        y[i] = buffer[2];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_made_anew(x: &[u64], y: &mut [u64]) {
    for i in 0..y.len() {
        let mut buffer = [i as u64; 4];
        for k in 0..i % 4 {
            buffer[k] += x[i];
        }
        y[i] = buffer[2] + buffer[0];
    }
}

// What iterations add up.

#[jit(parallel(min_len = 2))]
pub(crate) fn running_sum(x: &[u64], y: &mut [u64]) -> u64 {
    let mut sum = 0_u64;
    for i in 0..y.len() {
        sum = sum.wrapping_add(x[i]);
        y[i] = sum;
    }
    sum
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_that_is_looked_at(x: &[u64]) -> u64 {
    let mut sum = 0_u64;
    for i in 0..x.len() {
        if sum % 2 == 0 {
            sum = sum.wrapping_add(x[i]);
        }
    }
    sum
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sums_of_each_other(x: &[u64]) -> (u64, u64) {
    let (mut s, mut t) = (1_u64, 2_u64);
    for i in 0..x.len() {
        s = s.wrapping_add(t);
        t = t.wrapping_add(x[i]);
    }
    (s, t)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_and_product(x: &[u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len() {
        if i % 2 == 0 {
            s = s.wrapping_add(x[i]);
        } else {
            s = s.wrapping_mul(x[i]);
        }
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_from_the_right(x: &[u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len() {
        s = x[i].wrapping_sub(s);
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_as_a_bound(x: &[u64], y: &mut [u64]) -> usize {
    let mut s = 0_usize;
    for i in 0..x.len() {
        for k in 0..s.min(y.len()) {
            y[k] ^= 1;
        }
        s = s.wrapping_add((x[i] % 3) as usize);
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn fields_of_a_tuple(x: &[u64]) -> (u64, u64, u64) {
    let mut sums = (0_u64, 0_u64, u64::MAX);
    for i in 0..x.len() {
        sums.0 = sums.0.wrapping_add(x[i]);
        sums.1 ^= x[i].rotate_left(i as u32 % 64);
        sums.2 = sums.2.min(x[i]);
    }
    sums
}

#[jit(parallel(min_len = 2))]
pub(crate) fn fields_that_change_places(x: &[u64]) -> (u64, u64) {
    let mut sums = (0_u64, 1_u64);
    for i in 0..x.len() {
        sums.0 = sums.0.wrapping_add(x[i]);
        sums = (sums.1, sums.0);
    }
    sums
}

#[jit(parallel(min_len = 2))]
pub(crate) fn fields_of_tuples_in_tuples(x: &[u64]) -> u64 {
    let mut found = ((u64::MAX, 0_usize), 0_u64);
    for i in 0..x.len() {
        found.1 = found.1.wrapping_add(x[i] & 3);
        if x[i] < found.0.0 {
            found.0.0 = x[i];
            found.0.1 = i;
        }
    }
    found.0.0.wrapping_add(found.0.1 as u64).wrapping_mul(1000) ^ found.1
}

#[jit(parallel(min_len = 2))]
pub(crate) fn elements_of_a_short_array(x: &[u64]) -> u64 {
    let mut sums = [0_u64; 3];
    for i in 0..x.len() {
        sums[0] = sums[0].wrapping_add(x[i]);
        sums[1] ^= x[i];
        sums[2] = sums[2].max(x[i]);
    }
    sums[0] ^ sums[1].rotate_left(7) ^ sums[2].rotate_left(21)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn first_of_the_least(x: &[u64]) -> (u64, usize, u64) {
    let (mut least, mut at, mut square) = (u64::MAX, usize::MAX, 0);
    for i in 0..x.len() {
        if x[i] < least {
            least = x[i];
            at = i;
            square = (i * i) as u64;
        }
    }
    (least, at, square)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn last_of_the_least(x: &[u64]) -> (u64, usize) {
    let (mut least, mut at) = (u64::MAX, usize::MAX);
    for i in 0..x.len() {
        if x[i] <= least {
            least = x[i];
            at = i;
        }
    }
    (least, at)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn least_from_the_end(x: &[u64]) -> (u64, usize) {
    let (mut least, mut at) = (40, usize::MAX);
    for i in (0..x.len()).rev() {
        if x[i] < least {
            least = x[i];
            at = i;
        }
    }
    (least, at)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn place_that_moves_on(x: &[u64]) -> (u64, usize) {
    let (mut least, mut at) = (u64::MAX, 0);
    for i in 0..x.len() {
        if x[i] < least {
            least = x[i];
            at = i;
        }
        at += 1;
    }
    (least, at)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn least_float(x: &[f64]) -> (f64, usize) {
    let (mut least, mut at) = (f64::INFINITY, usize::MAX);
    for (i, &v) in x.iter().enumerate() {
        if v < least {
            least = v;
            at = i;
        }
    }
    (least, at)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn first_of_the_least_floats(odd: &[f64]) -> (f64, usize) {
    let (mut least, mut at) = (f64::INFINITY, usize::MAX);
    for i in 0..odd.len() {
        if odd[i] < least {
            least = odd[i];
            at = i;
        }
    }
    (least, at)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn greatest_float_from_the_first(odd: &[f64]) -> f64 {
    let mut most = odd[0];
    for i in 0..odd.len() {
        most = if odd[i] > most { odd[i] } else { most };
    }
    most
}

#[jit(parallel(min_len = 2))]
pub(crate) fn last_of_the_least_floats(odd: &[f64]) -> f64 {
    let mut least = 3.0;
    for i in 0..odd.len() {
        least = if odd[i] <= least { odd[i] } else { least };
    }
    least
}

#[jit(parallel(min_len = 2))]
pub(crate) fn what_is_not_at_least(odd: &[f64]) -> f64 {
    let mut least = 3.0;
    for i in 0..odd.len() {
        if !(odd[i] >= least) {
            least = odd[i];
        }
    }
    least
}

#[jit(parallel(min_len = 2))]
pub(crate) fn kept_where_less(odd: &[f64]) -> f64 {
    let mut least = 3.0;
    for i in 0..odd.len() {
        least = if least < odd[i] { least } else { odd[i] };
    }
    least
}

#[jit(parallel(min_len = 2))]
pub(crate) fn least_and_greatest(odd: &[f64]) -> (f64, f64, usize) {
    let (mut least, mut most, mut at) = (1.0, 1.0, 0);
    for (i, &x) in odd.iter().enumerate() {
        if x < least {
            least = x;
            at = i;
        } else if x > most {
            most = x;
        }
    }
    (least, most, at)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn stored_floats(odd: &[f64], out: &mut [f64]) {
    for (to, x) in out.iter_mut().zip(odd) {
        *to = (x * 0.0 + 1.0 / x).abs().max(*to) - x.floor();
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn strict_sum(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for v in x {
        sum += v;
    }
    sum
}

#[jit(parallel(min_len = 2))]
pub(crate) fn all_and_any(k: u64, x: &[u64]) -> (bool, bool, u64) {
    let (mut all, mut any, mut count) = (true, false, 0);
    for i in 0..x.len() {
        all = all && x[i] > k;
        any = any || x[i] == k;
        count += u64::from(x[i] < k);
    }
    (all, any, count)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn all_with_an_index(p: &[usize], x: &[u64]) -> bool {
    let mut all = true;
    for i in 0..p.len() {
        all = all && x[p[i]] > 2;
    }
    all
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_that_may_overflow(x: &[u64]) -> u8 {
    let mut sum = 0_u8;
    for i in 0..x.len() {
        sum += x[i] as u8;
    }
    sum
}

#[jit(parallel(min_len = 2))]
pub(crate) fn difference_that_may_overflow(x: &[u64]) -> u64 {
    let mut left = 300_u64;
    for i in 0..x.len() {
        left -= x[i];
    }
    left
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_of_the_caller(x: &[u64], sum: &mut u64) {
    for i in 0..x.len() {
        *sum = sum.wrapping_add(x[i]);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_of_the_caller_until_a_panic(p: &[usize], x: &[u64], sum: &mut u64) {
    for i in 0..p.len() {
        *sum = sum.wrapping_add(x[p[i]]);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sum_of_the_caller_that_is_read(x: &[u64], y: &mut [u64], sum: &mut u64) {
    for i in 0..y.len() {
        *sum = sum.wrapping_add(x[i]);
        y[i] = *sum;
    }
}

// Ways out.

#[jit(parallel(min_len = 2))]
pub(crate) fn until_a_zero(x: &[u64], y: &mut [u64]) {
    for i in 0..y.len() {
        if x[i] % 16 == 0 {
            break;
        }
        y[i] = x[i];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn returned(x: &[u64], y: &mut [u64]) -> usize {
    for i in 0..y.len() {
        y[i] ^= x[i];
        if x[i] % 16 == 0 {
            return i;
        }
    }
    usize::MAX
}

#[jit(parallel(min_len = 2))]
pub(crate) fn left_inside(n: usize, x: &[u64], y: &mut [u64]) {
    'rows: for i in 0..y.len() {
        for k in 0..n {
            if x[k] == i as u64 {
                continue 'rows;
            }
            if x[k] > 40 {
                break;
            }
            y[i] += 1;
        }
        y[i] += 100;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn divided(x: &[u64], y: &mut [u64]) {
    for i in 0..y.len() {
        y[i] = 1000 / (x[i] % 16);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn asserted(x: &[u64], y: &mut [u64]) {
    for i in 0..y.len() {
        y[i] = i as u64;
        assert!(x[i] % 16 != 3, "{} at {i}", x[i]);
        y[i] += x[i];
        assert!(x[i] % 16 != 5, "five");
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn gathered(p: &[usize], x: &[u64], y: &mut [u64]) {
    for i in 0..p.len() {
        y[i] = x[p[i]];
    }
}

// Indices that are data.

#[jit(parallel(min_len = 2))]
pub(crate) fn scattered(p: &[usize], y: &mut [u64]) {
    for i in 0..p.len() {
        y[p[i]] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn scattered_twice(p: &[usize], y: &mut [u64]) {
    for i in 0..p.len() {
        y[p[i]] = i as u64;
        y[i] ^= 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn places_that_change(p: &mut [usize], y: &mut [u64]) {
    for i in 0..p.len() {
        let at = p[i];
        p[at % 8] = i;
        y[i] = at as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn counted_and_read(p: &[usize], y: &mut [u64]) -> u64 {
    let mut seen = 0;
    for i in 0..p.len() {
        y[p[i]] = y[p[i]].wrapping_add(1);
        seen ^= y[0];
    }
    seen
}

#[jit(parallel(min_len = 2))]
pub(crate) fn counted(p: &[usize]) -> u64 {
    let mut bins = [0_u64; 24];
    for i in 0..p.len() {
        bins[p[i]] = bins[p[i]].wrapping_add(i as u64);
    }
    let mut all = 0;
    for k in 0..24 {
        all = all * 31 % 1_000_003 + bins[k];
    }
    all
}

#[jit(parallel(min_len = 2))]
pub(crate) fn counted_by_two_operators(p: &[usize], y: &mut [u64]) {
    for i in 0..p.len() {
        y[p[i]] ^= 5;
        y[p[i]] |= 2;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sums_of_columns(x: &[u64]) -> u64 {
    let mut sums = [1_u64; 3];
    for i in 0..x.len() / 3 {
        for k in 0..3 {
            sums[k] = sums[k].wrapping_add(x[3 * i + k]);
        }
    }
    sums[0] ^ sums[1].rotate_left(9) ^ sums[2].rotate_left(17)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn sums_of_columns_that_are_read(x: &[u64]) -> u64 {
    let mut sums = [1_u64; 4];
    for i in 0..x.len() / 3 {
        for k in 0..3 {
            sums[k] = sums[k].wrapping_add(x[3 * i + k] ^ sums[k + 1]);
        }
    }
    sums[0] ^ sums[1].rotate_left(9) ^ sums[2].rotate_left(17)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn least_of_each(p: &[usize], x: &[f64], depths: &mut [f64]) {
    for i in 0..p.len().min(x.len()) {
        depths[p[i]] = depths[p[i]].min(x[i]);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn greatest_of_each_beyond_the_end(p: &[usize], y: &mut [u64]) {
    for i in 0..p.len() {
        y[p[i] * 2] = (i as u64).max(y[p[i] * 2]);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn less_each_time(p: &[usize]) -> u64 {
    let mut left = [1000_u64; 24];
    for i in 0..p.len() {
        left[p[i]] = left[p[i]].wrapping_sub(i as u64);
    }
    left.iter()
        .fold(0, |all, x| all * 31 % 1_000_003 + x % 5000)
}

#[jit(parallel(min_len = 2))]
pub(crate) fn turned_each_time(p: &[usize]) -> u64 {
    let mut left = [1000_u64; 24];
    for i in 0..p.len() {
        left[p[i]] = (i as u64).wrapping_sub(left[p[i]]);
    }
    left.iter()
        .fold(0, |all, x| all * 31 % 1_000_003 + x % 5000)
}

// Rows.

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_of_unknown_length(n: usize, m: usize, s: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..m {
            a[i * s + j] = a[i * s + j].wrapping_mul(5) + (i + j) as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_with_bounds_from_data(n: usize, p: &[usize], a: &mut [u64]) {
    for i in 0..p.len() - 1 {
        for j in p[i]..p[i + 1] {
            a[i * n + j] = a[i * n + j].wrapping_mul(5) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_of_a_sparse_matrix(p: &[usize], a: &mut [u64]) {
    for i in 0..p.len() - 1 {
        for j in p[i]..p[i + 1] {
            a[j] = a[j].wrapping_mul(5) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn packed_triangle(n: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..=i {
            a[i * (i + 1) / 2 + j] = (i * 100 + j) as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn packed_triangle_and_one_more(n: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..=i + 1 {
            a[i * (i + 1) / 2 + j] = (i * 100 + j) as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn across(n: usize, m: usize, a: &mut [u64]) {
    for i in 0..n {
        a[(n - i) * m + i] = a[i * m].wrapping_add(i as u64);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn transposed_in_place(n: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..i {
            let t = a[i * n + j];
            a[i * n + j] = a[j * n + i];
            a[j * n + i] = t;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn transposed_too_often(n: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..n {
            a[i * n + j] = a[j * n + i] ^ 1;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn cubes(n: usize, m: usize, k: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..m {
            for l in 0..k {
                a[(i * m + j) * k + l] = (i * j + l) as u64;
            }
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn cubes_the_wrong_way(n: usize, m: usize, k: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in 0..m {
            for l in 0..k {
                a[(i * k + j) * m + l] = (i * j + l) as u64;
            }
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_from_the_greater_start(n: usize, k: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in (i * 4).max(k)..(i * 4 + 4).min(a.len()) {
            a[j] = a[j].wrapping_mul(5) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_from_the_lesser_start(n: usize, k: usize, a: &mut [u64]) {
    for i in 0..n {
        for j in (i * 4).min(k)..(i * 4 + 4).max(k).min(a.len()) {
            a[j] = a[j].wrapping_mul(5) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn parts_that_overlap(n: usize, m: usize, k: usize, a: &mut [u64]) {
    for i in 0..n {
        let row = &mut a[i * m..i * m + k];
        for x in row {
            *x = x.wrapping_mul(5) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn parts_up_to_the_end(m: usize, a: &mut [u64]) {
    let len = a.len();
    for i in 0..len / m {
        let row = &mut a[i * m..(i * m + m + 1).min(len)];
        row[0] = i as u64;
        let last = row.len() - 1;
        row[last] ^= 3;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn tails(a: &mut [u64]) {
    for i in 0..a.len() {
        let tail = &mut a[i..];
        tail[0] = tail[0].wrapping_mul(3) + tail.len() as u64;
        tail[tail.len() - 1] ^= 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rotated_rows(m: usize, a: &mut [u64]) {
    for i in 0..a.len() / m {
        a[i * m..i * m + m].rotate_left(1);
        a[i * m..i * m + m].swap(0, m - 1);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn swapped_elements(k: usize, a: &mut [u64]) {
    for i in 0..a.len() - k {
        a.swap(i, i + k);
    }
}

// Chunks, windows, halves.

#[jit(parallel(min_len = 2))]
pub(crate) fn elements_of_rows(w: usize, a: &mut [u64]) {
    for row in a.chunks_mut(w) {
        for x in row {
            *x = x.wrapping_mul(3) ^ 1;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn numbered_elements_of_rows(w: usize, a: &mut [u64]) {
    for (i, row) in a.chunks_mut(w).enumerate() {
        let mut before = i as u64;
        for (k, x) in row.iter_mut().enumerate() {
            before = before * 7 % 1009 + *x;
            *x = before + k as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn exact_rows(w: usize, a: &mut [u64]) {
    for row in a.chunks_exact_mut(w) {
        for x in row.iter_mut().rev() {
            *x ^= 5;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_from_the_end(w: usize, a: &mut [u64]) {
    for (i, row) in a.rchunks_mut(w).enumerate() {
        for x in row {
            *x = x.wrapping_mul(3) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn every_second_row(w: usize, a: &mut [u64]) {
    for (i, row) in a.chunks_mut(w).enumerate().skip(1).step_by(2) {
        for x in row {
            *x += i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn chunks_beside_windows(w: usize, x: &[u64], a: &mut [u64]) {
    for (row, near) in a.chunks_mut(w).zip(x.windows(w)) {
        for (to, from) in row.iter_mut().zip(near) {
            *to = to.wrapping_add(*from);
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn rows_beside_numbers(w: usize, x: &[u64], a: &mut [u64]) {
    for (i, row) in a.chunks_mut(w).enumerate() {
        row[0] = x[(i + 1) * w - 1];
        let last = row.len() - 1;
        row[last] ^= i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn halves_that_meet(k: usize, a: &mut [u64]) {
    let (low, high) = a.split_at_mut(k);
    for i in 0..low.len() {
        low[i] = high[i] ^ 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn halves_of_halves(k: usize, a: &mut [u64]) {
    let (low, high) = a.split_at_mut(k);
    let n = low.len();
    let (first, second) = low.split_at_mut(n / 2);
    for i in 0..first.len() {
        first[i] = second[i] ^ high[i];
        high[i] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn zipped_with_the_reverse(x: &[u64], a: &mut [u64]) {
    for (to, from) in a.iter_mut().zip(x.iter().rev()) {
        *to = to.wrapping_sub(*from);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn exchanged_at_times(steps: usize, a: &mut [u64], b: &mut [u64]) {
    let (mut from, mut to) = (a, b);
    for t in 0..steps {
        for i in 0..to.len().min(from.len()) {
            to[i] = from[i].wrapping_mul(3) + t as u64;
        }
        if t % 3 != 1 {
            std::mem::swap(&mut from, &mut to);
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn exchanged_in_the_loop(x: &[u64], a: &mut [u64], b: &mut [u64]) {
    let (mut a, mut b) = (a, b);
    for i in 0..x.len() {
        a[i] = x[i];
        b[0] = b[0].wrapping_add(x[i]);
        if x[i] % 2 == 0 {
            (a, b) = (b, a);
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn one_of_two(c: bool, a: &mut [u64], b: &mut [u64]) {
    let n = a.len().min(b.len());
    let to = if c { &mut *a } else { &mut *b };
    for i in 0..n {
        to[i] = i as u64;
    }
    for i in 0..n {
        a[i] ^= b[n - 1 - i];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn least_of_rows_and_their_places(w: usize, a: &[u64], y: &mut [u64]) {
    for (to, row) in y.iter_mut().zip(a.chunks(w)) {
        let (mut least, mut at) = (u64::MAX, 0);
        for (k, &x) in row.iter().enumerate() {
            if x < least {
                (least, at) = (x, k);
            }
        }
        *to = least.wrapping_mul(1000) + at as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn element_by_reference(a: &mut [u64]) {
    for i in 0..a.len() {
        let x = &mut a[i];
        *x = x.wrapping_mul(3);
        let y = &mut a[i / 2 * 2];
        *y ^= 1;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_filled_but_for_one(x: &[u64], y: &mut [u64]) {
    let mut buffer = [9; 5];
    for i in 0..y.len() {
        for k in 0..4 {
            buffer[k] = x[(i + k) % x.len()];
        }
        y[i] = buffer[0] ^ buffer[4];
        buffer[4] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_filled_from_itself(x: &[u64], y: &mut [u64]) {
    let mut buffer = [9; 4];
    for i in 0..y.len() {
        for k in 0..4 {
            buffer[k] = buffer[3 - k] ^ x[(i + k) % x.len()];
        }
        y[i] = buffer[0];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_filled_until_it_is_left(x: &[u64], y: &mut [u64]) {
    let mut buffer = [9; 4];
    for i in 0..y.len() {
        for k in 0..4 {
            if x[(i + k) % x.len()] > 40 {
                break;
            }
            buffer[k] = x[(i + k) % x.len()];
        }
        y[i] = buffer[3];
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_used_behind_the_loop(x: &[u64], y: &mut [u64]) -> u64 {
    let mut buffer = [9; 4];
    for i in 0..y.len() {
        for k in 0..4 {
            buffer[k] = x[(i + k) % x.len()];
        }
        y[i] = buffer[3];
    }
    buffer[1]
}

// Bodies of which a part is serial.

#[jit(parallel(min_len = 2))]
pub(crate) fn first_alone_then_in_order(x: &[u64], y: &mut [u64], z: &mut [u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len().min(y.len()).min(z.len()) {
        y[i] = x[i].wrapping_mul(3) ^ 7;
        s = s.wrapping_mul(31).wrapping_add(y[i]);
        z[i] = s;
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn reads_what_comes_next(x: &[u64], y: &mut [u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len().min(y.len()) - 1 {
        y[i] = x[i].wrapping_mul(3) ^ 7;
        s = s.wrapping_mul(31).wrapping_add(y[i + 1]);
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn feeds_its_first_part(x: &mut [u64], y: &mut [u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len().min(y.len()) - 1 {
        y[i] = x[i].wrapping_mul(3) ^ 7;
        s = s.wrapping_mul(31).wrapping_add(y[i]);
        x[i + 1] ^= s;
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn panics_in_its_second_part(x: &[u64], y: &mut [u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len().min(y.len()) {
        y[i] = x[i].wrapping_mul(3) ^ 7;
        s = s.wrapping_mul(31) % 1009 + 1000 / (y[i] % 64);
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn leaves_in_its_second_part(x: &[u64], y: &mut [u64]) -> u64 {
    let mut s = 1_u64;
    for i in 0..x.len().min(y.len()) {
        y[i] = x[i].wrapping_mul(3) ^ 7;
        s = s.wrapping_mul(31) % 1009 + y[i];
        if s % 50 == 0 {
            break;
        }
    }
    s
}

#[jit(parallel(min_len = 2))]
pub(crate) fn array_filled_and_made_anew(x: &[u64], y: &mut [u64]) {
    let mut buffer = [9; 4];
    for i in 0..y.len() {
        for k in 0..4 {
            buffer[k] = x[(i + k) % x.len()];
        }
        y[i] = buffer[3];
        buffer = [1; 4];
        buffer[i % 4] = i as u64;
        y[i] ^= buffer[2];
    }
}

// Parts that were cut from each other.

#[jit(parallel(min_len = 2))]
pub(crate) fn below_a_row(n: usize, k: usize, a: &mut [u64]) {
    let (top, rest) = a.split_at_mut((k + 1) * n);
    let pivot = &top[k * n..];
    for r in rest.chunks_exact_mut(n) {
        let f = r[k] | 1;
        for (x, p) in r.iter_mut().zip(pivot) {
            *x = x.wrapping_sub(f.wrapping_mul(*p));
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn below_each_row(n: usize, a: &mut [u64]) {
    for k in 0..n {
        let (top, rest) = a.split_at_mut((k + 1) * n);
        let pivot = &top[k * n..];
        for r in rest.chunks_exact_mut(n) {
            let f = r[k] | 1;
            for (x, p) in r.iter_mut().zip(pivot) {
                *x = x.wrapping_sub(f.wrapping_mul(*p));
            }
        }
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn between_two_cuts(p: &[usize], a: &mut [u64]) {
    let (low, rest) = a.split_at_mut(p[0]);
    let (middle, high) = rest.split_at_mut(p[1]);
    for i in 0..middle.len() {
        middle[i] ^= low[p[2]].wrapping_add(high[i]).wrapping_add(low[0]);
    }
}

#[jit(parallel(min_len = 2))]
pub(crate) fn cut_in_each_iteration(p: &[usize], a: &mut [u64]) {
    for i in 0..p.len() {
        let (low, high) = a.split_at_mut(p[i]);
        high[0] ^= low[0].wrapping_mul(3);
    }
}
