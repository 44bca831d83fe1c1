//! Counts: in arrays behind references, and of what other functions say.

use hotloop::{jit, prange, rand};

use super::assert_parallel;
use super::forms::in_pools;

#[jit(parallel)]
fn counted(x: &[u8], h: &mut [u32; 256]) {
    for &v in x {
        h[v as usize] = h[v as usize].wrapping_add(1);
    }
}

/// Some of the values are no elements.
#[jit(parallel)]
fn counted_in_few(x: &[u8], h: &mut [u32; 100]) {
    for &v in x {
        h[v as usize] = h[v as usize].wrapping_add(1);
    }
}

/// What it reads is in order.
#[jit(parallel)]
fn counted_and_read(x: &[u8], h: &mut [u32; 256]) -> u32 {
    let mut s = 0;
    for &v in x {
        h[v as usize] = h[v as usize].wrapping_add(1);
        s ^= h[7].wrapping_mul(u32::from(v));
    }
    s
}

#[jit(parallel)]
fn below_half(seed: u64, n: usize) -> u64 {
    let mut c = 0_u64;
    for i in prange(0..n) {
        if rand::uniform_f64(seed, i as u64) < 0.5 {
            c += 1;
        }
    }
    c
}

#[jit]
fn remainder(x: u32, by: u32) -> u32 {
    x % by
}

/// The sum overflows, or another panic comes first.
#[jit(parallel)]
fn sum_of_remainders(x: &[u32], by: &[u32], start: u32) -> u32 {
    let mut s = start;
    for i in 0..x.len() {
        s += remainder(x[i], by[i]);
    }
    s
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * i % 253) as u8).collect()
}

fn message_of<T>(run: impl FnOnce() -> T) -> Option<String> {
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    ended.err().map(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    })
}

#[test]
fn arrays_behind_references() {
    for n in [0, 1, 1000, 1_000_000] {
        let x = bytes(n);
        let mut expected = [3; 256];
        counted::plain(&x, &mut expected);
        let found = in_pools(|| {
            let mut found = [3; 256];
            counted(&x, &mut found);
            found
        });
        assert_eq!(found, expected);
    }
    assert_parallel(&counted::specializations());
}

#[test]
fn what_is_no_element() {
    let mut x: Vec<u8> = bytes(1_000_000).into_iter().map(|v| v % 100).collect();
    for last in [3, 100] {
        x[900_000] = last;
        let mut expected = [0; 100];
        let message = message_of(|| counted_in_few::plain(&x, &mut expected));
        let found = in_pools(|| {
            let mut found = [0; 100];
            let message = message_of(|| counted_in_few(&x, &mut found));
            (found, message)
        });
        assert_eq!(found, (expected, message));
    }
    assert_parallel(&counted_in_few::specializations());
}

#[test]
fn counts_that_are_read() {
    let x = bytes(100_000);
    let (mut expected, mut found) = ([0; 256], [0; 256]);
    let sum = counted_and_read::plain(&x, &mut expected);
    assert_eq!(counted_and_read(&x, &mut found), sum);
    assert_eq!(found, expected);
    let ir = counted_and_read::specializations()[0].ir().to_owned();
    assert!(!ir.contains("parallel fn#"), "{ir}");
}

#[test]
fn counts_of_random_numbers() {
    for n in [0, 1, 1000, 300_000] {
        let expected = below_half::plain(11, n);
        assert_eq!(in_pools(|| below_half(11, n)), expected);
    }
    assert_parallel(&below_half::specializations());
}

#[test]
fn sums_of_what_a_function_returns() {
    let x: Vec<u32> = (0..500_000).map(|i| i * 7919 % 65_537).collect();
    let mut by = vec![65_537; x.len()];
    let same = |by: &[u32], start: u32| {
        let mut expected = 0;
        let message = message_of(|| expected = sum_of_remainders::plain(&x, by, start));
        let found = in_pools(|| {
            let mut found = 0;
            let message = message_of(|| found = sum_of_remainders(&x, by, start));
            (found, message)
        });
        assert_eq!(found, (expected, message.clone()));
        message
    };
    same(&by, 0);
    by.fill(3);
    assert_eq!(same(&by, 0), None);
    // Which of both comes first.
    by[400_000] = 0;
    assert!(same(&by, 0).is_some());
    by.fill(65_537);
    by[100] = 0;
    assert!(same(&by, u32::MAX - 100).is_some());
    by[100] = 1;
    by[499_000] = 0;
    assert!(same(&by, 0).is_some());
    assert_parallel(&sum_of_remainders::specializations());
}
