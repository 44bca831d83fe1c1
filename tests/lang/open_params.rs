//! Type parameters that are surely no numbers: iterators, which are parts of jitted callers, and types without a size, which are rustc's.

use hotloop::{JitFunction, JitType, jit};
use num_traits::Float;

trait Rng {
    fn next(&mut self) -> u64;
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

struct Lcg(u64);

impl Rng for Lcg {
    fn next(&mut self) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1);
        self.0
    }
}

// What is left to rustc.

trait Distribution {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64;
    fn density(&self, x: f64) -> f64;
}

#[derive(Clone, Copy, Debug, JitType)]
struct Normal {
    mean: f64,
    sd: f64,
}

#[jit]
impl Distribution for Normal {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.mean + self.sd * rng.uniform()
    }
    fn density(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.sd;
        (-0.5 * z * z).exp() / self.sd
    }
}

#[jit]
fn shuffle<R>(x: &mut [f64], rng: &mut R)
where
    R: Rng + ?Sized,
{
    for i in (1..x.len()).rev() {
        let j = (rng.next() % (i as u64 + 1)) as usize;
        x.swap(i, j);
    }
}

#[jit]
fn jitter(x: &mut [f64], rng: &mut impl Rng) {
    for v in x.iter_mut() {
        *v += rng.uniform();
    }
}

#[jit]
fn density_of(mean: f64, x: f64) -> f64 {
    Normal { mean, sd: 2.0 }.density(x)
}

#[test]
fn types_without_a_size_run_rustc_s_body() {
    let mut rng = Lcg(7);
    let normal = Normal { mean: 1.0, sd: 2.0 };
    let sampled = normal.sample(&mut rng);
    let through: &mut Lcg = &mut Lcg(7);
    assert_eq!(sampled, normal.sample(through));
    // The neighbour is compiled.
    agree!(density_of(1.0, 0.3));

    let mut x: Vec<f64> = (0..10).map(f64::from).collect();
    assert!(shuffle::declined().is_empty());
    hotloop::disabled(|| shuffle(&mut x, &mut rng));
    assert!(shuffle::declined().is_empty(), "nothing was asked for");
    shuffle(&mut x, &mut rng);
    shuffle(&mut x, &mut rng);
    x.sort_by(f64::total_cmp);
    assert_eq!(x, (0..10).map(f64::from).collect::<Vec<_>>());
    jitter(&mut x, &mut rng);
    assert!(x[0] > 0.0 && x[9] > 9.0);
    for (declined, what) in [
        (shuffle::declined(), "its type parameter `R`"),
        (jitter::declined(), "its parameter `rng`"),
    ] {
        let [declined] = declined.as_slice() else {
            panic!("{declined:?}");
        };
        assert!(declined.reason.to_string().contains(what), "{declined:?}");
    }
    assert!(shuffle::compile().is_err());
    assert!(
        shuffle::report()
            .to_string()
            .contains("may be a type without a size")
    );
    assert_eq!(<shuffle as JitFunction>::name(), "shuffle");
}

// Iterators.

#[jit]
fn mean<I: IntoIterator<Item = f64>>(it: I) -> f64 {
    let (mut n, mut sum) = (0u32, 0.0);
    for x in it {
        n += 1;
        sum += x;
    }
    sum / f64::from(n)
}

#[jit]
fn norm(it: impl Iterator<Item = f64>) -> f64 {
    it.map(|x| x * x).sum::<f64>().sqrt()
}

#[jit]
fn extent<'a, T: Float + 'a, I>(it: I) -> Option<(T, T)>
where
    I: IntoIterator<Item = &'a T>,
{
    let mut it = it.into_iter();
    let first = *it.next()?;
    let mut range = (first, first);
    for &x in it {
        range.0 = range.0.min(x);
        range.1 = range.1.max(x);
    }
    Some(range)
}

#[jit]
fn weighted(xs: impl Iterator<Item = f64>, ws: impl DoubleEndedIterator<Item = f64>) -> f64 {
    let mut sum = 0.0;
    for (x, w) in xs.zip(ws.rev()) {
        sum += x * w;
    }
    sum
}

#[jit]
fn few<I: Iterator<Item = u32>>(it: &mut I) -> u32 {
    it.next().unwrap_or(7) + it.take(2).sum::<u32>()
}

/// Passes an iterator on, and another one made of it.
#[jit]
fn spread<I: Iterator<Item = f64> + Clone>(it: I) -> f64 {
    let center = mean(it.clone());
    norm(it.map(|x| x - center))
}

#[jit]
fn items_of<I>(it: I) -> Option<I::Item>
where
    I: Iterator<Item = u8>,
{
    let last: Option<I::Item> = it.last();
    last
}

/// More than the capture knows.
#[jit]
fn hinted<I: Iterator<Item = f64>>(it: I) -> usize {
    it.size_hint().0
}

#[derive(Clone, Copy, Debug, JitType)]
struct Scale(f64);

#[jit]
impl Scale {
    fn total(&self, it: impl Iterator<Item = f64>) -> f64 {
        self.0 * it.fold(0.0, |sum, x| sum + x)
    }
    fn hinted(&self, it: impl Iterator<Item = f64>) -> usize {
        it.size_hint().0
    }
    fn twice(&self) -> f64 {
        self.0 * 2.0
    }
}

