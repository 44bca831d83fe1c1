//! Indices that are data, checked for many iterations at once: the panics, and what was stored until then, stay. And running sums.

use hotloop::jit;

#[jit]
fn gather(at: &[i32], x: &[f64], y: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..at.len() {
        y[i] = sum;
        sum += x[at[i] as usize];
    }
    sum
}

#[jit]
fn scatter(order: &[usize], x: &[f64], y: &mut [f64]) {
    for (&to, &value) in order.iter().zip(x) {
        y[to] = value;
    }
}

#[jit]
fn histogram(x: &[f64], lo: f64, scale: f64, bins: &mut [u32]) {
    for &v in x {
        bins[((v - lo) * scale) as usize] += 1;
    }
}

#[jit(fastmath)]
fn histogram_f32(x: &[f32], bins: &mut [u64]) {
    for i in 0..x.len() {
        let bin = (x[i] * 64.0).floor() as i32;
        bins[bin as usize] += 1;
    }
}

#[jit]
fn words(keys: &[u64], table: &mut [u16], shift: u32) {
    for &key in keys {
        let at = (key >> shift) & 1023;
        table[at as usize] = table[at as usize].wrapping_add(1);
    }
}

#[jit]
fn spmv(rows: &[i32], columns: &[i32], values: &[f64], x: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        let mut sum = 0.0;
        for p in rows[i] as usize..rows[i + 1] as usize {
            sum += values[p] * x[columns[p] as usize];
        }
        y[i] = sum;
    }
}

#[jit(fastmath)]
fn spmv_fast(rows: &[u32], columns: &[u32], values: &[f64], x: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        let (lo, hi) = (rows[i] as usize, rows[i + 1] as usize);
        for p in lo..hi {
            y[i] += values[p] * x[columns[p] as usize];
        }
    }
}

/// The neighbours of each vertex get a part of what it has.
#[jit]
fn spread(rows: &[usize], neighbours: &[u32], rank: &[f64], next: &mut [f64]) {
    for v in 0..rank.len() {
        let share = rank[v] / (rows[v + 1] - rows[v]).max(1) as f64;
        for p in rows[v]..rows[v + 1] {
            next[neighbours[p] as usize] += share;
        }
    }
}

#[jit(fastmath)]
fn running(x: &[f64], y: &mut [f64], in_place: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i];
        y[i] = sum;
    }
    let mut other = sum;
    for i in 0..in_place.len() {
        other -= in_place[i];
        in_place[i] = other;
    }
    sum + other
}

#[jit(fastmath)]
fn smooth(a: f64, x: &[f64], y: &mut [f64]) {
    let mut s = x[0];
    for i in 0..x.len() {
        s = a * s + (1.0 - a) * x[i];
        y[i] = s;
    }
}

const LENGTHS: [usize; 8] = [0, 1, 95, 96, 511, 513, 1024, 1300];

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(77);
        (self.0 >> 33) % n
    }
}

#[test]
fn indices_from_memory() {
    let mut random = Random(1);
    let x: Vec<f64> = (0..200).map(f64::from).collect();
    for len in LENGTHS {
        let good: Vec<i32> = (0..len).map(|_| random.below(200) as i32).collect();
        let y = vec![0.0; 1300];
        agree!(gather(&good, &x, &mut y));
        agree!(gather(&good, &x, &mut x));
        for bad in [-1, 200, i32::MIN, i32::MAX] {
            let mut at = good.clone();
            if len > 0 {
                at[random.below(len as u64) as usize] = bad;
            }
            agree!(gather(&at, &x, &mut y));
            let order: Vec<usize> = at.iter().map(|&at| at as usize).collect();
            let values: Vec<f64> = (0..len + 3).map(|i| i as f64).collect();
            agree!(scatter(&order, &values, &mut x));
        }
        let keys: Vec<u64> = (0..len).map(|_| random.below(1 << 30) << 20).collect();
        let table = vec![0u16; 1024];
        let short = vec![0u16; 1000];
        agree!(words(&keys, &mut table, 25));
        agree!(words(&keys, &mut short, 25));
    }
}

