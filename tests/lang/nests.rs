//! Loop nests that are computed in register blocks, or whose loops are split, at sizes that fill blocks, leave some over, and are too small:
//! to the bit what rustc's body computes.

use hotloop::jit;
use num_traits::Float;

use crate::harness::compare;
use crate::polybench::values;

/// Rows of the left matrix, columns of the right one, what is summed over.
const SHAPES: [(usize, usize, usize); 9] = [
    (0, 0, 0),
    (1, 1, 1),
    (7, 7, 7),
    (33, 33, 33),
    (32, 48, 16),
    (40, 30, 9),
    (13, 100, 130),
    (205, 25, 20),
    (64, 64, 0),
];

macro_rules! products {
    ($($name:ident: |$i:ident $j:ident $k:ident $n:ident $m:ident $p:ident $a:ident $b:ident $c:ident| $body:block)*) => { $(
        #[test]
        fn $name() {
            #[jit]
            fn product($n: usize, $m: usize, $p: usize, $a: &[f64], $b: &[f64], $c: &mut [f64]) $body

            for (n, m, p) in SHAPES {
                let side = n.max(m).max(p);
                let data = (values(side * side, 1), values(side * side, 2), values(side * side, 3));
                compare(
                    data,
                    |(a, b, c)| product(n, m, p, a, b, c),
                    |(a, b, c)| product::plain(n, m, p, a, b, c),
                );
            }
        }
    )* };
}

products! {
    sum_in_a_local: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                let mut sum = 0.0;
                for k in 0..p {
                    sum += a[i * p + k] * b[k * m + j];
                }
                c[i * m + j] = sum;
            }
        }
    }
    columns_first: |i j k n m p a b c| {
        for j in 0..m {
            for i in 0..n {
                let mut sum = 0.0;
                for k in 0..p {
                    sum += a[i * p + k] * b[k * m + j];
                }
                c[i * m + j] = sum;
            }
        }
    }
    row_by_row: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                c[i * m + j] = 0.0;
            }
            for k in 0..p {
                for j in 0..m {
                    c[i * m + j] += a[i * p + k] * b[k * m + j];
                }
            }
        }
    }
    row_by_row_with_names: |i j k n m p a b c| {
        for i in 0..n {
            let row = i * m;
            for k in 0..p {
                let x = a[i * p + k];
                for j in 0..m {
                    let to = row + j;
                    c[to] += x * b[k * m + j];
                }
            }
        }
    }
    sums_outermost: |i j k n m p a b c| {
        for k in 0..p {
            for i in 0..n {
                for j in 0..m {
                    c[i * m + j] -= a[i * p + k] * b[k * m + j];
                }
            }
        }
    }
    columns_innermost: |i j k n m p a b c| {
        for k in 0..p {
            for j in 0..m {
                for i in 0..n {
                    c[i * m + j] -= a[i * p + k] * b[k * m + j];
                }
            }
        }
    }
    column_by_column: |i j k n m p a b c| {
        for j in 0..m {
            for k in 0..p {
                for i in 0..n {
                    c[i * m + j] += a[i * p + k] * b[k * m + j];
                }
            }
        }
    }
    transposed_right: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                let mut sum = 0.0;
                for k in 0..p {
                    sum += a[i * p + k] * b[j * p + k];
                }
                c[i * m + j] = sum;
            }
        }
    }
    transposed_left_scaled: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                let mut sum = 0.0;
                for k in 0..p {
                    sum += 1.5 * a[k * n + i] * b[k * m + j];
                }
                c[i * m + j] = 0.25 * c[i * m + j] + sum;
            }
        }
    }
    distances: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                let mut squares = 0.0;
                for k in 0..p {
                    let t = a[i * p + k] - b[j * p + k];
                    squares += t * t;
                }
                c[i * m + j] = squares.sqrt();
            }
        }
    }
    least_sums: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                let mut least = c[i * m + j];
                for k in 0..p {
                    let sum = a[i * p + k] + b[k * m + j];
                    least = if sum < least { sum } else { least };
                }
                c[i * m + j] = least;
            }
        }
    }
    above_the_diagonal: |i j k n m p a b c| {
        for i in 0..m {
            c[i * m + i] = 1.0;
            for j in i + 1..m {
                let mut sum = 0.0;
                for k in 0..p {
                    sum += b[k * m + i] * b[k * m + j];
                }
                c[i * m + j] = sum;
                c[j * m + i] = sum;
            }
        }
    }
    below_the_diagonal: |i j k n m p a b c| {
        for i in 0..m {
            for j in 0..=i {
                c[i * m + j] *= 0.5;
            }
            for k in 0..p {
                for j in 0..i + 1 {
                    c[i * m + j] += a[i * p + k] * a[j * p + k];
                }
            }
        }
    }
    to_the_diagonal: |i j k n m p a b c| {
        for i in 0..n.min(m) {
            for j in 0..i {
                let mut sum = 0.0;
                for k in 0..p {
                    sum += a[i * p + k] * a[j * p + k];
                }
                c[i * m + j] = sum;
            }
        }
    }
    in_place: |i j k n m p a b c| {
        for k in 0..n.min(m) {
            for i in 0..n.min(m) {
                for j in 0..n.min(m) {
                    c[i * m + j] = c[i * m + j].min(c[i * m + k] + c[k * m + j]);
                }
            }
        }
    }
    elimination: |i j k n m p a b c| {
        for k in 0..n.min(m) {
            for i in k + 1..n.min(m) {
                c[i * m + k] /= c[k * m + k];
                for j in k + 1..n.min(m) {
                    c[i * m + j] -= c[i * m + k] * c[k * m + j];
                }
            }
        }
    }
    two_at_once: |i j k n m p a b c| {
        for i in 0..n {
            for j in 0..m {
                let mut sum = 0.0;
                let mut most = -1.0_f64;
                for k in 0..p {
                    let x = a[i * p + k] * b[k * m + j];
                    sum += x;
                    most = most.max(x);
                }
                c[i * m + j] = sum + most;
            }
        }
    }
}