#[jit]
fn all_kinds(a: &[f64], b: &[u32], mut from: usize) -> f64 {
    let mut it = b.iter().copied();
    let mut total = 0.0;
    for k in 0..3 {
        total += mean(a.iter().copied().skip(k)) + norm(a.iter().map(|x| x + 1.0));
        total += f64::from(few(&mut it)) + f64::from(few(it.by_ref()));
    }
    total += f64::from(it.next().unwrap_or(99));
    let (low, high) = extent(a).unwrap_or((0.5, 0.25));
    let (low2, high2) = extent(&a[from..]).unwrap_or((0.5, 0.25));
    let (low3, high3) = extent(a.iter().filter(|x| **x > 2.0)).unwrap_or((0.5, 0.25));
    from += 1;
    total += low - high + low2 - high2 + low3 + high3;
    total += weighted(a.iter().copied(), b.iter().map(|x| f64::from(*x)));
    total += mean([1.0, 2.0, 4.0]) + mean((0..5).map(f64::from)) + mean(Some(0.5));
    total += Scale(0.25).total(a.iter().map(|x| x * x)) + Scale(1.5).twice();
    total + spread(a.iter().copied()) + f64::from(items_of(0..9).unwrap_or(3)) + from as f64
}

#[jit]
fn panics(a: &[u32], k: u32) -> u32 {
    let mut it = a.iter().map(|x| 100 / (x - k));
    few(&mut it)
}

/// What is captured by reference is read when the items are made.
#[jit]
fn in_order(a: &mut [i32]) -> i32 {
    let first = fill_from(a, (0..3).map(|x| x * 10));
    first + fill_from(a, std::iter::repeat(4).take(2)) - a.last().copied().unwrap_or(0)
}

#[jit]
fn fill_from(a: &mut [i32], it: impl Iterator<Item = i32>) -> i32 {
    let mut n = 0;
    for (slot, x) in a.iter_mut().zip(it) {
        *slot += x;
        n += 1;
    }
    n
}

#[jit]
fn calls_hinted(a: &[f64]) -> usize {
    hinted(a.iter().copied())
}

#[test]
fn iterators_are_parts_of_callers() {
    let a: Vec<f64> = (0..9).map(|x| f64::from(x) * 0.75 - 1.0).collect();
    let b = vec![3, 1, 4, 1, 5, 9, 2, 6];
    for n in 0..a.len() {
        for from in [0, 1, 4] {
            agree!(all_kinds(&a[..n].to_vec(), &b[..n.min(8)].to_vec(), from));
        }
    }
    for k in 0..10 {
        agree!(panics(&b, k));
    }
    for n in 0..6 {
        agree!(in_order(&mut vec![1; n]));
    }
    assert!(all_kinds::declined().is_empty());
}

#[test]
fn what_rust_calls_with_an_iterator_says_why_it_is_not_compiled() {
    assert_eq!(mean([1.0, 2.0]), 1.5);
    assert_eq!(norm([3.0, 4.0].into_iter()), 5.0);
    let declined = mean::declined();
    let reason = format!("{declined:?}");
    assert!(reason.contains("a part of its jitted callers"), "{reason}");
    assert_eq!(hinted([1.0; 4].into_iter()), 4);
    assert_eq!(Scale(1.0).hinted([1.0; 4].into_iter()), 4);
    let reason = format!("{:?}", hinted::declined());
    assert!(reason.contains("`size_hint`"), "{reason}");
    assert_eq!(calls_hinted(&[1.0; 3]), 3);
    let reason = format!("{:?}", calls_hinted::declined());
    assert!(reason.contains("`hinted` is not jitted"), "{reason}");
}

// Literals in what is passed have the types that the function says.

#[jit]
fn applied(f: impl Fn(i32) -> u8) -> u32 {
    u32::from(f(1).wrapping_mul(2))
}

#[jit]
fn given(f: impl Fn(u8) -> u32) -> u32 {
    f(200)
}

#[jit]
fn doubled(it: impl Iterator<Item = u8>) -> u32 {
    let mut sum = 0;
    for x in it {
        sum += u32::from(x.wrapping_mul(2));
    }
    sum
}

#[jit]
fn trebled<I: IntoIterator<Item = i8>>(it: I) -> i32 {
    let mut sum = 0;
    for x in it {
        sum += i32::from(x.wrapping_mul(3)) + x.count_ones() as i32;
    }
    sum
}

#[jit]
fn folded<T: Float, F: Fn(T, T) -> T>(x: &[T], start: T, f: F) -> T {
    let mut sum = start;
    for v in x {
        sum = f(sum, *v);
    }
    sum
}

#[jit]
fn mixed(it: impl Iterator<Item = i32>, k: i32) -> i32 {
    it.fold(k, |sum, x| sum.wrapping_mul(7).wrapping_add(x))
}

#[jit]
fn literals(a: &[i32], x: &[f32], mut k: i32) -> (u32, u32, u32, i32, f32, i32) {
    let p = applied(|_| 200);
    let q = given(|x| u32::from(x.wrapping_mul(2)));
    let r = doubled(a.iter().map(|_| 200)) + doubled(200..203) + doubled(std::iter::once(130));
    let s = trebled([100, -100, 50])
        + trebled(Some(90))
        + trebled(a.iter().map(|x| if *x > 1 { 100 } else { -128 }));
    let t = folded(x, 0.5, |a, b| a * 1.1 + b.sqrt() * 0.3);
    // The iterator has the `k` of before.
    let u = mixed(a.iter().map(move |x| x + k), {
        k += 10;
        k
    });
    (p, q, r, s, t, u + k)
}

#[test]
fn literals_have_the_types_of_what_they_are_passed_to() {
    for n in 0..4 {
        agree!(literals(
            &[1, 2, 3][..n].to_vec(),
            &[1.0, 2.0, 0.3][..n].to_vec(),
            n as i32
        ));
    }
}
