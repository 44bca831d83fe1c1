//! Sorts and selections, which std does, with the closures as they are written.

use hotloop::{JitType, jit};

#[derive(JitType, Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Body {
    mass: f64,
    id: u32,
}

#[derive(JitType, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    weight: i32,
    from: u16,
    to: u16,
}

impl crate::harness::Same for Body {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl crate::harness::Same for Edge {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl crate::harness::Same for Table {
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[jit]
fn median(a: &mut [f64]) -> f64 {
    a.sort_by(|x, y| x.partial_cmp(y).unwrap());
    let n = a.len();
    if n % 2 == 0 {
        0.5 * (a[n / 2 - 1] + a[n / 2])
    } else {
        a[n / 2]
    }
}

#[jit]
fn by_total_order(a: &mut [f32], descending: bool) {
    if descending {
        a.sort_unstable_by(|x, y| y.total_cmp(x));
    } else {
        a.sort_by(f32::total_cmp);
    }
}

#[jit]
fn integers(a: &mut [i64], b: &mut [u8], c: &mut [(u32, bool)]) -> i64 {
    a.sort();
    b.sort_unstable();
    c.sort();
    a.iter()
        .fold(0, |sum, x| sum.wrapping_mul(31).wrapping_add(*x))
}

#[jit]
fn argsort(keys: &[f64], order: &mut [usize]) {
    for (i, at) in order.iter_mut().enumerate() {
        *at = i;
    }
    order.sort_by(|&i, &j| keys[i].partial_cmp(&keys[j]).unwrap());
}

#[jit]
fn ranks(keys: &[i32]) -> [usize; 6] {
    // The type of the elements follows from the closure alone.
    let mut order = [0, 1, 2, 3, 4, 5];
    order.sort_by_key(|&i| keys[i]);
    order
}

#[jit]
fn counted(a: &mut [i32], limit: u32) -> u32 {
    let mut comparisons = 0;
    let mut last = (0, 0);
    a.sort_by(|x, y| {
        comparisons += 1;
        if comparisons > limit {
            panic!("more than {limit} comparisons: {x}, {y}");
        }
        last.1 = *x;
        x.cmp(y)
    });
    comparisons * 1000 + last.1 as u32
}

#[jit]
fn moved(a: &mut [i32]) -> u32 {
    let mut n = 5;
    a.sort_by_key(move |x| {
        n += 1;
        (*x % 3, n)
    });
    n
}

#[jit]
fn bodies(a: &mut [Body]) -> f64 {
    a.sort_by(|x, y| y.mass.total_cmp(&x.mass).then(x.id.cmp(&y.id)));
    a.iter().map(|body| body.mass).sum()
}

#[jit]
fn edges(a: &mut [Edge]) -> u16 {
    a.sort_unstable();
    a.sort_by_key(|edge| edge.to);
    a[0].from
}

#[jit]
fn contradictory(a: &mut [u32]) {
    a.sort_by(|x, y| {
        if (x ^ y) % 3 == 1 {
            x.cmp(y)
        } else {
            y.cmp(&(x / 2))
        }
    });
    a.sort_unstable_by_key(|x| x % 4);
}

#[jit]
fn quantile(a: &mut [f64], k: usize) -> (f64, f64, usize) {
    let (below, at, above) = a.select_nth_unstable_by(k, |x, y| x.total_cmp(y));
    let greatest = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    *at += 0.25;
    (greatest, *at, above.len())
}

#[jit]
fn kth(a: &mut [i16], k: usize) -> i16 {
    a.select_nth_unstable(k);
    let kth = a[k];
    kth + *a.select_nth_unstable_by_key(0, |x| -x).1
}

#[jit]
fn parts(a: &mut [i32], k: usize) {
    a[..k].sort();
    a[k..].sort_by(|x, y| y.cmp(x));
    let (left, right) = a.split_at_mut(k / 2);
    left.sort_by_key(|x| x.abs());
    right[1..].sort_unstable_by_key(|x| x.rem_euclid(7));
}

#[jit]
fn generic<T: PartialOrd + Copy>(a: &mut [T], scale: T, reverse: bool) -> T {
    a.sort_by(|x, y| {
        let order = x.partial_cmp(y).unwrap_or(std::cmp::Ordering::Equal);
        if reverse { order.reverse() } else { order }
    });
    if a[0] < scale { a[0] } else { scale }
}

#[derive(JitType, Clone, Copy, Debug, PartialEq)]
struct Table {
    keys: [f64; 4],
    order: [usize; 4],
    sign: f64,
}

#[jit]
impl Table {
    fn arrange(&mut self) -> usize {
        let (keys, sign) = (self.keys, self.sign);
        self.order
            .sort_by(|a, b| (sign * keys[*a]).total_cmp(&(sign * keys[*b])));
        self.order[0]
    }