#[test]
fn other_types() {
    #[jit]
    fn product<T: Float>(n: usize, a: &[T], b: &[T], c: &mut [T]) {
        for i in 0..n {
            for j in 0..n {
                let mut sum = T::zero();
                for k in 0..n {
                    sum = sum + a[i * n + k] * b[k * n + j];
                }
                c[i * n + j] = sum;
            }
        }
    }
    #[jit]
    fn integers(n: usize, a: &[i32], b: &[i32], c: &mut [i32]) {
        for i in 0..n {
            for j in 0..n {
                let mut sum = 0_i32;
                for k in 0..n {
                    sum = sum.wrapping_add(a[i * n + k].wrapping_mul(b[k * n + j]));
                }
                c[i * n + j] = sum;
            }
        }
    }

    for n in [7, 33, 70] {
        let [a, b, c] = [1, 2, 3].map(|seed| values(n * n, seed));
        let single = |x: &[f64]| x.iter().map(|&x| x as f32).collect::<Vec<_>>();
        compare(
            (single(&a), single(&b), single(&c)),
            |(a, b, c)| product(n, a, b, c),
            |(a, b, c)| product::plain(n, a, b, c),
        );
        let whole = |x: &[f64]| x.iter().map(|&x| (x * 1e9) as i32).collect::<Vec<_>>();
        compare(
            (whole(&a), whole(&b), whole(&c)),
            |(a, b, c)| integers(n, a, b, c),
            |(a, b, c)| integers::plain(n, a, b, c),
        );
    }
}

/// Too short a row length makes rows overlap, and a matrix too small panics: at the same place, with the same elements stored.
#[test]
fn rows_that_overlap_and_panics() {
    #[jit]
    fn product(n: usize, row: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
        for i in 0..n {
            for j in 0..n {
                let mut sum = 0.0;
                for k in 0..n {
                    sum += a[i * n + k] * b[k * n + j];
                }
                c[i * row + j] = sum;
            }
        }
    }

    let n = 40;
    let data = |len: usize| (values(n * n, 1), values(n * n, 2), values(len, 3));
    for (row, len) in [
        (40, 1600),
        (39, 1600),
        (1, 1600),
        (40, 1599),
        (40, 0),
        (50, 2000),
    ] {
        compare(
            data(len),
            |(a, b, c)| product(n, row, a, b, c),
            |(a, b, c)| product::plain(n, row, a, b, c),
        );
    }
}

/// With `fastmath` results are close, and the same ones each time.
#[test]
fn fastmath() {
    #[jit(fastmath)]
    fn product(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
        for i in 0..n {
            for j in 0..n {
                let mut sum = 0.0;
                for k in 0..n {
                    sum += a[i * n + k] * b[k * n + j];
                }
                c[i * n + j] = sum;
            }
        }
    }

    for n in [33, 150] {
        let (a, b) = (values(n * n, 1), values(n * n, 2));
        let mut results = [vec![0.0; n * n], vec![0.0; n * n], vec![0.0; n * n]];
        product(n, &a, &b, &mut results[0]);
        product(n, &a, &b, &mut results[1]);
        product::plain(n, &a, &b, &mut results[2]);
        assert_eq!(results[0], results[1]);
        for (fast, plain) in results[0].iter().zip(&results[2]) {
            // Each product and each sum of numbers up to n is rounded once, by at most half an ULP.
            let bound = 2.0 * n as f64 * n as f64 * f64::EPSILON;
            assert!((fast - plain).abs() <= bound, "{fast} {plain}");
        }
    }
}
