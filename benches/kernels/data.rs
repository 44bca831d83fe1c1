//! The data of the kernels, from one generator, so that every implementation in every language sees the same numbers.

/// A linear congruential generator with Knuth's MMIX constants; the seed is the state before the first step.
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    /// The next state.
    pub(crate) fn step(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0
    }

    /// The next integer in `0..m`, from the upper bits.
    pub(crate) fn below(&mut self, m: u64) -> u64 {
        (self.step() >> 33) % m
    }

    /// The next number in `0.0..1.0`.
    fn unit(&mut self) -> f64 {
        (self.step() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// `count` numbers in `low..high`.
pub(crate) fn uniform(count: usize, seed: u64, low: f64, high: f64) -> Vec<f64> {
    let mut generator = Lcg(seed);
    (0..count)
        .map(|_| low + (high - low) * generator.unit())
        .collect()
}

/// [`uniform`], rounded to single precision.
pub(crate) fn uniform_f32(count: usize, seed: u64, low: f64, high: f64) -> Vec<f32> {
    uniform(count, seed, low, high)
        .into_iter()
        .map(|value| value as f32)
        .collect()
}

/// `count` bytes in `0..m`.
pub(crate) fn bytes(count: usize, seed: u64, m: u64) -> Vec<u8> {
    let mut generator = Lcg(seed);
    (0..count).map(|_| generator.below(m) as u8).collect()
}

/// An `n × n` matrix in `low..high`.
pub(crate) fn square(n: usize, seed: u64, low: f64, high: f64) -> Vec<f64> {
    uniform(n * n, seed, low, high)
}

/// A square matrix whose element `(i, j)` is `f(i, j)`.
pub(crate) fn square_from<T>(n: usize, f: impl Fn(usize, usize) -> T) -> Vec<T> {
    (0..n * n).map(|p| f(p / n, p % n)).collect()
}

/// Random living cells, one in three, within a dead border.
pub(crate) fn cells(n: usize) -> Vec<u8> {
    let random = bytes(n * n, 1, 3);
    square_from(n, |i, j| {
        let inside = i > 0 && i < n - 1 && j > 0 && j < n - 1;
        u8::from(inside && random[i * n + j] == 0)
    })
}

/// A Gaussian of 9 taps whose sum is 1 before it is rounded.
pub(crate) fn gaussian9() -> Vec<f32> {
    let taps: Vec<f64> = (-4..=4)
        .map(|k: i32| (-f64::from(k * k) / 4.5).exp())
        .collect();
    let sum: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / sum) as f32).collect()
}

/// Row starts and columns of a sparse matrix of `n` rows with 5 to 15 elements each.
pub(crate) fn sparse_pattern(n: usize) -> (Vec<i32>, Vec<i32>) {
    let mut lengths = Lcg(1);
    let mut rows = vec![0];
    for i in 0..n {
        rows.push(rows[i] + 5 + lengths.below(11) as i32);
    }
    let mut generator = Lcg(2);
    let columns = (0..rows[n])
        .map(|_| generator.below(n as u64) as i32)
        .collect();
    (rows, columns)
}
