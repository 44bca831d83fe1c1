use hotloop::{Par, jit};

#[jit(parallel)]
fn running(a: &mut [u64]) -> u64 {
    let mut before = 0;
    for x in a.iter_mut().par() {
        *x ^= before;
        before = *x;
    }
    let largest = a.iter().map(|x| x + 1).par().max();
    largest.unwrap_or(before)
}

#[jit(parallel)]
fn mean(a: &[f64]) -> f64 {
    a.iter().par().sum::<f64>() / a.len() as f64
}

#[jit(parallel)]
fn is_sorted(n: usize, a: &[u64]) -> bool {
    for (i, row) in a.chunks(n).par().enumerate() {
        if row[0] < i as u64 {
            return false;
        }
    }
    a.windows(2).par().all(|w| w[0] <= w[1])
}

fn main() {
    running(&mut [1]);
    mean(&[1.0]);
    is_sorted(1, &[1]);
}
