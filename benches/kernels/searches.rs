//! Work whose control flow depends on the data: counting, sorting, escape times, integer sequences.

kernels! {
    /// How often each value occurs in `x`; `bins` has 256 elements.
    fn hist_u8(x: &[u8], bins: &mut [u64]) {
        for b in 0..bins.len() {
            bins[b] = 0;
        }
        for i in 0..x.len() {
            bins[x[i] as usize] += 1;
        }
    }

    /// How many of the values, in 0 to 1, fall into each 256th part; `bins` has 256 elements.
    fn hist_f64(x: &[f64], bins: &mut [u64]) {
        for b in 0..bins.len() {
            bins[b] = 0;
        }
        for i in 0..x.len() {
            bins[(x[i] * 256.0) as usize] += 1;
        }
    }

    /// Escape times, at most `limit`, on an `n × n` grid over the Mandelbrot set.
    fn mandelbrot(n: usize, limit: i32, out: &mut [i32]) {
        let step = 2.5 / n as f64;
        for i in 0..n {
            for j in 0..n {
                let cr = -2.0 + step * j as f64;
                let ci = -1.2512 + step * i as f64;
                let mut zr = 0.0;
                let mut zi = 0.0;
                let mut k = 0;
                while k < limit && zr * zr + zi * zi <= 4.0 {
                    let t = zr * zr - zi * zi + cr;
                    zi = 2.0 * zr * zi + ci;
                    zr = t;
                    k += 1;
                }
                out[i * n + j] = k;
            }
        }
    }

    /// Pi by `n` random points in a square, in 64 streams of xorshift numbers.
    fn mc_pi(n: usize) -> f64 {
        let per_stream = n / 64;
        let scale = 1.0 / (1u64 << 53) as f64;
        let mut hits = 0u64;
        for stream in 0..64u64 {
            let mut s = (stream + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            for _ in 0..per_stream {
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                let x = (s >> 11) as f64 * scale;
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                let y = (s >> 11) as f64 * scale;
                if x * x + y * y <= 1.0 {
                    hits += 1;
                }
            }
        }
        4.0 * hits as f64 / (per_stream * 64) as f64
    }

    /// The cyclic redundancy check of `x` with the polynomial 0x1021, bit by bit.
    fn crc16(x: &[u8]) -> u16 {
        let mut crc = 0xFFFFu16;
        for i in 0..x.len() {
            crc ^= (x[i] as u16) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 };
            }
        }
        crc
    }

    /// The Levenshtein distance of `a` and `b`; `previous` and `current` are rows of `b.len() + 1` elements to work in.
    fn edit_distance(a: &[u8], b: &[u8], previous: &mut [i32], current: &mut [i32]) -> i32 {
        for j in 0..=b.len() {
            previous[j] = j as i32;
        }
        for i in 1..=a.len() {
            current[0] = i as i32;
            for j in 1..=b.len() {
                let cost = (a[i - 1] != b[j - 1]) as i32;
                current[j] = (previous[j - 1] + cost).min(previous[j] + 1).min(current[j - 1] + 1);
            }
            for j in 0..=b.len() {
                previous[j] = current[j];
            }
        }
        previous[b.len()]
    }

    /// Sorts `x` by a heap in its place.
    fn heapsort(x: &mut [f64]) {
        let n = x.len();
        for start in (0..n / 2).rev() {
            let value = x[start];
            let mut root = start;
            loop {
                let mut child = 2 * root + 1;
                if child >= n {
                    break;
                }
                if child + 1 < n && x[child + 1] > x[child] {
                    child += 1;
                }
                if x[child] <= value {
                    break;
                }
                x[root] = x[child];
                root = child;
            }
            x[root] = value;
        }
        for end in (1..n).rev() {
            let value = x[end];
            x[end] = x[0];
            let mut root = 0;
            loop {
                let mut child = 2 * root + 1;
                if child >= end {
                    break;
                }
                if child + 1 < end && x[child + 1] > x[child] {
                    child += 1;
                }
                if x[child] <= value {
                    break;
                }
                x[root] = x[child];
                root = child;
            }
            x[root] = value;
        }
    }

    /// The number of primes up to `n` by the sieve of Eratosthenes; `flags` has `n + 1` elements.
    fn sieve(n: usize, flags: &mut [u8]) -> usize {
        for i in 0..=n {
            flags[i] = 1;
        }
        flags[0] = 0;
        flags[1] = 0;
        let mut i = 2;
        while i * i <= n {
            if flags[i] != 0 {
                for j in (i * i..=n).step_by(i) {
                    flags[j] = 0;
                }
            }
            i += 1;
        }
        let mut count = 0;
        for i in 0..=n {
            count += flags[i] as usize;
        }
        count
    }

    /// The lengths of the Collatz sequences from each start below `n`, and the first start with the longest.
    fn collatz(n: usize, lengths: &mut [i32]) -> usize {
        for i in 1..n {
            let mut x = i as i64;
            let mut length = 1;
            while x != 1 {
                x = if x % 2 == 0 { x / 2 } else { 3 * x + 1 };
                length += 1;
            }
            lengths[i] = length;
        }
        let mut longest = 1;
        for i in 2..n {
            if lengths[i] > lengths[longest] {
                longest = i;
            }
        }
        longest
    }
}
