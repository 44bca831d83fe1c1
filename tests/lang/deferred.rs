//! Functions whose guards come first: where one does not hold, a copy does the work, compiled at that moment.

use hotloop::jit;

use crate::harness::compare;

/// Two loops with a guard each.
#[jit]
fn shift(n: usize, m: usize, a: &mut [f64], b: &mut [f64]) -> f64 {
    for i in 0..n {
        a[i] += 1.0;
    }
    let mut sum = 0.0;
    for i in 0..m {
        b[i] *= 2.0;
        sum += b[i];
    }
    sum
}

#[test]
fn stores_before_a_panic_are_made_once() {
    for (n, m) in [(3, 3), (4, 9), (9, 4), (9, 9), (0, 9), (5, 5), (9, 0)] {
        compare(
            (vec![1.0; 5], vec![1.0; 5]),
            |(a, b)| shift(n, m, a, b),
            |(a, b)| shift::plain(n, m, a, b),
        );
    }
    assert_eq!(shift::specializations().len(), 1);
}

/// The guard does not hold, and nothing panics: the loop is left before.
#[jit]
fn until(limit: usize, a: &mut [i64]) -> (usize, [i64; 20]) {
    let mut seen = [0; 20];
    for i in 0..limit {
        if a[i] < 0 {
            return (i, seen);
        }
        seen[i] = a[i];
        a[i] = 7;
    }
    (limit, seen)
}

#[test]
fn loops_that_are_left_early() {
    for limit in [0, 2, 3, 1000, usize::MAX] {
        for _ in 0..3 {
            compare(
                vec![1, 2, 3, -1],
                |a| until(limit, a),
                |a| until::plain(limit, a),
            );
        }
    }
}

#[jit]
fn fill(n: usize, a: &mut [u32]) -> u32 {
    for i in 0..n {
        a[i] = i as u32;
    }
    n as u32
}

/// A call whose function has a copy, in a loop of a function that has stored before.
#[jit]
fn fill_all(sizes: &[usize], a: &mut [u32]) -> u32 {
    let mut sum = 0;
    for k in 0..sizes.len() {
        a[0] = sum;
        sum += fill(sizes[k], a);
    }
    sum
}

#[test]
fn copies_of_called_functions() {
    for sizes in [vec![1, 2, 3], vec![4, 5, 1], vec![2, 4, 4]] {
        compare(
            vec![9; 4],
            |a| fill_all(&sizes, a),
            |a| fill_all::plain(&sizes, a),
        );
    }
}

/// Threads that need the copy at the same time.
#[test]
fn threads_compile_the_copy_at_once() {
    #[jit]
    fn last(n: usize, a: &[u8]) -> u8 {
        let mut last = 0;
        for i in 0..n {
            last = a[i];
            if last == 3 {
                return last;
            }
        }
        last
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(last(10, &[1, 2, 3]), 3));
        }
    });
}