    fn arrange_other(&self, order: &mut [usize]) {
        order.sort_by(|a, b| self.keys[*a].total_cmp(&self.keys[*b]));
    }
}

#[jit]
fn of_fields(tables: &mut [Table], order: &mut [usize]) -> usize {
    let table = &mut tables[0];
    table.keys.sort_by(|a, b| b.total_cmp(a));
    table.arrange_other(order);
    table.arrange()
}

#[jit]
fn with_median(a: &mut [f64], f: impl Fn(f64) -> f64) -> f64 {
    a.sort_by(|x, y| x.total_cmp(y));
    f(a[a.len() / 2])
}

#[jit]
fn contained(a: &mut [f64]) -> f64 {
    with_median(a, |x| x * 2.0)
}

fn numbers(n: usize) -> Vec<i64> {
    let mut state = 12345u64;
    (0..n)
        .map(|_| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 40) as i64 % 50 - 25
        })
        .collect()
}

#[test]
fn sorts_agree() {
    for n in [0, 1, 2, 3, 9, 20, 21, 50, 300] {
        let ints = numbers(n);
        let floats: Vec<f64> = ints.iter().map(|x| *x as f64 * 0.5).collect();
        agree!(median(&mut floats.clone()));
        let singles: Vec<f32> = ints.iter().map(|x| *x as f32 * -0.0).collect();
        agree!(by_total_order(&mut singles.clone(), true));
        agree!(by_total_order(&mut singles.clone(), false));
        let pairs: Vec<(u32, bool)> = ints.iter().map(|x| (*x as u32 % 7, x % 2 == 0)).collect();
        let bytes: Vec<u8> = ints.iter().map(|x| *x as u8).collect();
        agree!(integers(
            &mut ints.clone(),
            &mut bytes.clone(),
            &mut pairs.clone()
        ));
        agree!(argsort(&floats, &mut vec![0; n]));
        let narrow: Vec<i32> = ints.iter().map(|x| *x as i32).collect();
        agree!(ranks(&narrow));
        agree!(counted(&mut narrow.clone(), 100));
        agree!(moved(&mut narrow.clone()));
        agree!(contradictory(
            &mut bytes.iter().map(|x| u32::from(*x)).collect::<Vec<_>>()
        ));
        let masses: Vec<Body> = (ints.iter().zip(0..))
            .map(|(x, id)| Body {
                mass: *x as f64,
                id,
            })
            .collect();
        agree!(bodies(&mut masses.clone()));
        let all: Vec<Edge> = (ints.iter().zip(0..))
            .map(|(x, from)| Edge {
                weight: *x as i32,
                from,
                to: (*x as u16) % 5,
            })
            .collect();
        agree!(edges(&mut all.clone()));
        for k in [0, n / 3, n] {
            agree!(quantile(&mut floats.clone(), k));
            agree!(kth(
                &mut ints.iter().map(|x| *x as i16).collect::<Vec<_>>(),
                k
            ));
            agree!(parts(&mut narrow.clone(), k));
        }
        agree!(generic::<f64>(&mut floats.clone(), 0.5, n % 2 == 0));
        agree!(generic::<i64>(&mut ints.clone(), 3, n % 2 == 1));
        agree!(contained(&mut floats.clone()));
    }
}

#[test]
fn panics_of_comparisons_agree() {
    agree!(median(&mut vec![1.0, f64::NAN, 0.5]));
    agree!(median(&mut vec![f64::NAN]));
    agree!(argsort(&vec![1.0, 2.0], &mut vec![0; 5]));
    agree!(counted(&mut vec![3, 2, 1, 5, 4, 9, 7], 3));
    agree!(generic::<f64>(&mut vec![1.0, f64::NAN, 0.5], 0.5, false));
}

#[test]
fn sorts_of_fields_agree() {
    let table = Table {
        keys: [0.5, -1.0, 7.0, 2.0],
        order: [0, 1, 2, 3],
        sign: -1.0,
    };
    agree!(of_fields(&mut vec![table], &mut vec![3, 2, 1]));
}