#[test]
fn indices_from_floats() {
    let mut random = Random(2);
    for len in LENGTHS {
        let good: Vec<f64> = (0..len).map(|_| random.below(1000) as f64 / 10.0).collect();
        let bins = vec![0u32; 100];
        agree!(histogram(&good, 0.0, 1.0, &mut bins));
        agree!(histogram(&good, 0.0, 0.25, &mut bins));
        agree!(histogram(&good, 50.0, 1.0, &mut bins));
        agree!(histogram(&good, 0.0, 1.5, &mut bins));
        let narrow: Vec<f32> = good.iter().map(|&v| v as f32 / 64.0).collect();
        let wide = vec![0u64; 101];
        agree!(histogram_f32(&narrow, &mut wide));
        for bad in [f64::NAN, f64::INFINITY, -1.0, 100.0, 1e30, 4_294_967_296.0] {
            let (mut x, mut y) = (good.clone(), narrow.clone());
            if len > 0 {
                let at = random.below(len as u64) as usize;
                (x[at], y[at]) = (bad, bad as f32);
            }
            agree!(histogram(&x, 0.0, 1.0, &mut bins));
            agree!(histogram_f32(&y, &mut wide));
        }
    }
}

#[test]
fn rows_of_sparse_matrices() {
    let mut random = Random(3);
    for round in 0..120 {
        let n = [0, 1, 3, 4, 5, 100, 700][round % 7];
        let most = [1, 4, 12, 80][round % 4];
        let mut rows = vec![0i32];
        for i in 0..n {
            rows.push(rows[i] + random.below(most) as i32);
        }
        let len = rows[n] as usize;
        let mut columns: Vec<i32> = (0..len).map(|_| random.below(60) as i32).collect();
        let mut values: Vec<f64> = (0..len).map(|_| random.below(9) as f64).collect();
        let mut x: Vec<f64> = (0..60).map(f64::from).collect();
        match random.below(9) {
            0 if len > 0 => columns[random.below(len as u64) as usize] = -1,
            1 if len > 0 => columns[random.below(len as u64) as usize] = 60,
            2 => x.truncate(random.below(60) as usize),
            3 => values.truncate(random.below(len as u64 + 1) as usize),
            4 => rows[random.below(n as u64 + 1) as usize] = -7,
            5 => rows[random.below(n as u64 + 1) as usize] += 30,
            6 => rows.reverse(),
            7 => rows.truncate(n),
            _ => {}
        }
        let y = vec![1.0; n];
        agree!(spmv(&rows, &columns, &values, &x, &mut y));
        let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        let columns: Vec<u32> = columns.iter().map(|&column| column as u32).collect();
        agree!(spmv_fast(&rows, &columns, &values, &x, &mut y));
        let rows: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
        let next = vec![0.0; 60];
        agree!(spread(&rows, &columns, &y, &mut next));
    }
}

/// Sums of small integers are the same in any order.
#[test]
fn running_sums() {
    for len in [0, 1, 3, 4, 5, 8, 31, 100] {
        let x: Vec<f64> = (0..len).map(|i| f64::from(i * 37 % 19 - 9)).collect();
        let y = vec![0.0; 100];
        agree!(running(&x, &mut y, &mut x));
        agree!(running(&x, &mut x, &mut y));
        let short = vec![0.0; 30];
        agree!(running(&x, &mut short, &mut y));
        for a in [0.9, 0.5, 1.0, 0.0, -0.7, 1.5] {
            let (mut fast, mut slow) = (vec![0.0; 100], vec![0.0; 100]);
            if len > 0 {
                smooth(a, &x, &mut fast);
                smooth::plain(a, &x, &mut slow);
            }
            for (fast, slow) in fast.iter().zip(&slow) {
                assert!(
                    (fast - slow).abs() <= 1e-9 * (1.0 + slow.abs()),
                    "{a} {len}"
                );
            }
        }
        agree!(smooth(0.5, &x[..0].to_vec(), &mut y));
    }
}
